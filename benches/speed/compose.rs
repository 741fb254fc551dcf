//! One message after another of one edition of 77 kB, as a round makes them:
//! the obvious way, from the skeleton, and with each signature on it.

use divan::{Bencher, black_box};
use hlas::mail::dkim::{Algorithm, Key, Signer};
use hlas::mail::{Posting, Purpose, Skeleton, compose};
use hlas::model::{
    Delivery, DeliveryId, FrozenEdition, Language, MailSettings, Message, Slug, hole,
};
use jiff::Timestamp;

const NOON: Timestamp = Timestamp::constant(1_791_201_600, 0);

/// What the message weighs on the wire.
const OCTETS: usize = 77_000;

fn settings() -> MailSettings {
    let address = |text: &str| text.parse().expect("an address");
    MailSettings {
        from_name: Default::default(),
        from: address("redakce@hlas.example.org"),
        reply_to: Some(address("kontakt@hlas.example.org")),
        envelope_sender: address("bounces@hlas.example.org"),
        list_id: "hlas.example.org".to_owned(),
        unsubscribe: address("odhlaseni@hlas.example.org"),
    }
}

/// Holes where the theme has them, and text as long as a real analysis.
fn edition() -> FrozenEdition {
    const LINE: &str = "        <p style=\"margin:0 0 16px\">Žádost se podává na pracovišti ministerstva, které je příslušné podle místa pobytu.</p>\n";
    let (greeting, address, way_out) = (hole::SALUTATION, hole::ADDRESS, hole::UNSUBSCRIBE);
    let page = LINE.repeat(330);
    let text = "Žádost se podává na pracovišti ministerstva podle místa pobytu.\n".repeat(130);
    FrozenEdition {
        language: Language::new("cs"),
        segment: "politicians".to_owned(),
        subject: "Povolení k pobytu: co se mění od ledna".to_owned(),
        from_name: "Konsorcium Mnohohlas".to_owned(),
        greeting: "Dobrý den,".to_owned(),
        html: format!(
            "<html lang=\"cs\">\n<p>{greeting}</p>\n{page}<p>{address}: <a href=\"{way_out}\">{}</a></p></html>\n",
            "odhlásit se z odběru ".repeat(80)
        ),
        text: format!("{greeting}\n\n{text}\n{address}\n{way_out}\n"),
        pictures: Vec::new(),
        attachment: None,
    }
}

fn delivery() -> Delivery {
    Delivery {
        id: DeliveryId::new(&Slug::new("2026-10-05-povoleni").expect("a slug"), "jana@example.org"),
        subscriber: "jana@example.org".to_owned(),
        address: "jana@example.org".parse().expect("an address"),
        name: "Mgr. Jana Nováková".to_owned(),
        salutation: "Vážená paní poslankyně,".to_owned(),
        language: Language::new("cs"),
        segment: "politicians".to_owned(),
    }
}

fn signer(algorithms: &[Algorithm]) -> Signer {
    let key = |it: &Algorithm| (it.name().to_owned(), Key::generate(*it).expect("a key").0);
    Signer::new("hlas.example.org", algorithms.iter().map(key).collect())
}

fn from_skeleton(bencher: Bencher<'_, '_>, signer: Option<&Signer>) {
    let skeleton = Skeleton::new(&settings(), &edition(), Purpose::Real).expect("a skeleton");
    let delivery = delivery();
    let message =
        || -> Message { skeleton.message(black_box(&delivery), NOON, signer).expect("composed") };
    let octets = message().bytes.len();
    assert!(octets.abs_diff(OCTETS) < OCTETS / 20, "{octets} octets");
    bencher.bench_local(message);
}

#[divan::bench]
fn a_obvious(bencher: Bencher<'_, '_>) {
    let (settings, edition, delivery) = (settings(), edition(), delivery());
    let posting = Posting { date: NOON, purpose: Purpose::Real };
    bencher.bench_local(|| {
        compose(&settings, &edition, black_box(&delivery), posting).expect("composed")
    });
}

#[divan::bench]
fn b_skeleton(bencher: Bencher<'_, '_>) {
    from_skeleton(bencher, None);
}

#[divan::bench]
fn c_skeleton_ed25519(bencher: Bencher<'_, '_>) {
    from_skeleton(bencher, Some(&signer(&[Algorithm::Ed25519])));
}

#[divan::bench]
fn d_skeleton_rsa(bencher: Bencher<'_, '_>) {
    from_skeleton(bencher, Some(&signer(&[Algorithm::Rsa])));
}

#[divan::bench]
fn e_skeleton_both(bencher: Bencher<'_, '_>) {
    from_skeleton(bencher, Some(&signer(&[Algorithm::Rsa, Algorithm::Ed25519])));
}

#[divan::bench]
fn making_the_skeleton(bencher: Bencher<'_, '_>) {
    let (settings, edition) = (settings(), edition());
    bencher.bench_local(|| Skeleton::new(&settings, black_box(&edition), Purpose::Real));
}
