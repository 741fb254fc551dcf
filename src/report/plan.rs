//! A plan, for the eyes of whoever presses send.

use serde_json::{Value, json};

use crate::audience::Segment;
use crate::model::{Language, Publication};
use crate::plan::Plan;

/// The plan by edition and by reason; with `people`, everybody by name.
pub fn plan_text(
    plan: &Plan,
    publication: &Publication,
    segments: &[Segment],
    language: &Language,
    people: bool,
) -> String {
    let mut text = format!("{} · {}\n", plan.slug, publication.leading().title);
    let get = plan.deliveries.len() as u64;
    let who = if get == 1 { "1 person gets it".to_owned() } else { format!("{get} people get it") };
    text.push_str(&format!("  {who}, {} in its segments do not\n", plan.excluded.len()));
    for ((segment, edition), number) in plan.by_edition() {
        let title = segments.iter().find(|known| known.id == segment);
        let title = title.map_or("", |known| known.title.text(language));
        text.push_str(&format!("  {number:>6}  {edition}  {segment}  {title}\n"));
    }
    if people {
        for delivery in &plan.deliveries {
            text.push_str(&format!(
                "          {} <{}>  {}  {}\n",
                delivery.name, delivery.address, delivery.language, delivery.segment
            ));
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

pub fn plan_json(plan: &Plan) -> Value {
    let deliveries: Vec<Value> = plan
        .deliveries
        .iter()
        .map(|delivery| {
            json!({
                "delivery": delivery.id,
                "address": delivery.address.to_string(),
                "name": delivery.name,
                "language": delivery.language,
                "segment": delivery.segment,
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
