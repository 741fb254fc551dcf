//! A mail server that speaks TLS and asks who is there, with an authority of
//! its own that nobody knows.
//!
//! It keeps every command it was told, and in front of each whether the line
//! was encrypted then.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    InTls,
    Plain,
}

/// How the server is, where it is not friendly.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    pub begins: Begins,
    /// Whom its certificate names.
    pub named: &'static str,
    pub expired: bool,
    /// Mechanisms, as after AUTH; only once the line is encrypted.
    pub auth: &'static str,
    /// What it takes after AUTH, one line after the other, and in between asks
    /// with the challenge beside it.
    pub login: &'static [(&'static str, &'static str)],
    pub starttls: &'static str,
}

pub const FRIENDLY: Manner = Manner {
    begins: Begins::InTls,
    named: "localhost",
    expired: false,
    auth: "PLAIN LOGIN",
    // \0desk\0tajné heslo
    login: &[("AUTH PLAIN AGRlc2sAdGFqbsOpIGhlc2xv", "235 2.7.0 Welcome")],
    starttls: "220 2.0.0 Ready",
};

pub struct TlsServer {
    address: SocketAddr,
    ca: PathBuf,
    told: Arc<Mutex<Vec<String>>>,
}

impl TlsServer {
    /// Its authority's certificate is put into `folder`.
    pub fn start(folder: &Path, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (config, authority) = certified(manner);
        let ca = folder.join(format!("ca-{}.pem", address.port()));
        std::fs::write(&ca, authority).expect("written");
        let told = Arc::new(Mutex::default());
        let heard = Arc::clone(&told);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (config, told) = (Arc::clone(&config), Arc::clone(&heard));
                // A client that hangs up is no failure of the test.
                thread::spawn(move || serve(stream, manner, config, &told).ok());
            }
        });
        Self { address, ca, told }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn ca(&self) -> &Path {
        &self.ca
    }

    pub fn told(&self) -> Vec<String> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Only the commands that begin so.
    pub fn count(&self, verb: &str) -> usize {
        self.told().iter().filter(|told| told.contains(verb)).count()
    }
}

fn certified(manner: Manner) -> (Arc<ServerConfig>, String) {
    let mut root = CertificateParams::new(Vec::new()).expect("no names");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_key = KeyPair::generate().expect("a key");
    let root_certificate = root.self_signed(&root_key).expect("signed");
    let mut leaf = CertificateParams::new(vec![manner.named.to_owned()]).expect("a name");
    if manner.expired {
        leaf.not_before = date_time_ymd(2019, 1, 1);
        leaf.not_after = date_time_ymd(2020, 1, 1);
    }
    let key = KeyPair::generate().expect("a key");
    let leaf = leaf.signed_by(&key, &Issuer::new(root, root_key)).expect("signed");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS")
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
        )
        .expect("they fit");
    (Arc::new(config), root_certificate.pem())
}

fn serve(
    stream: TcpStream,
    manner: Manner,
    config: Arc<ServerConfig>,
    told: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let encrypt = |stream: TcpStream| {
        let connection = ServerConnection::new(config).expect("a server");
        BufReader::new(StreamOwned::new(connection, stream))
    };
    if manner.begins == Begins::InTls {
        let mut line = encrypt(stream);
        line.get_mut().write_all(b"220 tls.example.org ESMTP\r\n")?;
        return talk(&mut line, true, manner, told).map(|_| ());
    }
    let mut line = BufReader::new(stream);
    line.get_mut().write_all(b"220 tls.example.org ESMTP\r\n")?;
    if talk(&mut line, false, manner, told)? && manner.starttls.starts_with("220") {
        let mut line = encrypt(line.into_inner());
        talk(&mut line, true, manner, told)?;
    }
    Ok(())
}

/// Until the line is to be encrypted, or ends.
fn talk<S: Read + Write>(
    line: &mut BufReader<S>,
    encrypted: bool,
    manner: Manner,
    told: &Mutex<Vec<String>>,
) -> io::Result<bool> {
    let mut logging_in = manner.login.iter();
    loop {
        let mut command = String::new();
        if line.read_line(&mut command)? == 0 {
            return Ok(false);
        }
        let command = command.trim_end();
        let mark = if encrypted { "tls" } else { "plain" };
        let shown = format!("{mark}: {command}");
        told.lock().unwrap_or_else(PoisonError::into_inner).push(shown);
        let verb = command.get(..4).unwrap_or_default().to_ascii_uppercase();
        let mut say = |text: &str| line.get_mut().write_all(format!("{text}\r\n").as_bytes());
        match verb.as_str() {
            "EHLO" if encrypted => {
                say(&format!(
                    "250-tls.example.org\r\n250-SIZE 1000000\r\n250 AUTH {}",
                    manner.auth
                ))?;
            }
            "EHLO" => say("250-tls.example.org\r\n250-AUTH PLAIN\r\n250 STARTTLS")?,
            "STAR" => {
                say(manner.starttls)?;
                return Ok(true);
            }
            "MAIL" | "RCPT" => say("250 2.1.0 Ok")?,
            "DATA" => {
                say("354 go on")?;
                let mut text = String::new();
                while !text.ends_with("\r\n.\r\n") {
                    if line.read_line(&mut text)? == 0 {
                        return Ok(false);
                    }
                }
                line.get_mut().write_all(b"250 2.0.0 Ok: queued\r\n")?;
            }
            "QUIT" => {
                say("221 2.0.0 Bye")?;
                return Ok(false);
            }
            _ => match logging_in.next() {
                Some((expected, answer)) if command == *expected => {
                    if answer.starts_with("235") {
                        logging_in = manner.login.iter();
                    }
                    say(answer)?;
                }
                _ => say("535 5.7.8 Error: authentication failed")?,
            },
        }
    }
}
