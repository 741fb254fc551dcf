//! A clean clone, and its first command: the repository's own workspace.
//!
//! One run is shared by all who look at what came of it, for it is the longest
//! thing these tests do.

use std::collections::BTreeSet;
use std::fs;
use std::sync::LazyLock;

use serde_json::Value;

use crate::desk::{Desk, Said};

pub struct FirstRun {
    pub desk: Desk,
    /// `hlas plan`, before anything was sent.
    pub plan: Value,
    said: Said,
}

pub static FIRST_RUN: LazyLock<FirstRun> = LazyLock::new(|| {
    let desk = Desk::of_the_repository("first-run");
    let plan = desk.hlas(["plan", "--format", "json"]).ends_with(0).json();
    let said = desk.hlas(["run"]);
    FirstRun { desk, plan, said }
});

/// A manuscript of the workspace that is ready, by its slug and language.
pub struct Ready {
    pub slug: String,
    pub language: String,
    pub text: String,
}

impl FirstRun {
    /// The texts in `publications/`, a draft's left out; the leading language
    /// says whether it is one.
    pub fn ready(&self) -> Vec<Ready> {
        self.texts().into_iter().filter(|text| !self.is_draft(&text.slug)).collect()
    }

    pub fn drafts(&self) -> BTreeSet<String> {
        let slugs = self.texts().into_iter().map(|text| text.slug);
        slugs.filter(|slug| self.is_draft(slug)).collect()
    }

    fn is_draft(&self, slug: &str) -> bool {
        let text = fs::read_to_string(self.desk.root().join(format!("publications/{slug}/cs.md")));
        text.expect("a leading text").lines().any(|line| line == "status: draft")
    }

    fn texts(&self) -> Vec<Ready> {
        let files = self.desk.tree("publications");
        let texts = files.iter().filter_map(|file| {
            let (slug, name) = file.split_once('/')?;
            let language = name.strip_suffix(".md")?.to_owned();
            let text = self.desk.read(&format!("publications/{file}"));
            Some(Ready { slug: slug.to_owned(), language, text })
        });
        texts.collect()
    }

    /// Mailings that the plan found nothing in the way of.
    fn due(&self) -> impl Iterator<Item = &Value> {
        let plans = self.plan.as_array().expect("a list of plans").iter();
        plans.filter(|plan| plan["obstacle"].is_null() && !plan["at"].is_null())
    }
}

#[test]
fn the_first_command_ends_well_and_has_nothing_to_complain_of() {
    let FirstRun { said, .. } = &*FIRST_RUN;
    assert_eq!((said.exit, said.err.as_str()), (0, ""), "{}", said.out);
}

#[test]
fn every_ready_text_has_its_page_and_its_pdf_and_no_draft_has() {
    let first = &*FIRST_RUN;
    let site: BTreeSet<String> = first.desk.site().into_iter().collect();
    let ending = |suffix: &str| {
        site.iter().filter(|file| file.ends_with(suffix)).cloned().collect::<BTreeSet<_>>()
    };
    let mut pages = BTreeSet::from(["index.html".to_owned()]);
    let mut pdfs = BTreeSet::new();
    for Ready { slug, language, .. } in first.ready() {
        pages.insert(format!("{slug}/{language}.html"));
        pdfs.insert(format!("{slug}/{slug}.{language}.pdf"));
    }
    assert!(pages.len() > 5, "{pages:?}");
    assert_eq!(ending(".html"), pages);
    assert_eq!(ending(".pdf"), pdfs);
    assert_eq!(ending(".xml"), BTreeSet::from(["feed.cs.xml", "feed.en.xml"].map(String::from)));
    for draft in first.drafts() {
        assert!(!site.iter().any(|file| file.starts_with(&draft)), "{draft} left the house");
    }
}

#[test]
fn a_feed_has_every_ready_text_of_its_language() {
    let first = &*FIRST_RUN;
    for language in ["cs", "en"] {
        let feed = first.desk.read(&format!("out/site/feed.{language}.xml"));
        let feed: rss::Channel = feed.parse().expect("RSS");
        let ready = first.ready();
        let slugs: BTreeSet<_> =
            ready.iter().filter(|it| it.language == language).map(|it| &it.slug).collect();
        assert_eq!(feed.items().len(), slugs.len());
        for item in feed.items() {
            let link = item.link().expect("a link");
            assert!(slugs.iter().any(|slug| link.contains(slug.as_str())), "{link}");
            let pdf = item.enclosure().expect("the PDF");
            let path = pdf.url().strip_prefix("https://hlas.example.org/").expect("ours");
            let bytes = first.desk.bytes(&format!("out/site/{path}"));
            assert_eq!(pdf.length(), bytes.len().to_string(), "{path}");
        }
    }
}

#[test]
fn everybody_who_is_due_gets_one_mail_and_nobody_a_draft() {
    let first = &*FIRST_RUN;
    let mut planned = BTreeSet::new();
    for plan in first.due() {
        for delivery in plan["deliveries"].as_array().expect("deliveries") {
            let file = format!("{}.eml", delivery["delivery"].as_str().expect("an id"));
            let to = delivery["address"].as_str().expect("an address").to_owned();
            assert!(planned.insert((file, to)), "{delivery}");
        }
    }
    assert!(planned.len() > 200, "{} are due", planned.len());
    let outbox = first.desk.outbox();
    let mailed: BTreeSet<_> =
        outbox.iter().map(|mail| (mail.file.clone(), mail.recipient())).collect();
    assert_eq!(mailed, planned);
    let drafts = first.drafts();
    assert!(!drafts.is_empty());
    assert!(drafts.iter().all(|draft| !outbox.iter().any(|mail| mail.file.starts_with(draft))));
}

#[test]
fn a_second_run_mails_nobody_touches_no_file_and_can_be_silent() {
    let desk = &FIRST_RUN.desk;
    let before = (desk.times("out"), desk.times("var/outbox"));
    let again = desk.hlas(["run"]).ends_with(0);
    assert!(again.out.contains(" 0 written, 0 removed, "), "{}", again.out);
    let quiet = desk.hlas(["run", "--quiet"]).ends_with(0);
    assert_eq!((quiet.out.as_str(), quiet.err.as_str()), ("", ""));
    assert!(before == (desk.times("out"), desk.times("var/outbox")), "a file was written");
}
