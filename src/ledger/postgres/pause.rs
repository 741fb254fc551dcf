//! Mailings that wait for a person.

use jiff::Timestamp;
use sqlx::postgres::PgPool;

use super::super::column::{self, damaged};
use super::super::{Due, Hold};
use crate::model::{DeliveryState, Slug};

pub async fn pause(pool: &PgPool, slug: &Slug, reason: &str, at: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE mailing SET paused_at = $2, pause_reason = $3
          WHERE slug = $1 AND paused_at IS NULL",
    )
    .bind(slug.as_str())
    .bind(at.as_millisecond())
    .bind(reason)
    .execute(pool)
    .await?;
    Ok(())
}

pub async fn resume(pool: &PgPool, slug: &Slug) -> sqlx::Result<bool> {
    let resumed = sqlx::query(
        "UPDATE mailing
            SET paused_at = NULL, pause_reason = NULL,
                watched_from = (SELECT COALESCE(MAX(number), 0) FROM attempt)
          WHERE slug = $1 AND paused_at IS NOT NULL",
    )
    .bind(slug.as_str())
    .execute(pool)
    .await?;
    Ok(resumed.rows_affected() > 0)
}

pub async fn hold(pool: &PgPool, slug: &Slug, hold: &Hold) -> sqlx::Result<()> {
    sqlx::query("UPDATE mailing SET held = $2, not_after = $3 WHERE slug = $1")
        .bind(slug.as_str())
        .bind(&hold.reason)
        .bind(hold.not_after.map(Timestamp::as_millisecond))
        .execute(pool)
        .await?;
    Ok(())
}

pub async fn goes_on(pool: &PgPool, slug: &Slug, now: Timestamp) -> sqlx::Result<bool> {
    let goes_on: Option<bool> = sqlx::query_scalar(
        "SELECT paused_at IS NULL AND held IS NULL AND (not_after IS NULL OR not_after >= $2)
           FROM mailing WHERE slug = $1",
    )
    .bind(slug.as_str())
    .bind(now.as_millisecond())
    .fetch_optional(pool)
    .await?;
    Ok(goes_on == Some(true))
}

/// By the indexes of what can be claimed: nothing is counted.
pub async fn due(pool: &PgPool, now: Timestamp) -> sqlx::Result<Vec<Due>> {
    let due: Vec<(String, Option<i64>)> = sqlx::query_as(
        "SELECT slug, not_after FROM mailing
          WHERE paused_at IS NULL AND held IS NULL AND (not_after IS NULL OR not_after >= $1)
            AND (EXISTS (SELECT 1 FROM delivery
                          WHERE delivery.mailing = mailing.slug AND delivery.state = 'pending')
                 OR EXISTS (SELECT 1 FROM delivery
                             WHERE delivery.mailing = mailing.slug AND delivery.state = 'deferred'
                               AND delivery.next_try <= $1))
          ORDER BY frozen_at, slug",
    )
    .bind(now.as_millisecond())
    .fetch_all(pool)
    .await?;
    due.iter().map(|(slug, not_after)| column::due(slug, *not_after)).collect()
}

/// From the latest attempt backwards, which is where a mailing at work has its
/// own: no index needs to be kept for what is asked once a run.
pub async fn recent_answers(
    pool: &PgPool,
    slug: &Slug,
    limit: u32,
) -> sqlx::Result<Vec<DeliveryState>> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT attempt.outcome
           FROM attempt JOIN delivery ON delivery.number = attempt.delivery
          WHERE attempt.number > (SELECT watched_from FROM mailing WHERE slug = $1)
            AND delivery.mailing = $1
            AND attempt.outcome IN ('accepted', 'refused', 'unsure')
            AND attempt.server IS NOT NULL
          ORDER BY attempt.number DESC LIMIT $2",
    )
    .bind(slug.as_str())
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await?;
    names
        .iter()
        .map(|name| DeliveryState::from_name(name).ok_or_else(|| damaged("outcome", name)))
        .collect()
}
