//! Signatures held up to the standards' own examples, and to what a verifier
//! of our own, written after RFC 6376 section 6, makes of them.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{
    ED25519, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    UnparsedPublicKey,
};

use super::*;

/// RFC 8463 appendix A.3.
const EXAMPLE: &str = "\
From: Joe SixPack <joe@football.example.com>\r
To: Suzie Q <suzie@shopping.example.net>\r
Subject: Is dinner ready?\r
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r
Message-ID: <20030712040037.46341.5F8J@football.example.com>\r
\r
Hi.\r
\r
We lost the game.  Are you hungry yet?\r
\r
Joe.\r
";
const EXAMPLE_ED25519: &str = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r
 d=football.example.com; i=@football.example.com;\r
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r
 subject : date : message-id : from : subject : date;\r
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n";
const EXAMPLE_RSA: &str = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r
 d=football.example.com; i=@football.example.com;\r
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r
 date : message-id : from : subject : date;\r
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n";
/// RFC 8463 appendix A.2.
const EXAMPLE_ED25519_PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const EXAMPLE_RSA_PUBLIC: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";
/// RFC 8463 appendix A.1, in the wrapping that files have: the seed of RFC 8032
/// section 7.1, test 1.
const EXAMPLE_ED25519_SECRET: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
";

/// Reads a signature as a receiver does, and says what is wrong with it.
fn verify(signature: &str, message: &str, public: &str) -> Result<(), &'static str> {
    let (_, written) = signature.split_once(':').ok_or("no field")?;
    let tags = tags(written).ok_or("no list of tags")?;
    let value = |name: &str| tags.iter().find(|(tag, _)| *tag == name).map(|(_, value)| *value);
    let plain = |name| value(name).map(|it| it.split_whitespace().collect::<String>());

    let (head, body) = message.split_once("\r\n\r\n").ok_or("no body")?;
    let head = format!("{head}\r\n");
    let bh = BASE64_STANDARD.encode(BodyHash::of_body(body.as_bytes()).0);
    if plain("bh") != Some(bh) {
        return Err("the body was changed");
    }
    let mut left: Vec<&str> = fields(&head).collect();
    let mut data = String::new();
    for name in plain("h").ok_or("no h")?.split(':') {
        if let Some(at) = left.iter().rposition(|field| is_named(field, name)) {
            relaxed_field(left.remove(at), &mut data);
        }
    }
    let b = value("b").ok_or("no b")?;
    relaxed_field(&signature.replace(b, ""), &mut data);
    let data = data.trim_end_matches("\r\n").as_bytes();

    let key = BASE64_STANDARD.decode(public).map_err(|_| "no key")?;
    let b = BASE64_STANDARD.decode(plain("b").unwrap_or_default()).map_err(|_| "no signature")?;
    let sound = match value("a") {
        Some("ed25519-sha256") => {
            UnparsedPublicKey::new(&ED25519, &key).verify(digest(&SHA256, data).as_ref(), &b)
        }
        _ if key.len() < 200 => {
            UnparsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, &key)
                .verify(data, &b)
        }
        _ => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &key).verify(data, &b),
    };
    sound.map_err(|_| "the headers were changed")
}

#[test]
fn the_examples_of_the_standard_verify() {
    assert_eq!(verify(EXAMPLE_ED25519, EXAMPLE, EXAMPLE_ED25519_PUBLIC), Ok(()));
    assert_eq!(verify(EXAMPLE_RSA, EXAMPLE, EXAMPLE_RSA_PUBLIC), Ok(()));
}

/// Ed25519 leaves nothing to chance, so our signature must be theirs.
#[test]
fn with_the_standards_key_comes_the_standards_signature() {
    let key = Key::from_pem(EXAMPLE_ED25519_SECRET.as_bytes()).expect("a key");
    assert_eq!(key.public(), EXAMPLE_ED25519_PUBLIC);
    let (head, _) = EXAMPLE.split_once("\r\n\r\n").expect("a message");
    let mut data = String::new();
    for name in ["From", "To", "Subject", "Date", "Message-ID"] {
        fields(head).filter(|it| is_named(it, name)).for_each(|it| relaxed_field(it, &mut data));
    }
    let (before, b) = EXAMPLE_ED25519.split_once(" b=").expect("a signature");
    relaxed_field(&format!("{before} b="), &mut data);
    let signed = key.sign(data.trim_end_matches("\r\n").as_bytes()).expect("signed");
    assert_eq!(signed, b.split_whitespace().collect::<String>());
}

fn signer() -> Signer {
    let key = |algorithm| Key::generate(algorithm).expect("a key").0;
    let keys = [("rsa", Algorithm::Rsa), ("ed", Algorithm::Ed25519)];
    let keys = keys.map(|(selector, algorithm)| (selector.to_owned(), key(algorithm)));
    Signer::new("football.example.com", keys.into())
}

/// What each key's verifier says of a message below its signatures.
fn verdicts(signer: &Signer, signatures: &str, message: &str) -> Vec<Result<(), &'static str>> {
    fields(signatures)
        .zip(signer.keys())
        .map(|(signature, (_, key))| verify(signature, message, &key.public()))
        .collect()
}

#[test]
fn both_signatures_hold_and_relays_may_fold_and_space_but_change_nothing() {
    let signer = signer();
    let at = Timestamp::constant(1_791_201_600, 0);
    let signatures = signer.sign(EXAMPLE.as_bytes(), at).expect("signed");
    assert!(signatures.lines().all(|line| line.len() <= 78), "{signatures}");
    assert_eq!(verdicts(&signer, &signatures, EXAMPLE), [Ok(()), Ok(())]);

    let refolded = EXAMPLE
        .replace("Joe SixPack <", "Joe\r\n SixPack  <")
        .replace("Subject:", "SUBJECT :")
        .replace("game.  Are", "game. Are")
        .replace("Hi.\r\n", "Hi. \r\n");
    let relayed = format!("Received: from desk\r\n by relay\r\n{refolded}\r\n\r\n");
    assert_eq!(verdicts(&signer, &signatures, &relayed), [Ok(()), Ok(())]);

    let changed = Err("the headers were changed");
    for (from, to) in [
        ("Subject: Is", "Subject: Was"),
        ("From: Joe", "From: Eve <eve@example.net>\r\nFrom: Joe"),
        ("Message-ID", "Subject: Is dinner ready?\r\nMessage-ID"),
        ("Message-ID", "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMessage-ID"),
        ("Message-ID", "Reply-To: eve@example.net\r\nMessage-ID"),
        ("Message-ID", "Content-Type: text/html\r\nMessage-ID"),
    ] {
        let forged = EXAMPLE.replacen(from, to, 1);
        assert_eq!(verdicts(&signer, &signatures, &forged), [changed, changed], "{to}");
    }
    let forged = EXAMPLE.replace("lost", "won");
    assert_eq!(verdicts(&signer, &signatures, &forged)[0], Err("the body was changed"));
}

#[test]
fn a_signature_reads_like_this() {
    let key = Key::from_pem(EXAMPLE_ED25519_SECRET.as_bytes()).expect("a key");
    let signer = Signer::new("football.example.com", vec![("brisbane".to_owned(), key)]);
    let signed = signer.sign(EXAMPLE.as_bytes(), Timestamp::constant(1_791_201_600, 0));
    insta::assert_snapshot!(signed.expect("signed").replace("\r\n", "\n"), @"
    DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
     d=football.example.com;
     s=brisbane; t=1791201600;
     h=From:From:Reply-To:To:To:Cc:Subject:Subject:Date:Date:Message-ID:
     Message-ID:List-Id:List-Unsubscribe:List-Unsubscribe-Post:MIME-Version:
     Content-Type;
     bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
     b=lS9KitIfIQytZWvXPSrT1Ne2ihPEz8SKxIiVp1tB8IBSKhevafmcWY0OdJPUGX2e5zSkczdP
     JB88azkstLqDCQ==
    ");
}

#[test]
fn what_is_no_key_is_told_without_being_quoted() {
    let told = |text: &str| Key::from_pem(text.as_bytes()).expect_err("no key");
    assert_eq!(told("tajné"), "there is no `BEGIN PRIVATE KEY` in it");
    let locked =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMC4C\n-----END ENCRYPTED PRIVATE KEY-----\n";
    assert_eq!(told(locked), "it has a passphrase");
    let other = "-----BEGIN PRIVATE KEY-----\nMC4CAQAw\n-----END PRIVATE KEY-----\n";
    assert_eq!(told(other), "it is neither RSA nor Ed25519, or too weak");
}

#[test]
fn a_key_is_read_back_from_its_file_and_never_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    for algorithm in [Algorithm::Rsa, Algorithm::Ed25519] {
        let path = folder.path().join(algorithm.name());
        let (key, pem) = Key::generate(algorithm).expect("a key");
        write_secret(&path, &pem).expect("written");
        assert!(!exposed(&path));
        assert_eq!(Key::read(&path).expect("read").public(), key.public());
        let error = write_secret(&path, "jiný").expect_err("it is there");
        assert!(error.help().contains("--selector"), "{error}");
        assert_eq!(format!("{key:?}"), format!("Key({}, …)", algorithm.name()));
    }
}
