//! Keys that sign: made, published, used, and what happens without them.
//!
//! That others can verify the signatures is told in `tests/dkim/run`, with a
//! real Postfix and verifiers that are not ours.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::desk::{Desk, HOUSE, due};
use crate::fake_zone;

const SLUG: &str = "2020-01-06-povoleni";

fn desk() -> Desk {
    Desk::small().publication(SLUG, &due("Povolení"))
}

/// A desk with new keys in its settings.
fn signing() -> Desk {
    let desk = desk();
    let made = desk.hlas(["dkim", "keygen", "--selector", "klic", "--format", "json"]).ends_with(0);
    let setting = made.json()["setting"].as_str().expect("lines for hlas.toml").to_owned();
    desk.settings(&format!("{HOUSE}\n{setting}"))
}

/// The zone that publishes the desk's keys.
fn zone(desk: &Desk) -> String {
    let said = desk.hlas(["dkim", "records", "--format", "json"]).ends_with(0).json();
    let records = said["records"].as_array().expect("records").clone();
    let line = |it: &serde_json::Value| {
        format!("{} TXT {}\n", it["name"].as_str().unwrap(), it["value"].as_str().unwrap())
    };
    records.iter().map(line).collect()
}

#[test]
fn new_keys_are_secret_and_are_never_overwritten() {
    let desk = desk();
    let said = desk.hlas(["dkim", "keygen", "--selector", "klic"]).ends_with(0);
    for file in ["klic-rsa.pem", "klic-ed25519.pem"] {
        let path = desk.root().join("var/dkim").join(file);
        let mode = fs::metadata(&path).expect("a key").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file}");
        let key = desk.read(&format!("var/dkim/{file}"));
        let secret = key.lines().nth(1).expect("base64");
        assert!(!said.out.contains(secret), "a key was printed");
    }
    for told in [
        "klic-rsa._domainkey.example.org. IN TXT ( \"v=DKIM1; k=rsa; p=MIIBIjAN",
        "klic-ed25519._domainkey.example.org. IN TXT \"v=DKIM1; k=ed25519; p=",
        "klic-rsa = \"var/dkim/klic-rsa.pem\", klic-ed25519 = \"var/dkim/klic-ed25519.pem\" }",
    ] {
        assert!(said.out.contains(told), "{told}: {}", said.out);
    }

    let before = desk.read("var/dkim/klic-rsa.pem");
    fs::remove_file(desk.root().join("var/dkim/klic-ed25519.pem")).expect("removed");
    let again = desk.hlas(["dkim", "keygen", "--selector", "klic"]).ends_with(4);
    assert!(again.err.contains("never overwritten"), "{}", again.err);
    assert_eq!(desk.read("var/dkim/klic-rsa.pem"), before);
    assert_eq!(desk.tree("var/dkim"), ["klic-rsa.pem"], "both or none");
    desk.hlas(["dkim", "keygen", "--selector", "../klic"]).ends_with(2);
}

#[test]
fn every_message_carries_both_signatures() {
    let desk = signing();
    desk.hlas(["run"]).ends_with(0);
    assert_eq!(desk.outbox().len(), 2);
    for mail in desk.outbox() {
        let text = String::from_utf8(mail.bytes).expect("ASCII");
        let signatures: Vec<_> = text.matches("DKIM-Signature: v=1; a=").collect();
        assert_eq!(signatures.len(), 2);
        assert!(text.starts_with("DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"));
        assert!(text.contains("\r\n d=example.org;\r\n s=klic-rsa; t="), "{text}");
    }
    let test = ["send", SLUG, "--test", "jana@example.org"];
    desk.hlas(test).ends_with(0);
    let copy = desk.outbox().into_iter().find(|mail| mail.file.starts_with("test-"));
    assert!(copy.expect("a test copy").bytes.starts_with(b"DKIM-Signature: "));
}

#[test]
fn what_should_be_signed_does_not_leave_unsigned() {
    let desk = signing();
    fs::remove_file(desk.root().join("var/dkim/klic-rsa.pem")).expect("removed");
    let said = desk.hlas(["run"]).ends_with(3);
    assert!(said.err.contains("klic-rsa.pem cannot be read"), "{}", said.err);
    assert!(desk.outbox().is_empty());
    desk.write("var/dkim/klic-rsa.pem", "heslo");
    let said = desk.hlas(["send", SLUG, "--yes"]).ends_with(3);
    assert!(said.err.contains("there is no `BEGIN PRIVATE KEY` in it"), "{}", said.err);
    assert!(!said.err.contains("heslo"), "{}", said.err);
    assert!(desk.outbox().is_empty());
}

#[test]
fn a_key_that_others_may_read_is_told_of() {
    let desk = signing();
    let key = desk.root().join("var/dkim/klic-rsa.pem");
    fs::set_permissions(key, fs::Permissions::from_mode(0o644)).expect("opened");
    let said = desk.hlas(["run"]).ends_with(0);
    assert!(said.err.contains("chmod 600 var/dkim/klic-rsa.pem"), "{}", said.err);
}

#[test]
fn keys_are_held_against_dns() {
    let desk = signing();
    let server = fake_zone::serve(&zone(&desk)).to_string();
    let said = desk.hlas(["dkim", "check", "--dns", &server]).ends_with(0);
    insta::assert_snapshot!(said.out, @"
    ok     dkim  klic-ed25519._domainkey.example.org is our key (ed25519 of 256 bits)
    ok     dkim  klic-rsa._domainkey.example.org is our key (rsa of 2048 bits)

    nothing is wrong, 0 notes
    ");
    let nobody = fake_zone::serve("").to_string();
    let said = desk.hlas(["dkim", "check", "--dns", &nobody]).ends_with(1);
    assert!(
        said.out.contains("klic-rsa._domainkey.example.org: there is no record"),
        "{}",
        said.out
    );

    let keyless = self::desk();
    let said = keyless.hlas(["dkim", "check", "--dns", &nobody]).ends_with(3);
    assert!(said.err.contains("hlas dkim keygen"), "{}", said.err);
}

#[test]
fn the_doctor_sees_the_zone_and_the_house() {
    let desk = signing();
    let zone = zone(&desk)
        + "example.org TXT v=spf1 ip4:192.0.2.7 -all
           example.org MX 10 mx.example.org
           _dmarc.example.org TXT v=DMARC1; p=reject; rua=mailto:dmarc@example.org";
    let server = fake_zone::serve(&zone).to_string();
    let said = desk.hlas(["doctor", "--dns", &server, "--format", "json"]).ends_with(0).json();
    let points = said.as_array().expect("points");
    let areas: Vec<_> = points.iter().map(|it| it["area"].as_str().expect("an area")).collect();
    for area in ["spf", "dkim", "dmarc", "mx", "leaving", "transport", "ledger", "clock"] {
        assert!(areas.contains(&area), "{area}: {areas:?}");
    }
    assert!(points.iter().all(|it| it["verdict"] != "wrong"), "{points:?}");

    let key = desk.root().join("var/dkim/klic-rsa.pem");
    fs::set_permissions(key, fs::Permissions::from_mode(0o644)).expect("opened");
    let said = desk.hlas(["doctor", "--dns", &server]).ends_with(1);
    assert!(said.out.contains("WRONG  secrets"), "{}", said.out);
    let nobody = fake_zone::serve("example.org SERVFAIL").to_string();
    let said = desk.hlas(["doctor", "--dns", &nobody]).ends_with(1);
    assert!(said.out.contains("?      spf"), "{}", said.out);
}
