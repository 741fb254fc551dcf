//! `gather:` in the front matter → what a newsletter asks for.
//!
//! ```yaml
//! gather:
//!   kinds: [commentary, analysis]
//!   topics: [residence]
//!   working_groups: [labour]
//!   order: kind
//!   count: 10
//!   since: 2026-09-01
//!   without: [2026-09-24-dve-vyplatni-pasky]
//! ```
//!
//! Each line may be left out; `gather: all` leaves out every one. Topics and
//! publications are looked up only when all are loaded ([`super::gathered`]).

use jiff::civil::Date;

use super::front_matter::Fields;
use super::publications::{self, unknown_help};
use crate::model::{Gather, Order, Workspace};

const FIELDS: &[&str] =
    &["kinds", "topics", "working_groups", "order", "count", "since", "without"];

/// What the fields of a publication's leading language ask for; `date` is its own.
pub(super) fn gather(
    fields: &mut Fields<'_>,
    workspace: &Workspace,
    date: Option<Date>,
) -> Option<Gather> {
    if !fields.states("gather") {
        return None;
    }
    let place = fields.place_of_name("gather").spanning("gather".len());
    let Some(mut asked) = fields.below("gather", FIELDS) else {
        // A map always has fields below it, so this is a text or a list.
        return match fields.text("gather").as_deref() {
            Some("all") => Some(Gather::everything(place)),
            Some(other) => {
                let message = format!("`gather` does not take `{other}`");
                fields.wrong(
                    "gather",
                    message,
                    "write gather: all, or kinds: and topics: below it",
                );
                None
            }
            None => None,
        };
    };
    let ids = |fields: &mut Fields<'_>, field: &str| -> Vec<String> {
        fields.list(field).unwrap_or_default().into_iter().map(|(id, _)| id).collect()
    };
    let kinds = || workspace.kinds.iter().map(|kind| kind.id.as_str());
    let groups = || workspace.working_groups.iter().map(|group| group.id.as_str());
    let gather = Gather {
        kinds: known(&mut asked, "kinds", "kind", kinds),
        topics: ids(&mut asked, "topics"),
        working_groups: known(&mut asked, "working_groups", "working group", groups),
        without: ids(&mut asked, "without"),
        order: order(&mut asked),
        count: count(&mut asked),
        since: since(&mut asked, date),
        place,
    };
    fields.findings.append(&mut asked.findings);
    Some(gather)
}

/// A list of ids that the house must have.
fn known<'k, I: Iterator<Item = &'k str>>(
    fields: &mut Fields<'_>,
    field: &str,
    what: &str,
    all: impl Fn() -> I,
) -> Vec<String> {
    let mut ids = Vec::new();
    for (id, place) in fields.list(field).unwrap_or_default() {
        if all().any(|known| known == id) {
            ids.push(id);
            continue;
        }
        let help = unknown_help(&id, all(), &all().collect::<Vec<_>>().join(", "));
        let place = place.spanning(id.chars().count());
        fields.wrong_at(place, format!("there is no {what} `{id}`"), help);
    }
    ids
}

fn order(fields: &mut Fields<'_>) -> Order {
    match fields.text("order").as_deref() {
        None | Some("date") => Order::Date,
        Some("kind") => Order::Kind,
        Some(other) => {
            let message = format!("there is no order `{other}`");
            fields.wrong("order", message, "write date (the newest first) or kind");
            Order::Date
        }
    }
}

fn count(fields: &mut Fields<'_>) -> Option<usize> {
    let written = fields.text("count")?;
    match written.parse::<usize>() {
        Ok(count) if count > 0 => Some(count),
        _ => {
            let message = format!("`{written}` is no number of pieces");
            fields.wrong(
                "count",
                message,
                "write a whole number such as 10, or leave the line out",
            );
            None
        }
    }
}

fn since(fields: &mut Fields<'_>, date: Option<Date>) -> Option<Date> {
    let since = publications::day(fields, "since")?;
    if date.is_some_and(|date| since > date) {
        let message = "`since` is after the newsletter's own date";
        fields.wrong("since", message, "name the day from which on texts belong into it");
    }
    Some(since)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use jiff::civil::date;

    use super::*;
    use crate::render::specimen;

    /// What these lines of front matter ask for, and what is wrong with them.
    fn read(yaml: &str) -> (Option<Gather>, String) {
        let text: Arc<str> = Arc::from(format!("---\n{yaml}---\n"));
        let mut fields = Fields::read(Path::new("cs.md"), &text, yaml);
        let gather = gather(&mut fields, &specimen::workspace(), Some(date(2026, 9, 30)));
        let told =
            fields.findings.iter().map(|it| format!("{} {} ({})", it.place, it.message, it.help));
        (gather, told.collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn every_line_is_read_and_every_line_may_be_missing() {
        let (gather, told) = read(
            "gather:\n  kinds: analysis\n  topics: [health, labour]\n  working_groups: [residence]\n  \
             order: kind\n  count: 10\n  since: 2026-09-01\n  without: [a-b]\n",
        );
        let gather = gather.expect("it gathers");
        assert_eq!(told, "");
        assert_eq!((gather.kinds, gather.topics.len()), (vec!["analysis".to_owned()], 2));
        assert_eq!((gather.order, gather.count), (Order::Kind, Some(10)));
        assert_eq!((gather.since, gather.without.len()), (Some(date(2026, 9, 1)), 1));
        assert_eq!(gather.place.to_string(), "cs.md:2:1");
        let (all, told) = read("gather: all\n");
        assert_eq!((all.map(|it| it.count), told.as_str()), (Some(None), ""));
        assert!(read("title: x\n").0.is_none());
        assert!(read("gather:\n").0.is_none());
    }

    #[test]
    fn each_mistake_has_its_place_and_the_way_out() {
        let (_, told) = read(
            "gather:\n  kinds: [analyses]\n  working_groups: [x]\n  order: size\n  count: none\n  \
             since: 2026-10-01\n  topic: [a]\n",
        );
        insta::assert_snapshot!(told);
        let (gather, told) = read("gather: yes\n");
        assert!(gather.is_none());
        assert!(told.starts_with("cs.md:2:9 `gather` does not take `"), "{told}");
        let told = read("gather: [analysis]\n").1;
        assert!(told.starts_with("cs.md:2:9 `gather` is a list"), "{told}");
    }
}
