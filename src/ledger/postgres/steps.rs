//! Hand-overs and answers, many in one statement: one way there and back, and
//! one flush of the disk, for all of them (docs/adr/0013).
//!
//! A statement by itself is a transaction, so that neither BEGIN nor COMMIT has
//! to travel. It takes its rows as two JSON texts, which PostgreSQL takes apart.
//! All its parts see the ledger as it was before, which is right: the rows of
//! one batch are each other's strangers (nobody waits for a hand-over and writes
//! an answer before it).

use std::collections::HashSet;

use serde_json::Value;
use sqlx::PgConnection;

use super::super::Step;
use super::super::column::{answer, hand_over};

/// The `|| ''` keeps the server from walking through all that is claimed, by the
/// index of those, in search of a few.
///
/// A delivery that is not there leaves the attempt without a number, which the
/// schema forbids: so much for answers about nobody. What was accepted or
/// refused stays so, whoever answers late.
pub const WRITE_DOWN: &str = "
    WITH handed_over AS (
        UPDATE delivery
           SET state = 'handing-over', lease_until = now_in_milliseconds() + step.lasts
          FROM json_to_recordset($1::JSON) AS step (id TEXT, worker TEXT, lasts BIGINT)
         WHERE delivery.id = step.id
           AND delivery.state || '' = 'claimed'
           AND delivery.worker = step.worker
        RETURNING delivery.id),
    answer AS (
        SELECT * FROM ROWS FROM (json_to_recordset($2::JSON) AS (
                   id TEXT, at BIGINT, state TEXT, stage TEXT, code BIGINT, enhanced TEXT,
                   text TEXT, server TEXT, took BIGINT, by TEXT, next_try BIGINT))
               WITH ORDINALITY AS told (id, at, state, stage, code, enhanced, text, server, took,
                                        by, next_try, place)),
    appended AS (
        INSERT INTO attempt (delivery, at, outcome, stage, code, enhanced, text, server, took, by)
        SELECT delivery.number, answer.at, answer.state, answer.stage, answer.code,
               answer.enhanced, answer.text, answer.server, answer.took, answer.by
          FROM answer LEFT JOIN delivery ON delivery.id = answer.id
         ORDER BY answer.place),
    settled AS (
        UPDATE delivery
           SET state = answer.state, next_try = answer.next_try,
               worker = NULL, lease_until = NULL
          FROM answer
         WHERE delivery.id = answer.id
           AND delivery.state NOT IN ('accepted', 'refused'))
    SELECT id FROM handed_over";

pub async fn write_down(line: &mut PgConnection, steps: &[Step]) -> sqlx::Result<Vec<bool>> {
    let (mut hand_overs, mut answers) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::HandingOver { id, lease } => hand_overs.push(hand_over(id, lease)),
            Step::Settle { id, attempt, next_try } => answers.push(answer(id, attempt, *next_try)),
        }
    }
    let taken: Vec<String> = sqlx::query_scalar(WRITE_DOWN)
        .bind(Value::Array(hand_overs).to_string())
        .bind(Value::Array(answers).to_string())
        .fetch_all(line)
        .await?;
    let taken: HashSet<String> = taken.into_iter().collect();
    let ours = |step: &Step| match step {
        Step::HandingOver { id, .. } => taken.contains(&id.0),
        Step::Settle { .. } => true,
    };
    Ok(steps.iter().map(ours).collect())
}
