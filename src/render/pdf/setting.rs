//! Typst at work on one job: pages, then a PDF or PNGs of them.
//!
//! It runs on a thread of its own, for Typst recurses as deep as the text nests
//! and a test's thread has a small stack.
//!
//! The surprise is what happens when Typst finds something wrong. It knows the
//! template that was at work, which is the same for every paragraph, and
//! nothing of Markdown. So the text is set again, shorter and shorter, until it
//! is known which element cannot be set: a handful of times, and only then.

use serde_json::Value;
use typst::WorldExt;
use typst::diag::{SourceDiagnostic, SourceResult};
use typst_layout::PagedDocument;
use typst_render::RenderOptions;

use super::job::{Job, Wish};
use super::packed;
use super::typesetter::{Said, Trouble};
use super::world::{self, Desk};
use crate::model::Place;
use crate::render::fonts::Fonts;

/// Room for Typst to recurse in: unoptimised, a level of nesting takes tens of
/// kilobytes. The pages are claimed only when touched.
const STACK: usize = 64 << 20;

/// For how many documents what was remembered of one is kept: of the last,
/// since it may be set again with a sentence changed, and what another thread
/// is at work with. Without a bound memory grew by 19 MiB a document.
const KEPT: usize = 1;

/// Sets a job in this process.
pub(super) fn set(job: &Job, fonts: &Fonts) -> Result<Vec<Vec<u8>>, Trouble> {
    let set = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("pdf".to_owned()).stack_size(STACK);
        let worker = thread.spawn_scoped(scope, || attempt_or_find(job, fonts));
        worker.expect("the system gives a thread").join()
    });
    comemo::evict(KEPT);
    set.unwrap_or_else(|panic| Err(Trouble::Broke(said_in_panic(panic.as_ref()))))
}

fn attempt_or_find(job: &Job, fonts: &Fonts) -> Result<Vec<Vec<u8>>, Trouble> {
    let desk = Desk::new(job, fonts, &job.text);
    attempt(&desk, &job.wish).map_err(|errors| {
        let Some(error) = errors.first() else {
            return Trouble::Broke("no reason is given".to_owned());
        };
        let element = culprit(job, fonts, &error.message);
        Trouble::Said(Said {
            message: error.message.to_string(),
            hints: error.hints.iter().map(|hint| hint.v.to_string()).collect(),
            at: template_place(error, &desk),
            element,
        })
    })
}

fn attempt(desk: &Desk<'_>, wish: &Wish) -> SourceResult<Vec<Vec<u8>>> {
    let document = typst::compile::<PagedDocument>(desk).output?;
    match wish {
        Wish::Pdf(papers) => {
            let pdf = typst_pdf::pdf(&document, &papers.options())?;
            Ok(vec![packed::packed(pdf)])
        }
        Wish::Pages { pixels_per_inch } => {
            let pixel_per_pt = (f64::from(*pixels_per_inch) / 72.0).into();
            let options = RenderOptions { pixel_per_pt, ..RenderOptions::default() };
            let page = |page| typst_render::render(page, &options).encode_png();
            let pages = document.pages().iter().map(page).collect::<Result<_, _>>();
            Ok(pages.expect("memory takes what is written"))
        }
    }
}

/// The first element that brings `complaint` about. Links within the text are
/// left out of account: what they lead to may be cut off.
fn culprit(job: &Job, fonts: &Fonts, complaint: &str) -> Option<usize> {
    let text: Vec<String> = job.text.iter().map(|element| without_jumps(element)).collect();
    let complains = |count: usize| {
        let desk = Desk::new(job, fonts, &text[..count]);
        let errors = attempt(&desk, &job.wish).err().unwrap_or_default();
        errors.iter().any(|error| error.message == complaint)
    };
    if complains(0) || !complains(text.len()) {
        return None;
    }
    let (mut sound, mut broken) = (0, text.len());
    while broken - sound > 1 {
        let middle = sound.midpoint(broken);
        if complains(middle) { broken = middle } else { sound = middle }
    }
    Some(broken - 1)
}

fn without_jumps(element: &str) -> String {
    fn turn(value: &mut Value) {
        match value {
            Value::Array(values) => values.iter_mut().for_each(turn),
            Value::Object(fields) => {
                if fields.get("kind").is_some_and(|kind| kind == "jump") {
                    fields.insert("kind".to_owned(), "item".into());
                }
                fields.values_mut().for_each(turn);
            }
            _ => {}
        }
    }
    let mut value: Value = serde_json::from_str(element).unwrap_or_default();
    turn(&mut value);
    value.to_string()
}

fn template_place(error: &SourceDiagnostic, desk: &Desk<'_>) -> Option<(String, usize, usize)> {
    let id = error.span.id()?;
    let range = desk.range(error.span)?;
    let source = typst::World::source(desk, id).ok()?;
    let path = world::name(id);
    let Place { line, column, .. } = Place::at_offset(path.as_ref(), source.text(), range.start);
    Some((path, line, column))
}

fn said_in_panic(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "it panicked".to_owned())
}
