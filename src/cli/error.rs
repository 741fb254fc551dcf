//! Every way a command can end, and the number it ends with.

use std::fmt;

use hlas::deliver::DeliverError;
use hlas::desk::FreezeError;
use hlas::ledger::{FenceError, LedgerError, LockError};
use hlas::mail::dkim::KeyError;
use hlas::model::{Finding, Findings};
use hlas::publish::PublishError;
use hlas::transport::TransportError;

/// How a command ended. The numbers are a promise to scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Ok = 0,
    Findings = 1,
    Usage = 2,
    Settings = 3,
    Output = 4,
    Ledger = 5,
    Transport = 6,
    Busy = 7,
    Unsure = 8,
    Declined = 9,
}

/// The one list that help, README and tests read.
pub const EXITS: [(Exit, &str); 10] = [
    (Exit::Ok, "done, or nothing to do"),
    (
        Exit::Findings,
        "something is wrong in a publication, list or segment, or in what `doctor` looks at; the rest went on",
    ),
    (Exit::Usage, "the command line is wrong"),
    (Exit::Settings, "hlas.toml, the environment or a theme file is wrong; nothing was done"),
    (Exit::Output, "the output folder cannot be written"),
    (Exit::Ledger, "the ledger cannot be read or written"),
    (Exit::Transport, "mail cannot be handed over now; whoever is left stays pending"),
    (Exit::Busy, "another run is at work on this ledger"),
    (Exit::Unsure, "deliveries were refused or are unsure, or the books do not balance: look"),
    (Exit::Declined, "not sent: not ready to go, or not confirmed"),
];

/// Exit codes as a paragraph of help.
pub fn exits_help() -> String {
    let mut text = String::from("Exit codes:\n");
    for (exit, meaning) in EXITS {
        text.push_str(&format!("  {}  {meaning}\n", exit as u8));
    }
    text
}

/// Why a command could not do what it was asked to.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    pub message: String,
    pub help: Option<String>,
    pub findings: Findings,
}

impl Failure {
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), help: None, findings: Findings::new() }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The end of a command that has written the failure into its own JSON: a
    /// script reads one value, and the exit code.
    pub fn told_already(self, in_json: bool) -> Result<Exit, Self> {
        if in_json { Ok(self.exit) } else { Err(self) }
    }

    /// Findings that leave nothing to work with.
    pub fn findings(exit: Exit, message: impl Into<String>, findings: Findings) -> Self {
        Self { findings, ..Self::new(exit, message) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        Self::new(Exit::Output, error.to_string())
            .help("free some space, allow writing there, or choose another folder with --out")
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let failure = Self::new(Exit::Ledger, error.to_string());
        match error.help() {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

impl From<FenceError> for Failure {
    fn from(error: FenceError) -> Self {
        match error {
            FenceError::Ledger(error) => error.into(),
            error => Self::new(Exit::Ledger, error.to_string()).help(error.help()),
        }
    }
}

impl From<FreezeError> for Failure {
    fn from(error: FreezeError) -> Self {
        match error {
            FreezeError::Ledger(error) => error.into(),
            FreezeError::Render(finding) => (*finding).into(),
        }
    }
}

/// What was to be sent cannot be rendered.
impl From<Finding> for Failure {
    fn from(finding: Finding) -> Self {
        let message = "nothing is sent: the mail cannot be rendered";
        Self::findings(Exit::Findings, message, vec![finding])
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        let message = error.to_string();
        match error {
            LockError::Busy { .. } => Self::new(Exit::Busy, message)
                .help("wait for it to end; it takes up what is due then"),
            LockError::Ledger(error) => error.into(),
            LockError::Io { .. } => Self::new(Exit::Ledger, message)
                .help("allow writing there, or choose another place with --ledger"),
        }
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        let failure = Self::new(Exit::Transport, error.to_string());
        match error.help() {
            Some(help) => failure.help(help),
            None => failure.help("whoever is left stays pending: `hlas run` goes on with them"),
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let exit = match &error {
            KeyError::Write { .. } => Exit::Output,
            KeyError::Read { .. } | KeyError::Unusable { .. } => Exit::Settings,
        };
        Self::new(exit, error.to_string()).help(error.help())
    }
}

impl From<DeliverError> for Failure {
    fn from(error: DeliverError) -> Self {
        match error {
            DeliverError::Transport(error) => error.into(),
            DeliverError::Ledger(error) => error.into(),
            DeliverError::Paused(_) => Self::new(Exit::Unsure, error.to_string())
                .help("mend what the server has against it; `hlas send SLUG --resume` goes on"),
        }
    }
}
