//! A provider on loopback that answers what the story wants.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::super::{Unrecorded, Withheld};
use super::*;

const PATH: &str = "/v3/mg.example.org";

/// A request as it came in; the body as far as it came.
#[derive(Debug, Clone, Default)]
struct Asked {
    head: String,
    body: Vec<u8>,
    is_whole: bool,
}

#[derive(Clone, Copy)]
enum Answer {
    /// When the request is whole.
    Say(&'static str),
    /// Before a byte of the body is read.
    SayAtOnce(&'static str),
    HangUp,
}

struct Provider {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Provider {
    fn answering(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("mailgun:http://{}{PATH}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::default());
        let seen = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let seen: Arc<Mutex<Vec<Asked>>> = Arc::clone(&seen);
                thread::spawn(move || serve(stream, answer, &seen));
            }
        });
        Self { url, asked }
    }

    fn transport(&self) -> Mailgun {
        Mailgun::open(&self.url, Some(Secret::new("klíč"))).expect("a transport")
    }

    /// Once the last of them has been told.
    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic").clone()
    }
}

/// Ends when the client does.
fn serve(stream: TcpStream, answer: Answer, seen: &Mutex<Vec<Asked>>) -> Option<()> {
    let mut write = stream.try_clone().ok()?;
    let mut read = BufReader::new(stream);
    let mut say = |text: &str| {
        let (status, body) = text.split_once('|').unwrap_or((text, ""));
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}");
        write.write_all(head.as_bytes()).ok()
    };
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if read.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        if let Answer::SayAtOnce(text) = answer {
            seen.lock().ok()?.push(Asked { head: head.clone(), ..Asked::default() });
            say(text)?;
            // The line stays open, and nothing more is read of it.
            std::mem::forget(read);
            return None;
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse().ok())?
        })?;
        let mut body = Vec::new();
        let got = (&mut read).take(length).read_to_end(&mut body);
        let is_whole = got.is_ok() && body.len() as u64 == length;
        seen.lock().ok()?.push(Asked { head, body, is_whole });
        match answer {
            Answer::Say(text) if is_whole => say(text)?,
            _ => return None,
        }
    }
}

fn message(recipient: &str) -> Message {
    Message {
        id: "2026-10-05-povoleni.0123456789abcdef@example.org".to_owned(),
        sender: "bounces@example.org".parse().expect("an address"),
        recipient: recipient.parse().expect("an address"),
        bytes: "Subject: x\r\n\r\nPříliš\r\n--\r\nžluťoučký\r\n".into(),
    }
}

async fn told(answer: Answer) -> String {
    told_of(answer, &message("a@example.org")).await
}

async fn told_of(answer: Answer, message: &Message) -> String {
    let provider = Provider::answering(answer);
    match provider.transport().send(message, &mut Unrecorded).await {
        Ok(outcome) => {
            let kind = format!("{outcome:?}");
            let kind = kind.split('(').next().unwrap_or_default().to_owned();
            format!("{kind}: {}", outcome.reply().text)
        }
        Err(error) => {
            let text = error.to_string();
            format!("error: {}", text.split_once(" failed while ").map_or(&*text, |it| it.1))
        }
    }
}

#[tokio::test]
async fn the_very_bytes_go_up_with_the_key_and_without_tracking() {
    let provider =
        Provider::answering(Answer::Say(r#"200 OK|{"id":"<x>","message":"Queued. Thank you."}"#));
    let mut transport = provider.transport();
    for recipient in ["a@example.org", "b@háčkyčárky.example"] {
        let outcome = transport.send(&message(recipient), &mut Unrecorded).await.expect("taken");
        let queued = r#"{"id":"<x>","message":"Queued. Thank you."}"#;
        assert_eq!(outcome, Outcome::Accepted(Reply::new(None, queued)));
    }
    let asked = provider.asked();
    assert_eq!(asked.len(), 2);
    let head = asked[0].head.to_lowercase();
    assert!(head.starts_with("post /v3/mg.example.org/messages.mime http/1.1\r\n"), "{head}");
    assert!(head.contains("authorization: basic yxbpomtsw63ejq==\r\n"), "{head}");
    let key = "idempotency-key: 2026-10-05-povoleni.0123456789abcdef@example.org\r\n";
    assert!(head.contains(key), "{head}");

    let body = String::from_utf8(asked[0].body.clone()).expect("ours is UTF-8");
    let boundary = body.lines().next().expect("a line").to_owned();
    let field = |name: &str, value: &str| {
        format!("{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let expected = [
        field("to", "a@example.org"),
        field("o:tracking", "no"),
        field("o:tracking-clicks", "no"),
        field("o:tracking-opens", "no"),
        field("v:delivery", "2026-10-05-povoleni.0123456789abcdef@example.org"),
        format!(
            "{boundary}\r\nContent-Disposition: form-data; name=\"message\"; \
             filename=\"message.eml\"\r\nContent-Type: message/rfc822\r\n\r\n"
        ),
        String::from_utf8(message("a@example.org").bytes).expect("UTF-8"),
        format!("\r\n{boundary}--\r\n"),
    ];
    assert_eq!(body, expected.concat());
    let second = String::from_utf8(asked[1].body.clone()).expect("ours is UTF-8");
    assert!(second.contains("\r\n\r\nb@xn--hkyrky-ptac70bc.example\r\n"), "{second}");
}

#[tokio::test]
async fn each_status_means_what_the_table_says() {
    for (answer, expected) in [
        (
            "401 Unauthorized|Forbidden",
            "error: logging in: HTTP 401: the provider does not know the key: Forbidden",
        ),
        (
            "400 Bad Request|to parameter is not a valid address",
            "Refused: HTTP 400: the provider cannot read the address: to parameter is not a valid address",
        ),
        (
            "429 Too Many Requests\r\nRetry-After: 90|slow",
            "Deferred: HTTP 429: the provider's limit is reached: slow (retry after 90 seconds)",
        ),
        ("500 Oops|", "Unsure: HTTP 500: the provider broke while it had the message: "),
        ("503 Busy|", "Deferred: HTTP 503: the provider is not available now: "),
        (
            "302 Found\r\nLocation: http://example.net/|",
            "error: answering the message: HTTP 302: the provider is somewhere else: ",
        ),
    ] {
        assert_eq!(told(Answer::Say(answer)).await, expected);
    }
}

/// Keeps what it was told of the answer.
struct Judged(Option<&'static replies::Verdict>);

#[async_trait]
impl Progress for Judged {
    fn judged(&mut self, verdict: &'static replies::Verdict) {
        self.0 = Some(verdict);
    }

    async fn handing_over(&mut self) -> Result<(), Withheld> {
        Ok(())
    }
}

#[tokio::test]
async fn whoever_decides_when_to_try_again_is_told_the_verdict() {
    let provider = Provider::answering(Answer::Say("429 Too Many Requests|slow"));
    let mut judged = Judged(None);
    let sent = provider.transport().send(&message("a@example.org"), &mut judged).await;
    assert!(matches!(sent, Ok(Outcome::Deferred(_))), "{sent:?}");
    let verdict = judged.0.expect("a verdict");
    assert!(verdict.again == replies::Again::Later && verdict.slow, "{verdict:?}");
}

#[tokio::test]
async fn a_line_lost_after_the_last_byte_leaves_us_unsure() {
    let text = told(Answer::HangUp).await;
    assert!(text.starts_with("Unsure: the line was lost after the message went out: "), "{text}");
}

#[tokio::test]
async fn nothing_listens_and_nothing_arrived() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("mailgun:http://{}{PATH}", listener.local_addr().expect("an address"));
    drop(listener);
    let mut transport = Mailgun::open(&url, Some(Secret::new("k"))).expect("a transport");
    let error = transport.send(&message("a@example.org"), &mut Unrecorded).await.expect_err("down");
    assert!(error.to_string().contains("failed while connecting"), "{error}");
}

/// Remembers what had come when it was asked, then says `answer`.
struct Asking<'p> {
    provider: &'p Provider,
    had_come: Option<usize>,
    answer: Result<(), Withheld>,
}

#[async_trait]
impl Progress for Asking<'_> {
    async fn handing_over(&mut self) -> Result<(), Withheld> {
        tokio::time::sleep(Duration::from_millis(50)).await;
        self.had_come = Some(self.provider.asked().len());
        self.answer
    }
}

#[tokio::test]
async fn the_request_is_not_whole_before_it_is_written_down() {
    for (answer, whole) in [(Ok(()), true), (Err(Withheld), false)] {
        let provider = Provider::answering(Answer::Say("200 OK|{}"));
        let mut asking = Asking { provider: &provider, had_come: None, answer };
        let mut transport = provider.transport();
        let outcome = transport.send(&message("a@example.org"), &mut asking).await;
        assert_eq!(asking.had_come, Some(0), "nothing was whole when it was asked");
        assert_eq!(outcome.is_ok(), whole);
        while provider.asked().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(provider.asked()[0].is_whole, whole);
    }
}

#[tokio::test]
async fn an_answer_to_half_a_request_is_no_acceptance() {
    // More than the two sockets hold, so that half of it is still here.
    let long = Message { bytes: vec![b'x'; 64 << 20], ..message("a@example.org") };
    let text = told_of(Answer::SayAtOnce("200 OK|{}"), &long).await;
    assert_eq!(text, "error: sending the message: it answered 200 to half a request: {}");
    let text = told_of(Answer::SayAtOnce("413 Too Large|"), &long).await;
    assert_eq!(text, "Refused: HTTP 413: the message is too large for the provider: ");
}

#[test]
fn what_makes_no_sense_in_the_url_is_an_error_that_repeats_no_key() {
    let told = |url: &str, key: Option<&str>| {
        Mailgun::open(url, key.map(Secret::new)).err().map(|error| error.to_string())
    };
    for (url, reason) in [
        ("mailgun:mg.example.org", "write mailgun:https://api.eu.mailgun.net/v3/DOMAIN"),
        ("mailgun:http://api.example.org/v3/d", "off this machine only https will do"),
        ("mailgun:https://api.example.org/v3", "it names no domain: …/v3/DOMAIN"),
        (
            "mailgun:https://api:hunter2@h/v3/d",
            "a key does not belong here, put it in HLAS_PROVIDER_KEY",
        ),
    ] {
        let told = told(url, Some("k")).expect("an error");
        assert!(told.ends_with(reason) && !told.contains("hunter2"), "{told}");
    }
    let url = "mailgun:https://api.eu.mailgun.net/v3/mg.example.org";
    assert!(told(url, None).expect("no key").ends_with("HLAS_PROVIDER_KEY must be set"));
    assert_eq!(told(url, Some("k")), None);
}
