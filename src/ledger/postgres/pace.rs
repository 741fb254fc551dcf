//! Turns to leave. What is counted how stands in `meter.rs`; here it is read
//! and written back in one transaction, while other workers wait for their
//! turn at the same rows.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use sqlx::postgres::{PgPool, PgRow};
use sqlx::{PgConnection, Row};

use super::super::column::{damaged, moment};
use super::super::meter::take;
use super::super::{Bucket, DayCount, Meter, Slowed, Turns, Wish};
use crate::model::Limit;

pub async fn take_turns(pool: &PgPool, wish: &Wish<'_>) -> sqlx::Result<Turns> {
    let names: Vec<&str> = wish.buckets.iter().map(|(bucket, _)| bucket.name()).collect();
    let mut tx = pool.begin().await?;
    let mut meters = lock(&mut tx, &names).await?;
    let turns = take(&mut meters, wish);
    if matches!(turns, Turns::At(_)) {
        for (name, meter) in names.iter().zip(&meters) {
            write(&mut tx, name, meter).await?;
        }
        tx.commit().await?;
    }
    Ok(turns)
}

pub async fn slow_down(
    pool: &PgPool,
    bucket: Bucket<'_>,
    limit: &Limit,
    now: Timestamp,
    rest: SignedDuration,
) -> sqlx::Result<()> {
    let name = bucket.name();
    let mut tx = pool.begin().await?;
    for mut meter in lock(&mut tx, &[name]).await? {
        meter.slow_down(limit, now, rest);
        write(&mut tx, name, &meter).await?;
    }
    tx.commit().await
}

pub async fn meters(pool: &PgPool) -> sqlx::Result<BTreeMap<String, Meter>> {
    let rows = sqlx::query("SELECT bucket, next, day, step, sent, slowed_to, slowed_at FROM meter")
        .fetch_all(pool)
        .await?;
    rows.iter().map(|row| Ok((row.try_get("bucket")?, read_meter(row)?))).collect()
}

/// The meters of these names, in this order, each of them nobody else's until
/// the end of the transaction. They are locked in the order of their names, so
/// that two who want the same ones never wait for each other.
async fn lock(tx: &mut PgConnection, names: &[&str]) -> sqlx::Result<Vec<Meter>> {
    let mut rows = select(tx, names).await?;
    if rows.len() < names.len() {
        sqlx::query(
            "INSERT INTO meter (bucket) SELECT name FROM unnest($1::TEXT[]) AS name ORDER BY name
             ON CONFLICT DO NOTHING",
        )
        .bind(names)
        .execute(&mut *tx)
        .await?;
        rows = select(tx, names).await?;
    }
    let mut known = rows
        .iter()
        .map(|row| Ok((row.try_get("bucket")?, read_meter(row)?)))
        .collect::<sqlx::Result<BTreeMap<String, Meter>>>()?;
    Ok(names.iter().map(|name| known.remove(*name).unwrap_or_default()).collect())
}

async fn select(tx: &mut PgConnection, names: &[&str]) -> sqlx::Result<Vec<PgRow>> {
    sqlx::query(
        "SELECT bucket, next, day, step, sent, slowed_to, slowed_at FROM meter
          WHERE bucket = ANY ($1) ORDER BY bucket FOR UPDATE",
    )
    .bind(names)
    .fetch_all(tx)
    .await
}

async fn write(tx: &mut PgConnection, bucket: &str, meter: &Meter) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE meter SET next = $2, day = $3, step = $4, sent = $5, slowed_to = $6, slowed_at = $7
          WHERE bucket = $1",
    )
    .bind(bucket)
    .bind(meter.next.map(Timestamp::as_microsecond))
    .bind(meter.day.map(|day| day.date.to_string()))
    .bind(meter.day.map(|day| i64::from(day.step)))
    .bind(meter.day.map(|day| i64::from(day.sent)))
    .bind(meter.slowed.map(|slowed| microseconds(slowed.spacing)))
    .bind(meter.slowed.map(|slowed| slowed.at.as_millisecond()))
    .execute(tx)
    .await?;
    Ok(())
}

fn microseconds(span: SignedDuration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

fn read_meter(row: &PgRow) -> sqlx::Result<Meter> {
    let next: Option<i64> = row.try_get("next")?;
    let next =
        next.map(|next| Timestamp::from_microsecond(next).map_err(|_| damaged("moment", &next)));
    Ok(Meter { next: next.transpose()?, day: read_day(row)?, slowed: read_slowed(row)? })
}

fn read_day(row: &PgRow) -> sqlx::Result<Option<DayCount>> {
    let Some(day) = row.try_get::<Option<String>, _>("day")? else { return Ok(None) };
    let date = day.parse().map_err(|_| damaged("day", &day))?;
    let number = |column: &str| {
        let number: i64 = row.try_get(column)?;
        u32::try_from(number).map_err(|_| damaged("number of a day", &number))
    };
    Ok(Some(DayCount { date, step: number("step")?, sent: number("sent")? }))
}

fn read_slowed(row: &PgRow) -> sqlx::Result<Option<Slowed>> {
    let Some(spacing) = row.try_get::<Option<i64>, _>("slowed_to")? else { return Ok(None) };
    let spacing = SignedDuration::from_micros(spacing);
    Ok(Some(Slowed { spacing, at: moment(row.try_get("slowed_at")?)? }))
}
