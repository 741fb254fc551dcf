//! How a local `sendmail` ends: the exit codes of sysexits.h, as sendmail,
//! Postfix, Exim and OpenSMTPD use them.
//!
//! Zero means that it is in the local queue, which is responsibility taken.
//! What a program says that was killed is nothing, so that is not in here.

use super::row::{Row, Table, compile};
use super::{Again, Verdict};
use crate::model::Stage;

pub static TABLE: Table = Table::new(ROWS, || compile(ROWS));

const fn row(
    code: &'static str,
    verdict: Verdict,
    heard: &'static [(Stage, u16, &'static str)],
) -> Row {
    Row { stages: &[], code, status: "", text: "", verdict, heard }
}

const ROWS: &[Row] = &[
    row("0", Verdict::accepted("it is in the local queue (EX_OK)"), &[(Stage::Reply, 0, "")]),
    row(
        "64",
        Verdict::ours("it does not understand how it was called (EX_USAGE)"),
        &[(Stage::Reply, 64, "sendmail: fatal: usage: sendmail [options]")],
    ),
    row(
        "65",
        Verdict::refused("it cannot use this message or address (EX_DATAERR)"),
        &[(Stage::Reply, 65, "sendmail: fatal: Recipient addresses must be specified")],
    ),
    row(
        "67",
        Verdict::refused("there is no such user (EX_NOUSER)").suppressing(),
        &[(Stage::Reply, 67, "a@localhost... User unknown")],
    ),
    row(
        "68",
        Verdict::refused("there is no such host (EX_NOHOST)").suppressing(),
        &[(Stage::Reply, 68, "a@nowhere.example.org... Host unknown")],
    ),
    row(
        "69",
        Verdict::deferred(Again::Usual, "it cannot do its work now (EX_UNAVAILABLE)"),
        &[(Stage::Reply, 69, "postdrop: warning: mail system is down")],
    ),
    row(
        "70",
        Verdict::deferred(Again::Usual, "it is broken inside (EX_SOFTWARE)"),
        &[(Stage::Reply, 70, "")],
    ),
    row(
        "71",
        Verdict::deferred(Again::Usual, "the system fails it (EX_OSERR)"),
        &[(Stage::Reply, 71, "sendmail: fatal: fork: Resource temporarily unavailable")],
    ),
    row(
        "72",
        Verdict::ours("a file of the system is missing (EX_OSFILE)"),
        &[(Stage::Reply, 72, "sendmail: fatal: open /etc/postfix/main.cf: No such file")],
    ),
    row(
        "73",
        Verdict::deferred(Again::Usual, "it cannot write its queue (EX_CANTCREAT)"),
        &[(Stage::Reply, 73, "queue full")],
    ),
    row(
        "74",
        Verdict::deferred(Again::Usual, "reading or writing failed (EX_IOERR)"),
        &[(Stage::Reply, 74, "")],
    ),
    row(
        "75",
        Verdict::deferred(Again::Usual, "it asks to try later (EX_TEMPFAIL)"),
        &[(Stage::Reply, 75, "postdrop: warning: unable to look up public/pickup")],
    ),
    row(
        "76",
        Verdict::deferred(Again::Usual, "the far side broke the protocol (EX_PROTOCOL)"),
        &[(Stage::Reply, 76, "")],
    ),
    row(
        "77",
        Verdict::ours("we may not send, or not as this sender (EX_NOPERM)"),
        &[(Stage::Reply, 77, "sendmail: fatal: User hlas(999) is not allowed to submit mail")],
    ),
    row(
        "78",
        Verdict::ours("it is configured wrongly (EX_CONFIG)"),
        &[(Stage::Reply, 78, "sendmail: fatal: bad configuration")],
    ),
    row("126", Verdict::ours("it may not be run"), &[(Stage::Reply, 126, "Permission denied")]),
    row(
        "127",
        Verdict::ours("there is no such program"),
        &[(Stage::Reply, 127, "sh: sendmail: not found")],
    ),
    row(
        "",
        Verdict::deferred(Again::Usual, "it failed, and does not say how"),
        &[(Stage::Reply, 1, ""), (Stage::Reply, 66, ""), (Stage::Reply, 255, "")],
    ),
];
