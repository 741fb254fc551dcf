//! hlas: the publishing desk of a consortium. Markdown in; HTML mail with a
//! text part, accessible PDF, web pages and feeds out; each person in the
//! chosen segments mailed once.
//!
//! # Words, one per thing
//!
//! - **Workspace**: the folder the tool runs on ([`model::Workspace`]).
//! - **Publication**: one authored piece, of a **kind** ([`model::Publication`]);
//!   in each language a **manuscript** ([`model::Manuscript`]).
//! - **Edition**: a publication in one language for one readership
//!   ([`model::Edition`]).
//! - **Rendition**: an edition as bytes in one **format**
//!   ([`model::Rendition`], [`render::Format`]).
//! - **Subscriber**: a person with an address ([`model::Subscriber`]);
//!   **source**: where subscribers are read from ([`audience::Source`]);
//!   **segment**: a named condition over subscribers ([`audience::Segment`]).
//! - **Mailing**: a publication going to its segments, frozen when planned
//!   ([`model::Mailing`]); **delivery**: one mailing to one subscriber
//!   ([`model::Delivery`]); **attempt**: one try at it ([`model::Attempt`]).
//! - **Message**: envelope and bytes ([`model::Message`]); a **transport**
//!   takes one ([`transport::Transport`]) and answers an **outcome**
//!   ([`model::Outcome`]). We say *accepted*, never *delivered*.
//! - **Ledger**: what was planned, tried, answered, opted out
//!   ([`ledger::Ledger`]).
//! - **Finding**: one thing wrong, with its place and the way out
//!   ([`model::Finding`]).
//!
//! # The pipeline
//!
//! `load → check → render → publish → plan → deliver → report`, in a row:
//!
//! ```
//! use hlas::clock::{Clock, Fixed};
//! use hlas::desk::{Desk, Errand, Hours};
//! use hlas::load::{load, settings::settings};
//! use hlas::{ledger, transport::{Transport, memory::Memory}};
//! use std::sync::Arc;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let root = folder.path();
//! # let write = |path: &str, text: &str| {
//! #     let path = root.join(path);
//! #     std::fs::create_dir_all(path.parent().unwrap())?;
//! #     std::fs::write(path, text)
//! # };
//! # let toml = "base_url = 'https://hlas.example.org/'\n\
//! #     [organisation]\nname = { cs = 'Hlas' }\naddress = { cs = 'Praha' }\nemail = 'a@example.org'\n\
//! #     [mail]\nfrom = 'hlas@example.org'\n";
//! write("publications/2026-10-05-povoleni/cs.md", "\
//! ---
//! title: Povolení k pobytu
//! kind: commentary
//! date: 2026-10-05
//! at: 2026-10-05 09:00
//! to: [members]
//! status: ready
//! ---
//! Text.
//! ")?;
//! write("subscribers/members.csv", "email,basis\njana@example.org,consent\n")?;
//! write("subscribers/segments.toml", "[members]\nwhen = 'list == \"members\"'\n")?;
//!
//! // load: disk → model, with all findings
//! let settings = settings(root, toml, &[]).expect("sound settings");
//! let loaded = load(settings.workspace).expect("a workspace");
//! let clock = Arc::new(Fixed::at("2026-10-05T08:00:00Z".parse()?));
//! let desk = Desk { loaded: &loaded, clock };
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! // check, render, publish: what changed is written, the rest not touched
//! let (built, published) = desk.publish()?;
//! assert!(published.written.contains(&"site/2026-10-05-povoleni/cs.html".to_owned()));
//!
//! // plan: frozen in one transaction, before the first message
//! let ledger = ledger::open("sqlite::memory:", root).await?;
//! let frozen = desk.freeze_due(ledger.as_ref(), &built).await?;
//! assert_eq!(frozen.new[0].1, 1);
//!
//! // deliver: claim, compose, write down, send, settle
//! let (slug, stop) = (&frozen.new[0].0, Default::default());
//! let errand = Errand { slug, hours: Hours::OfTheHouse, stop: &stop };
//! let mut transports: Vec<Box<dyn Transport>> = vec![Box::new(Memory::default())];
//! let tally =
//!     desk.deliver(&ledger, &mut transports, None, errand, &mut |_event| {}).await?;
//! assert_eq!(tally.accepted, 1);
//!
//! // report: the books balance
//! assert!(ledger.books(slug).await?.expect("a mailing").balance());
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok(())
//! # }
//! ```

pub mod audience;
pub mod build;
pub mod chart;
pub mod check;
pub mod clock;
pub mod cores;
pub mod deliver;
pub mod desk;
pub mod dns;
pub mod doctor;
pub mod http;
pub mod ledger;
pub mod links;
pub mod load;
pub mod mail;
pub mod model;
pub mod notify;
pub mod plan;
pub mod publish;
pub mod render;
pub mod report;
pub mod secret;
pub mod transport;
pub mod typography;
