//! Hand-overs and answers, many in one transaction: one flush of the disk for
//! all of them (docs/adr/0013).
//!
//! Three statements do, however many rows there are: each takes its rows as one
//! JSON text that SQLite takes apart, which is cheaper than a call a row. The
//! rows of one batch are each other's strangers (nobody waits for a hand-over
//! and writes an answer before it), so their order among kinds does not matter.
//!
//! The surprise: BEGIN and COMMIT stand in the text. SQLite works on a thread of
//! its own, and the way there and back takes longer than most of the work; so
//! the whole transaction goes there at once.

use std::collections::HashSet;

use serde_json::Value;
use sqlx::SqliteConnection;

use super::super::Step;
use super::super::column::{answer, hand_over};

/// `?1` is the answers, `?2` the hand-overs; those that were the worker's come
/// back.
///
/// A delivery that is not there leaves the attempt without a number, which the
/// schema forbids: so much for answers about nobody. What was accepted or
/// refused stays so, whoever answers late. The `+` keeps SQLite from walking
/// through all that is claimed, by the index of those, in search of each id.
pub const WRITE_DOWN: &str = "
    BEGIN IMMEDIATE;
    INSERT INTO attempt (delivery, at, outcome, stage, code, enhanced, text, server, took, by)
    SELECT (SELECT number FROM delivery WHERE id = step.value ->> 'id'),
           step.value ->> 'at', step.value ->> 'state', step.value ->> 'stage',
           step.value ->> 'code', step.value ->> 'enhanced', step.value ->> 'text',
           step.value ->> 'server', step.value ->> 'took', step.value ->> 'by'
      FROM json_each(?1) AS step
     ORDER BY step.key;
    UPDATE delivery
       SET state = step.value ->> 'state', next_try = step.value ->> 'next_try',
           worker = NULL, lease_until = NULL
      FROM json_each(?1) AS step
     WHERE delivery.id = step.value ->> 'id'
       AND delivery.state NOT IN ('accepted', 'refused');
    UPDATE delivery
       SET state = 'handing-over',
           lease_until = (step.value ->> 'lasts') + CAST(unixepoch('subsec') * 1000 AS INTEGER)
      FROM json_each(?2) AS step
     WHERE delivery.id = step.value ->> 'id'
       AND +delivery.state = 'claimed'
       AND delivery.worker = step.value ->> 'worker'
    RETURNING delivery.id;
    COMMIT";

pub async fn write_down(db: &mut SqliteConnection, steps: &[Step]) -> sqlx::Result<Vec<bool>> {
    let (mut hand_overs, mut answers) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::HandingOver { id, lease } => hand_overs.push(hand_over(id, lease)),
            Step::Settle { id, attempt, next_try } => answers.push(answer(id, attempt, *next_try)),
        }
    }
    let written = sqlx::query_scalar(WRITE_DOWN)
        .bind(Value::Array(answers).to_string())
        .bind(Value::Array(hand_overs).to_string())
        .fetch_all(&mut *db)
        .await;
    if written.is_err() {
        // Where BEGIN itself has failed, there is nothing to take back.
        let _ = sqlx::query("ROLLBACK").execute(db).await;
    }
    let taken: HashSet<String> = written?.into_iter().collect();
    let ours = |step: &Step| match step {
        Step::HandingOver { id, .. } => taken.contains(&id.0),
        Step::Settle { .. } => true,
    };
    Ok(steps.iter().map(ours).collect())
}
