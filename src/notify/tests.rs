//! What goes out, and what is said when nobody takes it.

use std::net::TcpListener;

use super::listener::Listener;
use super::*;

fn at(listener: &Listener, path: &str) -> Target {
    Target::parse(&listener.url(path)).expect("a target")
}

/// One that does not rest between its tries.
fn messenger() -> Messenger {
    Messenger { pauses: &[Duration::ZERO, Duration::ZERO], ..Messenger::new().expect("TLS") }
}

#[tokio::test]
async fn a_run_is_told_by_its_start_and_its_exit_code() {
    let check = Listener::answering(&["200 OK"]);
    let (messenger, plain) = (messenger(), at(&check, "/ping/1234"));
    messenger.ping(&plain, Signal::Start, "").await.expect("heard");
    messenger.ping(&plain, Signal::Ended(0), "hlas run: 3 accepted").await.expect("heard");
    messenger.ping(&plain, Signal::Ended(8), "look").await.expect("heard");
    let slug = at(&check, "/ping/key/hlas/?create=1");
    messenger.ping(&slug, Signal::Start, "").await.expect("heard");
    let told = check.told().into_iter().map(|told| (told.what, told.body));
    let expected = [
        ("POST /ping/1234/start", ""),
        ("POST /ping/1234", "hlas run: 3 accepted"),
        ("POST /ping/1234/8", "look"),
        ("POST /ping/key/hlas/start?create=1", ""),
    ];
    assert!(told.eq(expected.map(|(what, body)| (what.to_owned(), body.to_owned()))));
}

#[tokio::test]
async fn what_may_pass_is_tried_three_times_and_what_is_final_once() {
    let told = async |statuses| {
        let listener = Listener::answering(statuses);
        let heard = messenger().post(&at(&listener, "/hook"), &[1, 2]).await;
        assert!(listener.told().iter().all(|told| told.body == "[1,2]"));
        (heard.map_err(|unheard| unheard.to_string()), listener.asked().len())
    };
    let unheard = |status| Err(format!("http://127.0.0.1/… has not taken it: HTTP {status}"));
    assert_eq!(told(&["503 Busy", "429 Slower", "200 OK"]).await, (Ok(()), 3));
    assert_eq!(told(&["500 Oh"]).await, (unheard(500), 3));
    assert_eq!(told(&["404 Not Found"]).await, (unheard(404), 1));
    assert_eq!(told(&["302 Found"]).await, (unheard(302), 1), "a secret follows no redirect");
}

#[tokio::test]
async fn where_nobody_listens_nothing_of_the_url_is_told_but_its_host() {
    let gone = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = gone.local_addr().expect("an address").port();
    drop(gone);
    let target = Target::parse(&format!("http://jana:heslo@127.0.0.1:{port}/tajemstvi?a=b"));
    let target = target.expect("a target");
    let error = messenger().ping(&target, Signal::Start, "").await.expect_err("nobody");
    for said in [error.to_string(), format!("{error:?}"), format!("{target:?}")] {
        assert!(said.contains("http://127.0.0.1/…"), "{said}");
        for secret in ["jana", "heslo", "tajemstvi", "a=b"] {
            assert!(!said.contains(secret), "{said}");
        }
    }
}

#[test]
fn off_this_machine_a_target_is_in_tls() {
    assert!(Target::parse("https://hc-ping.com/1234").is_ok());
    assert!(Target::parse(" http://localhost:8000/1234\n").is_ok());
    assert_eq!(Target::parse("http://hc-ping.com/1234"), Err(NoTarget::InTheOpen));
    for text in ["hc-ping.com/1234", "", "mailto:a@example.org", "ftp://example.org/"] {
        assert_eq!(Target::parse(text), Err(NoTarget::NoUrl), "{text}");
    }
}
