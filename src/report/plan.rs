//! A plan, for the eyes of whoever presses send.

use serde_json::{Value, json};

use crate::audience::Segment;
use crate::model::{DeliveryId, Language, Publication};
use crate::plan::{Plan, Recipient};

/// The plan by edition and by reason; with `people`, everybody by name.
pub fn plan_text(
    plan: &Plan<'_>,
    publication: &Publication,
    segments: &[Segment],
    language: &Language,
    people: bool,
) -> String {
    let mut text = format!("{} · {}\n", plan.slug, publication.leading().title);
    let get = plan.recipients.len() as u64;
    let who = if get == 1 { "1 person gets it".to_owned() } else { format!("{get} people get it") };
    text.push_str(&format!("  {who}, {} in its segments do not\n", plan.excluded.len()));
    for ((segment, edition), number) in plan.by_edition() {
        let title = segments.iter().find(|known| known.id == segment);
        let title = title.map_or("", |known| known.title.text(language));
        text.push_str(&format!("  {number:>6}  {edition}  {segment}  {title}\n"));
    }
    if people {
        for Recipient { person, address, language, segment } in &plan.recipients {
            let name = &person.name;
            text.push_str(&format!("          {name} <{address}>  {language}  {segment}\n"));
        }
    }
    for (reason, number) in plan.by_reason() {
        text.push_str(&format!("  {number:>6}  not: {}\n", reason.name().replace('-', " ")));
        if people {
            for excluded in plan.excluded.iter().filter(|excluded| excluded.reason == reason) {
                text.push_str(&format!("          {}\n", excluded.subscriber));
            }
        }
    }
    text
}

pub fn plan_json(plan: &Plan<'_>) -> Value {
    let deliveries: Vec<Value> = plan
        .recipients
        .iter()
        .map(|Recipient { person, address, language, segment }| {
            json!({
                "delivery": DeliveryId::new(&plan.slug, person.key()),
                "address": address.to_string(),
                "name": person.name,
                "language": language,
                "segment": segment,
            })
        })
        .collect();
    let excluded: Vec<Value> = plan
        .excluded
        .iter()
        .map(|excluded| json!({ "subscriber": excluded.subscriber, "reason": excluded.reason }))
        .collect();
    json!({
        "slug": plan.slug,
        "candidates": plan.candidates(),
        "complete": plan.complete,
        "deliveries": deliveries,
        "excluded": excluded,
    })
}
