//! `hlas build`: pages, PDFs, feeds, and every mail to look at.

use std::sync::Arc;

use hlas::build::is_held_up;
use hlas::clock::System;
use hlas::desk::Desk;
use hlas::model::{Findings, Status, each_once};
use hlas::report::count;
use serde_json::json;

use super::Context;
use super::error::{Exit, Failure};
use super::standard::StandardArgs;
use super::ui::tally;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    standard: StandardArgs,
    /// Make a PNG of every page of the PDFs in out/proof/, too
    #[arg(long)]
    proof: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let (_, mut loaded) = context.settings.load(&context.root)?;
    args.standard.apply(&mut loaded)?;
    let desk = Desk { loaded: &loaded, clock: Arc::new(System) };
    let (built, published) = if args.proof { desk.publish_with_proofs()? } else { desk.publish()? };
    let mut findings: Findings = loaded.findings.clone();
    findings.extend(built.publications.iter().flat_map(|one| one.findings.clone()));
    let findings = each_once(findings);
    if context.ui.is_json() {
        context.ui.json(&json!({ "published": published, "findings": findings }));
    } else {
        context.ui.findings(&findings);
        let waiting = built.publications.iter().filter(|one| one.is_sound() && !one.public);
        let drafts = waiting.clone().filter(|one| one.status == Some(Status::Draft)).count();
        let waiting = waiting.count() - drafts;
        context.ui.result(&format!(
            "{}: {} written, {} removed, {} unchanged; {}\n",
            loaded.workspace.out.display(),
            published.written.len(),
            published.removed.len(),
            published.unchanged,
            tally(&findings),
        ));
        if drafts + waiting > 0 {
            context.ui.result(&format!(
                "preview/ holds {} and {} whose time has not come\n",
                count(drafts as u64, "draft"),
                count(waiting as u64, "publication"),
            ));
        }
    }
    let lists_wrong = loaded.findings.iter().any(|finding| finding.is_error());
    let broken = lists_wrong || is_held_up(&built.publications);
    Ok(if broken { Exit::Findings } else { Exit::Ok })
}
