//! Hand-overs and answers, many in one transaction: one flush of the disk for
//! all of them (docs/adr/0013).
//!
//! Three statements do, however many rows there are: each takes its rows as one
//! JSON text that SQLite takes apart, which is cheaper than a call a row. The
//! rows of one batch are each other's strangers (nobody waits for a hand-over
//! and writes an answer before it), so their order among kinds does not matter.

use std::collections::HashSet;

use serde_json::Value;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqlitePool;

use super::super::Step;
use super::super::column::{answer, hand_over};
use super::writing;

/// The `+` keeps SQLite from walking through all that is claimed, by the index of
/// those, in search of each id.
const MARK: &str = "UPDATE delivery
        SET state = 'handing-over', lease_until = (step.value ->> 'lasts') + CAST(unixepoch('subsec') * 1000 AS INTEGER)
       FROM json_each(?1) AS step
      WHERE delivery.id = step.value ->> 'id'
        AND +delivery.state = 'claimed'
        AND delivery.worker = step.value ->> 'worker'
     RETURNING delivery.id";

/// A delivery that is not there leaves the attempt without a number, which the
/// schema forbids: so much for answers about nobody.
const APPEND: &str =
    "INSERT INTO attempt (delivery, at, outcome, stage, code, enhanced, text, server, took, by)
     SELECT (SELECT number FROM delivery WHERE id = step.value ->> 'id'),
            step.value ->> 'at', step.value ->> 'state', step.value ->> 'stage',
            step.value ->> 'code', step.value ->> 'enhanced', step.value ->> 'text',
            step.value ->> 'server', step.value ->> 'took', step.value ->> 'by'
       FROM json_each(?1) AS step
      ORDER BY step.key";

/// What was accepted or refused stays so, whoever answers late.
const SET: &str = "UPDATE delivery
        SET state = step.value ->> 'state', next_try = step.value ->> 'next_try',
            worker = NULL, lease_until = NULL
       FROM json_each(?1) AS step
      WHERE delivery.id = step.value ->> 'id'
        AND delivery.state NOT IN ('accepted', 'refused')";

/// For the test that each finds its rows by an index.
#[cfg(test)]
pub const STATEMENTS: [&str; 3] = [MARK, APPEND, SET];

pub async fn write_down(pool: &SqlitePool, steps: &[Step]) -> sqlx::Result<Vec<bool>> {
    let (mut hand_overs, mut answers) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::HandingOver { id, lease } => hand_overs.push(hand_over(id, lease)),
            Step::Settle { id, attempt, next_try } => answers.push(answer(id, attempt, *next_try)),
        }
    }
    let mut tx = writing(pool).await?;
    let mut taken = HashSet::new();
    if !answers.is_empty() {
        settle(&mut tx, &Value::Array(answers).to_string()).await?;
    }
    if !hand_overs.is_empty() {
        taken = mark(&mut tx, &Value::Array(hand_overs).to_string()).await?;
    }
    tx.commit().await?;
    let ours = |step: &Step| match step {
        Step::HandingOver { id, .. } => taken.contains(&id.0),
        Step::Settle { .. } => true,
    };
    Ok(steps.iter().map(ours).collect())
}

/// Ids of those that were the worker's.
async fn mark(tx: &mut SqliteConnection, rows: &str) -> sqlx::Result<HashSet<String>> {
    let marked = sqlx::query_scalar(MARK).bind(rows).fetch_all(tx).await?;
    Ok(marked.into_iter().collect())
}

async fn settle(tx: &mut SqliteConnection, rows: &str) -> sqlx::Result<()> {
    sqlx::query(APPEND).bind(rows).execute(&mut *tx).await?;
    sqlx::query(SET).bind(rows).execute(&mut *tx).await?;
    Ok(())
}
