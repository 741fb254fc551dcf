//! The schema: whose database this is, and how far it has come.
//!
//! Migrations run under a lock of sqlx's own, so that two machines that open an
//! empty database at once do not trip over each other.

use sqlx::migrate::{AppliedMigration, Migrate, Migration, MigrationType, Migrator};
use sqlx::{PgConnection, SqlSafeStr};

use super::super::LedgerError;
use super::fault;

/// Names of the migrations that were run, in their order.
pub type Applied = Vec<String>;

/// Never edit one that has been released: add the next.
fn migrations() -> Migrator {
    let all = [(1, "ledger", include_str!("../../../migrations/postgres/0001_ledger.sql"))];
    let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(all.map(migration).to_vec())
}

/// What there is before we come, if it is none of others' business.
enum Found {
    Nothing,
    Ours,
}

/// Sets an empty database up. One that is older is refused: who is at work on
/// it with an older program would be left with a schema that it does not know.
pub async fn ready(connection: &mut PgConnection, place: &str) -> Result<(), LedgerError> {
    if let Found::Nothing = found(connection, place).await? {
        return run(connection, place).await;
    }
    match missing(connection, place).await?.is_empty() {
        true => Ok(()),
        false => Err(LedgerError::Older { place: place.to_owned() }),
    }
}

/// Brings it up to date, and says what that took.
pub async fn migrate(connection: &mut PgConnection, place: &str) -> Result<Applied, LedgerError> {
    let missing = match found(connection, place).await? {
        Found::Nothing => migrations().iter().map(|one| one.description.to_string()).collect(),
        Found::Ours => missing(connection, place).await?,
    };
    run(connection, place).await?;
    Ok(missing)
}

async fn run(connection: &mut PgConnection, place: &str) -> Result<(), LedgerError> {
    migrations()
        .run_direct(None, connection, false)
        .await
        .map_err(|error| fault::migration(place, error))
}

async fn found(connection: &mut PgConnection, place: &str) -> Result<Found, LedgerError> {
    let found: (bool, bool) = sqlx::query_as(
        "SELECT COALESCE(obj_description(to_regclass('mailing'), 'pg_class') = 'hlas ledger', FALSE),
                EXISTS (SELECT FROM pg_class
                         WHERE relnamespace = to_regnamespace(current_schema())
                           AND relkind IN ('r', 'p', 'v', 'm', 'f')
                           AND relname <> '_sqlx_migrations')",
    )
    .fetch_one(connection)
    .await
    .map_err(|error| fault::told(place, error))?;
    match found {
        (true, _) => Ok(Found::Ours),
        (false, false) => Ok(Found::Nothing),
        (false, true) => Err(LedgerError::Foreign { place: place.to_owned() }),
    }
}

/// What is still to be done. That nothing else was done than we know of is held
/// against the checksums, by reading alone: a worker need not own the tables.
async fn missing(connection: &mut PgConnection, place: &str) -> Result<Applied, LedgerError> {
    let done = connection.list_applied_migrations("_sqlx_migrations").await;
    let done = done.map_err(|error| fault::migration(place, error))?;
    let migrations = migrations();
    let known = |done: &AppliedMigration| {
        let same = |one: &Migration| one.version == done.version && one.checksum == done.checksum;
        migrations.iter().any(same)
    };
    if !done.iter().all(known) {
        return Err(LedgerError::Newer { place: place.to_owned() });
    }
    let is_done = |one: &&Migration| done.iter().any(|done| done.version == one.version);
    let missing = migrations.iter().filter(|one| !is_done(one));
    Ok(missing.map(|one| one.description.to_string()).collect())
}
