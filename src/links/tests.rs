//! Questions to a small web server on loopback.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::*;
use crate::clock::Fixed;
use crate::render::specimen;

/// A server that notes what it is asked and answers by path.
struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { break };
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let Some(Ok(request)) = lines.next() else { continue };
                let request = request.trim_end_matches(" HTTP/1.1").to_owned();
                let agent = lines
                    .map_while(Result::ok)
                    .take_while(|line| !line.is_empty())
                    .find_map(|line| line.strip_prefix("user-agent: ").map(str::to_owned));
                assert_eq!(agent.as_deref(), Some("hlas/test"));
                notes.lock().unwrap().push(request.clone());
                let _ =
                    write!(stream, "HTTP/1.1 {}\r\nConnection: close\r\n\r\n", answer(&request));
            }
        });
        Self { address, asked }
    }

    fn url(&self, path: &str) -> Url {
        format!("http://{}{path}", self.address).parse().unwrap()
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

fn answer(request: &str) -> &'static str {
    match request {
        "HEAD /je" | "GET /nezna-head" | "HEAD /jinde" | "HEAD /" => "200 OK",
        "HEAD /nezna-head" => "405 Method Not Allowed",
        "HEAD /presun/zprava" => "301 Moved Permanently\r\nLocation: /",
        "HEAD /kolem" | "GET /kolem" => "302 Found\r\nLocation: /kolem",
        "HEAD /dovnitr" | "GET /dovnitr" => "302 Found\r\nLocation: http://192.168.0.1/tajne",
        "HEAD /roboti" => "429 Too Many Requests",
        "HEAD /dnes-ne" | "GET /dnes-ne" => "503 Service Unavailable",
        _ => "404 Not Found",
    }
}

fn manners(folder: &TempDir) -> Manners {
    Manners {
        user_agent: "hlas/test".to_owned(),
        patience: Duration::from_secs(10),
        pause: Duration::ZERO,
        reach: Reach::Loopback,
        cache: folder.path().join("links.json"),
    }
}

fn clock() -> Fixed {
    Fixed::at("2026-10-05T08:00:00Z".parse::<Timestamp>().unwrap())
}

#[tokio::test]
async fn a_page_is_asked_after_by_head_and_by_get_where_that_is_not_understood() {
    let (server, folder) = (Server::start(), tempfile::tempdir().unwrap());
    let paths =
        ["/je", "/nezna-head", "/neni", "/presun/zprava", "/roboti", "/dnes-ne", "/dovnitr"];
    let urls = paths.map(|path| server.url(path));
    let verdicts = probe(urls.clone(), &manners(&folder), &clock()).await.unwrap();
    let told: Vec<String> = urls.iter().map(|url| format!("{:?}", verdicts[url])).collect();
    assert_eq!(
        told,
        [
            "Alive",
            "Alive",
            "Gone(404)",
            &format!("Moved(\"{}\")", server.url("/")),
            "Unsure(\"the server answers 429 Too Many Requests\")",
            "Unsure(\"the server answers 503 Service Unavailable\")",
            "Private",
        ]
    );
    assert_eq!(
        server.asked(),
        [
            "HEAD /je",
            "HEAD /nezna-head",
            "GET /nezna-head",
            "HEAD /neni",
            "GET /neni",
            "HEAD /presun/zprava",
            "HEAD /",
            "HEAD /roboti",
            "HEAD /dnes-ne",
            "GET /dnes-ne",
            "HEAD /dovnitr",
        ]
    );
}

#[tokio::test]
async fn a_page_that_leads_round_in_circles_is_unreachable() {
    let (server, folder) = (Server::start(), tempfile::tempdir().unwrap());
    let url = server.url("/kolem");
    let verdicts = probe([url.clone()], &manners(&folder), &clock()).await.unwrap();
    let why = "it leads from page to page without end".to_owned();
    assert_eq!(verdicts[&url], Verdict::Unreachable(why));
}

#[tokio::test]
async fn the_same_page_is_asked_after_once_and_not_again_within_the_week() {
    let (server, folder) = (Server::start(), tempfile::tempdir().unwrap());
    let (manners, clock) = (manners(&folder), clock());
    let urls = [server.url("/je"), server.url("/je#oddil"), server.url("/neni")];
    probe(urls.clone(), &manners, &clock).await.unwrap();
    assert_eq!(server.asked(), ["HEAD /je", "HEAD /neni", "GET /neni"]);
    clock.advance(SignedDuration::from_hours(2));
    let verdicts = probe(urls.clone(), &manners, &clock).await.unwrap();
    assert_eq!(server.asked(), ["HEAD /neni", "GET /neni"], "a dead link may have been mended");
    assert_eq!(verdicts[&server.url("/je")], Verdict::Alive);
    clock.advance(SignedDuration::from_hours(7 * 24));
    probe(urls, &manners, &clock).await.unwrap();
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn nothing_private_is_asked_by_name_or_by_number() {
    let (server, folder) = (Server::start(), tempfile::tempdir().unwrap());
    let manners = Manners { reach: Reach::Public, ..manners(&folder) };
    let by_number = server.url("/je");
    let mut by_name = by_number.clone();
    by_name.set_host(Some("localhost")).unwrap();
    let verdicts = probe([by_number.clone(), by_name.clone()], &manners, &clock()).await.unwrap();
    assert_eq!(verdicts[&by_number], Verdict::Private);
    assert_eq!(verdicts[&by_name], Verdict::Private);
    assert_eq!(server.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn when_no_host_is_found_at_all_the_pages_are_not_called_dead() {
    let folder = tempfile::tempdir().unwrap();
    let urls = ["https://a.invalid/", "https://b.invalid/"].map(|url| url.parse::<Url>().unwrap());
    let verdicts = probe(urls, &manners(&folder), &clock()).await.unwrap();
    for (url, verdict) in verdicts {
        assert!(matches!(verdict, Verdict::Unsure(_)), "{url}: {verdict:?}");
    }
}

#[test]
fn what_is_found_is_told_at_the_place_of_the_link() {
    let publication = specimen::commentary(
        "Viz [zákon](https://a.example.org/z#p1) a [zprávu](https://b.example.org/).\n\n\
         <https://a.example.org/z> a [klid](https://c.example.org/) i [dopis](mailto:a@example.org)\n",
    );
    let links = linked(&publication);
    let verdict = |url: &str, verdict| (url.parse().unwrap(), verdict);
    let verdicts = BTreeMap::from([
        verdict("https://a.example.org/z", Verdict::Gone(404)),
        verdict("https://b.example.org/", Verdict::Moved("https://d.example.org/".to_owned())),
        verdict("https://c.example.org/", Verdict::Unsure("503".to_owned())),
    ]);
    let told: Vec<String> = findings(&links, &verdicts)
        .iter()
        .map(|it| format!("{}:{} {}: {}", it.place.line, it.place.column, it.rule, it.message))
        .collect();
    assert_eq!(
        told,
        [
            "6:5 dead-link: there is no page https://a.example.org/z#p1 any more (404)",
            "6:43 moved-link: https://b.example.org/ has moved",
            "8:1 dead-link: there is no page https://a.example.org/z any more (404)",
        ]
    );
}
