//! What the ledger tells: books, entries, suppressions.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use futures_util::TryStreamExt;
use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};

use super::super::column::{count, damaged, moment};
use super::super::{Entry, Waiting};
use crate::model::{
    Attempt, Books, DeliveryId, DeliveryState, Outcome, Paused, Reply, Slug, Stage,
};

pub async fn mailings(db: &mut SqliteConnection) -> sqlx::Result<Vec<Slug>> {
    let slugs: Vec<String> =
        sqlx::query_scalar("SELECT slug FROM mailing ORDER BY frozen_at, slug")
            .fetch_all(db)
            .await?;
    slugs.iter().map(|slug| Slug::new(slug).ok_or_else(|| damaged("slug", slug))).collect()
}

pub async fn books(db: &mut SqliteConnection, slug: &Slug) -> sqlx::Result<Option<Books>> {
    // One transaction: a freeze between two of these reads would seem an error.
    let mut tx = db.begin().await?;
    let mailing =
        sqlx::query("SELECT frozen_at, complete, candidates, paused_at, pause_reason FROM mailing WHERE slug = ?1")
            .bind(slug.as_str())
            .fetch_optional(&mut *tx)
            .await?;
    let Some(mailing) = mailing else { return Ok(None) };

    let excluded: Vec<(String, i64)> =
        sqlx::query_as("SELECT reason, COUNT(*) FROM exclusion WHERE mailing = ?1 GROUP BY reason")
            .bind(slug.as_str())
            .fetch_all(&mut *tx)
            .await?;

    // Rows in a worker's hand have no answer yet: to a reader they are pending.
    let states: Vec<(String, i64)> = sqlx::query_as(
        "SELECT CASE WHEN state IN ('claimed', 'handing-over') THEN 'pending' ELSE state END,
                COUNT(*)
           FROM delivery WHERE mailing = ?1 GROUP BY 1",
    )
    .bind(slug.as_str())
    .fetch_all(&mut *tx)
    .await?;

    let states: HashMap<String, u64> =
        states.into_iter().map(|(state, n)| (state, count(n))).collect();
    let in_state = |state: DeliveryState| states.get(state.name()).copied().unwrap_or(0);
    Ok(Some(Books {
        slug: slug.clone(),
        frozen_at: moment(mailing.try_get("frozen_at")?)?,
        complete: mailing.try_get("complete")?,
        paused: read_pause(&mailing)?,
        candidates: count(mailing.try_get("candidates")?),
        excluded: excluded
            .into_iter()
            .map(|(reason, n)| (reason, count(n)))
            .collect::<BTreeMap<_, _>>(),
        accepted: in_state(DeliveryState::Accepted),
        refused: in_state(DeliveryState::Refused),
        deferred: in_state(DeliveryState::Deferred),
        pending: in_state(DeliveryState::Pending),
        unsure: in_state(DeliveryState::Unsure),
    }))
}

fn read_pause(row: &SqliteRow) -> sqlx::Result<Option<Paused>> {
    let Some(at) = row.try_get::<Option<i64>, _>("paused_at")? else { return Ok(None) };
    let reason: Option<String> = row.try_get("pause_reason")?;
    Ok(Some(Paused { at: moment(at)?, reason: reason.unwrap_or_default() }))
}

pub async fn waiting(
    db: &mut SqliteConnection,
    slug: &Slug,
    now: Timestamp,
) -> sqlx::Result<Waiting> {
    let mut rows = sqlx::query(
        "SELECT subscriber, domain FROM delivery
          WHERE mailing = ?1
            AND (state IN ('pending', 'claimed', 'handing-over')
                 OR state = 'deferred' AND (next_try IS NULL OR next_try <= ?2))
          ORDER BY number",
    )
    .bind(slug.as_str())
    .bind(now.as_millisecond())
    .fetch(db);
    let mut waiting = Waiting::default();
    while let Some(row) = rows.try_next().await? {
        waiting.add(row.try_get("subscriber")?, row.try_get("domain")?);
    }
    Ok(waiting)
}

pub async fn entries(
    db: &mut SqliteConnection,
    slug: &Slug,
    state: DeliveryState,
) -> sqlx::Result<Vec<Entry>> {
    let rows = sqlx::query(
        "SELECT delivery.id, subscriber, address, next_try,
                at, outcome, stage, code, text, server, took, by
           FROM delivery LEFT JOIN attempt ON attempt.number =
                (SELECT MAX(number) FROM attempt WHERE attempt.delivery = delivery.number)
          WHERE mailing = ?1
            AND CASE WHEN state IN ('claimed', 'handing-over') THEN 'pending' ELSE state END = ?2
          ORDER BY delivery.number",
    )
    .bind(slug.as_str())
    .bind(state.name())
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| read_entry(row, state)).collect()
}

fn read_entry(row: &SqliteRow, state: DeliveryState) -> sqlx::Result<Entry> {
    Ok(Entry {
        id: DeliveryId(row.try_get("id")?),
        subscriber: row.try_get("subscriber")?,
        address: row.try_get("address")?,
        state,
        last: read_attempt(row)?,
        next_try: row.try_get::<Option<i64>, _>("next_try")?.map(moment).transpose()?,
    })
}

fn read_attempt(row: &SqliteRow) -> sqlx::Result<Option<Attempt>> {
    let Some(outcome) = row.try_get::<Option<String>, _>("outcome")? else { return Ok(None) };
    let reply = Reply::new(row.try_get("code")?, row.try_get::<String, _>("text")?);
    let outcome = match DeliveryState::from_name(&outcome) {
        Some(DeliveryState::Accepted) => Outcome::Accepted(reply),
        Some(DeliveryState::Deferred) => Outcome::Deferred(reply),
        Some(DeliveryState::Refused) => Outcome::Refused(reply),
        Some(DeliveryState::Unsure) => Outcome::Unsure(reply),
        Some(DeliveryState::Pending) | None => return Err(damaged("outcome", &outcome)),
    };
    let stage = match row.try_get::<Option<String>, _>("stage")? {
        Some(name) => Some(Stage::from_name(&name).ok_or_else(|| damaged("stage", &name))?),
        None => None,
    };
    let took = row.try_get::<Option<i64>, _>("took")?.map(count);
    Ok(Some(Attempt {
        at: moment(row.try_get("at")?)?,
        outcome,
        stage,
        server: row.try_get("server")?,
        took: took.map(Duration::from_millis),
        by: row.try_get("by")?,
    }))
}

pub async fn suppressed(db: &mut SqliteConnection) -> sqlx::Result<HashSet<String>> {
    let keys = sqlx::query_scalar("SELECT subscriber FROM suppression").fetch_all(db).await?;
    Ok(keys.into_iter().collect())
}

/// From the end backwards, where a mailing at work has its own; the `+` keeps
/// SQLite from gathering and sorting all of its rows instead.
pub async fn last_step(db: &mut SqliteConnection, slug: &Slug) -> sqlx::Result<Option<Timestamp>> {
    let last: Option<i64> = sqlx::query_scalar(
        "SELECT MAX(at) FROM (
         SELECT * FROM (SELECT frozen_at AS at FROM delivery
                         WHERE +mailing = ?1 ORDER BY number DESC LIMIT 1)
         UNION ALL
         SELECT * FROM (SELECT attempt.at
                          FROM attempt CROSS JOIN delivery ON delivery.number = attempt.delivery
                         WHERE delivery.mailing = ?1 ORDER BY attempt.number DESC LIMIT 1))",
    )
    .bind(slug.as_str())
    .fetch_one(db)
    .await?;
    last.map(moment).transpose()
}
