//! Values as columns hold them, the same in every backend, so that a ledger can
//! be copied from one into another.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Due, Lease};
use crate::model::{Attempt, DeliveryId, DeliveryState, Slug, Stage};

pub fn moment(milliseconds: i64) -> sqlx::Result<Timestamp> {
    Timestamp::from_millisecond(milliseconds).map_err(|_| damaged("moment", &milliseconds))
}

/// A value that nothing of ours would have written.
pub fn damaged(noun: &str, value: &impl std::fmt::Display) -> sqlx::Error {
    sqlx::Error::Decode(format!("`{value}` is no {noun}").into())
}

/// COUNT(*) is never negative, nor is what the schema checks.
pub fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// In milliseconds.
pub fn lasts(lease: &Lease) -> i64 {
    i64::try_from(lease.lasts.as_millis()).unwrap_or(i64::MAX / 2)
}

/// A mailing of which somebody can be written to.
pub fn due(slug: &str, not_after: Option<i64>) -> sqlx::Result<Due> {
    let slug = Slug::new(slug).ok_or_else(|| damaged("slug", &slug))?;
    Ok(Due { slug, not_after: not_after.map(moment).transpose()? })
}

/// A hand-over, for a statement that takes many as one JSON text.
pub fn hand_over(id: &DeliveryId, lease: &Lease) -> Value {
    json!({ "id": id.0, "worker": lease.worker, "lasts": lasts(lease) })
}

/// An answer, for a statement that takes many as one JSON text.
pub fn answer(id: &DeliveryId, attempt: &Attempt, next_try: Option<Timestamp>) -> Value {
    let reply = attempt.outcome.reply();
    json!({
        "id": id.0,
        "at": attempt.at.as_millisecond(),
        "state": DeliveryState::from(&attempt.outcome).name(),
        "stage": attempt.stage.map(Stage::name),
        "code": reply.code,
        "enhanced": reply.enhanced.map(|it| it.to_string()),
        "text": without_nul(&reply.text),
        "server": attempt.server,
        "took": attempt.took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
        "by": attempt.by,
        "next_try": next_try.map(Timestamp::as_millisecond),
    })
}

/// PostgreSQL has no room for U+0000 in a text, and a server may say anything.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
