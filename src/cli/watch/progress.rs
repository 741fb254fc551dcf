//! How far a mailing is, for whoever sits before it: a bar that redraws itself
//! below what is printed; in a log, a line now and then.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use console::Term;
use hlas::deliver::Event;
use hlas::model::Slug;
use hlas::report::{BAR, Rhythm, Standing, bar_text, is_narrow, progress_text};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// So often the bar is drawn anew while nothing happens.
const TICK: Duration = Duration::from_millis(500);

pub struct Progress {
    how: How,
    /// What is printed comes to where the bar is.
    shares_the_screen: bool,
    of: Option<Mailing>,
    /// Takes its turn after the event that made it due.
    line: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Bar,
    Lines,
    Nothing,
}

/// The one that is under way.
struct Mailing {
    slug: Slug,
    bar: ProgressBar,
    refused: Arc<AtomicU64>,
    deferred: u64,
    rhythm: Rhythm,
}

impl Progress {
    /// A bar where somebody sees standard error on a terminal that can draw it,
    /// but for those who want quiet. In a log they have lines too: what is
    /// mailed is never kept from them.
    pub fn for_the_terminal(quiet: bool) -> Self {
        let can_draw = !ProgressDrawTarget::stderr().is_hidden();
        let how = match (std::io::stderr().is_terminal(), can_draw) {
            (true, _) if quiet => How::Nothing,
            (true, true) => How::Bar,
            _ => How::Lines,
        };
        let shares_the_screen = std::io::stdout().is_terminal();
        Self { how, shares_the_screen, of: None, line: None }
    }

    pub fn note(&mut self, event: &Event) {
        match event {
            Event::Started { mailing, open } => self.start(mailing, *open),
            Event::Accepted { .. } | Event::Unsure { .. } => self.advance(),
            Event::Deferred { .. } => {
                if let Some(mailing) = &mut self.of {
                    mailing.deferred += 1;
                }
                self.advance();
            }
            Event::Refused { .. } => {
                if let Some(mailing) = &self.of {
                    mailing.refused.fetch_add(1, Ordering::Relaxed);
                }
                self.advance();
            }
            // It is another run's to count.
            Event::TakenOver { .. } => {
                if let Some(mailing) = &self.of {
                    mailing.bar.dec_length(1);
                }
            }
            Event::Finished { .. } => self.end(),
            Event::Paused { .. }
            | Event::TransportDown { .. }
            | Event::TooLate { .. }
            | Event::Paced { .. }
            | Event::Closed { .. }
            | Event::Stopped => {}
        }
    }

    /// Prints while the bar is out of the way. Into a file, thousands of lines a
    /// second need not wait for it.
    pub fn beside(&self, print: impl FnOnce()) {
        match self.of.as_ref().filter(|_| self.shares_the_screen) {
            Some(mailing) => mailing.bar.suspend(print),
            None => print(),
        }
    }

    /// What a log should say now, if it should.
    pub fn line(&mut self) -> Option<String> {
        self.line.take()
    }

    pub fn end(&mut self) {
        if let Some(mailing) = self.of.take() {
            mailing.bar.finish_and_clear();
        }
    }

    fn start(&mut self, slug: &Slug, open: u64) {
        self.end();
        let refused = Arc::new(AtomicU64::new(0));
        let bar = match self.how {
            How::Bar => shown(slug.clone(), open, Arc::clone(&refused)),
            How::Lines | How::Nothing => {
                ProgressBar::with_draw_target(Some(open), ProgressDrawTarget::hidden())
            }
        };
        let (slug, deferred, rhythm) = (slug.clone(), 0, Rhythm::default());
        self.of = Some(Mailing { slug, bar, refused, deferred, rhythm });
    }

    fn advance(&mut self) {
        let Some(mailing) = &mut self.of else { return };
        mailing.bar.inc(1);
        if self.how == How::Lines {
            let standing = mailing.standing();
            if mailing.rhythm.is_due(mailing.bar.elapsed(), &standing) {
                self.line = Some(progress_text(&mailing.slug, &standing));
            }
        }
    }
}

impl Mailing {
    fn standing(&self) -> Standing {
        Standing {
            done: self.bar.position(),
            of: self.bar.length().unwrap_or_default(),
            pace: self.bar.per_sec(),
            left: self.bar.eta(),
            refused: self.refused.load(Ordering::Relaxed),
            deferred: self.deferred,
        }
    }
}

/// No colour, so there is none to switch off.
fn shown(slug: Slug, open: u64, refused: Arc<AtomicU64>) -> ProgressBar {
    let words = move |state: &ProgressState, text: &mut dyn std::fmt::Write| {
        let standing = Standing {
            done: state.pos(),
            of: state.len().unwrap_or_default(),
            pace: state.per_sec(),
            left: state.eta(),
            refused: refused.load(Ordering::Relaxed),
            deferred: 0,
        };
        let _ = text.write_str(&bar_text(&slug, &standing, columns()));
    };
    let bar = if is_narrow(columns()) { String::new() } else { format!("  {{bar:{BAR}}}") };
    let style = ProgressStyle::with_template(&format!("{{words}}{bar}"))
        .expect("a template of ours")
        .with_key("words", words)
        .progress_chars("━╸─");
    let bar = ProgressBar::with_draw_target(Some(open), ProgressDrawTarget::stderr());
    bar.set_style(style);
    bar.enable_steady_tick(TICK);
    bar
}

/// Asked each time: a window is made wider and narrower.
fn columns() -> usize {
    Term::stderr().size().1.into()
}
