use jiff::civil::{Date, date};

use super::super::publications::LoadedPublication;
use super::*;
use crate::model::{Gather, Place, Slug};
use crate::render::specimen;

/// A ready Czech analysis of one day, with the slug as its title.
fn piece(slug: &str, day: Date) -> Publication {
    let mut piece = specimen::publication(&[("cs", "Text.\n")]);
    piece.slug = Slug::new(slug).expect("a slug");
    piece.folder = format!("publications/{slug}").into();
    piece.date = day;
    piece.manuscripts[0].title = slug.to_owned();
    piece
}

fn september(slug: &str, day: i8) -> Publication {
    piece(slug, date(2026, 9, day))
}

fn newsletter(slug: &str, day: Date) -> Publication {
    let mut newsletter = piece(slug, day);
    newsletter.kind = "newsletter".to_owned();
    newsletter.gather = Some(Gather::everything(Place::new("cs.md", 4, 1)));
    newsletter
}

/// A newsletter of the last of September that asks for something.
fn asking(ask: impl FnOnce(&mut Gather)) -> Publication {
    let mut newsletter = newsletter("zpravodaj", date(2026, 9, 30));
    ask(newsletter.gather.as_mut().expect("it gathers"));
    newsletter
}

fn house() -> Workspace {
    let mut house = specimen::workspace();
    for id in ["commentary", "newsletter"] {
        house.kinds.push(specimen::kind(id, specimen::both(id, id)));
    }
    house
}

fn at(day: &str) -> Option<ZonedDateTime> {
    Some(format!("{day}[Europe/Prague]").parse().expect("a time"))
}

/// What the first of some publications gathers, and what it is told.
fn gathered(publications: Vec<Publication>) -> (Vec<Gathered>, Vec<String>) {
    let loaded = |publication: Publication| LoadedPublication {
        folder: publication.folder.clone(),
        status: Some(publication.status),
        publication: Some(publication),
        sketch: None,
        findings: Findings::new(),
    };
    let mut all: Vec<LoadedPublication> = publications.into_iter().map(loaded).collect();
    gather(&mut all, &house(), &specimen::theme());
    let first = all.remove(0);
    let texts = first.publication.expect("a publication").manuscripts;
    let told = first.findings.iter().map(|it| format!("{}: {} ({})", it.rule, it.message, it.help));
    (texts.into_iter().filter_map(|text| text.gathered).collect(), told.collect())
}

/// The slugs that the first of some publications gathers, and what it is told.
fn slugs(publications: Vec<Publication>) -> (String, Vec<String>) {
    let (gathered, told) = gathered(publications);
    let slugs: Vec<&str> = gathered[0].pieces.iter().map(|piece| piece.slug.as_str()).collect();
    (slugs.join(" "), told)
}

const NOTHING_TOLD: Vec<String> = Vec::new();

#[test]
fn it_gathers_what_came_out_since_the_last_one_the_newest_first() {
    let found = slugs(vec![
        newsletter("zpravodaj", date(2026, 9, 30)),
        newsletter("zpravodaj-srpen", date(2026, 8, 31)),
        newsletter("zpravodaj-cervenec", date(2026, 7, 31)),
        piece("davno", date(2026, 8, 1)),
        piece("v-den-minuleho", date(2026, 8, 31)),
        september("zacatkem", 1),
        september("v-den-vydani", 30),
        piece("az-pote", date(2026, 10, 1)),
    ]);
    assert_eq!(found, ("v-den-vydani zacatkem".to_owned(), NOTHING_TOLD));
}

#[test]
fn the_last_one_is_of_its_kind_and_to_some_of_the_same_readers() {
    let mut elsewhere = newsletter("pro-skoly", date(2026, 9, 10));
    elsewhere.to = vec!["educators".to_owned()];
    let mut wider = newsletter("predchozi", date(2026, 9, 5));
    wider.to.push("officials".to_owned());
    let mut draft = newsletter("rozepsany", date(2026, 9, 12));
    draft.status = Status::Draft;
    let mut own = newsletter("zpravodaj", date(2026, 9, 30));
    own.to = vec!["officials".to_owned()];
    let rest = vec![elsewhere, wider, draft, september("a", 3), september("b", 8)];
    assert_eq!(slugs([vec![own], rest].concat()).0, "b");
}

#[test]
fn hours_count_and_what_comes_later_on_the_day_is_told() {
    let mut own = newsletter("zpravodaj", date(2026, 9, 30));
    own.at = at("2026-09-30T08:00");
    let mut soon = september("hned", 30);
    soon.at = at("2026-09-30T08:00");
    let mut late = september("pozde", 30);
    late.at = at("2026-09-30T09:15");
    let (slugs, told) = slugs(vec![own, soon, late, piece("zitra", date(2026, 10, 1))]);
    assert_eq!(slugs, "hned");
    insta::assert_snapshot!(told.join("\n"), @"gather-left-out: later on the same day comes out, so it is not in it: “pozde” (pozde) (give the newsletter a later time, at: 2026-10-05 12:00; else the next one has it)");
}

#[test]
fn a_day_may_be_stated_instead_and_counts_whole() {
    let own = asking(|gather| gather.since = Some(date(2026, 9, 10)));
    let previous = newsletter("predchozi", date(2026, 9, 20));
    let found = slugs(vec![own, previous, september("a", 9), september("b", 10)]);
    assert_eq!(found.0, "b");
}

#[test]
fn drafts_its_own_kind_and_other_newsletters_stay_out() {
    let mut draft = september("koncept", 3);
    draft.status = Status::Draft;
    let mut other = newsletter("prehled", date(2026, 9, 4));
    other.kind = "analysis".to_owned();
    let mut by_hand = september("rucne", 5);
    by_hand.kind = "newsletter".to_owned();
    by_hand.to = vec!["educators".to_owned()];
    let own = newsletter("zpravodaj", date(2026, 9, 30));
    assert_eq!(slugs(vec![own, draft, other, by_hand, september("a", 6)]).0, "a");
}

#[test]
fn kinds_topics_and_groups_narrow_it_together() {
    let mut labour = september("prace", 3);
    labour.manuscripts[0].topics = vec!["labour".to_owned()];
    let mut groupless = september("bez-skupiny", 4);
    groupless.manuscripts[0].working_group = None;
    let mut commentary = september("komentar", 5);
    commentary.kind = "commentary".to_owned();
    let rest = vec![labour, groupless, commentary, september("analyza", 6)];
    let ask = |ask: &dyn Fn(&mut Gather)| slugs([vec![asking(ask)], rest.clone()].concat()).0;
    assert_eq!(ask(&|it| it.kinds = vec!["commentary".to_owned()]), "komentar");
    assert_eq!(ask(&|it| it.topics = vec!["labour".to_owned()]), "prace");
    assert_eq!(
        ask(&|it| it.working_groups = vec!["residence".to_owned()]),
        "analyza komentar prace"
    );
    let both = |it: &mut Gather| {
        it.kinds = vec!["analysis".to_owned()];
        it.topics = vec!["residence".to_owned()];
        it.working_groups = vec!["residence".to_owned()];
    };
    assert_eq!(ask(&both), "analyza");
}

#[test]
fn count_keeps_the_newest_and_tells_of_the_others_then_kinds_are_sorted() {
    let mut commentary = september("komentar", 5);
    commentary.kind = "commentary".to_owned();
    let own = asking(|gather| {
        gather.kinds = vec!["commentary".to_owned(), "analysis".to_owned()];
        gather.order = Order::Kind;
        gather.count = Some(3);
    });
    let rest = vec![september("a", 3), commentary, september("b", 7), september("c", 6)];
    let (slugs, told) = slugs([vec![own], rest].concat());
    assert_eq!(slugs, "komentar b c");
    insta::assert_snapshot!(told.join("\n"), @"gather-left-out: `count` leaves out “a” (a) (raise the count, or leave them out on purpose: without: [slug])");
}

#[test]
fn what_there_is_not_is_told_with_what_was_meant() {
    let own = asking(|gather| {
        gather.topics = vec!["residense".to_owned()];
        gather.without = vec!["anlyza".to_owned()];
    });
    let (slugs, told) = slugs(vec![own, september("analyza", 3)]);
    assert_eq!(slugs, "");
    insta::assert_snapshot!(told.join("\n"), @r"
    gather: no text has the topic `residense` (did you mean `residence`?)
    gather: there is no publication `anlyza` to leave out (did you mean `analyza`?)
    gather-nothing: nothing that it gathers came out before it (see kinds, topics and working_groups, or say since when: since: 2026-09-01)
    ");
}

#[test]
fn each_reader_sees_their_language_and_else_the_leading_one_marked() {
    let mut both = september("oboje", 3);
    both.manuscripts.push(specimen::manuscript("en", "Text.\n"));
    let mut half = september("preklad-se-pise", 2);
    half.manuscripts.push(specimen::manuscript("en", "Text.\n"));
    half.manuscripts[1].status = Status::Draft;
    let mut own = newsletter("zpravodaj", date(2026, 9, 30));
    own.manuscripts.push(specimen::manuscript("en", "Text.\n"));
    let (gathered, _) = gathered(vec![own, both, half]);
    let told: Vec<String> = gathered
        .iter()
        .flat_map(|gathered| &gathered.pieces)
        .map(|it| format!("{} | {} | {} | {}", it.language, it.title, it.url, it.byline))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    cs | oboje | https://hlas.example.org/oboje/cs.html | Analýza · 3. září 2026 · Kateřina Vrbová a Tomáš Řehák
    cs | preklad-se-pise | https://hlas.example.org/preklad-se-pise/cs.html | Analýza · 2. září 2026 · Kateřina Vrbová a Tomáš Řehák
    en | Queueing for “residence” | https://hlas.example.org/oboje/en.html | Analysis · 3 September 2026 · Kateřina Vrbová and Tomáš Řehák
    cs | preklad-se-pise | https://hlas.example.org/preklad-se-pise/cs.html | Analysis · in Czech · 2 September 2026 · Kateřina Vrbová and Tomáš Řehák
    ");
}
