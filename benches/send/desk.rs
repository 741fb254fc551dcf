//! A mailing on a disk, frozen and ready to go.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hlas::clock::{Clock, System};
use hlas::deliver::{Round, deliver};
use hlas::ledger::{self, Ledger, Machine};
use hlas::mail::dkim::Signer;
use hlas::mail::{Posting, Purpose, compose};
use hlas::model::hole;
use hlas::model::{
    ByLanguage, Delivery, DeliveryId, DeliverySettings, FrozenEdition, Language, MailSettings,
    Mailing, Slug,
};
use hlas::transport::{self, Transport};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub struct Desk {
    runtime: Runtime,
    ledger: Arc<dyn Ledger>,
    signer: Option<Arc<Signer>>,
    /// Gone with the desk; below the target folder, which is on a real disk.
    _folder: TempDir,
}

impl Desk {
    pub fn frozen_for(readers: u32) -> Self {
        let desk = Self::at("sqlite:ledger.db");
        desk.freeze(readers);
        desk
    }

    fn freeze(&self, readers: u32) {
        let mailing = mailing(readers);
        let frozen = self.ledger.freeze(&mailing, System.now());
        self.runtime.block_on(frozen).expect("frozen");
    }

    /// How long so many workers took, each with a process's worth and with
    /// `lines` of its own, to have all of a mailing on a server accepted.
    pub fn sent_by_workers(
        workers: usize,
        ledger: &str,
        readers: u32,
        sink: SocketAddr,
        lines: usize,
    ) -> Duration {
        let desks: Vec<Self> = (0..workers).map(|_| Self::at(ledger)).collect();
        desks[0].freeze(readers);
        let began = Instant::now();
        std::thread::scope(|scope| {
            for desk in &desks {
                scope.spawn(|| desk.send(sink, lines, &mut |_| {}));
            }
        });
        began.elapsed()
    }

    fn at(ledger: &str) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let ledger = runtime.block_on(ledger::open(ledger, folder.path())).expect("a ledger");
        Self { runtime, ledger, signer: None, _folder: folder }
    }

    pub fn signed_by(self, signer: Option<&Arc<Signer>>) -> Self {
        Self { signer: signer.cloned(), ..self }
    }

    /// How long it took to have them all accepted.
    pub fn sent_through(&self, sink: SocketAddr, lines: usize) -> Duration {
        let began = Instant::now();
        self.send(sink, lines, &mut |_| {});
        began.elapsed()
    }

    /// Tells of each acceptance how many there were.
    pub fn send(&self, sink: SocketAddr, lines: usize, accepted: &mut (dyn FnMut(u64) + Send)) {
        let url = format!("smtp://{sink}");
        let root = std::path::Path::new(".");
        let open = |_| transport::open(&url, root, None).expect("a transport");
        let mut transports: Vec<Box<dyn Transport>> = (0..lines).map(open).collect();
        let round = Round {
            ledger: Arc::clone(&self.ledger),
            transports: &mut transports,
            settings: Arc::new(settings()),
            signer: self.signer.clone(),
            delivery: DeliverySettings::default(),
            pace: Arc::default(),
            not_after: None,
            closing: None,
            clock: Arc::new(System),
            worker: Machine::worker(),
            stop: Arc::default(),
        };
        let mut count = 0;
        let mut watch = |event| {
            if matches!(event, hlas::deliver::Event::Accepted { .. }) {
                count += 1;
                accepted(count);
            }
        };
        self.runtime.block_on(deliver(round, &slug(), &mut watch)).expect("delivered");
    }

    /// Bytes of one message.
    pub fn message_size() -> usize {
        let posting = Posting { date: System.now(), purpose: Purpose::Real };
        let message = compose(&settings(), &edition(), &delivery(0), posting);
        message.expect("a message").bytes.len()
    }
}

pub fn slug() -> Slug {
    Slug::new("2026-10-05-povoleni").expect("a slug")
}

fn settings() -> MailSettings {
    let address = |text: &str| text.parse().expect("an address");
    MailSettings {
        from_name: ByLanguage::default(),
        from: address("redakce@hlas.example.org"),
        reply_to: None,
        envelope_sender: address("bounces@hlas.example.org"),
        list_id: "hlas.example.org".to_owned(),
        unsubscribe: address("odhlaseni@hlas.example.org"),
    }
}

/// What comes out near 77 kB, as a long commentary in the house's theme does, with
/// the reader's own lines where they are in it: first and last.
fn edition() -> FrozenEdition {
    let sentence = "Povolení k pobytu se prodlužuje o rok, pokud žadatel doloží účel pobytu. ";
    let paragraph = format!("<p style=\"margin:0 0 16px\">{}</p>\n", sentence.repeat(6));
    let text = format!("{}\n\n", sentence.repeat(3));
    let ours = format!("Tento dopis šel na {}; odhlášení: {}", hole::ADDRESS, hole::UNSUBSCRIBE);
    FrozenEdition {
        language: Language::new("cs"),
        segment: "everyone".to_owned(),
        subject: "Povolení k pobytu".to_owned(),
        from_name: "Hlas".to_owned(),
        greeting: "Dobrý den,".to_owned(),
        html: format!("<p>{}</p>\n{}<p>{ours}</p>\n", hole::SALUTATION, paragraph.repeat(80)),
        text: format!("{}\n\n{}{ours}\n", hole::SALUTATION, text.repeat(58)),
        pictures: Vec::new(),
        attachment: None,
    }
}

fn delivery(number: u32) -> Delivery {
    let address = format!("reader-{number}@example.org");
    Delivery {
        id: DeliveryId::new(&slug(), &address),
        address: address.parse().expect("an address"),
        subscriber: address,
        name: "Jana Nováková".to_owned(),
        salutation: "Vážená paní poslankyně,".to_owned(),
        language: Language::new("cs"),
        segment: "everyone".to_owned(),
    }
}

fn mailing(readers: u32) -> Mailing {
    Mailing {
        slug: slug(),
        editions: vec![edition()],
        deliveries: (0..readers).map(delivery).collect(),
        excluded: Vec::new(),
        complete: true,
    }
}
