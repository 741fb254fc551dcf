//! Whoever watches a run: at the terminal, as lines of JSON, in Prometheus, and
//! over HTTP. None of them changes what is mailed.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::desk::{ANNA, BOB, CYRIL, Desk, due, english, has, skip};
use crate::listener::Listener;
use crate::smtp_sink::{Answer, Moment, Sink};

const SLUG: &str = "2020-01-06-povoleni";

fn desk() -> Desk {
    Desk::small()
        .publication(SLUG, &due("Povolení k pobytu"))
        .translation(SLUG, &english("Residence permits"))
}

/// A server that does not know Bob.
fn without_bob() -> Sink {
    Sink::saying(|moment| match moment {
        Moment::Rcpt(to) if to.contains(BOB) => {
            Answer::Say("550 5.1.1 <bob@example.net> no such user")
        }
        _ => Answer::Yes,
    })
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect()
}

fn names(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["event"].as_str().expect("a name")).collect()
}

/// What stands behind the name and labels of a figure.
fn figure(metrics: &str, sample: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(&format!("{sample} ")));
    let line = line.unwrap_or_else(|| panic!("no {sample} in\n{metrics}"));
    line.parse().expect("a number")
}

#[test]
fn a_machine_reads_a_run_line_by_line() {
    let sink = without_bob();
    let desk = desk().mailing_through(&sink.url());
    let said = desk.hlas(["run", "--format", "jsonl"]).ends_with(8);
    let lines = lines(&said.out);
    let delivered = ["started", "accepted", "accepted", "finished", "refused"];
    let mut told = names(&lines);
    assert_eq!(told[..4], ["began", "published", "planned", "started"]);
    assert_eq!(told[told.len() - 2..], ["finished", "ended"]);
    told[3..8].sort_unstable();
    let mut expected = delivered;
    expected.sort_unstable();
    assert_eq!(told[3..8], expected);
    for line in &lines[2..8] {
        assert_eq!(line["mailing"], SLUG, "{line}");
    }
    let moments: Vec<jiff::Timestamp> =
        lines.iter().map(|line| line["at"].as_str().unwrap().parse().unwrap()).collect();
    assert!(moments.is_sorted(), "{moments:?}");
    let ended = &lines[8];
    assert_eq!(
        (&ended["exit"], &ended["accepted"], &ended["refused"]),
        (&8.into(), &2.into(), &1.into())
    );

    let again = desk.hlas(["run", "--format", "jsonl"]).ends_with(0);
    assert_eq!(names(&self::lines(&again.out)), ["began", "published", "ended"]);
    let quiet = desk.hlas(["run", "--quiet", "--format", "jsonl"]).ends_with(0);
    assert_eq!((quiet.out.as_str(), quiet.err.as_str()), ("", ""));
}

#[test]
fn a_run_that_fails_says_why_in_its_last_line() {
    let desk = desk().mailing_through("smtp://127.0.0.1:1");
    let said = desk.hlas(["run", "--format", "jsonl"]).ends_with(6);
    let lines = lines(&said.out);
    let last = lines.last().expect("a line");
    assert_eq!((&last["event"], &last["exit"]), (&"ended".into(), &6.into()));
    assert!(last["error"].as_str().is_some_and(|it| it.contains("127.0.0.1")), "{last}");

    let desk = Desk::bare().settings("out = 3\n");
    let said = desk.hlas(["run", "--format", "jsonl"]).ends_with(3);
    let lines = self::lines(&said.out);
    assert_eq!(names(&lines), ["began", "found", "ended"]);
    assert_eq!(lines[1]["findings"][0]["place"]["file"], "hlas.toml");
}

#[test]
fn send_has_lines_too_and_a_dry_run_its_plan() {
    let desk = desk();
    let dry = desk.hlas(["send", SLUG, "--dry-run", "--format", "jsonl"]).ends_with(0);
    let lines = lines(&dry.out);
    assert_eq!(names(&lines), ["began", "plan", "ended"]);
    assert_eq!(lines[1]["plan"]["deliveries"].as_array().map(Vec::len), Some(3));
    let sent = desk.hlas(["send", SLUG, "--yes", "--format", "jsonl"]).ends_with(0);
    assert_eq!(names(&self::lines(&sent.out))[..3], ["began", "planned", "started"]);
    let nobody = desk.hlas(["send", SLUG, "--yes", "--format", "jsonl"]).ends_with(0);
    let ended = self::lines(&nobody.out).pop().expect("a last line");
    assert_eq!(ended["text"], "hlas send: nothing to do");
}

#[test]
fn prometheus_finds_what_stands_and_counters_that_go_on() {
    let sink = without_bob();
    let desk = desk().mailing_through(&sink.url()).knowing("HLAS_METRICS_FILE", "var/hlas.prom");
    desk.hlas(["run"]).ends_with(8);
    let first = desk.read("var/hlas.prom");
    let of_bob = format!("hlas_deliveries{{mailing=\"{SLUG}\",state=\"refused\"}}");
    assert_eq!(figure(&first, &of_bob), 1.0);
    assert_eq!(figure(&first, "hlas_last_run_exit_code{verb=\"run\"}"), 8.0);
    assert!(!first.contains("hlas_last_success"), "{first}");

    desk.write("subscribers/more.csv", "email,language,basis\ndana@example.org,cs,consent\n");
    desk.hlas(["send", SLUG, "--only", "dana@example.org", "--yes"]).ends_with(0);
    desk.hlas(["run", "--quiet"]).ends_with(0);
    let later = desk.read("var/hlas.prom");
    assert_eq!(figure(&later, "hlas_attempts_total{outcome=\"accepted\"}"), 3.0);
    assert_eq!(figure(&later, "hlas_runs_total{verb=\"run\",exit=\"8\"}"), 1.0);
    assert_eq!(figure(&later, "hlas_runs_total{verb=\"run\",exit=\"0\"}"), 1.0);
    assert_eq!(figure(&later, "hlas_runs_total{verb=\"send\",exit=\"0\"}"), 1.0);
    let success = figure(&later, "hlas_last_success_timestamp_seconds{verb=\"run\"}");
    assert_eq!(success, figure(&later, "hlas_last_run_timestamp_seconds{verb=\"run\"}"));

    let desk = desk.mailing_through("smtp://127.0.0.1:1");
    desk.write("publications/2020-01-06-povoleni/cs.md", due("Jinak").replace("ready", "draft"));
    desk.write("publications/2020-01-07-druhy/cs.md", due("Druhý"));
    desk.write("publications/2020-01-07-druhy/en.md", english("The second"));
    desk.hlas(["run"]).ends_with(6);
    let failed = desk.read("var/hlas.prom");
    assert_eq!(figure(&failed, "hlas_last_run_exit_code{verb=\"run\"}"), 6.0);
    assert_eq!(figure(&failed, "hlas_last_success_timestamp_seconds{verb=\"run\"}"), success);
    let waiting = "hlas_deliveries{mailing=\"2020-01-07-druhy\",state=\"pending\"}";
    assert_eq!(figure(&failed, waiting), 3.0, "all but Bob, whom nobody knows");
    let beside: Vec<_> = desk.tree("var").into_iter().filter(|it| it.contains("tmp")).collect();
    assert!(beside.is_empty(), "{beside:?}");
}

#[test]
fn prometheus_has_nothing_against_the_figures() {
    if !has("promtool") {
        return skip("promtool is not there; the grammar is held by a test of the library");
    }
    let sink = without_bob();
    let desk = desk().mailing_through(&sink.url());
    desk.hlas(["run", "--metrics-file", "var/hlas.prom"]).ends_with(8);
    let file = fs::File::open(desk.root().join("var/hlas.prom")).expect("figures");
    let output = Command::new("promtool").args(["check", "metrics"]).stdin(file).output();
    let output = output.expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.is_empty(), "{said}");
}

/// The collector of node_exporter runs as another user.
#[cfg(unix)]
#[test]
fn others_may_read_the_figures() {
    use std::os::unix::fs::PermissionsExt;
    let desk = desk();
    desk.hlas(["run", "--metrics-file", "var/hlas.prom"]).ends_with(0);
    let mode = fs::metadata(desk.root().join("var/hlas.prom")).unwrap().permissions().mode();
    assert_eq!(mode & 0o044, 0o044, "{mode:o}");
}

#[test]
fn figures_that_cannot_be_written_keep_no_mail_back() {
    let desk = desk();
    let said = desk.hlas(["run", "--metrics-file", "nowhere/hlas.prom"]).ends_with(0);
    assert_eq!(desk.mailed(), [ANNA, BOB, CYRIL]);
    let told = "the figures for Prometheus are not written: DESK/nowhere/hlas.prom: ";
    assert!(said.err.starts_with(told), "{}", said.err);
}

#[test]
fn a_check_hears_of_the_start_and_of_the_exit_code() {
    let check = Listener::answering(&["200 OK"]);
    let desk = desk();
    desk.hlas(["run", "--quiet", "--ping", &check.url("/1234")]).ends_with(0);
    assert_eq!(check.asked(), ["POST /1234/start", "POST /1234"]);
    assert_eq!(check.told()[1].body, format!("hlas run: {SLUG}: 3 planned, 3 accepted"),);
    // Nothing to do is well too.
    let desk = desk.knowing("HLAS_PING_URL", &check.url("/1234"));
    desk.hlas(["run", "--quiet"]).ends_with(0);
    assert_eq!(check.told()[3].body, "hlas run: nothing to do");
    // Who presses send is not the timer.
    desk.hlas(["send", SLUG, "--yes"]).ends_with(0);
    assert_eq!(check.asked().len(), 4);

    desk.write("hlas.toml", "out = 3\n");
    desk.hlas(["run"]).ends_with(3);
    assert_eq!(check.asked()[4..], ["POST /1234/3"], "even where there is nothing to run on");
}

#[test]
fn a_webhook_gets_counts_and_slugs_and_no_address() {
    let hook = Listener::answering(&["204 No Content"]);
    let sink = without_bob();
    let desk = desk().mailing_through(&sink.url());
    desk.write("url", format!("{}\n", hook.url("/hooks/tajemstvi")));
    let desk = desk.knowing("HLAS_WEBHOOK_URL_FILE", "url");
    desk.hlas(["run"]).ends_with(8);
    desk.hlas(["run"]).ends_with(0);
    let told = hook.told();
    assert_eq!(told.len(), 1, "nothing happened in the second: {told:?}");
    assert_eq!(told[0].what, "POST /hooks/tajemstvi");
    assert!(!told[0].body.contains('@') && !told[0].body.contains("no such user"), "{told:?}");
    let summary: Value = serde_json::from_str(&told[0].body).expect("JSON");
    assert_eq!((&summary["exit"], &summary["verb"]), (&8.into(), &"run".into()));
    assert_eq!(summary["mailings"][0]["slug"], SLUG);
    assert_eq!(summary["mailings"][0]["refused"], 1);

    desk.write("publications/2020-01-07-druhy/cs.md", due("Druhý"));
    desk.write("publications/2020-01-07-druhy/en.md", english("The second"));
    desk.hlas(["send", "2020-01-07-druhy", "--yes"]).ends_with(0);
    let summary: Value = serde_json::from_str(&hook.told()[1].body).expect("JSON");
    assert_eq!((&summary["verb"], &summary["accepted"]), (&"send".into(), &2.into()));
    // Not confirmed is not sent, and nobody's business.
    desk.write("publications/2020-01-08-treti/cs.md", due("Třetí"));
    desk.hlas(["send", "2020-01-08-treti"]).ends_with(9);
    assert_eq!(hook.told().len(), 2);
}

#[test]
fn nobody_at_the_other_end_changes_neither_mail_nor_exit_code() {
    let deaf = Listener::answering(&["404 Not Found"]);
    let desk = desk()
        .knowing("HLAS_PING_URL", &deaf.url("/tajna-adresa"))
        .knowing("HLAS_WEBHOOK_URL", &deaf.url("/tajny-hook"));
    let said = desk.hlas(["run"]).ends_with(0);
    assert_eq!(desk.mailed(), [ANNA, BOB, CYRIL]);
    assert_eq!(
        said.err,
        "the ping before the run: http://127.0.0.1/… has not taken it: HTTP 404\n\
         the ping after the run: http://127.0.0.1/… has not taken it: HTTP 404\n\
         the summary of the run: http://127.0.0.1/… has not taken it: HTTP 404\n"
    );
}

/// Whoever is told of the end may be deaf; the mail is out, and nobody who wants
/// the program gone has to wait for them.
#[test]
fn a_signal_ends_the_wait_for_whoever_is_told() {
    let deaf = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/1234", deaf.local_addr().expect("an address"));
    let desk = desk().knowing("HLAS_WEBHOOK_URL", &url);
    let mut run = desk.command(&["run", "--metrics-file", "var/hlas.prom"]).spawn().expect("a run");
    let figures = desk.root().join("var/hlas.prom");
    let has_ended = || fs::read_to_string(&figures).is_ok_and(|it| it.contains("last_run_exit"));
    while !has_ended() {
        assert!(run.try_wait().expect("a state").is_none(), "it waits for the webhook");
        thread::sleep(Duration::from_millis(20));
    }
    // It is connected by the time that it waits for an answer.
    let line = deaf.accept().expect("the webhook's");
    let killed = Command::new("kill").args(["-TERM", &run.id().to_string()]).status();
    assert!(killed.expect("kill runs").success());
    assert_eq!(run.wait().expect("an end").code(), Some(0));
    assert_eq!(desk.mailed(), [ANNA, BOB, CYRIL]);
    drop(line);
}

#[tokio::test]
async fn a_run_that_finds_another_at_work_tells_nobody() {
    let check = Listener::answering(&["200 OK"]);
    let desk = desk().knowing("HLAS_PING_URL", &check.url("/1234"));
    desk.hlas(["run", "--metrics-file", "var/hlas.prom"]).ends_with(0);
    let (before, asked) = (desk.read("var/hlas.prom"), check.asked().len());
    let ledger = format!("sqlite:{}", desk.root().join("var/ledger.db").display());
    let lock = hlas::ledger::lock(&ledger, Path::new("/")).await.expect("nobody else");
    desk.hlas(["run", "--metrics-file", "var/hlas.prom"]).ends_with(7);
    drop(lock);
    assert_eq!((desk.read("var/hlas.prom"), check.asked().len()), (before, asked));
}

#[test]
fn a_url_that_cannot_be_told_is_a_mistake_in_the_settings_and_is_not_shown() {
    let desk = desk();
    for (flag, url, why) in [
        ("--ping", "http://hc-ping.com/tajemstvi", "off this machine only https will do"),
        ("--webhook", "hooks.example.org/tajemstvi", "it is no http or https address"),
    ] {
        let said = desk.hlas(["run", flag, url]).ends_with(3);
        assert!(said.err.starts_with(&format!("error: {flag} or HLAS_")), "{}", said.err);
        assert!(said.err.contains(why) && !said.err.contains("tajemstvi"), "{}", said.err);
    }
    assert!(desk.outbox().is_empty());
    let missing = desk.knowing("HLAS_PING_URL_FILE", "var/ping-url").hlas(["run"]).ends_with(3);
    assert!(missing.err.contains("DESK/var/ping-url: No such file"), "{}", missing.err);
}

#[test]
fn a_terminal_shows_how_far_it_is_and_is_clean_afterwards() {
    if !has("script") {
        return skip("script (bsdutils) is not there, which pretends to be a terminal");
    }
    let on_a_terminal = |desk: &Desk, arguments: &str| {
        let program = assert_cmd::cargo::cargo_bin!("hlas").display();
        let mut command = Command::new("script");
        command.args(["-qec", &format!("{program} {arguments}"), "/dev/null"]);
        desk.set_up(&mut command);
        command.env("TERM", "xterm").env("PATH", "/usr/bin:/bin");
        desk.said(&mut command).ends_with(8).out
    };
    let sink = without_bob();
    let shown = on_a_terminal(&desk().mailing_through(&sink.url()), "run");
    assert!(shown.contains(&format!("{SLUG}  0/3")), "{shown}");
    let refused = "  refused bob@example.net: 550 5.1.1";
    assert!(shown.contains(refused), "{shown}");
    let end = format!("{SLUG}: 2 accepted, 1 refused\r\n");
    let cleared = shown.strip_suffix(&end).expect("the sum is the last line");
    assert!(cleared.ends_with("\u{1b}[2K"), "the bar is gone before: {cleared:?}");

    let quiet = on_a_terminal(&desk().mailing_through(&sink.url()), "run --quiet");
    assert!(!quiet.contains("0/3") && quiet.contains(refused), "{quiet}");
}
