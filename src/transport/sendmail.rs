//! Messages to the mail server of this machine, through its `sendmail`.
//!
//! Postfix, Exim, OpenSMTPD, msmtp and nullmailer all bring a program of that
//! name, which takes a message on its standard input and puts it into their
//! queue: `sendmail -i -f SENDER -- RECIPIENT`. `-i` leaves a lone dot alone,
//! `--` ends the options, and nothing goes through a shell. Line ends are LF, as
//! such programs are used to; the queue makes CRLF of them again, so that a
//! signature still holds.
//!
//! The surprise: the program takes the *end* of its input for the end of the
//! message, and it would see that end when we are killed half-way: a reader
//! would get half a letter. So the message lies whole in a file without a name
//! before the program is started, and starting it is the moment after which it
//! may have arrived.

use std::fs::File;
use std::io::{Seek, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use async_trait::async_trait;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

use super::envelope::EnvelopeAddress;
use super::replies::{self, Kind};
use super::{Progress, Transport, TransportError};
use crate::model::{Message, Outcome, Reply, Stage};

/// Where the Filesystem Hierarchy Standard wants it (section 4.6).
const USUAL: &str = "/usr/sbin/sendmail";

/// It only writes a queue file; Postfix gives up after some seconds itself.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// What it may complain at length, and what of it is kept.
const MOST_SAID: u64 = 4096;

pub struct Sendmail {
    program: PathBuf,
    patience: Duration,
}

impl Sendmail {
    /// `url` is `sendmail:` or `sendmail:PROGRAM`, below `root` unless absolute.
    pub fn open(url: &str, root: &Path) -> Self {
        let program = url.split_once(':').map_or("", |(_, program)| program);
        let program = match program.strip_prefix("//").unwrap_or(program) {
            "" => PathBuf::from(USUAL),
            program => root.join(program),
        };
        Self { program, patience: PATIENCE }
    }

    #[must_use]
    pub fn patient_for(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    fn name(&self) -> String {
        self.program.display().to_string()
    }

    fn failed(&self, stage: Stage, reason: impl ToString) -> TransportError {
        TransportError::Server { server: self.name(), stage, reason: reason.to_string() }
    }

    fn command(&self, sender: &EnvelopeAddress, recipient: &EnvelopeAddress) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("-i").arg("-f").arg(sender.to_string());
        command.arg("--").arg(recipient.to_string());
        // Of a group of its own: Ctrl-C is for us, and the message in hand is
        // finished first.
        command.process_group(0).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }
}

#[async_trait]
impl Transport for Sendmail {
    async fn send(
        &mut self,
        message: &Message,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, TransportError> {
        progress.through(&self.name());
        progress.reached(Stage::Connect);
        let sender = EnvelopeAddress::try_from(&message.sender)
            .map_err(|wrong| self.failed(Stage::Mail, wrong))?;
        let recipient = match EnvelopeAddress::try_from(&message.recipient) {
            Ok(recipient) => recipient,
            Err(wrong) => return Ok(Outcome::Refused(Reply::new(None, wrong.to_string()))),
        };
        // Found out before anything is written down: a wrong path is the
        // setting that is wrong most often.
        if !self.program.is_file() {
            return Err(self.failed(Stage::Connect, "there is no such program"));
        }
        progress.reached(Stage::Body);
        let file = whole(&message.bytes).map_err(|error| self.failed(Stage::Body, error))?;
        progress.handing_over().await.map_err(|_| TransportError::Withheld)?;
        progress.reached(Stage::Reply);
        let child = self.command(&sender, &recipient).stdin(file).spawn();
        // Where it cannot be started nothing has arrived.
        let child = child.map_err(|error| self.failed(Stage::Connect, error))?;
        self.ended(child, progress).await
    }

    async fn close(&mut self) {}
}

impl Sendmail {
    async fn ended(
        &self,
        mut child: Child,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, TransportError> {
        let stderr = child.stderr.take();
        let work = async {
            let said = heard(stderr).await;
            (child.wait().await, said)
        };
        let unsure = |reason: String| Ok(Outcome::Unsure(Reply::new(None, reason)));
        match timeout(self.patience, work).await {
            Ok((Ok(status), said)) => self.outcome(status, &said, progress),
            Ok((Err(error), _)) => unsure(format!("how it ended is not known: {error}")),
            Err(_) => unsure("it did not end in time".to_owned()),
        }
    }

    fn outcome(
        &self,
        status: ExitStatus,
        said: &str,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, TransportError> {
        let Some(code) = status.code().and_then(|code| u16::try_from(code).ok()) else {
            let signal = status.signal().unwrap_or_default();
            let text = format!("it was killed by signal {signal}");
            return Ok(Outcome::Unsure(Reply::new(None, text)));
        };
        let verdict = replies::sysexits(code, said);
        progress.judged(verdict);
        let text = match said {
            "" => format!("exit {code}: {}", verdict.reason),
            said => format!("exit {code}: {}: {said}", verdict.reason),
        };
        let reply = Reply::new(None, text);
        match verdict.kind {
            Kind::Accepted => Ok(Outcome::Accepted(reply)),
            Kind::Deferred => Ok(Outcome::Deferred(reply)),
            Kind::Refused => Ok(Outcome::Refused(reply)),
            Kind::Unsure => Ok(Outcome::Unsure(reply)),
            Kind::Ours => Err(self.failed(Stage::Reply, reply.text)),
        }
    }
}

/// What it wrote to its standard error; the rest of a speech is not waited for,
/// but read, so that the program does not wait for us.
async fn heard(stderr: Option<ChildStderr>) -> String {
    let Some(mut stderr) = stderr else { return String::new() };
    let mut said = Vec::new();
    let _ = (&mut stderr).take(MOST_SAID).read_to_end(&mut said).await;
    let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&said).trim().to_owned()
}

/// The message in a file that has no name and is read from its beginning.
fn whole(bytes: &[u8]) -> std::io::Result<File> {
    let mut file = tempfile::tempfile()?;
    let mut from = 0;
    for at in memchr::memmem::find_iter(bytes, b"\r\n") {
        file.write_all(&bytes[from..at])?;
        from = at + 1;
    }
    file.write_all(&bytes[from..])?;
    file.rewind()?;
    Ok(file)
}

#[cfg(test)]
#[path = "sendmail/tests.rs"]
mod tests;
