//! All that is in here, poured out or in; see `ledger/copy.rs`.

use futures_util::TryStreamExt;
use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, PgConnection};
use tokio::sync::mpsc;

use super::super::Home;
use super::super::copy::{Pouring, Sheet, Sheets, TABLES, Table, Taking};
use super::home;
use super::read::of_one_moment;

pub async fn pour_out(pool: &PgPool, sheets: mpsc::Sender<Sheet>) -> sqlx::Result<()> {
    let mut tx = of_one_moment(pool).await?;
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

/// Bytes become `\\x` and hexadecimal by themselves.
fn select(table: &Table) -> String {
    let columns = table.each(|column| format!("\"{column}\""));
    format!(
        "SELECT row_to_json(line)::TEXT FROM (SELECT {columns} FROM {} ORDER BY {}) AS line",
        table.name,
        table.order()
    )
}

pub async fn take_in(pool: &PgPool, mut sheets: Sheets, home: &Home) -> sqlx::Result<Taking> {
    let mut tx = pool.begin().await?;
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
                    go_on_counting(&mut tx).await?;
                    tx.commit().await?;
                }
                return Ok(Taking::of(counts, found));
            }
        }
    }
    Ok(Taking::BrokenOff)
}

/// PostgreSQL fills the rows of a type by the names of their columns.
fn insert(table: &Table) -> String {
    let columns = table.each(|column| format!("\"{column}\""));
    let name = table.name;
    format!(
        "INSERT INTO {name} ({columns})
         SELECT {columns} FROM json_populate_recordset(NULL::{name}, $1::JSON)"
    )
}

/// New rows come after those that were copied with their numbers.
async fn go_on_counting(tx: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query(
        "SELECT setval(pg_get_serial_sequence('delivery', 'number'),
                       (SELECT COALESCE(MAX(number), 0) + 1 FROM delivery), FALSE),
                setval(pg_get_serial_sequence('attempt', 'number'),
                       (SELECT COALESCE(MAX(number), 0) + 1 FROM attempt), FALSE)",
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// And nobody begins to use it meanwhile.
async fn is_empty(tx: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query("LOCK TABLE mailing, home, suppression, meter IN EXCLUSIVE MODE")
        .execute(&mut *tx)
        .await?;
    let homes: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM home").fetch_one(&mut *tx).await?;
    Ok(homes == 0 && count(tx).await?.iter().all(|rows| *rows == 0))
}

async fn count(tx: &mut PgConnection) -> sqlx::Result<Vec<u64>> {
    let mut counts = Vec::with_capacity(TABLES.len());
    for table in &TABLES {
        let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {}", table.name));
        let rows: i64 = sqlx::query_scalar(sql).fetch_one(&mut *tx).await?;
        counts.push(super::super::column::count(rows));
    }
    Ok(counts)
}
