//! Stories of the whole desk, in one binary so that it links once.
//!
//! The program as people run it:
//!
//! - [`first_run`]: a clean clone and its first command
//! - [`mail`]: its messages, read by somebody else's parser
//! - [`pdf`]: its PDFs, read by other people's tools
//! - [`proof`]: PDFs to look at, and what they are held to
//! - [`reproducible`]: the same sources, the same bytes
//! - [`config`]: settings in layers; workspaces and publications that begin
//! - [`new`], [`writing`]: a text begun, and the guide for those who write
//! - [`newsletter`]: what came out since the last one
//! - [`theme`]: the files that make the look
//! - [`leak`]: what is for some readers, kept from the others
//! - [`privacy`]: whom a reader's client touches
//! - [`links`]: pages that are linked to, asked for on a server of ours
//! - [`chart`]: from a block of numbers to what every reader gets
//! - [`typography`]: what an analyst types, and what readers see
//! - [`bad_input`]: what cannot be read, named with its place and the way out
//! - [`mistakes`]: one of each thing that a rule looks for
//! - [`hostile`]: what would harm the house that sets it
//! - [`send`]: the coordinator presses send
//! - [`smtp`]: mail servers friendly, moody and gone
//! - [`tls`]: encrypted lines and logins
//! - [`pace`]: how fast, and when, by the mail server's own clock
//! - [`fence`]: copies of the ledger, which do not send
//! - [`dkim`]: keys that sign, the records they need, and the doctor
//! - [`watched`]: whoever watches a run, at the terminal and from outside
//! - [`running`]: units, schedules and docs for a house where it runs by itself
//! - [`killed`]: the plug is pulled in the middle of a run
//! - [`full_disk`]: no room is left for the ledger in the middle of a run
//! - [`workers`]: several machines on one PostgreSQL
//!
//! Below the command line:
//!
//! - [`delivery`]: from the freeze to the books, against a mail server
//! - [`injection`]: text that would be a header or a command
//! - [`corpus`]: texts that nobody wrote for us
//! - [`sample`]: one of them as PDF, word by word
//! - [`spec`]: the specifications of Markdown, example by example
//!
//! and what they stand on:
//!
//! - [`desk`]: a workspace in a folder of its own, and the program at work on it
//! - [`smtp_sink`]: a mail server on loopback that says what it is told to
//! - [`headers`]: what may stand at the head of a message
//! - [`tls_server`]: one that speaks TLS and asks who is there
//! - [`postfix_sink`]: one that is none of ours
//! - [`fake_zone`]: a DNS server that knows one zone
//! - [`throwaway`]: a PostgreSQL for the length of a test run
//! - [`small_disk`]: one that soon has no room left
//! - [`listener`]: a server that is told of a run

mod bad_input;
mod chart;
mod config;
mod corpus;
mod delivery;
mod desk;
mod dkim;
#[path = "../../src/dns/fake_zone.rs"]
mod fake_zone;
mod fence;
mod first_run;
mod full_disk;
mod headers;
mod hostile;
mod injection;
mod killed;
mod leak;
mod links;
#[path = "../../src/notify/listener.rs"]
mod listener;
mod mail;
mod mistakes;
mod new;
mod newsletter;
mod pace;
mod pdf;
mod postfix_sink;
mod privacy;
mod proof;
mod reproducible;
mod running;
mod sample;
mod send;
mod small_disk;
mod smtp;
mod smtp_sink;
mod spec;
mod theme;
#[path = "../../src/ledger/postgres/throwaway.rs"]
mod throwaway;
mod tls;
mod tls_server;
mod typography;
mod watched;
mod workers;
mod writing;
