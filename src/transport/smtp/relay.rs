//! The server that takes our mail: where it is, how it is reached, as whom.
//!
//! On this machine (a loopback address) the line is plain and the port 25,
//! where Postfix listens. Anywhere else TLS is required, with a certificate
//! that holds: `smtps` from the first byte on port 465 (RFC 8314 section 3.3),
//! `smtp` by STARTTLS on port 587 (RFC 6409, RFC 3207). There is no "if the
//! server offers it": whoever sits on the line could take the offer away.

use std::net::IpAddr;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use percent_encoding::percent_decode_str;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

use super::super::{Secret, Stage, TransportError};
use super::Patience;
use super::dialogue::reason;

#[derive(Debug)]
pub struct Relay {
    host: String,
    port: u16,
    line: Line,
    credentials: Option<Credentials>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// Loopback only.
    Plain,
    StartTls,
    Tls,
}

impl Line {
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
        let line = match url.scheme() {
            "smtps" => Line::Tls,
            _ if is_loopback(&host) => Line::Plain,
            _ => Line::StartTls,
        };
        let credentials = credentials(url.username(), password).map_err(wrong)?;
        let port = url.port().unwrap_or_else(|| line.usual_port());
        Ok(Self { host, port, line, credentials })
    }

    pub fn failed(&self, stage: Stage, reason: String) -> TransportError {
        TransportError::Server { server: format!("{}:{}", self.host, self.port), stage, reason }
    }

    /// A connection that is ready for mail: greeted, encrypted, logged in.
    pub async fn connect(
        &self,
        patience: &Patience,
    ) -> Result<AsyncSmtpConnection, TransportError> {
        let mut connection = match self.line {
            Line::Plain => self.dial(patience).await?,
            Line::StartTls => self.upgrade(self.dial(patience).await?, patience).await?,
            Line::Tls => self.dial_tls(patience).await?,
        };
        if let Some(credentials) = &self.credentials {
            let login = connection.auth(DEFAULT_MECHANISMS, credentials);
            self.within(patience.command, Stage::Auth, login).await?;
        }
        Ok(connection)
    }

    /// The stream is opened here and not by lettre, which leaves Nagle's
    /// algorithm on: the final dot would then wait for a delayed
    /// acknowledgement of the body, up to 40 ms a message.
    async fn dial(&self, patience: &Patience) -> Result<AsyncSmtpConnection, TransportError> {
        let tcp = timeout(patience.connect, TcpStream::connect((self.host.as_str(), self.port)));
        let tcp = match tcp.await {
            Ok(Ok(tcp)) => tcp,
            Ok(Err(error)) => return Err(self.failed(Stage::Connect, error.to_string())),
            Err(_) => return Err(self.failed(Stage::Connect, "no answer in time".to_owned())),
        };
        // Without it mail is slower and just as right.
        let _ = tcp.set_nodelay(true);
        let name = ClientId::default();
        let greeting = AsyncSmtpConnection::connect_with_transport(Box::new(tcp), &name);
        self.within(patience.command, Stage::Connect, greeting).await
    }

    async fn dial_tls(&self, patience: &Patience) -> Result<AsyncSmtpConnection, TransportError> {
        let (name, tls) = (ClientId::default(), self.tls(Stage::Connect)?);
        let server = (self.host.as_str(), self.port);
        let wait = Some(patience.connect);
        let greeting = AsyncSmtpConnection::connect_tokio1(server, wait, &name, Some(tls), None);
        self.within(patience.command, Stage::Connect, greeting).await
    }

    async fn upgrade(
        &self,
        mut connection: AsyncSmtpConnection,
        patience: &Patience,
    ) -> Result<AsyncSmtpConnection, TransportError> {
        if !connection.can_starttls() {
            let reason = "it offers no STARTTLS, and mail leaves this machine only encrypted";
            return Err(self.failed(Stage::StartTls, reason.to_owned()));
        }
        let (name, tls) = (ClientId::default(), self.tls(Stage::StartTls)?);
        let upgrade = connection.starttls(tls, &name);
        self.within(patience.command, Stage::StartTls, upgrade).await?;
        Ok(connection)
    }

    fn tls(&self, stage: Stage) -> Result<TlsParameters, TransportError> {
        TlsParameters::new_rustls(self.host.clone())
            .map_err(|error| self.failed(stage, reason(&error)))
    }

    async fn within<T>(
        &self,
        wait: std::time::Duration,
        stage: Stage,
        talk: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
    ) -> Result<T, TransportError> {
        match timeout(wait, talk).await {
            Ok(Ok(said)) => Ok(said),
            Ok(Err(error)) => Err(self.failed(stage, reason(&error))),
            Err(_) => Err(self.failed(stage, "no answer in time".to_owned())),
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
    use super::*;

    fn relay(url: &str) -> Relay {
        Relay::parse(url, Some(Secret::new("hunter2"))).expect("a relay")
    }

    fn told(url: &str) -> String {
        Relay::parse(url, None).expect_err("no relay").to_string()
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        for (url, port, line) in [
            ("smtp://localhost", 25, Line::Plain),
            ("smtp://127.0.0.1:2525", 2525, Line::Plain),
            ("smtp://[::1]", 25, Line::Plain),
            ("smtp://mail.example.org", 587, Line::StartTls),
            ("smtp://192.0.2.1", 587, Line::StartTls),
            ("smtp://localhost.example.org", 587, Line::StartTls),
            ("smtps://mail.example.org", 465, Line::Tls),
            ("smtps://localhost/", 465, Line::Tls),
        ] {
            let relay = relay(url);
            assert_eq!((relay.port, relay.line), (port, line), "{url}");
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
        let relay = Relay { port, line: Line::StartTls, ..relay("smtp://127.0.0.1") };
        let error = relay.connect(&Patience::default()).await.err().expect("not in the clear");
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
