//! What the file says, held against the grammar of the text format.

use std::collections::BTreeSet;

use super::*;
use crate::deliver::Event;
use crate::model::{DeliveryId, Paused, Reply, Slug};

fn at(moment: &str) -> Timestamp {
    moment.parse().expect("a moment")
}

fn books(slug: &str, frozen_at: &str) -> Books {
    Books {
        slug: Slug::new(slug).expect("a slug"),
        frozen_at: at(frozen_at),
        complete: true,
        paused: None,
        candidates: 80,
        excluded: BTreeMap::from([("no-lawful-basis".to_owned(), 5)]),
        accepted: 72,
        refused: 3,
        deferred: 0,
        pending: 0,
        unsure: 0,
    }
}

fn run() -> Run {
    let mut run = Run::new("run", at("2026-11-28T08:00:00Z"));
    let mailing = Slug::new("2026-11-28-povoleni").expect("a slug");
    run.note(&Event::Started { mailing, open: 2 });
    let (delivery, address) = (DeliveryId("a.1".to_owned()), "jana@example.org".to_owned());
    let reply = Reply::new(Some(550), "5.1.1 \"no\" such user\\");
    run.note(&Event::Refused { delivery, address, reply, suppressed: true });
    run
}

fn moment<'m>(run: &'m Run, books: &'m [Books], exit: Option<u8>) -> Moment<'m> {
    let now = at("2026-11-28T08:00:12.3456Z");
    Moment { run, now, exit, books: Some(books) }
}

#[test]
fn a_run_that_ended_leaves_its_figures() {
    let mut open = books("2026-11-28-povoleni", "2026-11-28T08:00:00Z");
    open.paused = Some(Paused { at: open.frozen_at, reason: "too many".to_owned() });
    let long_ago = books("2020-01-06-hotovo", "2020-01-06T08:00:00Z");
    let mut unsure = books("2020-01-06-nejisto", "2020-01-06T08:00:00Z");
    (unsure.accepted, unsure.unsure) = (71, 1);
    let (mut run, all) = (run(), [open, long_ago, unsure]);
    let (slug, reason) = (all[0].slug.clone(), "it paused itself".to_owned());
    run.held = Some(vec![HeldOfRun { slug, held: "paused", reason, waiting: 4 }]);
    let (slug, reason) = (Slug::new("2026-11-27-prava").expect("a slug"), "broken".to_owned());
    run.held_back = Some(vec![HeldBackOfRun { slug, reason }]);
    let text = Metrics::of(&moment(&run, &all, Some(8))).to_string();
    grammar(&text);
    insta::assert_snapshot!(text);
}

#[test]
fn counters_go_on_and_what_another_verb_knows_stays() {
    let (run, all) = (run(), [books("2026-11-28-povoleni", "2026-11-28T08:00:00Z")]);
    let good = Metrics::of(&moment(&run, &all, Some(0)));
    let by_hand = Run::new("send", at("2026-11-28T07:00:00Z"));
    let mut ended = moment(&by_hand, &[], Some(9));
    ended.books = None;
    let sent = Metrics::of(&ended).after(&good);
    let text = sent.to_string();
    assert_eq!(Metrics::read(&text), sent, "what is written is read");
    let has = |text: &str, line: &str| assert!(text.contains(&format!("{line}\n")), "{text}");
    // Nobody could ask the ledger, so what it said last is what is known.
    has(&text, "hlas_deliveries{mailing=\"2026-11-28-povoleni\",state=\"accepted\"} 72");
    has(&text, "hlas_runs_total{verb=\"run\",exit=\"0\"} 1");
    has(&text, "hlas_runs_total{verb=\"send\",exit=\"9\"} 1");
    has(&text, "hlas_attempts_total{outcome=\"refused\"} 1");
    has(&text, "hlas_last_success_timestamp_seconds{verb=\"run\"} 1795852812.345");

    let again = Metrics::of(&moment(&run, &[], Some(6))).after(&sent).to_string();
    grammar(&again);
    has(&again, "hlas_attempts_total{outcome=\"refused\"} 2");
    has(&again, "hlas_last_run_exit_code{verb=\"run\"} 6");
    has(&again, "hlas_last_run_exit_code{verb=\"send\"} 9");
    has(&again, "hlas_last_success_timestamp_seconds{verb=\"run\"} 1795852812.345");
    assert!(!again.contains("2026-11-28-povoleni"), "the ledger knows it no more: {again}");
}

#[test]
fn amid_a_run_the_counts_are_there_and_the_end_is_not() {
    let (run, all) = (run(), [books("a", "2026-11-28T08:00:00Z")]);
    let text = Metrics::of(&moment(&run, &all, None)).to_string();
    grammar(&text);
    assert!(text.contains("hlas_run_in_progress{verb=\"run\"} 1\n"), "{text}");
    assert!(text.contains("hlas_attempts_total{outcome=\"refused\"} 1\n"), "{text}");
    assert!(!text.contains("hlas_last_run"), "{text}");
}

#[test]
fn a_file_of_somebody_elses_is_no_ground_to_stand_on() {
    let odd = "node_load1 3\nhlas_runs_total\nhlas_runs_total{verb=\"run\"} many\n\u{feff}\n";
    assert_eq!(Metrics::read(odd), Metrics::default());
}

#[test]
fn whatever_stands_in_a_label_stays_in_it() {
    let mut metrics = Metrics::default();
    metrics.set("hlas_candidates", &[("mailing", "a\\b\"c\nd} 7")], 1.0);
    let text = metrics.to_string();
    assert!(text.ends_with("hlas_candidates{mailing=\"a\\\\b\\\"c\\nd} 7\"} 1\n"), "{text}");
    assert_eq!(grammar(&text), ["hlas_candidates{mailing=\"a\\b\"c\nd} 7\"}"]);
    assert_eq!(Metrics::read(&text), metrics);
}

#[test]
fn every_family_is_documented() {
    let docs = include_str!("../../../docs/running.md");
    for (family, ..) in FAMILIES {
        assert!(docs.contains(&format!("`{family}`")), "docs/running.md lacks {family}");
    }
}

/// Reads a file as strictly as the format allows, and stricter where Prometheus
/// only warns (`promtool check metrics`): HELP, then TYPE, then all figures of a
/// family, each once. Answers with the figures, labels decoded.
fn grammar(text: &str) -> Vec<String> {
    assert!(text.ends_with('\n'), "the last line has its end");
    let (mut families, mut samples) = (BTreeSet::new(), Vec::new());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let help = line.strip_prefix("# HELP ").unwrap_or_else(|| panic!("no HELP: {line}"));
        let (name, said) = help.split_once(' ').expect("a name and what it means");
        assert!(is_name(name, ":") && !said.is_empty() && !said.contains('\\'), "{line}");
        assert!(families.insert(name), "{name} stands twice");
        let kind = lines.next().and_then(|it| it.strip_prefix(&format!("# TYPE {name} ")));
        assert!(matches!(kind, Some("gauge" | "counter")), "TYPE of {name}: {kind:?}");
        assert_eq!(kind == Some("counter"), name.ends_with("_total"), "{name}");
        let before = samples.len();
        while let Some(line) = lines.next_if(|line| !line.starts_with('#')) {
            let rest = line.strip_prefix(name).unwrap_or_else(|| panic!("not of {name}: {line}"));
            let (labels, rest) = labels(rest);
            let figure = rest.strip_prefix(' ').expect("a space before the figure");
            assert!(figure.parse::<f64>().is_ok_and(|it| it.is_finite() && it >= 0.0), "{line}");
            samples.push(format!("{name}{labels}"));
        }
        assert!(samples.len() > before, "{name} has no figures");
    }
    let unique: BTreeSet<_> = samples.iter().collect();
    assert_eq!(unique.len(), samples.len(), "a figure stands twice: {text}");
    samples
}

/// Labels at the head of a line, decoded, and what stands behind them.
fn labels(line: &str) -> (String, &str) {
    let Some(mut rest) = line.strip_prefix('{') else { return (String::new(), line) };
    let mut said = Vec::new();
    loop {
        let (name, behind) = rest.split_once("=\"").expect("a name and its value");
        assert!(is_name(name, ""), "{line}");
        let mut value = String::new();
        let mut characters = behind.char_indices();
        let end = loop {
            match characters.next().expect("the value ends") {
                (at, '"') => break at + 1,
                (_, '\\') => value.push(match characters.next() {
                    Some((_, 'n')) => '\n',
                    Some((_, c @ ('\\' | '"'))) => c,
                    other => panic!("no such escape: {other:?}"),
                }),
                (_, c) => value.push(c),
            }
        };
        said.push(format!("{name}=\"{value}\""));
        match behind[end..].chars().next() {
            Some(',') => rest = &behind[end + 1..],
            Some('}') => return (format!("{{{}}}", said.join(",")), &behind[end + 1..]),
            other => panic!("neither , nor }}: {other:?}"),
        }
    }
}

fn is_name(name: &str, besides: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_' || besides.contains(c);
    name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit())
}
