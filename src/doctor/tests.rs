//! A house and the zone that it lives in: everything in order, and everything
//! wrong. Read the snapshots as the coordinator would.

use super::*;
use crate::dns::fake_zone;
use crate::mail::dkim::{Algorithm, Key, Record};
use crate::model::ByLanguage;
use crate::report::points_text;

fn settings(envelope: &str) -> MailSettings {
    let address = |text: &str| text.parse().expect("an address");
    MailSettings {
        from_name: ByLanguage::default(),
        from: address("hlas@news.example.org"),
        reply_to: Some(address("redakce@example.org")),
        envelope_sender: address(envelope),
        list_id: "hlas.example.org".to_owned(),
        unsubscribe: address("odhlaseni@news.example.org"),
    }
}

fn signer(domain: &str, keys: &[(&str, Algorithm)]) -> Signer {
    let key = |algorithm| Key::generate(algorithm).expect("a key").0;
    Signer::new(domain, keys.iter().map(|(name, it)| ((*name).to_owned(), key(*it))).collect())
}

fn examined(zone: &str, sender: Sender<'_>) -> Vec<Point> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let dns = Dns::at(fake_zone::serve(zone)).expect("a resolver");
        domain(&dns, sender).await
    })
}

const GOOD: &str = "
    bounces.example.org TXT v=spf1 ip4:192.0.2.7 include:_spf.example.net -all
    _spf.example.net TXT v=spf1 ip4:198.51.100.0/24 -all
    _dmarc.example.org TXT v=DMARC1; p=none; sp=reject; rua=mailto:dmarc@example.org
    example.org MX 10 mx.example.org
    news.example.org MX 20 zaloha.example.net
    news.example.org MX 10 mx.example.org
    bounces.example.org MX 10 mx.example.org
    7.2.0.192.in-addr.arpa PTR posta.example.org.
    posta.example.org A 192.0.2.7
";

#[test]
fn a_house_in_order() {
    let signer = signer(
        "news.example.org",
        &[("hlas-rsa", Algorithm::Rsa), ("hlas-ed25519", Algorithm::Ed25519)],
    );
    let mut zone = GOOD.to_owned();
    for (selector, key) in signer.keys() {
        let record = Record::new(selector, signer.domain(), key);
        zone.push_str(&format!("{} TXT {}\n", record.name, record.value));
    }
    let points = examined(
        &zone,
        Sender {
            mail: &settings("bounces@bounces.example.org"),
            signer: Some(&signer),
            provider: &[],
            address: Some("192.0.2.7".parse().expect("an address")),
        },
    );
    assert!(points.iter().all(|it| it.verdict <= Verdict::Note), "{points:?}");
    insta::assert_snapshot!(points_text(&points));
}

#[test]
fn a_house_where_nothing_is() {
    let sender = Sender {
        mail: &settings("hlas@news.example.org"),
        signer: None,
        provider: &[],
        address: Some("192.0.2.7".parse().expect("an address")),
    };
    insta::assert_snapshot!(points_text(&examined("", sender)));
}

#[test]
fn a_house_where_everything_is_a_little_wrong() {
    let signer = signer("example.net", &[("hlas", Algorithm::Ed25519)]);
    let zone = "
        bounces.example.com TXT v=spf1 +all
        bounces.example.com TXT v=spf1 ip4:192.0.2.1 -all
        hlas._domainkey.example.net TXT v=DKIM1; k=ed25519; p=AAAA; t=y
        old._domainkey.news.example.org TXT v=DKIM1; p=
        _dmarc.news.example.org TXT v=DMARC1; p=maybe; aspf=s
        _dmarc.example.net TXT v=DMARC1; p=none
        news.example.org MX 0 .
        example.org A 192.0.2.1
        bounces.example.com SERVFAIL
        7.2.0.192.in-addr.arpa PTR jinde.example.org
    ";
    let broken = zone.replace("bounces.example.com SERVFAIL", "");
    for (name, zone) in [("a_little_wrong", broken.as_str()), ("and_no_answer", zone)] {
        let points = examined(
            zone,
            Sender {
                mail: &settings("hlas@bounces.example.com"),
                signer: Some(&signer),
                provider: &["old".to_owned()],
                address: Some("192.0.2.7".parse().expect("an address")),
            },
        );
        insta::assert_snapshot!(name, points_text(&points));
    }
}

#[test]
fn a_provider_that_signs_is_taken_at_its_word() {
    let zone = GOOD.to_owned()
        + "mta1._domainkey.news.example.org TXT k=rsa; p=MIGf\n_dmarc.news.example.org TXT v=DMARC1; p=reject";
    let points = examined(
        &zone,
        Sender {
            mail: &settings("bounces@bounces.example.org"),
            signer: None,
            provider: &["mta1".to_owned()],
            address: None,
        },
    );
    insta::assert_snapshot!(points_text(&points));
}
