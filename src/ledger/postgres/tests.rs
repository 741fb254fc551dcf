//! The contract on a server, and what only a server can do.

use std::path::Path;
use std::sync::Arc;

use super::super::{FenceError, LockError, Place, contract, open};
use super::throwaway::{self, Flushes, Throwaway};
use super::*;
use crate::model::{Attempt, Outcome, Reply, Stage};
use crate::secret::Secret;

/// Flushing nothing: whether a disk keeps its word is not looked at here.
fn shared() -> Option<&'static Throwaway> {
    throwaway::shared(Flushes::Never)
}

/// The ledger in a database of its own.
async fn new(server: &Throwaway) -> (String, Arc<dyn Ledger>) {
    let url = server.database();
    let ledger = at(&url).await;
    (url, ledger)
}

async fn at(url: &str) -> Arc<dyn Ledger> {
    open(url, Path::new(".")).await.expect("a ledger")
}

/// Its name, at the end of the path of its URL.
fn name(url: &str) -> &str {
    let path = url.split('?').next().expect("a path");
    path.rsplit('/').next().expect("a name")
}

fn many(readers: usize) -> crate::model::Mailing {
    let addresses: Vec<String> = (0..readers).map(|n| format!("reader{n}@example.org")).collect();
    contract::mailing(&addresses.iter().map(String::as_str).collect::<Vec<_>>())
}

fn lease(worker: &str) -> Lease {
    Lease { worker: worker.to_owned(), lasts: SignedDuration::from_mins(5) }
}

#[tokio::test]
async fn a_ledger_on_a_server_keeps_the_contract() {
    let Some(server) = shared() else { return };
    for story in contract::STORIES {
        let (_, ledger) = new(server).await;
        story(&*ledger).await;
    }
}

#[tokio::test]
async fn workers_who_claim_at_once_never_claim_the_same_row() {
    let Some(server) = shared() else { return };
    let (url, ledger) = new(server).await;
    let mailing = many(400);
    ledger.freeze(&mailing, contract::NOON).await.expect("frozen");
    let work = async |worker: &'static str| {
        let ledger = at(&url).await;
        let mut claimed = Vec::new();
        loop {
            let some = ledger.claim(&mailing.slug, &lease(worker), contract::NOON, 7).await;
            let some = some.expect("claimed");
            if some.is_empty() {
                return claimed;
            }
            claimed.extend(some.into_iter().map(|one| one.delivery.id));
        }
    };
    let (one, two, three) = tokio::join!(work("one"), work("two"), work("three"));
    assert!(!one.is_empty() && !two.is_empty() && !three.is_empty(), "each has its share");
    let all = [one, two, three].concat();
    assert_eq!((all.len(), all.into_iter().collect::<HashSet<_>>().len()), (400, 400));
}

#[tokio::test]
async fn two_machines_that_freeze_the_same_mailing_at_once_plan_everybody_once() {
    let Some(server) = shared() else { return };
    let (url, ledger) = new(server).await;
    let other = at(&url).await;
    let mailing = many(300);
    let (one, two) = tokio::join!(
        ledger.freeze(&mailing, contract::NOON),
        other.freeze(&mailing, contract::NOON)
    );
    assert_eq!(one.expect("frozen") + two.expect("frozen"), 300);
    let books = ledger.books(&mailing.slug).await.expect("read").expect("a mailing");
    assert_eq!((books.pending, books.candidates), (300, 300));
}

#[tokio::test]
async fn an_empty_database_that_two_machines_open_at_once_becomes_one_ledger() {
    let Some(server) = shared() else { return };
    let url = server.database();
    let (one, two) = tokio::join!(open(&url, Path::new(".")), open(&url, Path::new(".")));
    one.expect("a ledger").freeze(&many(1), contract::NOON).await.expect("frozen");
    assert_eq!(two.expect("the same").mailings().await.expect("read").len(), 1);
}

#[tokio::test]
async fn of_two_who_recover_at_once_only_one_writes_it_down() {
    let Some(server) = shared() else { return };
    let (url, ledger) = new(server).await;
    let mailing = many(20);
    ledger.freeze(&mailing, contract::NOON).await.expect("frozen");
    let gone = Lease { worker: "gone".to_owned(), lasts: SignedDuration::ZERO };
    for one in ledger.claim(&mailing.slug, &gone, contract::NOON, 20).await.expect("claimed") {
        assert!(ledger.handing_over(&one.delivery.id, &gone).await.expect("written"));
    }
    let other = at(&url).await;
    let (one, two) = tokio::join!(
        ledger.recover(contract::NOON, Stranded::LeasesRunOut),
        other.recover(contract::NOON, Stranded::LeasesRunOut)
    );
    assert_eq!(one.expect("recovered").unsure + two.expect("recovered").unsure, 20);
    assert_eq!(server.sql(name(&url), "SELECT count(*) FROM attempt"), "20");
}

/// Each step must find its rows by their keys, on the connection that it goes by, or a
/// million of them take hours. The table is small and was written a moment ago, with no
/// figures of it yet: reading all of it tempts the server most then.
#[tokio::test]
async fn no_step_of_a_delivery_reads_the_whole_table() {
    let Some(server) = shared() else { return };
    let (url, ledger) = new(server).await;
    let mailing = many(2_000);
    ledger.freeze(&mailing, contract::NOON).await.expect("frozen");
    ledger.claim(&mailing.slug, &lease("w"), contract::NOON, 500).await.expect("claimed");
    let ledger = Postgres::at(url.parse().expect("a URL"), url.clone()).await.expect("a ledger");
    let mut connection = ledger.by_key.acquire().await.expect("a connection");
    let claim = "(TEXT, TEXT, BIGINT, BIGINT, BIGINT, TEXT[], BIGINT)";
    let values = "('2026-10-05-povoleni', 'w', 1, 1, 1, '{example.org}', 1)";
    let claims = work::CLAIMS.iter().map(|sql| (*sql, claim, values));
    let steps = [(steps::WRITE_DOWN, "(TEXT, TEXT)", "('[]', '[]')")];
    for (sql, types, values) in claims.chain(steps) {
        let prepared = format!("PREPARE step {types} AS {sql}");
        let explained = format!("EXPLAIN EXECUTE step {values}");
        let prepared = sqlx::AssertSqlSafe(prepared);
        sqlx::raw_sql(prepared).execute(&mut *connection).await.expect("prepared");
        let plan: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(explained))
            .fetch_all(&mut *connection)
            .await
            .expect("a plan");
        let plan = plan.join("\n");
        assert!(!plan.contains("Seq Scan on delivery"), "{sql}\n{plan}");
        if sql == steps::WRITE_DOWN {
            assert_eq!(plan.matches("using delivery_id_key").count(), 3, "{plan}");
        }
        sqlx::raw_sql("DEALLOCATE step").execute(&mut *connection).await.expect("let go");
    }
}

#[tokio::test]
async fn attempts_cannot_be_rewritten() {
    let Some(server) = shared() else { return };
    let (url, ledger) = new(server).await;
    let mailing = many(1);
    ledger.freeze(&mailing, contract::NOON).await.expect("frozen");
    let id = &mailing.deliveries[0].id;
    ledger.settle(id, &contract::accepted(), None).await.expect("settled");
    for statement in
        ["UPDATE attempt SET outcome = 'refused'", "DELETE FROM attempt", "TRUNCATE attempt"]
    {
        let told = server.refusal(name(&url), statement);
        assert!(told.contains("append-only"), "{told}");
    }
}

#[tokio::test]
async fn a_database_of_something_else_is_left_alone() {
    let Some(server) = shared() else { return };
    let url = server.database();
    server.sql(name(&url), "CREATE TABLE mailing (theirs INTEGER)");
    let told = open(&url, Path::new(".")).await.err().expect("not ours").to_string();
    assert!(told.ends_with("is a database of something else"), "{told}");
    assert_eq!(
        server.sql(name(&url), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"),
        "1"
    );
}

#[tokio::test]
async fn a_ledger_from_the_future_is_not_touched() {
    let Some(server) = shared() else { return };
    let (url, _) = new(server).await;
    let later =
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'from the future', TRUE, '\\x00', 0)";
    server.sql(name(&url), later);
    let error = open(&url, Path::new(".")).await.err().expect("too new");
    assert!(matches!(error, LedgerError::Newer { .. }), "{error:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_does_not_know_us_or_has_no_such_database_is_told_apart() {
    let Some(server) = shared() else { return };
    let (url, _) = new(server).await;
    server.sql("postgres", "CREATE ROLE stranger LOGIN PASSWORD 'right'");
    let told = async |url: &str| {
        let error = open(url, Path::new(".")).await.err().expect("no ledger");
        let told = error.to_string();
        assert!(!told.contains("secret") && !format!("{error:?}").contains("secret"), "{error:?}");
        assert!(error.help().is_some(), "{error:?}");
        told
    };
    let stranger = url.replace("hlas@", "stranger:secret@");
    assert!(told(&stranger).await.contains("lets us not in"), "a wrong password");
    let other = url.replace(name(&url), "no_such");
    assert!(
        told(&other).await.starts_with("there is no database for the ledger postgres:///no_such")
    );
    let nobody = format!("{}-not-there", url);
    assert!(told(&nobody).await.contains("cannot be reached"), "no server");

    let place = Place::parse(&url.replace("hlas@", "stranger@"), Path::new(".")).expect("a place");
    let place = place.with_password(Some(Secret::new("right")));
    let told = place.open().await.err().expect("a stranger owns nothing").to_string();
    assert!(told.contains("cannot be opened: permission denied"), "{told}");
}

#[tokio::test]
async fn a_line_that_was_cut_is_told_and_the_next_is_a_new_one() {
    let Some(server) = shared() else { return };
    let (url, ledger) = new(server).await;
    ledger.mailings().await.expect("read");
    let cut = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = '{}' AND pid <> pg_backend_pid()",
        name(&url)
    );
    server.sql(name(&url), &cut);
    // Whether it is noticed before or while it is used is a matter of luck.
    if let Err(error) = ledger.mailings().await {
        assert!(matches!(error, LedgerError::Lost { .. }), "{error:?}");
    }
    ledger.mailings().await.expect("a new line");
}

#[tokio::test]
async fn who_put_flushing_off_has_it_put_on_again() {
    let Some(server) = shared() else { return };
    let url = server.database();
    let off = format!("ALTER DATABASE {} SET synchronous_commit = off", name(&url));
    server.sql("postgres", &off);
    let Place::Server(server) = Place::parse(&url, Path::new(".")).expect("a place") else {
        panic!("a server");
    };
    let options = server.options().expect("no password");
    let ledger = Postgres::at(options, url).await.expect("a ledger");
    let now: String =
        sqlx::query_scalar("SHOW synchronous_commit").fetch_one(&ledger.pool).await.expect("read");
    assert_eq!(now, "on");
}

#[tokio::test]
async fn one_plans_at_a_time_and_who_comes_second_is_told_who_does() {
    let Some(server) = shared() else { return };
    let desk = tempfile::tempdir().expect("a folder");
    let url = server.database();
    let first = super::super::lock(&url, desk.path()).await.expect("free");
    assert!(matches!(first.stranded(), Stranded::LeasesRunOut), "others may be at work");
    let error = super::super::lock(&url, desk.path()).await.expect_err("held");
    let LockError::Busy { holder: Some(holder), .. } = &error else { panic!("{error:?}") };
    let process = format!(", process {}", std::process::id());
    assert!(holder.starts_with("hlas on ") && holder.ends_with(&process), "{holder}");
    let _other = super::super::lock(&server.database(), desk.path()).await.expect("another ledger");
    drop(first);
    let mut again = super::super::lock(&url, desk.path()).await;
    for _ in 0..100 {
        if again.is_ok() {
            break;
        }
        // Until the server has noticed that the line is gone.
        tokio::time::sleep(Duration::from_millis(20)).await;
        again = super::super::lock(&url, desk.path()).await;
    }
    again.expect("free again");
}

/// What a run on the ledger at `url` is told, from a workspace in `folder`.
async fn run(url: &str, folder: &Path) -> Option<FenceError> {
    let lock = super::super::lock(url, folder).await.expect("free");
    let ledger = open(url, folder).await.expect("a ledger");
    let here = ledger.here(Machine::here(Some("any"))).await.expect("somewhere");
    let told = here.pass(&*ledger, &lock, contract::NOON).await.err();
    drop(lock);
    // Until the server has noticed that the line is gone.
    while super::super::lock(url, folder).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    told
}

#[tokio::test]
async fn any_machine_may_send_with_the_ledger_and_none_with_a_copy_of_it() {
    let Some(server) = shared() else { return };
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let url = server.database();
    assert!(run(&url, one.path()).await.is_none());
    assert!(run(&url, two.path()).await.is_none(), "another machine");

    let copy = format!("{}_copy", name(&url));
    server.sql("postgres", &format!("CREATE DATABASE {copy} TEMPLATE {}", name(&url)));
    let told = run(&server.url(&copy), one.path()).await.expect("a copy");
    assert!(matches!(told, FenceError::OtherPlace { .. }), "{told:?}");
    let moved = "UPDATE home SET machine = 'another server'";
    server.sql(name(&url), moved);
    let told = run(&url, one.path()).await.expect("restored from a dump elsewhere");
    assert!(matches!(told, FenceError::OtherMachine { .. }), "{told:?}");
}

#[tokio::test]
async fn a_ledger_put_back_to_what_it_was_is_noticed_by_who_has_seen_it_further_on() {
    let Some(server) = shared() else { return };
    let desk = tempfile::tempdir().unwrap();
    let url = server.database();
    for _ in 0..3 {
        assert!(run(&url, desk.path()).await.is_none());
    }
    server.sql(name(&url), "UPDATE home SET turn = 2");
    let told = run(&url, desk.path()).await.expect("an old copy");
    assert!(matches!(told, FenceError::OldCopy { .. }), "{told:?}");
    server.sql(name(&url), "DELETE FROM home");
    let told = run(&url, desk.path()).await.expect("a new one in its place");
    assert!(matches!(told, FenceError::Gone), "{told:?}");
}

#[tokio::test]
async fn an_owner_who_is_no_superuser_can_do_all_of_it() {
    let Some(server) = shared() else { return };
    let url = server.database();
    let database = name(&url);
    server.sql("postgres", &format!("CREATE ROLE {database}_owner LOGIN"));
    server.sql("postgres", &format!("ALTER DATABASE {database} OWNER TO {database}_owner"));
    let url = url.replace("hlas@", &format!("{database}_owner@"));
    let desk = tempfile::tempdir().unwrap();
    assert!(run(&url, desk.path()).await.is_none());
    let ledger = at(&url).await;
    ledger.freeze(&many(2000), contract::NOON).await.expect("frozen and analysed");
}

#[tokio::test]
async fn an_older_schema_is_refused_until_somebody_brings_it_up_to_date() {
    let Some(server) = shared() else { return };
    let url = server.database();
    let place = Place::parse(&url, Path::new(".")).expect("a place");
    assert_eq!(place.migrate().await.expect("set up"), ["ledger"]);
    assert_eq!(place.migrate().await.expect("done"), [] as [&str; 0]);
    server.sql(name(&url), "DELETE FROM _sqlx_migrations");
    let error = place.open().await.err().expect("nobody knows how far it has come");
    assert!(matches!(error, LedgerError::Older { .. }), "{error:?}");
}

/// A ledger with a row in every table and every state.
async fn eventful(ledger: &dyn Ledger) {
    let mut mailing = many(7);
    mailing.editions[0].pictures = vec![contract::picture("graf.png", b"\x00\xff")];
    mailing.excluded = vec![contract::without("x@example.org", Exclusion::Suppressed)];
    ledger.freeze(&mailing, contract::NOON).await.expect("frozen");
    let desk = lease("desk");
    let rows = ledger.claim(&mailing.slug, &desk, contract::NOON, 6).await.expect("claimed");
    let reply = |text: &str| Reply::new(Some(451), text);
    let outcomes = [
        Outcome::Accepted(reply("2.0.0 \"ok\" \\ žluťoučký\n")),
        Outcome::Deferred(reply("4.7.1 greylisted\0")),
        Outcome::Refused(reply("5.1.1 no")),
        Outcome::Unsure(reply("")),
    ];
    for (row, outcome) in rows.iter().zip(outcomes) {
        let attempt = Attempt {
            stage: Some(Stage::Reply),
            server: Some("mail.example.org".to_owned()),
            took: Some(Duration::from_millis(7)),
            ..Attempt::new(contract::NOON, outcome)
        };
        let id = &row.delivery.id;
        ledger.settle(id, &attempt, Some(contract::NOON)).await.expect("settled");
    }
    assert!(ledger.handing_over(&rows[4].delivery.id, &desk).await.expect("written"));
    ledger.suppress("y@example.org", "opted out", contract::NOON).await.expect("written");
    let (none, rest) = (Limit::default(), SignedDuration::from_secs(90));
    ledger
        .slow_down(Bucket::Domain("example.net"), &none, contract::NOON, rest)
        .await
        .expect("written");
    ledger.pause(&mailing.slug, "so many", contract::NOON).await.expect("paused");
}

/// All that a ledger pours out.
async fn poured(ledger: &dyn Ledger) -> Vec<serde_json::Value> {
    let (pour, mut sheets) = mpsc::channel(99);
    ledger.pour_out(pour).await.expect("poured");
    let mut all = Vec::new();
    while let Some(sheet) = sheets.recv().await {
        all.push(match sheet {
            Sheet::Rows(table, rows) => serde_json::json!([
                table.name,
                serde_json::from_str::<serde_json::Value>(&rows).expect("JSON")
            ]),
            Sheet::End(counts) => counts.into(),
        });
    }
    all
}

/// One in place of true, as SQLite has it; hexadecimal in one case.
fn alike(poured: &[serde_json::Value]) -> String {
    let text = serde_json::to_string_pretty(poured).expect("text").to_lowercase();
    text.replace("\"complete\": true", "\"complete\": 1")
}

#[tokio::test]
async fn a_ledger_is_copied_to_a_server_and_back_and_nothing_of_it_is_lost() {
    let Some(server) = shared() else { return };
    let desk = tempfile::tempdir().expect("a folder");
    let first = open("sqlite:first.db", desk.path()).await.expect("a ledger");
    eventful(&*first).await;
    let (url, middle) = new(server).await;
    let counts = super::super::copy(&*first, &*middle).await.expect("copied");
    let told: Vec<String> = counts.iter().map(|(name, rows)| format!("{name} {rows}")).collect();
    assert_eq!(
        told.join(", "),
        "mailing 1, attachment 2, edition 1, embedded_picture 1, delivery 7, exclusion 1, \
         attempt 4, suppression 1, meter 1"
    );
    let last = open("sqlite:last.db", desk.path()).await.expect("a ledger");
    super::super::copy(&*middle, &*last).await.expect("copied");
    assert_eq!(alike(&poured(&*first).await), alike(&poured(&*middle).await));
    assert_eq!(alike(&poured(&*first).await), alike(&poured(&*last).await));
    let slug = many(1).slug;
    for ledger in [&middle, &last] {
        assert_eq!(ledger.all_books().await.expect("read"), first.all_books().await.expect("read"));
        let edition = ledger.edition(&slug, &"cs".into(), "politicians").await.expect("read");
        assert_eq!(edition, first.edition(&slug, &"cs".into(), "politicians").await.expect("read"));
    }

    let again = super::super::copy(&*first, &*middle).await.expect_err("there is something");
    assert!(matches!(again, LedgerError::NotEmpty { .. }), "{again:?}");
    let told = run(&url, desk.path()).await.expect("a copy does not send");
    assert!(matches!(told, FenceError::OtherMachine { .. }), "{told:?}");

    // What comes after has numbers of its own.
    let id = many(1).deliveries[0].id.clone();
    middle.settle(&id, &contract::accepted(), None).await.expect("settled");
    assert_eq!(server.sql(name(&url), "SELECT max(number) FROM attempt"), "5");
}

#[tokio::test]
async fn a_backup_of_a_server_is_a_file_that_does_not_send() {
    let Some(server) = shared() else { return };
    let desk = tempfile::tempdir().expect("a folder");
    let (_, ledger) = new(server).await;
    eventful(&*ledger).await;
    let file = desk.path().join("copy.db");
    ledger.copy_to(&file).await.expect("copied");
    let names: Vec<_> = std::fs::read_dir(desk.path()).expect("a folder").flatten().collect();
    assert_eq!(names.len(), 1, "{names:?}");
    let copy = open("sqlite:copy.db", desk.path()).await.expect("a ledger");
    assert_eq!(copy.all_books().await.expect("read"), ledger.all_books().await.expect("read"));
    let lock = super::super::lock("sqlite:copy.db", desk.path()).await.expect("free");
    let here = copy.here(Machine::here(None)).await.expect("somewhere");
    let told = here.pass(&*copy, &lock, contract::NOON).await.expect_err("a copy");
    assert!(matches!(told, FenceError::OtherMachine { .. }), "{told:?}");
    ledger.copy_to(&file).await.expect_err("it is there");
}

#[tokio::test]
async fn a_copy_leaves_out_no_table_and_no_column() {
    let Some(server) = shared() else { return };
    let (url, _) = new(server).await;
    let desk = tempfile::tempdir().expect("a folder");
    let copied: Vec<String> = {
        let tables = super::super::copy::TABLES.iter();
        tables.flat_map(|it| it.columns().map(|column| format!("{}.{column}", it.name))).collect()
    };
    let copied: std::collections::BTreeSet<String> = copied.into_iter().collect();
    let there = server.sql(
        name(&url),
        "SELECT table_name || '.' || column_name FROM information_schema.columns
          WHERE table_schema = 'public' AND table_name NOT IN ('home', '_sqlx_migrations')",
    );
    assert_eq!(there.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>(), copied);
    let file = Sqlite::at(desk.path().join("l.db")).await.expect("a ledger");
    assert_eq!(file.columns().await, copied);
}

#[tokio::test]
async fn off_a_socket_the_line_is_in_tls_and_a_server_that_nobody_vouches_for_is_not_believed() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let Some((_server, port)) = Throwaway::start_in_tls(&certificate, &key) else { return };
    let desk = tempfile::tempdir().expect("a folder");
    let file = desk.path().join("ca.pem");
    std::fs::write(&file, certificate).expect("written");
    let url = |host: &str, more: &str| {
        format!("postgres://hlas@{host}:{port}/postgres?sslmode=verify-full{more}")
    };
    let vouched = format!("&sslrootcert={}", file.display());
    let ledger = at(&url("localhost", &vouched)).await;
    assert_eq!(ledger.mailings().await.expect("read"), []);
    for (host, more) in [("localhost", ""), ("127.0.0.1", vouched.as_str())] {
        let error = open(&url(host, more), desk.path()).await.err().expect("not believed");
        let told = error.to_string();
        assert!(told.contains("cannot be reached: invalid peer certificate"), "{told}");
    }
    let plain = format!("postgres://hlas@localhost:{port}/postgres?sslmode=disable");
    let error = open(&plain, desk.path()).await.err().expect("TLS alone");
    assert!(matches!(error, LedgerError::Denied { .. }), "{error:?}");
}
