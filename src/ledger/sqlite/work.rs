//! The walk of a row: claimed, released or recovered; what lies between is in
//! `steps.rs`.
//!
//! Leases run by SQLite's own clock (`unixepoch`), as everybody's who has the
//! file open.

use jiff::Timestamp;
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::super::column::{damaged, lasts, moment};
use super::super::{Among, Claimed, Lease, Recovered, Stranded};
use super::writing;
use crate::model::{Delivery, DeliveryId, Exclusion, Language, Slug};

/// What is written beside a delivery that a crash caught in hand-over.
const CAUGHT: &str = "the run ended between hand-over and answer";

/// A claim, but for which rows and in which order. Whoever must not be written
/// to is passed over by all of them.
macro_rules! claim {
    ($which:literal) => {
        concat!(
            "UPDATE delivery
                SET state = 'claimed', worker = ?2,
                    lease_until = ?3 + CAST(unixepoch('subsec') * 1000 AS INTEGER)
              WHERE number IN (SELECT number FROM delivery
                                WHERE mailing = ?1
                                  AND subscriber NOT IN (SELECT subscriber FROM suppression)
                                  AND ",
            $which,
            " LIMIT ?4)
             RETURNING number, id, subscriber, address, name, salutation, language, segment,
                       frozen_at,
                       (SELECT COUNT(*) FROM attempt
                         WHERE attempt.delivery = delivery.number) AS attempts"
        )
    };
}

/// One kind of claim: those who are pending, and those who are due again. `?5`
/// is the moment by which they are due, `?6` a domain or a list of them, `?7`
/// the row behind which it goes on.
struct Kind {
    pending: &'static str,
    due: &'static str,
}

const EVERYBODY: Kind = Kind {
    pending: claim!("state = 'pending' ORDER BY number"),
    due: claim!("state = 'deferred' AND next_try <= ?5 ORDER BY next_try"),
};

const ONE_DOMAIN: Kind = Kind {
    pending: claim!("state = 'pending' AND number > ?7 AND domain = ?6 ORDER BY number"),
    due: claim!("state = 'deferred' AND domain = ?6 AND next_try <= ?5 ORDER BY next_try"),
};

const OTHERS: Kind = Kind {
    pending: claim!(
        "state = 'pending' AND number > ?7
         AND domain NOT IN (SELECT value FROM json_each(?6)) ORDER BY number"
    ),
    due: claim!(
        "state = 'deferred' AND next_try <= ?5
         AND domain NOT IN (SELECT value FROM json_each(?6)) ORDER BY next_try"
    ),
};

/// For the test that each finds its rows by an index.
#[cfg(test)]
pub const CLAIMS: [&str; 6] = [
    EVERYBODY.pending,
    EVERYBODY.due,
    ONE_DOMAIN.pending,
    ONE_DOMAIN.due,
    OTHERS.pending,
    OTHERS.due,
];

pub async fn claim(
    db: &mut SqliteConnection,
    among: Among<'_>,
    slug: &Slug,
    lease: &Lease,
    now: Timestamp,
    limit: u32,
) -> sqlx::Result<Vec<Claimed>> {
    let (kind, domains, after) = match among {
        Among::Everybody => (EVERYBODY, None, 0),
        Among::Domain { domain, after } => (ONE_DOMAIN, Some(domain.to_owned()), after),
        Among::Others { than, after } => (OTHERS, Some(json!(than).to_string()), after),
    };
    let mut tx = writing(db).await?;
    if !super::pause::goes_on(&mut *tx, slug, now).await? {
        return Ok(Vec::new());
    }
    let mut rows = Vec::new();
    for sql in [kind.pending, kind.due] {
        let room = limit.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        if room > 0 {
            let some = sqlx::query(sql)
                .bind(slug.as_str())
                .bind(&lease.worker)
                .bind(lasts(lease))
                .bind(room)
                .bind(now.as_millisecond())
                .bind(&domains)
                .bind(after)
                .fetch_all(&mut *tx)
                .await?;
            rows.extend(some);
        }
    }
    tx.commit().await?;

    // RETURNING promises no order.
    let mut claimed = rows.iter().map(read_claimed).collect::<sqlx::Result<Vec<_>>>()?;
    claimed.sort_by_key(|claimed| claimed.number);
    Ok(claimed)
}

fn read_claimed(row: &SqliteRow) -> sqlx::Result<Claimed> {
    let address: String = row.try_get("address")?;
    Ok(Claimed {
        delivery: Delivery {
            id: DeliveryId(row.try_get("id")?),
            subscriber: row.try_get("subscriber")?,
            address: address.parse().map_err(|_| damaged("address", &address))?,
            name: row.try_get("name")?,
            salutation: row.try_get("salutation")?,
            language: Language::new(row.try_get("language")?),
            segment: row.try_get("segment")?,
        },
        frozen_at: moment(row.try_get("frozen_at")?)?,
        attempts: row.try_get("attempts")?,
        number: row.try_get("number")?,
    })
}

pub async fn renew(db: &mut SqliteConnection, lease: &Lease) -> sqlx::Result<u64> {
    let renewed = sqlx::query(
        "UPDATE delivery SET lease_until = ?2 + CAST(unixepoch('subsec') * 1000 AS INTEGER)
          WHERE state IN ('claimed', 'handing-over') AND worker = ?1",
    )
    .bind(&lease.worker)
    .bind(lasts(lease))
    .execute(db)
    .await?;
    Ok(renewed.rows_affected())
}

pub async fn release(
    db: &mut SqliteConnection,
    ids: &[DeliveryId],
    worker: &str,
) -> sqlx::Result<()> {
    let ids = ids.iter().map(|id| id.0.as_str()).collect::<serde_json::Value>();
    sqlx::query(
        "UPDATE delivery SET state = 'pending', worker = NULL, lease_until = NULL, next_try = NULL
          WHERE id IN (SELECT value FROM json_each(?1))
            AND worker = ?2 AND state IN ('claimed', 'handing-over')",
    )
    .bind(ids.to_string())
    .bind(worker)
    .execute(db)
    .await?;
    Ok(())
}

pub async fn recover(
    db: &mut SqliteConnection,
    now: Timestamp,
    stranded: Stranded<'_>,
) -> sqlx::Result<Recovered> {
    let mut tx = writing(db).await?;
    let leases_until: i64 = match stranded {
        Stranded::LeasesRunOut => {
            let clock = "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER)";
            sqlx::query_scalar(clock).fetch_one(&mut *tx).await?
        }
        Stranded::EverythingInHand(_) => i64::MAX,
    };
    sqlx::query(
        "INSERT INTO attempt (delivery, at, outcome, stage, text)
         SELECT number, ?2, 'unsure', 'reply', ?3 FROM delivery
          WHERE state = 'handing-over' AND lease_until <= ?1
          ORDER BY number",
    )
    .bind(leases_until)
    .bind(now.as_millisecond())
    .bind(CAUGHT)
    .execute(&mut *tx)
    .await?;
    let unsure = sqlx::query(
        "UPDATE delivery SET state = 'unsure', worker = NULL, lease_until = NULL, next_try = NULL
          WHERE state = 'handing-over' AND lease_until <= ?1",
    )
    .bind(leases_until)
    .execute(&mut *tx)
    .await?;
    let released = sqlx::query(
        "UPDATE delivery SET state = 'pending', worker = NULL, lease_until = NULL, next_try = NULL
          WHERE state = 'claimed' AND lease_until <= ?1",
    )
    .bind(leases_until)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Recovered { released: released.rows_affected(), unsure: unsure.rows_affected() })
}

pub async fn withdraw(
    db: &mut SqliteConnection,
    slug: &Slug,
    subscribers: &[String],
    reason: Exclusion,
    now: Timestamp,
) -> sqlx::Result<u64> {
    let mut tx = writing(db).await?;
    let mut withdrawn = 0;
    for subscriber in subscribers {
        // Attempts are append-only, so a row that has some cannot go.
        let untried = sqlx::query(
            "DELETE FROM delivery
              WHERE mailing = ?1 AND subscriber = ?2 AND state = 'pending'
                AND NOT EXISTS (SELECT 1 FROM attempt WHERE attempt.delivery = delivery.number)",
        )
        .bind(slug.as_str())
        .bind(subscriber)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        if untried > 0 {
            sqlx::query("INSERT INTO exclusion (mailing, subscriber, reason) VALUES (?1, ?2, ?3)")
                .bind(slug.as_str())
                .bind(subscriber)
                .bind(reason.name())
                .execute(&mut *tx)
                .await?;
            withdrawn += 1;
            continue;
        }
        let tried: Option<i64> = sqlx::query_scalar(
            "UPDATE delivery SET state = 'refused', next_try = NULL
              WHERE mailing = ?1 AND subscriber = ?2 AND state IN ('pending', 'deferred')
             RETURNING number",
        )
        .bind(slug.as_str())
        .bind(subscriber)
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(number) = tried {
            sqlx::query(
                "INSERT INTO attempt (delivery, at, outcome, text)
                 VALUES (?1, ?2, 'refused', ?3)",
            )
            .bind(number)
            .bind(now.as_millisecond())
            .bind(format!("taken back: {}", reason.name()))
            .execute(&mut *tx)
            .await?;
            withdrawn += 1;
        }
    }
    tx.commit().await?;
    Ok(withdrawn)
}

pub async fn suppress(
    db: &mut SqliteConnection,
    subscriber: &str,
    reason: &str,
    since: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO suppression (subscriber, reason, since) VALUES (?1, ?2, ?3)
         ON CONFLICT (subscriber) DO NOTHING",
    )
    .bind(subscriber)
    .bind(reason)
    .bind(since.as_millisecond())
    .execute(db)
    .await?;
    Ok(())
}
