//! The ledger in one SQLite file: the default, for one machine that sends.
//!
//! Durability first: WAL with `synchronous = FULL`, so that a commit has
//! reached the disk when it returns, even if the power goes. Every writing
//! transaction begins `IMMEDIATE`: a deferred one that turns from reading to
//! writing is answered *busy* at once, whatever the timeout.
//!
//! The surprise: there is a single connection. SQLite has one writer anyway,
//! and with one connection a read never sees a half of what we wrote. Nor is
//! there a pool around it, which would ask the thread that SQLite works on, after
//! each step, whether it is still there.

mod copy;
mod fault;
mod home;
mod pace;
mod pause;
mod plan;
mod read;
mod resolve;
mod steps;
mod work;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqlSafeStr, SqliteConnection, SqliteTransaction};
use tokio::sync::{Mutex, MutexGuard, mpsc};

use super::copy::{Sheet, Sheets};
use super::{
    Among, Bucket, Claimed, Due, Entry, Here, Hold, Home, Lease, Ledger, LedgerError, Machine,
    Meter, Planned, Recovered, Step, Stranded, Turns, Waiting, Wish, Word,
};
use crate::model::{
    Books, Deliveries, DeliveryId, DeliveryState, Exclusion, FrozenEdition, Language, Limit,
    Mailing, Slug,
};

/// How long to wait for another program (a backup, a person at the prompt).
const PATIENCE: Duration = Duration::from_secs(10);

/// In place of a path.
const IN_MEMORY: &str = ":memory:";

pub struct Sqlite {
    db: Mutex<SqliteConnection>,
    /// For messages.
    path: PathBuf,
}

impl Sqlite {
    pub async fn in_memory() -> Result<Self, LedgerError> {
        Self::connect(IN_MEMORY.into(), SqliteConnectOptions::new().in_memory(true)).await
    }

    pub async fn at(path: PathBuf) -> Result<Self, LedgerError> {
        if let Some(folder) = path.parent()
            && let Err(source) = std::fs::create_dir_all(folder)
        {
            return Err(LedgerError::Folder { path: folder.to_owned(), source });
        }
        // Addresses and opt-outs are nobody else's business. SQLite gives its
        // journal the same permissions.
        if let Err(source) = private(&path) {
            let (place, reason) = (path.display().to_string(), source.to_string());
            return Err(LedgerError::CannotOpen { place, reason });
        }
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        Self::connect(path, options).await
    }

    /// A ledger in a file that is not there yet.
    pub async fn new_file(path: PathBuf) -> Result<Self, LedgerError> {
        // Made first, so that nothing is overwritten.
        new(&path).map_err(|source| LedgerError::Copy { path: path.clone(), source })?;
        Self::at(path).await
    }

    /// All of it in the one file, on the disk, without a journal beside it.
    pub async fn close_safely(self, path: &Path) -> Result<(), LedgerError> {
        let mut db = self.db.into_inner();
        let alone = sqlx::query("PRAGMA journal_mode = DELETE").execute(&mut db).await;
        alone.map_err(|error| fault::told(path, error))?;
        let _ = db.close().await;
        let safe = std::fs::File::open(path).and_then(|copy| copy.sync_all());
        safe.map_err(|source| LedgerError::Copy { path: path.to_owned(), source })
    }

    async fn connect(path: PathBuf, options: SqliteConnectOptions) -> Result<Self, LedgerError> {
        let options =
            options.foreign_keys(true).synchronous(SqliteSynchronous::Full).busy_timeout(PATIENCE);
        let mut db = options.connect().await.map_err(|error| fault::told(&path, error))?;
        if is_foreign(&mut db).await.map_err(|error| fault::told(&path, error))? {
            return Err(LedgerError::Foreign { place: path.display().to_string() });
        }
        migrations()
            .run_direct(None, &mut db, false)
            .await
            .map_err(|error| fault::migration(&path, error))?;
        Ok(Self { db: Mutex::new(db), path })
    }

    async fn db(&self) -> MutexGuard<'_, SqliteConnection> {
        self.db.lock().await
    }

    /// `None` for a ledger in memory.
    fn file(&self) -> Option<&Path> {
        (self.path.as_os_str() != IN_MEMORY).then_some(&*self.path)
    }

    /// Every column that is copied, as `table.column`.
    #[cfg(test)]
    pub async fn columns(&self) -> std::collections::BTreeSet<String> {
        let columns: Vec<String> = sqlx::query_scalar(
            "SELECT sqlite_master.name || '.' || pragma_table_info.name
               FROM sqlite_master JOIN pragma_table_info(sqlite_master.name)
              WHERE sqlite_master.type = 'table'
                AND sqlite_master.name NOT IN ('home', '_sqlx_migrations')",
        )
        .fetch_all(&mut *self.db().await)
        .await
        .expect("read");
        columns.into_iter().collect()
    }

    fn told<T>(&self, result: sqlx::Result<T>) -> Result<T, LedgerError> {
        result.map_err(|error| fault::told(&self.path, error))
    }
}

/// Creates the file, where it is missing, for its owner alone.
fn private(path: &Path) -> std::io::Result<()> {
    match new(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn new(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// "hlas" in ASCII, which the first migration writes into the file's header
/// (<https://www.sqlite.org/pragma.html#pragma_application_id>).
const APPLICATION_ID: i64 = 0x686c_6173;

/// Whether there are tables already, and none of them ours.
async fn is_foreign(db: &mut SqliteConnection) -> sqlx::Result<bool> {
    let id: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *db).await?;
    let tables: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master").fetch_one(db).await?;
    Ok(id != APPLICATION_ID && tables > 0)
}

/// Never edit one that has been released: add the next.
fn migrations() -> Migrator {
    let all = [
        (1, "ledger", include_str!("../../../migrations/sqlite/0001_ledger.sql")),
        (
            2,
            "embedded pictures",
            include_str!("../../../migrations/sqlite/0002_embedded_pictures.sql"),
        ),
        (3, "stages", include_str!("../../../migrations/sqlite/0003_stages.sql")),
        (4, "home", include_str!("../../../migrations/sqlite/0004_home.sql")),
        (5, "pace", include_str!("../../../migrations/sqlite/0005_pace.sql")),
        (6, "held", include_str!("../../../migrations/sqlite/0006_held.sql")),
    ];
    let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(all.map(migration).to_vec())
}

async fn writing(db: &mut SqliteConnection) -> sqlx::Result<SqliteTransaction<'_>> {
    db.begin_with("BEGIN IMMEDIATE").await
}

#[async_trait]
impl Ledger for Sqlite {
    async fn freeze(
        &self,
        mailing: &Mailing<dyn Deliveries + '_>,
        now: Timestamp,
    ) -> Result<u64, LedgerError> {
        self.told(plan::freeze(&mut *self.db().await, mailing, now).await)
    }

    async fn planned(&self, slug: &Slug) -> Result<Option<Planned>, LedgerError> {
        self.told(plan::planned(&mut *self.db().await, slug).await)
    }

    async fn waiting(&self, slug: &Slug, now: Timestamp) -> Result<Waiting, LedgerError> {
        self.told(read::waiting(&mut *self.db().await, slug, now).await)
    }

    async fn edition(
        &self,
        slug: &Slug,
        language: &Language,
        segment: &str,
    ) -> Result<Option<FrozenEdition>, LedgerError> {
        self.told(plan::edition(&mut *self.db().await, slug, language, segment).await)
    }

    async fn mailings(&self) -> Result<Vec<Slug>, LedgerError> {
        self.told(read::mailings(&mut *self.db().await).await)
    }

    async fn books(&self, slug: &Slug) -> Result<Option<Books>, LedgerError> {
        self.told(read::books(&mut *self.db().await, slug).await)
    }

    async fn entries(&self, slug: &Slug, state: DeliveryState) -> Result<Vec<Entry>, LedgerError> {
        self.told(read::entries(&mut *self.db().await, slug, state).await)
    }

    async fn suppressed(&self) -> Result<HashSet<String>, LedgerError> {
        self.told(read::suppressed(&mut *self.db().await).await)
    }

    async fn withdraw(
        &self,
        slug: &Slug,
        subscribers: &[String],
        reason: Exclusion,
        now: Timestamp,
    ) -> Result<u64, LedgerError> {
        self.told(work::withdraw(&mut *self.db().await, slug, subscribers, reason, now).await)
    }

    async fn suppress(
        &self,
        subscriber: &str,
        reason: &str,
        since: Timestamp,
    ) -> Result<(), LedgerError> {
        self.told(work::suppress(&mut *self.db().await, subscriber, reason, since).await)
    }

    async fn claim_among(
        &self,
        among: Among<'_>,
        slug: &Slug,
        lease: &Lease,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Claimed>, LedgerError> {
        self.told(work::claim(&mut *self.db().await, among, slug, lease, now, limit).await)
    }

    async fn take_turns(&self, wish: &Wish<'_>) -> Result<Turns, LedgerError> {
        self.told(pace::take_turns(&mut *self.db().await, wish).await)
    }

    async fn slow_down(
        &self,
        bucket: Bucket<'_>,
        limit: &Limit,
        now: Timestamp,
        rest: SignedDuration,
    ) -> Result<(), LedgerError> {
        self.told(pace::slow_down(&mut *self.db().await, bucket, limit, now, rest).await)
    }

    async fn meters(&self) -> Result<BTreeMap<String, Meter>, LedgerError> {
        self.told(pace::meters(&mut *self.db().await).await)
    }

    async fn write_down(&self, steps: &[Step]) -> Result<Vec<bool>, LedgerError> {
        self.told(steps::write_down(&mut *self.db().await, steps).await)
    }

    async fn resolve(
        &self,
        ids: &[DeliveryId],
        word: Word,
        by: &str,
        at: Timestamp,
    ) -> Result<u64, LedgerError> {
        self.told(resolve::resolve(&mut *self.db().await, ids, word, by, at).await)
    }

    async fn pause(&self, slug: &Slug, reason: &str, at: Timestamp) -> Result<(), LedgerError> {
        self.told(pause::pause(&mut *self.db().await, slug, reason, at).await)
    }

    async fn resume(&self, slug: &Slug) -> Result<bool, LedgerError> {
        self.told(pause::resume(&mut *self.db().await, slug).await)
    }

    async fn hold(&self, slug: &Slug, hold: &Hold) -> Result<(), LedgerError> {
        self.told(pause::hold(&mut *self.db().await, slug, hold).await)
    }

    async fn goes_on(&self, slug: &Slug, now: Timestamp) -> Result<bool, LedgerError> {
        self.told(pause::goes_on(&mut *self.db().await, slug, now).await)
    }

    async fn due(&self, now: Timestamp) -> Result<Vec<Due>, LedgerError> {
        self.told(pause::due(&mut *self.db().await, now).await)
    }

    async fn recent_answers(
        &self,
        slug: &Slug,
        limit: u32,
    ) -> Result<Vec<DeliveryState>, LedgerError> {
        self.told(pause::recent_answers(&mut *self.db().await, slug, limit).await)
    }

    async fn last_step(&self, slug: &Slug) -> Result<Option<Timestamp>, LedgerError> {
        self.told(read::last_step(&mut *self.db().await, slug).await)
    }

    async fn here(&self, machine: Machine) -> Result<Here, LedgerError> {
        Ok(Here { machine, place: self.file().map(home::place) })
    }

    async fn home(&self) -> Result<Option<Home>, LedgerError> {
        self.told(home::home(&mut *self.db().await).await)
    }

    async fn settle_in(&self, home: &Home) -> Result<(), LedgerError> {
        self.told(home::settle_in(&mut *self.db().await, home).await)
    }

    async fn copy_to(&self, file: &Path) -> Result<(), LedgerError> {
        let failed =
            |error: std::io::Error| LedgerError::Copy { path: file.to_owned(), source: error };
        // Made first, so that nobody else can read it, and nothing is overwritten.
        new(file).map_err(failed)?;
        let copied = self.told(home::copy_to(&mut *self.db().await, file).await);
        let safe = std::fs::File::open(file).and_then(|copy| copy.sync_all());
        copied.and(safe.map_err(failed)).inspect_err(|_| drop(std::fs::remove_file(file)))
    }

    async fn pour_out(&self, sheets: mpsc::Sender<Sheet>) -> Result<(), LedgerError> {
        self.told(copy::pour_out(&mut *self.db().await, sheets).await)
    }

    async fn take_in(&self, sheets: Sheets, home: &Home) -> Result<Vec<u64>, LedgerError> {
        let taken = self.told(copy::take_in(&mut *self.db().await, sheets, home).await)?;
        taken.told(&self.path.display().to_string())
    }

    async fn renew(&self, lease: &Lease) -> Result<u64, LedgerError> {
        self.told(work::renew(&mut *self.db().await, lease).await)
    }

    async fn release(&self, ids: &[DeliveryId], worker: &str) -> Result<(), LedgerError> {
        self.told(work::release(&mut *self.db().await, ids, worker).await)
    }

    async fn recover(
        &self,
        now: Timestamp,
        stranded: Stranded<'_>,
    ) -> Result<Recovered, LedgerError> {
        self.told(work::recover(&mut *self.db().await, now, stranded).await)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{contract, open};
    use sqlx::SqlitePool;

    use super::*;

    #[tokio::test]
    async fn a_ledger_in_memory_keeps_the_contract() {
        let root = PathBuf::from(".");
        for story in contract::STORIES {
            let ledger = open("sqlite::memory:", &root).await.expect("a ledger");
            story(&*ledger).await;
        }
    }

    #[tokio::test]
    async fn a_ledger_in_a_file_keeps_the_contract() {
        let desk = tempfile::tempdir().expect("a folder");
        for (number, story) in contract::STORIES.iter().enumerate() {
            let url = format!("sqlite:var/{number}.db");
            let ledger = open(&url, desk.path()).await.expect("a ledger");
            story(&*ledger).await;
        }
    }

    #[tokio::test]
    async fn a_database_of_something_else_is_left_alone() {
        let desk = tempfile::tempdir().expect("a folder");
        let path = desk.path().join("theirs.db");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let theirs = SqlitePool::connect_with(options).await.expect("a database");
        sqlx::query("CREATE TABLE x (y)").execute(&theirs).await.expect("a table");
        theirs.close().await;
        let told = open("sqlite:theirs.db", desk.path()).await.err().expect("not ours");
        assert!(told.to_string().ends_with("theirs.db is a database of something else"));
    }

    #[tokio::test]
    async fn what_was_written_is_there_for_the_next_run() {
        let desk = tempfile::tempdir().expect("a folder");
        let mailing = contract::mailing(&["a@example.org"]);
        let first = open("sqlite:l.db", desk.path()).await.expect("a ledger");
        first.freeze(&mailing, contract::NOON).await.expect("frozen");
        drop(first);

        let next = open("sqlite:l.db", desk.path()).await.expect("the same ledger");
        let books = next.books(&mailing.slug).await.expect("read").expect("the mailing");
        assert_eq!((books.pending, books.candidates), (1, 1));
    }

    #[tokio::test]
    async fn a_copy_is_whole_for_its_owner_alone_and_overwrites_nothing() {
        let desk = tempfile::tempdir().expect("a folder");
        let mailing = contract::mailing(&["a@example.org"]);
        let ledger = open("sqlite:l.db", desk.path()).await.expect("a ledger");
        ledger.freeze(&mailing, contract::NOON).await.expect("frozen");
        let copy = desk.path().join("copy.db");
        ledger.copy_to(&copy).await.expect("copied");
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::MetadataExt::mode(&copy.metadata().expect("there"));
            assert_eq!(mode & 0o777, 0o600);
        }
        let told = ledger.copy_to(&copy).await.expect_err("it is there").to_string();
        assert!(told.starts_with("no copy could be made at /"), "{told}");

        let copied = open("sqlite:copy.db", desk.path()).await.expect("a ledger");
        let books = copied.books(&mailing.slug).await.expect("read").expect("the mailing");
        assert_eq!((books.pending, books.candidates), (1, 1));
    }

    /// What a mailing says in `contract::mailing`'s one edition.
    const A_MAILING: &str = "
        INSERT INTO mailing (slug, frozen_at, complete, candidates)
        VALUES ('2026-10-05-povoleni', 0, 1, 1);
        INSERT INTO edition VALUES ('2026-10-05-povoleni', 'cs', 'politicians', 'Předmět', 'Hlas',
                                    'Dobrý den,', '<p>Text</p>', 'Text', NULL, NULL, NULL);
        INSERT INTO delivery (id, mailing, subscriber, address, name, salutation, language,
                              segment, frozen_at)
        VALUES ('x', '2026-10-05-povoleni', 'a@example.org', 'a@example.org', '', '', 'cs',
                'politicians', 0);";

    #[tokio::test]
    async fn a_mailing_frozen_before_pictures_could_be_embedded_is_sent_as_it_was() {
        let desk = tempfile::tempdir().expect("a folder");
        let path = desk.path().join("l.db");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let old = SqlitePool::connect_with(options).await.expect("a database");
        let first = migrations().iter().take(1).cloned().collect::<Vec<_>>();
        Migrator::with_migrations(first).run(&old).await.expect("the schema of then");
        sqlx::raw_sql(A_MAILING).execute(&old).await.expect("a mailing of then");
        old.close().await;

        let ledger = open("sqlite:l.db", desk.path()).await.expect("brought up to date");
        let slug = Slug::new("2026-10-05-povoleni").expect("a slug");
        let edition = ledger.edition(&slug, &"cs".into(), "politicians").await.expect("read");
        let edition = edition.expect("an edition");
        assert_eq!((edition.subject.as_str(), edition.pictures.len()), ("Předmět", 0));
        let books = ledger.books(&slug).await.expect("read").expect("the mailing");
        assert_eq!((books.pending, books.candidates), (1, 1));
    }

    #[tokio::test]
    async fn attempts_from_before_stages_were_written_down_keep_their_delivery() {
        let desk = tempfile::tempdir().expect("a folder");
        let options =
            SqliteConnectOptions::new().filename(desk.path().join("l.db")).create_if_missing(true);
        let old = SqlitePool::connect_with(options).await.expect("a database");
        let before = migrations().iter().take(2).cloned().collect::<Vec<_>>();
        Migrator::with_migrations(before).run(&old).await.expect("the schema of then");
        let tried = "INSERT INTO attempt (delivery, at, outcome, code, text)
                     VALUES ('x', 5, 'deferred', 451, '4.7.1 greylisted');
                     UPDATE delivery SET state = 'deferred', next_try = 9";
        sqlx::raw_sql(A_MAILING).execute(&old).await.expect("a mailing of then");
        sqlx::raw_sql(tried).execute(&old).await.expect("an attempt of then");
        old.close().await;

        let ledger = open("sqlite:l.db", desk.path()).await.expect("brought up to date");
        let slug = Slug::new("2026-10-05-povoleni").expect("a slug");
        let entries = ledger.entries(&slug, DeliveryState::Deferred).await.expect("read");
        let last = entries[0].last.as_ref().expect("an attempt");
        assert_eq!(last.outcome.reply().text, "4.7.1 greylisted");
        assert_eq!((last.at.as_millisecond(), last.stage), (5, None));
    }

    /// Each step must find its row by an index, or a million of them take hours.
    #[tokio::test]
    async fn no_step_of_a_delivery_reads_the_whole_table() {
        let ledger = Sqlite::in_memory().await.expect("a ledger");
        let many: Vec<String> = (0..2000).map(|n| format!("reader{n}@example.org")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        ledger.freeze(&contract::mailing(&many), contract::NOON).await.expect("frozen");
        sqlx::query("ANALYZE").execute(&mut *ledger.db().await).await.expect("counted");
        let steps = steps::WRITE_DOWN.split(';').filter(|sql| sql.contains("json_each"));
        for sql in steps.chain(work::CLAIMS) {
            let explained = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
            let plan: Vec<(i64, i64, i64, String)> =
                sqlx::query_as(explained).fetch_all(&mut *ledger.db().await).await.expect("a plan");
            let scans = plan.iter().filter(|(.., what)| what.starts_with("SCAN delivery"));
            assert_eq!(scans.count(), 0, "{sql}\n{plan:#?}");
            // Who goes on behind a row does not look at those before it.
            let behind = plan.iter().any(|(.., what)| what.contains("number>?"));
            assert!(behind || !sql.contains("number > ?7"), "{sql}\n{plan:#?}");
        }
    }

    #[tokio::test]
    async fn readers_planned_before_domains_were_written_down_have_one() {
        let desk = tempfile::tempdir().expect("a folder");
        let options =
            SqliteConnectOptions::new().filename(desk.path().join("l.db")).create_if_missing(true);
        let old = SqlitePool::connect_with(options).await.expect("a database");
        let before = migrations().iter().take(4).cloned().collect::<Vec<_>>();
        Migrator::with_migrations(before).run(&old).await.expect("the schema of then");
        let address = r#"UPDATE delivery SET address = '"jana@home"@EXAMPLE.net'"#;
        sqlx::raw_sql(A_MAILING).execute(&old).await.expect("a mailing of then");
        sqlx::raw_sql(address).execute(&old).await.expect("an address of then");
        old.close().await;

        let ledger = Sqlite::at(desk.path().join("l.db")).await.expect("brought up to date");
        let domain: String = sqlx::query_scalar("SELECT domain FROM delivery")
            .fetch_one(&mut *ledger.db().await)
            .await
            .expect("read");
        assert_eq!(domain, "example.net");
    }

    #[tokio::test]
    async fn a_picture_that_every_edition_shows_is_kept_once() {
        let ledger = Sqlite::in_memory().await.expect("a ledger");
        let mut mailing = contract::mailing(&["a@example.org", "b@example.org"]);
        mailing.editions[0].attachment = None;
        mailing.editions[0].pictures = vec![contract::picture("graf.png", b"graf")];
        let english = FrozenEdition { language: "en".into(), ..mailing.editions[0].clone() };
        mailing.editions.push(english);
        ledger.freeze(&mailing, contract::NOON).await.expect("frozen");
        let count = async |table: &'static str| -> i64 {
            let counting = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
            sqlx::query_scalar(counting).fetch_one(&mut *ledger.db().await).await.expect("counted")
        };
        assert_eq!((count("attachment").await, count("embedded_picture").await), (1, 2));
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_left_alone_and_named() {
        let desk = tempfile::tempdir().expect("a folder");
        let path = desk.path().join("letter.txt");
        std::fs::write(&path, "Dear ombudsman,\n".repeat(100)).expect("written");
        let error = open("sqlite:letter.txt", desk.path()).await.err().expect("no ledger");
        assert!(matches!(error, LedgerError::NotADatabase { .. }), "{error:?}");
        assert!(error.to_string().contains("letter.txt"), "{error}");
        assert!(std::fs::read_to_string(path).expect("still there").starts_with("Dear"));
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_is_named() {
        let desk = tempfile::tempdir().expect("a folder");
        std::fs::write(desk.path().join("var"), "a file, not a folder").expect("written");
        let error = open("sqlite:var/l.db", desk.path()).await.err().expect("no folder");
        assert!(matches!(error, LedgerError::Folder { .. }), "{error:?}");
    }

    #[tokio::test]
    async fn a_folder_in_place_of_the_file_is_told() {
        let desk = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(desk.path().join("l.db")).expect("a folder");
        let error = open("sqlite:l.db", desk.path()).await.err().expect("no file");
        assert!(matches!(error, LedgerError::CannotOpen { .. }), "{error:?}");
    }

    #[tokio::test]
    async fn a_ledger_from_the_future_is_not_touched() {
        let desk = tempfile::tempdir().expect("a folder");
        let ledger = Sqlite::at(desk.path().join("l.db")).await.expect("a ledger");
        sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'from the future', TRUE, x'00', 0)",
        )
        .execute(&mut *ledger.db().await)
        .await
        .expect("a later migration");
        drop(ledger);

        let error = open("sqlite:l.db", desk.path()).await.err().expect("too new");
        assert!(matches!(error, LedgerError::Newer { .. }), "{error:?}");
    }

    #[tokio::test]
    async fn attempts_cannot_be_rewritten() {
        let ledger = Sqlite::in_memory().await.expect("a ledger");
        let mailing = contract::mailing(&["a@example.org"]);
        ledger.freeze(&mailing, contract::NOON).await.expect("frozen");
        let id = &mailing.deliveries[0].id;
        ledger.settle(id, &contract::accepted(), None).await.expect("settled");
        for statement in ["UPDATE attempt SET outcome = 'refused'", "DELETE FROM attempt"] {
            let error =
                sqlx::query(statement).execute(&mut *ledger.db().await).await.expect_err("no");
            assert!(error.to_string().contains("append-only"), "{error}");
        }
    }
}
