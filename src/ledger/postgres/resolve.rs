//! What is unsure, settled by a person's word.

use jiff::Timestamp;
use sqlx::postgres::PgPool;

use super::super::Word;
use crate::model::DeliveryId;

/// One statement: an answer that comes late at the same moment finds the row
/// either still unsure or settled, and so do we.
pub async fn resolve(
    pool: &PgPool,
    ids: &[DeliveryId],
    word: Word,
    by: &str,
    at: Timestamp,
) -> sqlx::Result<u64> {
    let (outcome, state, text) = match word {
        Word::Accepted => ("accepted", "accepted", "it has arrived"),
        Word::Resend => ("deferred", "pending", "it has not arrived, and is sent again"),
    };
    let ids: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
    let settled = sqlx::query(
        "WITH settled AS (
             UPDATE delivery SET state = $2, next_try = NULL
              WHERE id = ANY ($1) AND state = 'unsure'
             RETURNING number)
         INSERT INTO attempt (delivery, at, outcome, text, by)
         SELECT number, $3, $4, $5, $6 FROM settled ORDER BY number",
    )
    .bind(&ids)
    .bind(state)
    .bind(at.as_millisecond())
    .bind(outcome)
    .bind(text)
    .bind(by)
    .execute(pool)
    .await?;
    Ok(settled.rows_affected())
}
