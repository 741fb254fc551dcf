//! What `check --links` asks, and of whom it does not.

use std::net::TcpListener;

use crate::desk::{Desk, due};

#[test]
fn a_link_into_a_private_network_is_told_of_and_not_followed() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let port = server.local_addr().unwrap().port();
    let text = due("Dopis").replace(
        "Text s [odkazem](https://www.example.org/zakon).",
        &format!(
            "Viz [zápis z jednání](http://127.0.0.1:{port}/zapis).\n\n\
             <!-- hlas allow dead-link: stránka je jen pro kolegy -->\n\
             Viz [druhý zápis](http://127.0.0.1:{port}/druhy)."
        ),
    );
    let desk = Desk::small().publication("2026-10-05-dopis", &text);
    let quiet = desk.hlas(["check", "--format", "json"]).ends_with(0).json();
    assert_eq!(quiet["findings"], serde_json::json!([]), "nobody asked for links");
    let told = desk.hlas(["check", "--links", "--format", "json"]).ends_with(0).json();
    let findings = told["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{told}");
    assert_eq!(findings[0]["rule"], "dead-link");
    assert_eq!(findings[0]["place"]["line"], 11);
    assert_eq!(findings[0]["place"]["column"], 5);
    assert_eq!(told["links"][format!("http://127.0.0.1:{port}/zapis")], "private");
    let knock = server.accept().map(|_| ()).map_err(|error| error.kind());
    assert_eq!(knock, Err(std::io::ErrorKind::WouldBlock));
}
