//! All that is in here, poured out or in; see `ledger/copy.rs`.

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use tokio::sync::mpsc;

use super::super::Home;
use super::super::copy::{Pouring, Sheet, Sheets, TABLES, Table, Taking};
use super::{home, writing};

/// In one transaction, which sees the ledger as it was at its first statement.
pub async fn pour_out(db: &mut SqliteConnection, sheets: mpsc::Sender<Sheet>) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    let mut pouring = Pouring::into(sheets);
    for table in &TABLES {
        if pouring.begin(table).await.is_err() {
            return Ok(());
        }
        let mut rows = sqlx::query_scalar(AssertSqlSafe(select(table))).fetch(&mut *tx);
        while let Some(row) = rows.try_next().await? {
            let row: String = row;
            if pouring.row(&row).await.is_err() {
                return Ok(());
            }
        }
    }
    let _ = pouring.end().await;
    Ok(())
}

fn select(table: &Table) -> String {
    let pairs = table.each(|column| match table.is_bytes(column) {
        true => format!("'{column}', '\\x' || hex(\"{column}\")"),
        false => format!("'{column}', \"{column}\""),
    });
    format!("SELECT json_object({pairs}) FROM {} ORDER BY {}", table.name, table.order())
}

pub async fn take_in(
    db: &mut SqliteConnection,
    mut sheets: Sheets,
    home: &Home,
) -> sqlx::Result<Taking> {
    let mut tx = writing(db).await?;
    if !is_empty(&mut tx).await? {
        return Ok(Taking::NotEmpty);
    }
    home::settle_in(&mut *tx, home).await?;
    while let Some(sheet) = sheets.recv().await {
        match sheet {
            Sheet::Rows(table, rows) => {
                sqlx::query(AssertSqlSafe(insert(table))).bind(rows).execute(&mut *tx).await?;
            }
            Sheet::End(counts) => {
                let found = count(&mut tx).await?;
                if found == counts {
                    tx.commit().await?;
                }
                return Ok(Taking::of(counts, found));
            }
        }
    }
    Ok(Taking::BrokenOff)
}

fn insert(table: &Table) -> String {
    let columns = table.each(|column| format!("\"{column}\""));
    let values = table.each(|column| match table.is_bytes(column) {
        true => format!("unhex(substr(value ->> '{column}', 3))"),
        false => format!("value ->> '{column}'"),
    });
    format!(
        "INSERT INTO {} ({columns}) SELECT {values} FROM json_each(?1) ORDER BY key",
        table.name
    )
}

async fn is_empty(tx: &mut SqliteConnection) -> sqlx::Result<bool> {
    let homes: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM home").fetch_one(&mut *tx).await?;
    Ok(homes == 0 && count(tx).await?.iter().all(|rows| *rows == 0))
}

async fn count(tx: &mut SqliteConnection) -> sqlx::Result<Vec<u64>> {
    let mut counts = Vec::with_capacity(TABLES.len());
    for table in &TABLES {
        let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {}", table.name));
        let rows: i64 = sqlx::query_scalar(sql).fetch_one(&mut *tx).await?;
        counts.push(super::super::column::count(rows));
    }
    Ok(counts)
}
