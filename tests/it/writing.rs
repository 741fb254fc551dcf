//! The analysts' guide, held against what the program does: an example that
//! does not work is worse than none.

use crate::desk::{Desk, due, repository};

const GUIDE: &str = "docs/writing.md";

/// A drawing as large as a figure should be.
const GRAPH: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="800" height="400"><path d="M0 0h9v9z"/></svg>"#;

const VISITS: &str = "Úkon;osobně;na dálku\nPodání žádosti;70;30\nDotaz na stav;3;97\n";

const WORK: &str = "@book{vrbova2024,\n  author = {Vrbová, Kateřina},\n  title = {Čekárna},\n  \
    publisher = {Nakladatelství Příklad},\n  year = {2024},\n}\n";

/// The guide's fenced examples in a language, each with its line.
fn examples(language: &str) -> Vec<(usize, String)> {
    let guide = std::fs::read_to_string(repository().join(GUIDE)).expect("a guide");
    let mut examples = Vec::new();
    let mut open: Option<(usize, String)> = None;
    // A block that holds another has a longer fence.
    let mut fence = String::new();
    for (index, line) in guide.lines().enumerate() {
        let info = line.trim_start_matches('`');
        let ticks = &line[..line.len() - info.len()];
        match &mut open {
            None if ticks.len() >= 3 && info == language => {
                fence = ticks.to_owned();
                open = Some((index + 2, String::new()));
            }
            Some(_) if line == fence => examples.extend(open.take()),
            Some((_, text)) => text.push_str(&format!("{line}\n")),
            None => {}
        }
    }
    examples
}

/// A house that has whatever the guide names.
fn desk() -> Desk {
    let desk = Desk::small();
    let house = desk.read("hlas.toml");
    let groups = ["residence", "labour"]
        .map(|id| format!("\n[[working_groups]]\nid = \"{id}\"\nname = {{ cs = \"{id}\" }}\n"));
    let members = ["poradna-u-mostu", "tlumocnicky-kruh"]
        .map(|id| format!("\n[[members]]\nid = \"{id}\"\nname = \"{id}\"\n"));
    desk.write("hlas.toml", house + &groups.concat() + &members.concat());
    let segments = ["politicians", "officials", "everyone"]
        .map(|id| format!("[{id}]\ntitle = {{ cs = \"{id}\" }}\nwhen = 'true'\n"));
    desk.write("subscribers/segments.toml", segments.concat());
    desk
}

/// What `check` finds wrong with the texts, warnings too.
fn findings(desk: &Desk) -> Vec<String> {
    let all = desk.hlas(["check", "--format", "json"]).json();
    let findings = all["findings"].as_array().expect("findings").iter();
    let told =
        findings.map(|it| format!("{} {}: {}", it["place"]["file"], it["rule"], it["message"]));
    told.filter(|it| it.starts_with("\"publications/")).collect()
}

#[test]
fn every_example_of_a_text_is_one() {
    let desk = desk();
    let known = desk.hlas(["check", "--explain", "block-directive"]).ends_with(0).out;
    let examples = examples("markdown");
    assert!(examples.len() >= 13, "{}", examples.len());
    for (line, body) in examples {
        let blocks: Vec<&str> = body.lines().filter_map(|it| it.strip_prefix(":::")).collect();
        let unknown = blocks.iter().find(|name| {
            let name = name.split(' ').next().unwrap_or_default();
            !name.is_empty() && name != "gathered" && !known.contains(&format!(":::{name}"))
        });
        if let Some(name) = unknown {
            crate::desk::skip(&format!("{GUIDE}:{line} shows :::{name}, which there is not yet"));
            continue;
        }
        let mut text = due(&format!("Ukázka z řádku {line}"));
        if body.contains(":::gathered") {
            let since = "gather:\n  since: 2020-01-01\nstatus:";
            text = text.replace("status:", since).replace("2020-01-06", "2020-02-06");
            text = text.replace("kind: commentary", "kind: newsletter");
        }
        if body.contains(":::only") {
            text = text.replace("[everyone]", "[politicians, officials]");
        }
        let (head, _) = text.split_once("---\n\n").expect("a head");
        let folder = format!("publications/radek-{line}");
        desk.write(&format!("{folder}/cs.md"), format!("{head}---\n\n{body}"));
        if body.contains("navstevy.csv") {
            desk.write(&format!("{folder}/navstevy.csv"), VISITS);
        }
        if body.contains("graf.svg") {
            desk.write(&format!("{folder}/graf.svg"), GRAPH);
        }
        if body.contains("[@") {
            desk.write(&format!("{folder}/literatura.bib"), WORK);
        }
    }
    assert_eq!(findings(&desk), Vec::<String>::new());
    desk.hlas(["build"]).ends_with(0);
}

/// What the page of a text says, spaces that do not break as plain ones.
fn page_of(desk: &Desk, slug: &str) -> String {
    let page = desk.read(&format!("out/site/{slug}/cs.html"));
    page.replace('\u{a0}', " ").replace("&nbsp;", " ").replace('\n', " ")
}

#[test]
fn what_the_guide_says_will_come_out_does() {
    let desk = desk();
    let guide = std::fs::read_to_string(repository().join(GUIDE)).expect("a guide");
    let example = |beginning: &str| {
        let mut bodies = examples("markdown").into_iter().map(|(_, body)| body);
        bodies.find(|body| body.starts_with(beginning)).expect("an example")
    };
    let publish = |slug: &str, body: &str| {
        desk.write(&format!("publications/{slug}/cs.md"), format!("{}\n{body}", due("Ukázka")));
        desk.write(&format!("publications/{slug}/literatura.bib"), WORK);
    };
    publish("2020-01-06-sazba", &example("Podle \"zvláštního\""));
    publish("2020-01-06-citace", &example("Čekání se za tři roky"));
    desk.hlas(["build"]).ends_with(0);
    let promised = guide.lines().find_map(|line| line.strip_prefix("> Podle")).expect("a promise");
    let set = page_of(&desk, "2020-01-06-sazba");
    assert!(set.contains(&format!("Podle{promised}")), "{set}");
    let cited = guide.split("The reader gets “").nth(1).and_then(|it| it.split('”').next());
    let cited = cited.expect("a promise").trim_matches(['(', ')']);
    let page = page_of(&desk, "2020-01-06-citace");
    let words: String =
        page.split('<').filter_map(|it| it.split_once('>')).map(|it| it.1).collect();
    assert!(words.contains(cited), "{words}");
}

#[test]
fn every_example_of_a_head_is_one() {
    let desk = desk();
    desk.write("publications/2026-09-24-dve-vyplatni-pasky/cs.md", due("Pásky"));
    let what_is_asked_for = "topics: [health]\nworking_group: labour\nstatus:";
    let piece = due("Ordinace").replace("status:", what_is_asked_for).replace("2020-01", "2026-10");
    desk.write("publications/2026-10-06-ordinace/cs.md", piece);
    for (line, yaml) in examples("yaml") {
        let folder = format!("publications/radek-{line}");
        if yaml.starts_with("---") {
            let body = "\nText.\n";
            if !yaml.contains("kind:") {
                desk.write(&format!("{folder}/cs.md"), due("Původní"));
                desk.write(&format!("{folder}/en.md"), yaml + body);
            } else {
                desk.write(&format!("{folder}/cs.md"), yaml + body);
            }
        } else {
            let text = due("Zpravodaj").replace("status:", &format!("{yaml}status:"));
            desk.write(&format!("{folder}/cs.md"), text.replace("2020-01", "2026-12"));
        }
    }
    assert!(desk.tree("publications").len() >= 6);
    assert_eq!(findings(&desk), Vec::<String>::new());
}
