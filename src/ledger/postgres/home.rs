//! Where this ledger is at home: not on a machine, of which many may be at
//! work, but in one database of one server.

use std::path::PathBuf;

use sqlx::postgres::PgPool;
use sqlx::{PgExecutor, Row};

use super::super::column::{damaged, moment};
use super::super::{Here, Home, Machine};

/// A server is known by the identifier that it gave itself when it was made,
/// which whoever copies all of its files takes along; such a copy begins a new
/// timeline when it is made to go on by itself
/// (<https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES>).
/// A dump that is read in elsewhere, or beside it, is another database.
pub async fn here(pool: &PgPool) -> sqlx::Result<Here> {
    let row = sqlx::query(
        "SELECT (SELECT system_identifier::TEXT FROM pg_control_system()) AS server,
                (SELECT oid::BIGINT FROM pg_database WHERE datname = current_database()) AS database,
                substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) AS timeline",
    )
    .fetch_one(pool)
    .await?;
    let (server, timeline): (String, String) = (row.try_get("server")?, row.try_get("timeline")?);
    let database: i64 = row.try_get("database")?;
    let place = format!("database {database} on timeline {}", timeline.trim_start_matches('0'));
    Ok(Here { machine: Machine::server(&server), place: Some(place.into()) })
}

pub async fn home(pool: &PgPool) -> sqlx::Result<Option<Home>> {
    let row = sqlx::query("SELECT machine, cards, place, turn, last_used, adopted_at FROM home")
        .fetch_optional(pool)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (cards, place): (String, String) = (row.try_get("cards")?, row.try_get("place")?);
    let turn: i64 = row.try_get("turn")?;
    let adopted_at: Option<i64> = row.try_get("adopted_at")?;
    Ok(Some(Home {
        machine: Machine {
            id: row.try_get("machine")?,
            cards: cards.split_whitespace().map(str::to_owned).collect(),
        },
        place: PathBuf::from(place),
        turn: u64::try_from(turn).map_err(|_| damaged("turn", &turn))?,
        last_used: moment(row.try_get("last_used")?)?,
        adopted_at: adopted_at.map(moment).transpose()?,
    }))
}

pub async fn settle_in(executor: impl PgExecutor<'_>, home: &Home) -> sqlx::Result<()> {
    let cards: Vec<&str> = home.machine.cards.iter().map(String::as_str).collect();
    sqlx::query(
        "INSERT INTO home (one, machine, cards, place, turn, last_used, adopted_at)
         VALUES (1, $1, $2, $3, $4, $5, $6)
         ON CONFLICT (one) DO UPDATE
            SET machine = excluded.machine, cards = excluded.cards, place = excluded.place,
                turn = excluded.turn, last_used = excluded.last_used,
                adopted_at = excluded.adopted_at",
    )
    .bind(&home.machine.id)
    .bind(cards.join(" "))
    .bind(home.place.to_string_lossy().into_owned())
    .bind(i64::try_from(home.turn).unwrap_or(i64::MAX))
    .bind(home.last_used.as_millisecond())
    .bind(home.adopted_at.map(jiff::Timestamp::as_millisecond))
    .execute(executor)
    .await?;
    Ok(())
}
