//! The tables as a page to read: `docs/replies.md`, which a test keeps true.

use std::fmt::Write;

use super::row::{Row, Table};
use super::{Again, Kind, Verdict, http, smtp, sysexits};

const HEAD: &str = "\
# What a reply means

Printed from the tables in `src/transport/replies/`; a test compares the two.
Of the rows that match a reply the most specific counts: one that knows a
sentence before one that knows an enhanced code, before one that knows a code,
before one that knows only where in the dialogue it was said. An empty field
matches anything, `x` any digit, `*` any number; the enhanced code is written
without its first number, which is that of the code. Sentences are regular
expressions, capital letters or not.

*accepted*: the other side has taken responsibility. *deferred*: it is tried
again, in minutes (*soon*), by the usual, growing waits (*usual*), or not before
hours (*later*); where a reply says how long, that is heeded. *refused*: never
to this recipient. *ours*: said of us or of what we send, so nobody is written
off and the mailing stops until a person has looked. *unsure*: shown, and never
sent again unasked. *Suppress*: the address is never written to again. *Slow*:
this recipient's domain gets its mail more slowly.
";

pub fn listing() -> String {
    let mut page = HEAD.to_owned();
    for (title, table) in [
        ("Mail servers", &smtp::TABLE),
        ("Providers, by HTTP status", &http::TABLE),
        ("A local sendmail, by exit code", &sysexits::TABLE),
    ] {
        section(&mut page, title, table);
    }
    page
}

fn section(page: &mut String, title: &str, table: &Table) {
    let is_smtp = table.rows.iter().any(|row| !row.status.is_empty());
    let columns = if is_smtp {
        "| said at | code | enhanced | sentence | verdict | because | for example |\n|---|---|---|---|---|---|---|\n"
    } else {
        "| code | sentence | verdict | because | for example |\n|---|---|---|---|---|\n"
    };
    let _ = write!(page, "\n## {title}\n\n{columns}");
    for row in table.rows {
        line(page, row, is_smtp);
    }
}

fn line(page: &mut String, row: &Row, is_smtp: bool) {
    let mut fields = vec![code(row.code)];
    if is_smtp {
        let stages: Vec<_> = row.stages.iter().map(|stage| stage.name()).collect();
        fields.insert(0, stages.join(", "));
        fields.push(code(row.status));
    }
    fields.extend([code(row.text), verdict(&row.verdict), row.verdict.reason.to_owned()]);
    fields.push(
        row.heard.first().map_or_else(String::new, |(_, number, text)| {
            code(format!("{number} {text}").trim_end())
        }),
    );
    let _ = writeln!(page, "| {} |", fields.join(" | "));
}

/// A bar would end the cell, even inside of code.
fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{}`", text.replace('|', r"\|")) }
}

fn verdict(verdict: &Verdict) -> String {
    let kind = match verdict.kind {
        Kind::Accepted => "accepted",
        Kind::Deferred => "deferred",
        Kind::Refused => "refused",
        Kind::Unsure => "unsure",
        Kind::Ours => "ours",
    };
    let again = match verdict.again {
        Again::Never => "",
        Again::Soon => ", soon",
        Again::Usual => ", usual",
        Again::Later => ", later",
    };
    let suppress = if verdict.suppress { ", suppress" } else { "" };
    let slow = if verdict.slow { ", slow" } else { "" };
    format!("{kind}{again}{suppress}{slow}")
}
