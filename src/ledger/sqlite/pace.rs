//! Turns to leave. What is counted how stands in `meter.rs`; here it is read
//! and written back in one transaction.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::super::column::{damaged, moment};
use super::super::meter::take;
use super::super::{Bucket, DayCount, Meter, Slowed, Turns, Wish};
use super::writing;
use crate::model::Limit;

pub async fn take_turns(db: &mut SqliteConnection, wish: &Wish<'_>) -> sqlx::Result<Turns> {
    let mut tx = writing(db).await?;
    let mut meters = Vec::with_capacity(wish.buckets.len());
    for (bucket, _) in wish.buckets {
        meters.push(read(&mut tx, bucket.name()).await?);
    }
    let turns = take(&mut meters, wish);
    if matches!(turns, Turns::At(_)) {
        for ((bucket, _), meter) in wish.buckets.iter().zip(&meters) {
            write(&mut tx, bucket.name(), meter).await?;
        }
        tx.commit().await?;
    }
    Ok(turns)
}

pub async fn slow_down(
    db: &mut SqliteConnection,
    bucket: Bucket<'_>,
    limit: &Limit,
    now: Timestamp,
    rest: SignedDuration,
) -> sqlx::Result<()> {
    let mut tx = writing(db).await?;
    let mut meter = read(&mut tx, bucket.name()).await?;
    meter.slow_down(limit, now, rest);
    write(&mut tx, bucket.name(), &meter).await?;
    tx.commit().await
}

pub async fn meters(db: &mut SqliteConnection) -> sqlx::Result<BTreeMap<String, Meter>> {
    let rows = sqlx::query("SELECT bucket, next, day, step, sent, slowed_to, slowed_at FROM meter")
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| Ok((row.try_get("bucket")?, read_meter(row)?))).collect()
}

/// One that was never used says nothing.
async fn read(tx: &mut SqliteConnection, bucket: &str) -> sqlx::Result<Meter> {
    let row = sqlx::query(
        "SELECT next, day, step, sent, slowed_to, slowed_at FROM meter WHERE bucket = ?1",
    )
    .bind(bucket)
    .fetch_optional(tx)
    .await?;
    row.as_ref().map_or_else(|| Ok(Meter::default()), read_meter)
}

async fn write(tx: &mut SqliteConnection, bucket: &str, meter: &Meter) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO meter (bucket, next, day, step, sent, slowed_to, slowed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (bucket) DO UPDATE
            SET next = excluded.next, day = excluded.day, step = excluded.step,
                sent = excluded.sent, slowed_to = excluded.slowed_to,
                slowed_at = excluded.slowed_at",
    )
    .bind(bucket)
    .bind(meter.next.map(Timestamp::as_microsecond))
    .bind(meter.day.map(|day| day.date.to_string()))
    .bind(meter.day.map(|day| day.step))
    .bind(meter.day.map(|day| day.sent))
    .bind(meter.slowed.map(|slowed| microseconds(slowed.spacing)))
    .bind(meter.slowed.map(|slowed| slowed.at.as_millisecond()))
    .execute(tx)
    .await?;
    Ok(())
}

fn microseconds(span: SignedDuration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

fn read_meter(row: &SqliteRow) -> sqlx::Result<Meter> {
    let next: Option<i64> = row.try_get("next")?;
    let next =
        next.map(|next| Timestamp::from_microsecond(next).map_err(|_| damaged("moment", &next)));
    Ok(Meter { next: next.transpose()?, day: read_day(row)?, slowed: read_slowed(row)? })
}

fn read_day(row: &SqliteRow) -> sqlx::Result<Option<DayCount>> {
    let Some(day) = row.try_get::<Option<String>, _>("day")? else { return Ok(None) };
    let date = day.parse().map_err(|_| damaged("day", &day))?;
    Ok(Some(DayCount { date, step: row.try_get("step")?, sent: row.try_get("sent")? }))
}

fn read_slowed(row: &SqliteRow) -> sqlx::Result<Option<Slowed>> {
    let Some(spacing) = row.try_get::<Option<i64>, _>("slowed_to")? else { return Ok(None) };
    let spacing = SignedDuration::from_micros(spacing);
    Ok(Some(Slowed { spacing, at: moment(row.try_get("slowed_at")?)? }))
}
