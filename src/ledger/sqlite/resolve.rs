//! What is unsure, settled by a person's word.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::super::Word;
use super::writing;
use crate::model::DeliveryId;

pub async fn resolve(
    db: &mut SqliteConnection,
    ids: &[DeliveryId],
    word: Word,
    by: &str,
    at: Timestamp,
) -> sqlx::Result<u64> {
    let (outcome, state, text) = match word {
        Word::Accepted => ("accepted", "accepted", "it has arrived"),
        Word::Resend => ("deferred", "pending", "it has not arrived, and is sent again"),
    };
    let ids = ids.iter().map(|id| id.0.as_str()).collect::<serde_json::Value>().to_string();
    let mut tx = writing(db).await?;
    sqlx::query(
        "INSERT INTO attempt (delivery, at, outcome, text, by)
         SELECT number, ?2, ?3, ?4, ?5 FROM delivery
          WHERE id IN (SELECT value FROM json_each(?1)) AND +state = 'unsure'
          ORDER BY number",
    )
    .bind(&ids)
    .bind(at.as_millisecond())
    .bind(outcome)
    .bind(text)
    .bind(by)
    .execute(&mut *tx)
    .await?;
    let settled = sqlx::query(
        "UPDATE delivery SET state = ?2, next_try = NULL
          WHERE id IN (SELECT value FROM json_each(?1)) AND +state = 'unsure'",
    )
    .bind(&ids)
    .bind(state)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(settled.rows_affected())
}
