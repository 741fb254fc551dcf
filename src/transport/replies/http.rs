//! What a provider's HTTP API answers (RFC 9110 section 15), by status and,
//! where providers put different things under one status, by their sentence.
//!
//! A provider says *queued* and no more; what becomes of each recipient it
//! tells later, elsewhere. So hardly anything here is about a recipient, and
//! a 5xx after the whole request went out may hide a message that was taken.

use super::row::{Row, Table, compile};
use super::{Again, Verdict};
use crate::model::Stage;

pub static TABLE: Table = Table::new(ROWS, || compile(ROWS));

const fn row(
    code: &'static str,
    text: &'static str,
    verdict: Verdict,
    heard: &'static [(Stage, u16, &'static str)],
) -> Row {
    Row { stages: &[], code, status: "", text, verdict, heard }
}

const ROWS: &[Row] = &[
    row(
        "2xx",
        "",
        Verdict::accepted("the provider has queued it"),
        &[(Stage::Reply, 200, r#"{"id":"<x@example.org>","message":"Queued. Thank you."}"#)],
    ),
    row(
        "400",
        r"parameter is not a valid address|invalid (to|recipient)|to.{0,40}valid (e-?mail )?address",
        Verdict::refused("the provider cannot read the address"),
        &[(
            Stage::Reply,
            400,
            r#"{"message":"to parameter is not a valid address. please check documentation"}"#,
        )],
    ),
    row(
        "400",
        "",
        Verdict::ours("the provider does not understand the request"),
        &[(Stage::Reply, 400, r#"{"message":"'from' parameter is missing"}"#)],
    ),
    row(
        "401",
        "",
        Verdict::ours("the provider does not know the key"),
        &[(Stage::Reply, 401, "Forbidden")],
    ),
    row(
        "402",
        "",
        Verdict::ours("the provider wants to be paid"),
        &[(Stage::Reply, 402, r#"{"message":"Payment required"}"#)],
    ),
    row(
        "403",
        "",
        Verdict::ours("the provider does not let us send, or not from this domain"),
        &[(
            Stage::Reply,
            403,
            r#"{"message":"Domain mg.example.org is not allowed to send: not verified"}"#,
        )],
    ),
    row(
        "404",
        "",
        Verdict::ours("the provider has no such domain"),
        &[(Stage::Reply, 404, r#"{"message":"Domain not found: mg.example.org"}"#)],
    ),
    row(
        "408",
        "",
        Verdict::deferred(Again::Soon, "the provider did not get the whole request in time"),
        &[(Stage::Reply, 408, "")],
    ),
    row(
        "409",
        "",
        Verdict::unsure("the provider has this very request in hand already"),
        &[(
            Stage::Reply,
            409,
            r#"{"message":"a request with this idempotency key is in progress"}"#,
        )],
    ),
    row(
        "413",
        "",
        Verdict::refused("the message is too large for the provider"),
        &[(Stage::Reply, 413, "Request Entity Too Large")],
    ),
    row(
        "421",
        "",
        Verdict::deferred(Again::Soon, "the request came to the wrong server"),
        &[(Stage::Reply, 421, "Misdirected Request")],
    ),
    row(
        "425",
        "",
        Verdict::deferred(Again::Soon, "the request came too early"),
        &[(Stage::Reply, 425, "Too Early")],
    ),
    row(
        "429",
        "",
        Verdict::deferred(Again::Later, "the provider's limit is reached").slowing(),
        &[(Stage::Reply, 429, r#"{"message":"Too many requests. Limit for domain exceeded"}"#)],
    ),
    row(
        "4xx",
        "",
        Verdict::ours("the provider does not accept the request"),
        &[(Stage::Reply, 405, "Method Not Allowed"), (Stage::Reply, 422, "")],
    ),
    row(
        "500",
        "",
        Verdict::unsure("the provider broke while it had the message"),
        &[(Stage::Reply, 500, r#"{"message":"Internal Server Error"}"#)],
    ),
    row(
        "501",
        "",
        Verdict::ours("the provider has no such function"),
        &[(Stage::Reply, 501, "Not Implemented")],
    ),
    row(
        "502",
        "",
        Verdict::unsure("a gateway lost the provider while it had the message"),
        &[(Stage::Reply, 502, "Bad Gateway")],
    ),
    row(
        "503",
        "",
        Verdict::deferred(Again::Usual, "the provider is not available now"),
        &[(Stage::Reply, 503, "Service Unavailable")],
    ),
    row(
        "504",
        "",
        Verdict::unsure("a gateway had no answer from the provider in time"),
        &[(Stage::Reply, 504, "Gateway Timeout")],
    ),
    row(
        "5xx",
        "",
        Verdict::unsure("the provider failed while it had the message"),
        &[(Stage::Reply, 520, "")],
    ),
    row(
        "3xx",
        "",
        Verdict::ours("the provider is somewhere else"),
        &[(Stage::Reply, 301, "Moved Permanently")],
    ),
    row("", "", Verdict::unsure("an answer that is none"), &[(Stage::Reply, 199, "")]),
];
