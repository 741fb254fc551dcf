//! The walk of a row: claimed, renewed, released or recovered; what lies between
//! is in `steps.rs`.
//!
//! Whoever looks for rows skips those that somebody else has locked at that
//! moment: they are in good hands, and nobody ever waits for anybody, so there
//! are no deadlocks to fall into.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::postgres::{PgPool, PgRow};

use super::super::column::{count, damaged, lasts, moment};
use super::super::{Among, Claimed, Lease, Recovered, Stranded};
use crate::model::{Delivery, DeliveryId, Exclusion, Language, Slug};

/// What is written beside a delivery that a crash caught in hand-over.
const CAUGHT: &str = "the run ended between hand-over and answer";

/// Whom a claim passes over, whatever else it asks for. The ARRAY is there to
/// have the rows chosen once: as a plain list, LIMIT and SKIP LOCKED might be
/// asked again for every row.
macro_rules! claim {
    ($which:literal) => {
        concat!(
            "UPDATE delivery
                SET state = 'claimed', worker = $2, lease_until = now_in_milliseconds() + $3
              WHERE number = ANY (ARRAY(
                    SELECT number FROM delivery
                     WHERE mailing = $1
                       AND EXISTS (SELECT FROM mailing
                                    WHERE slug = $1 AND paused_at IS NULL AND held IS NULL
                                      AND (not_after IS NULL OR not_after >= $5))
                       AND NOT EXISTS (SELECT FROM suppression
                                        WHERE suppression.subscriber = delivery.subscriber)
                       AND ",
            $which,
            " LIMIT $4 FOR UPDATE SKIP LOCKED))
             RETURNING number, id, subscriber, address, name, salutation, language, segment,
                       frozen_at,
                       (SELECT COUNT(*) FROM attempt
                         WHERE attempt.delivery = delivery.number) AS attempts"
        )
    };
}

/// One kind of claim: those who are pending, and those who are due again. `$5`
/// is the moment by which they are due, `$6` a list of domains, `$7` the row
/// behind which it goes on.
struct Kind {
    pending: &'static str,
    due: &'static str,
}

const EVERYBODY: Kind = Kind {
    pending: claim!("state = 'pending' ORDER BY number"),
    due: claim!("state = 'deferred' AND next_try <= $5 ORDER BY next_try"),
};

const ONE_DOMAIN: Kind = Kind {
    pending: claim!(
        "state = 'pending' AND number > $7 AND domain = ($6::TEXT[])[1] ORDER BY number"
    ),
    due: claim!(
        "state = 'deferred' AND domain = ($6::TEXT[])[1] AND next_try <= $5 ORDER BY next_try"
    ),
};

const OTHERS: Kind = Kind {
    pending: claim!(
        "state = 'pending' AND number > $7 AND domain <> ALL ($6::TEXT[]) ORDER BY number"
    ),
    due: claim!(
        "state = 'deferred' AND next_try <= $5 AND domain <> ALL ($6::TEXT[]) ORDER BY next_try"
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
    pool: &PgPool,
    among: Among<'_>,
    slug: &Slug,
    lease: &Lease,
    now: Timestamp,
    limit: u32,
) -> sqlx::Result<Vec<Claimed>> {
    let (kind, domains, after) = match among {
        Among::Everybody => (EVERYBODY, Vec::new(), 0),
        Among::Domain { domain, after } => (ONE_DOMAIN, vec![domain.to_owned()], after),
        Among::Others { than, after } => (OTHERS, than.to_vec(), after),
    };
    let mut tx = pool.begin().await?;
    let mut rows = Vec::new();
    for sql in [kind.pending, kind.due] {
        let room = i64::from(limit) - i64::try_from(rows.len()).unwrap_or(i64::MAX);
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

fn read_claimed(row: &PgRow) -> sqlx::Result<Claimed> {
    let address: String = row.try_get("address")?;
    let attempts: i64 = row.try_get("attempts")?;
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
        attempts: u32::try_from(count(attempts)).unwrap_or(u32::MAX),
        number: row.try_get("number")?,
    })
}

/// What is locked is just being handed over, which renews it too, or settled.
pub async fn renew(pool: &PgPool, lease: &Lease) -> sqlx::Result<u64> {
    let renewed = sqlx::query(
        "UPDATE delivery SET lease_until = now_in_milliseconds() + $2
          WHERE number = ANY (ARRAY(
                SELECT number FROM delivery
                 WHERE worker = $1 AND state IN ('claimed', 'handing-over')
                   FOR UPDATE SKIP LOCKED))",
    )
    .bind(&lease.worker)
    .bind(lasts(lease))
    .execute(pool)
    .await?;
    Ok(renewed.rows_affected())
}

pub async fn release(pool: &PgPool, ids: &[DeliveryId], worker: &str) -> sqlx::Result<()> {
    let ids: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
    sqlx::query(
        "UPDATE delivery SET state = 'pending', worker = NULL, lease_until = NULL, next_try = NULL
          WHERE id = ANY ($1) AND worker = $2 AND state IN ('claimed', 'handing-over')",
    )
    .bind(&ids)
    .bind(worker)
    .execute(pool)
    .await?;
    Ok(())
}

/// Each statement changes the state and writes the attempt in one, so that of
/// two who recover at once only one finds anything.
pub async fn recover(
    pool: &PgPool,
    now: Timestamp,
    stranded: Stranded<'_>,
) -> sqlx::Result<Recovered> {
    let whatever_their_lease = matches!(stranded, Stranded::EverythingInHand(_));
    let mut tx = pool.begin().await?;
    let unsure = sqlx::query(
        "WITH caught AS (
             UPDATE delivery
                SET state = 'unsure', worker = NULL, lease_until = NULL, next_try = NULL
              WHERE number = ANY (ARRAY(
                    SELECT number FROM delivery
                     WHERE state = 'handing-over' AND ($1 OR lease_until <= now_in_milliseconds())
                       FOR UPDATE SKIP LOCKED))
             RETURNING number)
         INSERT INTO attempt (delivery, at, outcome, stage, text)
         SELECT number, $2, 'unsure', 'reply', $3 FROM caught ORDER BY number",
    )
    .bind(whatever_their_lease)
    .bind(now.as_millisecond())
    .bind(CAUGHT)
    .execute(&mut *tx)
    .await?;
    let released = sqlx::query(
        "UPDATE delivery SET state = 'pending', worker = NULL, lease_until = NULL, next_try = NULL
          WHERE number = ANY (ARRAY(
                SELECT number FROM delivery
                 WHERE state = 'claimed' AND ($1 OR lease_until <= now_in_milliseconds())
                   FOR UPDATE SKIP LOCKED))",
    )
    .bind(whatever_their_lease)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Recovered { released: released.rows_affected(), unsure: unsure.rows_affected() })
}

pub async fn withdraw(
    pool: &PgPool,
    slug: &Slug,
    subscribers: &[String],
    reason: Exclusion,
    now: Timestamp,
) -> sqlx::Result<u64> {
    if subscribers.is_empty() {
        return Ok(0);
    }
    let mut tx = pool.begin().await?;
    // Attempts are append-only, so a row that has some cannot go.
    let untried = sqlx::query(
        "WITH gone AS (
             DELETE FROM delivery
              WHERE mailing = $1 AND subscriber = ANY ($2) AND state = 'pending'
                AND NOT EXISTS (SELECT FROM attempt WHERE attempt.delivery = delivery.number)
             RETURNING subscriber)
         INSERT INTO exclusion (mailing, subscriber, reason) SELECT $1, subscriber, $3 FROM gone",
    )
    .bind(slug.as_str())
    .bind(subscribers)
    .bind(reason.name())
    .execute(&mut *tx)
    .await?;
    let tried = sqlx::query(
        "WITH refused AS (
             UPDATE delivery SET state = 'refused', next_try = NULL
              WHERE mailing = $1 AND subscriber = ANY ($2) AND state IN ('pending', 'deferred')
             RETURNING number)
         INSERT INTO attempt (delivery, at, outcome, text)
         SELECT number, $3, 'refused', $4 FROM refused ORDER BY number",
    )
    .bind(slug.as_str())
    .bind(subscribers)
    .bind(now.as_millisecond())
    .bind(format!("taken back: {}", reason.name()))
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(untried.rows_affected() + tried.rows_affected())
}

pub async fn suppress(
    pool: &PgPool,
    subscriber: &str,
    reason: &str,
    since: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO suppression (subscriber, reason, since) VALUES ($1, $2, $3)
         ON CONFLICT (subscriber) DO NOTHING",
    )
    .bind(subscriber)
    .bind(reason)
    .bind(since.as_millisecond())
    .execute(pool)
    .await?;
    Ok(())
}
