//! The server that takes our mail: where it is, how it is reached, as whom.
//!
//! On this machine (a loopback address) the line is plain and the port 25,
//! where Postfix listens. Anywhere else TLS is required, with a certificate
//! that holds: `smtps` from the first byte on port 465 (RFC 8314 section 3.3),
//! `smtp` by STARTTLS on port 587 (RFC 6409, RFC 3207). There is no "if the
//! server offers it": whoever sits on the line could take the offer away.

use std::net::IpAddr;
use std::sync::Arc;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::commands::{Auth, Ehlo, Starttls};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use percent_encoding::percent_decode_str;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

use super::super::{Progress, Secret, TransportError};
use super::Patience;
use super::dialogue::spoken;
use super::line::{Line, Offers, Said, Stream};
use crate::model::Stage;

#[derive(Debug)]
pub struct Relay {
    host: String,
    port: u16,
    way: Way,
    credentials: Option<Credentials>,
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
        let credentials = credentials(url.username(), password).map_err(wrong)?;
        let port = url.port().unwrap_or_else(|| way.usual_port());
        Ok(Self { host, port, way, credentials })
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
        if let Some(credentials) = &self.credentials {
            progress.reached(Stage::Auth);
            self.log_in(&mut line, credentials, patience).await?;
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
        let name = ServerName::try_from(self.host.clone())
            .map_err(|_| failed(format!("`{}` is no name for a certificate", self.host)))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let handshake = TlsConnector::from(Arc::new(config)).connect(name, stream);
        match timeout(patience.command, handshake).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(_) => Err(failed("no answer in time".to_owned())),
        }
    }

    /// RFC 4954 section 4, with as many challenges as a mechanism of ours has.
    async fn log_in(
        &self,
        line: &mut Line,
        credentials: &Credentials,
        patience: &Patience,
    ) -> Result<(), TransportError> {
        let failed = |reason: &str| self.failed(Stage::Auth, reason);
        let offered =
            |it: &String| DEFAULT_MECHANISMS.iter().copied().find(|ours| ours.to_string() == *it);
        let mechanism = line.offers.auth.iter().find_map(offered);
        let mechanism =
            mechanism.ok_or_else(|| failed("it offers no way of logging in of ours"))?;
        let cannot = |error: lettre::transport::smtp::Error| failed(&error.to_string());
        let mut next = Auth::new(mechanism, credentials.clone(), None).map_err(cannot)?;
        for _ in 0..3 {
            let heard = line.command(&next, patience.command).await;
            let said = self.yes(Stage::Auth, heard)?;
            if said.code != 334 {
                return Ok(());
            }
            let challenge: Response = format!("334 {}\r\n", said.lines.join(""))
                .parse()
                .map_err(|_| failed("a challenge that cannot be read"))?;
            next = Auth::new_from_response(mechanism, credentials.clone(), &challenge)
                .map_err(cannot)?;
        }
        Err(failed("it asks and asks"))
    }

    /// What the server said, if it was yes.
    fn yes(
        &self,
        stage: Stage,
        said: Result<Said, super::line::Broken>,
    ) -> Result<Said, TransportError> {
        match said {
            Ok(said) if said.is_yes() => Ok(said),
            Ok(said) => Err(self.failed(stage, spoken(&said.reply()))),
            Err(broken) => Err(self.failed(stage, broken.reason())),
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn credentials(user: &str, password: Option<Secret>) -> Result<Option<Credentials>, &'static str> {
    if user.is_empty() {
        // A password that stands in the environment for another transport.
        return Ok(None);
    }
    let user = percent_decode_str(user).decode_utf8().map_err(|_| "the user is not UTF-8")?;
    let password = password.ok_or("it names a user, so HLAS_SMTP_PASSWORD must be set")?;
    Ok(Some(Credentials::new(user.into_owned(), password.reveal().to_owned())))
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
        let given = relay("smtps://desk%40example.org@mail.example.org").credentials;
        let expected = Credentials::new("desk@example.org".to_owned(), "hunter2".to_owned());
        assert_eq!(given, Some(expected));
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
