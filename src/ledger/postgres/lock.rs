//! The lock of whoever plans, which ends with the line that took it.

use sqlx::PgConnection;

use super::super::LedgerError;
use super::fault;

/// "hlas" in ASCII: one lock a database
/// (<https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS>).
const KEY: i64 = 0x686c_6173;

/// Whether we have it; at once.
pub async fn lock(line: &mut PgConnection, place: &str) -> Result<bool, LedgerError> {
    let taken = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(KEY).fetch_one(line);
    taken.await.map_err(|error| fault::told(place, error))
}

/// Who has it, as they call themselves.
pub async fn holder(line: &mut PgConnection, place: &str) -> Result<Option<String>, LedgerError> {
    let holder = sqlx::query_scalar(
        "SELECT NULLIF(pg_stat_activity.application_name, '')
           FROM pg_locks JOIN pg_stat_activity USING (pid)
          WHERE locktype = 'advisory' AND granted AND objid::BIGINT = $1 AND objsubid = 1
            AND pg_locks.database = (SELECT oid FROM pg_database
                                      WHERE datname = current_database())",
    )
    .bind(KEY)
    .fetch_optional(line)
    .await;
    holder.map(Option::flatten).map_err(|error| fault::told(place, error))
}
