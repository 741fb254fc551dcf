//! Freezing a mailing, and reading back what was frozen.
//!
//! Rows go in by the thousand, as one JSON text that SQLite takes apart
//! (`json_each`): a million deliveries are then a thousand statements.

use std::borrow::Cow;
use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};

use super::super::Planned;
use super::writing;
use crate::model::{
    Attachment, Deliveries, Delivery, EmbeddedPicture, Excluded, Exclusion, FrozenEdition,
    Language, Mailing, Slug, digest,
};

const ROWS_A_STATEMENT: usize = 1000;

pub async fn freeze(
    db: &mut SqliteConnection,
    mailing: &Mailing<dyn Deliveries + '_>,
    now: Timestamp,
) -> sqlx::Result<u64> {
    let mut tx = writing(db).await?;
    let before = planned_in(&mut tx, &mailing.slug).await?;
    let closed = before.as_ref().is_some_and(|planned| planned.complete);
    if closed && (mailing.complete || mailing.deliveries.is_empty()) {
        return Ok(0);
    }
    let present = before.map(|planned| planned.subscribers).unwrap_or_default();

    if closed {
        admit(&mut tx, mailing, &present).await?;
    } else {
        write_mailing(&mut tx, mailing, mailing.candidates(&present), now).await?;
        replace_exclusions(&mut tx, mailing, &present).await?;
    }
    for edition in &mailing.editions {
        write_edition(&mut tx, &mailing.slug, edition).await?;
    }
    let mut new = 0;
    let mut deliveries = mailing.deliveries.each();
    loop {
        let some: Vec<_> = deliveries.by_ref().take(ROWS_A_STATEMENT).collect();
        if some.is_empty() {
            break;
        }
        new += write_deliveries(&mut tx, &mailing.slug, &some, now).await?;
    }
    drop(deliveries);
    tx.commit().await?;
    Ok(new)
}

/// Makes room in a complete mailing for people named one by one: whoever was
/// left out is so no more, whoever joined since is one candidate more. What
/// the plan says of all others is not for this mailing.
async fn admit(
    tx: &mut SqliteConnection,
    mailing: &Mailing<dyn Deliveries + '_>,
    present: &HashSet<String>,
) -> sqlx::Result<()> {
    for subscriber in mailing.deliveries.subscribers() {
        if present.contains(subscriber) {
            continue;
        }
        let known = sqlx::query("DELETE FROM exclusion WHERE mailing = ?1 AND subscriber = ?2")
            .bind(mailing.slug.as_str())
            .bind(subscriber)
            .execute(&mut *tx)
            .await?
            .rows_affected();
        if known == 0 {
            sqlx::query("UPDATE mailing SET candidates = candidates + 1 WHERE slug = ?1")
                .bind(mailing.slug.as_str())
                .execute(&mut *tx)
                .await?;
        }
    }
    Ok(())
}

async fn write_mailing(
    tx: &mut SqliteConnection,
    mailing: &Mailing<dyn Deliveries + '_>,
    candidates: usize,
    now: Timestamp,
) -> sqlx::Result<()> {
    // The day a mailing was first frozen is its day for good.
    sqlx::query(
        "INSERT INTO mailing (slug, frozen_at, complete, candidates)
         VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (slug) DO UPDATE
            SET complete = excluded.complete, candidates = excluded.candidates",
    )
    .bind(mailing.slug.as_str())
    .bind(now.as_millisecond())
    .bind(mailing.complete)
    .bind(i64::try_from(candidates).unwrap_or(i64::MAX))
    .execute(tx)
    .await?;
    Ok(())
}

async fn write_edition(
    tx: &mut SqliteConnection,
    slug: &Slug,
    edition: &FrozenEdition,
) -> sqlx::Result<()> {
    let attachment = match &edition.attachment {
        Some(attachment) => Some(write_bytes(tx, &attachment.bytes).await?),
        None => None,
    };
    // What was frozen stays while somebody is still to get it: whoever is left
    // reads what the first read. Once all of them have an answer, the text may
    // have been mended for those who come after (`--only` a colleague first).
    let written = sqlx::query(
        "INSERT INTO edition (mailing, language, segment, subject, from_name, greeting,
                              html, text, attachment, attachment_name, attachment_type)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (mailing, language, segment) DO UPDATE
            SET subject = excluded.subject, from_name = excluded.from_name,
                greeting = excluded.greeting, html = excluded.html, text = excluded.text,
                attachment = excluded.attachment, attachment_name = excluded.attachment_name,
                attachment_type = excluded.attachment_type
          WHERE NOT EXISTS (
                SELECT 1 FROM delivery
                 WHERE delivery.mailing = excluded.mailing
                   AND delivery.language = excluded.language
                   AND delivery.segment = excluded.segment
                   AND delivery.state NOT IN ('accepted', 'refused'))",
    )
    .bind(slug.as_str())
    .bind(edition.language.as_str())
    .bind(&edition.segment)
    .bind(&edition.subject)
    .bind(&edition.from_name)
    .bind(&edition.greeting)
    .bind(&edition.html)
    .bind(&edition.text)
    .bind(attachment)
    .bind(edition.attachment.as_ref().map(|attachment| &attachment.name))
    .bind(edition.attachment.as_ref().map(|attachment| &attachment.media_type))
    .execute(&mut *tx)
    .await?;
    // What stays as it was frozen keeps its pictures too.
    if written.rows_affected() == 0 { Ok(()) } else { write_pictures(tx, slug, edition).await }
}

async fn write_pictures(
    tx: &mut SqliteConnection,
    slug: &Slug,
    edition: &FrozenEdition,
) -> sqlx::Result<()> {
    sqlx::query(
        "DELETE FROM embedded_picture WHERE mailing = ?1 AND language = ?2 AND segment = ?3",
    )
    .bind(slug.as_str())
    .bind(edition.language.as_str())
    .bind(&edition.segment)
    .execute(&mut *tx)
    .await?;
    for (position, picture) in edition.pictures.iter().enumerate() {
        let hash = write_bytes(tx, &picture.bytes).await?;
        sqlx::query(
            "INSERT INTO embedded_picture (mailing, language, segment, position,
                                           content_id, name, media_type, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )
        .bind(slug.as_str())
        .bind(edition.language.as_str())
        .bind(&edition.segment)
        .bind(i64::try_from(position).unwrap_or(i64::MAX))
        .bind(&picture.content_id)
        .bind(&picture.name)
        .bind(&picture.media_type)
        .bind(hash)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Bytes by their content: the same PDF, the same picture, are there once.
async fn write_bytes(tx: &mut SqliteConnection, bytes: &[u8]) -> sqlx::Result<String> {
    let hash = digest(bytes);
    sqlx::query("INSERT INTO attachment (sha256, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
        .bind(&hash)
        .bind(bytes)
        .execute(tx)
        .await?;
    Ok(hash)
}

async fn write_deliveries(
    tx: &mut SqliteConnection,
    slug: &Slug,
    deliveries: &[Cow<'_, Delivery>],
    now: Timestamp,
) -> sqlx::Result<u64> {
    let rows = deliveries
        .iter()
        .map(|delivery| {
            json!({
                "id": delivery.id.0,
                "subscriber": delivery.subscriber,
                "address": delivery.address.to_string(),
                "domain": delivery.domain(),
                "name": delivery.name,
                "salutation": delivery.salutation,
                "language": delivery.language.as_str(),
                "segment": delivery.segment,
            })
        })
        .collect::<serde_json::Value>();
    // `WHERE true` keeps SQLite from reading ON CONFLICT as a join condition.
    let written = sqlx::query(
        "INSERT INTO delivery (id, mailing, subscriber, address, domain, name, salutation,
                               language, segment, frozen_at)
         SELECT value ->> 'id', ?2, value ->> 'subscriber', value ->> 'address',
                value ->> 'domain', value ->> 'name', value ->> 'salutation',
                value ->> 'language', value ->> 'segment', ?3
           FROM json_each(?1)
          WHERE true
          ORDER BY key
         ON CONFLICT (mailing, subscriber) DO NOTHING",
    )
    .bind(rows.to_string())
    .bind(slug.as_str())
    .bind(now.as_millisecond())
    .execute(tx)
    .await?;
    Ok(written.rows_affected())
}

/// The latest plan speaks for those who get nothing. Somebody with a row gets
/// something, whatever a later plan says of them, and is not counted twice.
async fn replace_exclusions(
    tx: &mut SqliteConnection,
    mailing: &Mailing<dyn Deliveries + '_>,
    present: &HashSet<String>,
) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM exclusion WHERE mailing = ?1")
        .bind(mailing.slug.as_str())
        .execute(&mut *tx)
        .await?;
    let rows: Vec<_> = mailing
        .excluded
        .iter()
        .filter(|excluded| excluded.reason != Exclusion::AlreadyPlanned)
        .filter(|excluded| !present.contains(&excluded.subscriber))
        .collect();
    for rows in rows.chunks(ROWS_A_STATEMENT) {
        write_exclusions(tx, &mailing.slug, rows).await?;
    }
    Ok(())
}

async fn write_exclusions(
    tx: &mut SqliteConnection,
    slug: &Slug,
    excluded: &[&Excluded],
) -> sqlx::Result<()> {
    let rows = excluded
        .iter()
        .map(|excluded| json!([excluded.subscriber, excluded.reason.name()]))
        .collect::<serde_json::Value>();
    sqlx::query(
        "INSERT INTO exclusion (mailing, subscriber, reason)
         SELECT ?2, value ->> 0, value ->> 1 FROM json_each(?1)",
    )
    .bind(rows.to_string())
    .bind(slug.as_str())
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn planned(db: &mut SqliteConnection, slug: &Slug) -> sqlx::Result<Option<Planned>> {
    let mut tx = db.begin().await?;
    planned_in(&mut tx, slug).await
}

async fn planned_in(tx: &mut SqliteConnection, slug: &Slug) -> sqlx::Result<Option<Planned>> {
    let complete = sqlx::query_scalar("SELECT complete FROM mailing WHERE slug = ?1")
        .bind(slug.as_str())
        .fetch_optional(&mut *tx)
        .await?;
    let Some(complete) = complete else { return Ok(None) };
    let subscribers = sqlx::query_scalar("SELECT subscriber FROM delivery WHERE mailing = ?1")
        .bind(slug.as_str())
        .fetch_all(tx)
        .await?;
    Ok(Some(Planned { complete, subscribers: subscribers.into_iter().collect() }))
}

pub async fn edition(
    db: &mut SqliteConnection,
    slug: &Slug,
    language: &Language,
    segment: &str,
) -> sqlx::Result<Option<FrozenEdition>> {
    // One transaction, so that text and pictures are of the same freeze.
    let mut tx = db.begin().await?;
    let row = sqlx::query(
        "SELECT language, segment, subject, from_name, greeting, html, text,
                attachment_name, attachment_type, bytes AS attachment_bytes
           FROM edition LEFT JOIN attachment ON attachment.sha256 = edition.attachment
          WHERE mailing = ?1 AND language = ?2 AND segment = ?3",
    )
    .bind(slug.as_str())
    .bind(language.as_str())
    .bind(segment)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let pictures = sqlx::query(
        "SELECT content_id, name, media_type, attachment.bytes AS picture
           FROM embedded_picture JOIN attachment ON attachment.sha256 = embedded_picture.bytes
          WHERE mailing = ?1 AND language = ?2 AND segment = ?3
          ORDER BY position",
    )
    .bind(slug.as_str())
    .bind(language.as_str())
    .bind(segment)
    .fetch_all(&mut *tx)
    .await?;
    let pictures = pictures.iter().map(read_picture).collect::<sqlx::Result<_>>()?;
    read_edition(&row, pictures).map(Some)
}

fn read_picture(row: &SqliteRow) -> sqlx::Result<EmbeddedPicture> {
    let bytes: Vec<u8> = row.try_get("picture")?;
    Ok(EmbeddedPicture {
        content_id: row.try_get("content_id")?,
        name: row.try_get("name")?,
        media_type: row.try_get("media_type")?,
        bytes: bytes.into(),
    })
}

fn read_edition(row: &SqliteRow, pictures: Vec<EmbeddedPicture>) -> sqlx::Result<FrozenEdition> {
    Ok(FrozenEdition {
        language: Language::new(row.try_get("language")?),
        segment: row.try_get("segment")?,
        subject: row.try_get("subject")?,
        from_name: row.try_get("from_name")?,
        greeting: row.try_get("greeting")?,
        html: row.try_get("html")?,
        pictures,
        text: row.try_get("text")?,
        attachment: read_attachment(row)?,
    })
}

fn read_attachment(row: &SqliteRow) -> sqlx::Result<Option<Attachment>> {
    let Some(name) = row.try_get("attachment_name")? else { return Ok(None) };
    let media_type = row.try_get("attachment_type")?;
    Ok(Some(Attachment { name, media_type, bytes: row.try_get("attachment_bytes")? }))
}
