//! Where this ledger is at home, and a copy of it.

use std::path::{Path, PathBuf};

use sqlx::{Row, SqliteConnection, SqliteExecutor};

use super::super::column::{damaged, moment};
use super::super::{Home, Machine};

/// The file, as the machine has it.
pub fn place(file: &Path) -> PathBuf {
    std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned())
}

pub async fn home(db: &mut SqliteConnection) -> sqlx::Result<Option<Home>> {
    let row = sqlx::query("SELECT machine, cards, place, turn, last_used, adopted_at FROM home")
        .fetch_optional(db)
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
        place: place.into(),
        turn: u64::try_from(turn).map_err(|_| damaged("turn", &turn))?,
        last_used: moment(row.try_get("last_used")?)?,
        adopted_at: adopted_at.map(moment).transpose()?,
    }))
}

pub async fn settle_in(executor: impl SqliteExecutor<'_>, home: &Home) -> sqlx::Result<()> {
    let cards: Vec<&str> = home.machine.cards.iter().map(String::as_str).collect();
    sqlx::query(
        "INSERT INTO home (one, machine, cards, place, turn, last_used, adopted_at)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (one) DO UPDATE
            SET machine = excluded.machine, cards = excluded.cards, place = excluded.place,
                turn = excluded.turn, last_used = excluded.last_used,
                adopted_at = excluded.adopted_at",
    )
    .bind(&home.machine.id)
    .bind(cards.join(" "))
    .bind(home.place.to_string_lossy())
    .bind(i64::try_from(home.turn).unwrap_or(i64::MAX))
    .bind(home.last_used.as_millisecond())
    .bind(home.adopted_at.map(jiff::Timestamp::as_millisecond))
    .execute(executor)
    .await?;
    Ok(())
}

/// Whole and at one moment, whoever writes meanwhile
/// (<https://www.sqlite.org/lang_vacuum.html#vacuuminto>).
pub async fn copy_to(db: &mut SqliteConnection, file: &Path) -> sqlx::Result<()> {
    sqlx::query("VACUUM INTO ?1").bind(file.to_string_lossy()).execute(db).await?;
    Ok(())
}
