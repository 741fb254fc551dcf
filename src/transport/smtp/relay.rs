//! The server that takes our mail: where it is, how it is reached, as whom.
//!
//! On this machine (a loopback address) the line is plain and the port 25,
//! where Postfix listens. Anywhere else TLS is required, with a certificate
//! that holds: `smtps` from the first byte on port 465 (RFC 8314 section 3.3),
//! `smtp` by STARTTLS on port 587 (RFC 6409, RFC 3207). There is no "if the
//! server offers it": whoever sits on the line could take the offer away.

use std::net::IpAddr;
use std::path::Path;

use lettre::transport::smtp::commands::{Ehlo, Starttls};
use lettre::transport::smtp::extension::ClientId;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

use super::super::written::LoginBy;
use super::super::{Progress, Secret, TransportError};
use super::Patience;
use super::line::{Line, Offers, Said, Stream};
use super::login::Account;
use super::tls::Tls;
use crate::model::Stage;

#[derive(Debug)]
pub struct Relay {
    host: String,
    port: u16,
    way: Way,
    account: Option<Account>,
    /// Where the line is not plain.
    tls: Option<Tls>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Loopback only.
    Plain,
    StartTls,
    Tls,
}

impl Way {
    fn usual_port(self) -> u16 {
        match self {
            Self::Plain => 25,
            Self::StartTls => 587,
            Self::Tls => 465,
        }
    }
}

impl Relay {
    pub fn parse(text: &str, password: Option<Secret>) -> Result<Self, TransportError> {
        let wrong = |reason: &str| TransportError::address(text, reason);
        let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
        if url.password().is_some() {
            return Err(wrong("a password does not belong here, put it in HLAS_SMTP_PASSWORD"));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("nothing may follow the host and port"));
        }
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| wrong("it names no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let way = match url.scheme() {
            "smtps" => Way::Tls,
            _ if is_loopback(&host) => Way::Plain,
            _ => Way::StartTls,
        };
        let account = Account::read(url.username(), password).map_err(wrong)?;
        let tls = (way != Way::Plain).then(|| Tls::trusting(None)).transpose();
        let tls = tls.map_err(|why| wrong(&why))?;
        let port = url.port().unwrap_or_else(|| way.usual_port());
        Ok(Self { host, port, way, account, tls })
    }

    /// By this mechanism and no other.
    pub fn log_in_by(&mut self, login: Option<LoginBy>) {
        if let Some(account) = &mut self.account {
            account.by = login;
        }
    }

    /// Even on this machine.
    pub fn encrypt(&mut self) -> Result<(), String> {
        if self.way == Way::Plain {
            self.way = Way::StartTls;
            self.tls = Some(Tls::trusting(None)?);
        }
        Ok(())
    }

    /// Certificates signed by an authority in the PEM file `ca` hold too.
    pub fn trust(&mut self, ca: &Path) -> Result<(), String> {
        if self.way != Way::Plain {
            self.tls = Some(Tls::trusting(Some(ca))?);
        }
        Ok(())
    }

    /// As it is shown and written down.
    pub fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    pub fn failed(&self, stage: Stage, reason: impl Into<String>) -> TransportError {
        TransportError::Server { server: self.name(), stage, reason: reason.into() }
    }

    /// A line that is ready for mail: greeted, encrypted, logged in.
    pub async fn connect(
        &self,
        patience: &Patience,
        progress: &mut dyn Progress,
    ) -> Result<Line, TransportError> {
        progress.reached(Stage::Connect);
        let tcp = self.dial(patience).await?;
        let mut line = match self.way {
            Way::Plain => self.greeted(Line::over(tcp), patience).await?,
            Way::StartTls => {
                let line = self.greeted(Line::over(tcp), patience).await?;
                self.upgraded(line, patience, progress).await?
            }
            Way::Tls => {
                progress.reached(Stage::Tls);
                let tls = self.encrypted(Box::new(tcp), patience).await?;
                self.greeted(Line::over(tls), patience).await?
            }
        };
        if let Some(account) = &self.account {
            progress.reached(Stage::Auth);
            let logged_in = account.log_in(&mut line, patience).await;
            logged_in.map_err(|why| self.failed(Stage::Auth, why))?;
        }
        Ok(line)
    }

    async fn dial(&self, patience: &Patience) -> Result<TcpStream, TransportError> {
        let tcp = timeout(patience.connect, TcpStream::connect((self.host.as_str(), self.port)));
        let tcp = match tcp.await {
            Ok(Ok(tcp)) => tcp,
            Ok(Err(error)) => return Err(self.failed(Stage::Connect, error.to_string())),
            Err(_) => return Err(self.failed(Stage::Connect, "no answer in time")),
        };
        // With Nagle's algorithm the final dot would wait for a delayed
        // acknowledgement of the body, up to 40 ms a message. Without this
        // mail is slower and just as right.
        let _ = tcp.set_nodelay(true);
        Ok(tcp)
    }

    async fn greeted(&self, mut line: Line, patience: &Patience) -> Result<Line, TransportError> {
        let greeting = line.hear(patience.command).await;
        self.yes(Stage::Connect, greeting)?;
        self.ehlo(line, Stage::Connect, patience).await
    }

    async fn ehlo(
        &self,
        mut line: Line,
        stage: Stage,
        patience: &Patience,
    ) -> Result<Line, TransportError> {
        let said = line.command(Ehlo::new(ClientId::default()), patience.command).await;
        line.offers = Offers::read(&self.yes(stage, said)?);
        Ok(line)
    }

    /// What was offered in the clear is forgotten (RFC 3207 section 4.2).
    async fn upgraded(
        &self,
        mut line: Line,
        patience: &Patience,
        progress: &mut dyn Progress,
    ) -> Result<Line, TransportError> {
        progress.reached(Stage::Tls);
        if !line.offers.starttls {
            let reason = "it offers no STARTTLS, and mail leaves this machine only encrypted";
            return Err(self.failed(Stage::Tls, reason));
        }
        let said = line.command(Starttls, patience.command).await;
        self.yes(Stage::Tls, said)?;
        let stream = line.into_stream().ok_or_else(|| {
            self.failed(Stage::Tls, "it said more before TLS began than it was asked")
        })?;
        let tls = self.encrypted(stream, patience).await?;
        self.ehlo(Line::over(tls), Stage::Tls, patience).await
    }

    async fn encrypted(
        &self,
        stream: Box<dyn Stream>,
        patience: &Patience,
    ) -> Result<impl Stream + use<>, TransportError> {
        let failed = |reason: String| self.failed(Stage::Tls, reason);
        let tls = self.tls.as_ref().ok_or_else(|| failed("the line is plain".to_owned()))?;
        tls.over(stream, &self.host, patience.command).await.map_err(failed)
    }

    /// What the server said, if it was yes.
    fn yes(
        &self,
        stage: Stage,
        said: Result<Said, super::line::Broken>,
    ) -> Result<Said, TransportError> {
        match said {
            Ok(said) if said.is_yes() => Ok(said),
            Ok(said) => Err(self.failed(stage, said.reply().to_string())),
            Err(broken) => Err(self.failed(stage, broken.reason())),
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::super::super::Unrecorded;
    use super::*;

    fn relay(url: &str) -> Relay {
        Relay::parse(url, Some(Secret::new("hunter2"))).expect("a relay")
    }

    fn told(url: &str) -> String {
        Relay::parse(url, None).expect_err("no relay").to_string()
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        for (url, port, way) in [
            ("smtp://localhost", 25, Way::Plain),
            ("smtp://127.0.0.1:2525", 2525, Way::Plain),
            ("smtp://[::1]", 25, Way::Plain),
            ("smtp://mail.example.org", 587, Way::StartTls),
            ("smtp://192.0.2.1", 587, Way::StartTls),
            ("smtp://localhost.example.org", 587, Way::StartTls),
            ("smtps://mail.example.org", 465, Way::Tls),
            ("smtps://localhost/", 465, Way::Tls),
        ] {
            let relay = relay(url);
            assert_eq!((relay.port, relay.way), (port, way), "{url}");
        }
    }

    #[test]
    fn a_user_needs_a_password_and_may_be_an_address() {
        let account = relay("smtps://desk%40example.org@mail.example.org").account;
        assert_eq!(account.expect("somebody").user, "desk@example.org");
        assert!(relay("smtps://mail.example.org").account.is_none());
        assert!(told("smtps://desk@mail.example.org").contains("HLAS_SMTP_PASSWORD must be set"));
    }

    #[test]
    fn what_makes_no_sense_in_the_url_is_an_error() {
        for url in ["smtp://", "smtp://mail.example.org/inbox", "smtp://h?x=1", "smtp://h:port"] {
            assert!(told(url).starts_with('`'), "{url}");
        }
    }

    #[tokio::test]
    async fn off_this_machine_no_starttls_means_no_mail() {
        let (port, server) = server_without_starttls();
        let relay = Relay { port, way: Way::StartTls, ..relay("smtp://127.0.0.1") };
        let error = relay
            .connect(&Patience::default(), &mut Unrecorded)
            .await
            .err()
            .expect("not in the clear");
        assert!(error.to_string().contains("it offers no STARTTLS"), "{error}");
        let said = server.join().expect("the server ends");
        assert!(said.starts_with("EHLO "), "{said}");
        assert!(!said.contains("AUTH"), "{said}");
    }

    /// Greets, answers EHLO, and gives back all that it was told.
    fn server_without_starttls() -> (u16, std::thread::JoinHandle<String>) {
        use std::io::{Read, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let server = std::thread::spawn(move || {
            let (mut line, _) = listener.accept().expect("a client");
            line.write_all(b"220 hi\r\n250 hi\r\n").expect("told");
            let mut said = String::new();
            line.read_to_string(&mut said).expect("the client hangs up");
            said
        });
        (port, server)
    }

    #[test]
    fn nothing_printed_of_a_relay_holds_its_password() {
        let printed = format!("{:?}", relay("smtps://desk@mail.example.org"));
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}
