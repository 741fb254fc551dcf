//! Keys: made, read from files, and what of them the world may know.
//!
//! A key prints nothing of itself. PEM, in the form that `openssl genpkey` and
//! older `openssl genrsa` write, so keys that a house has already will do.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256};
use base64::prelude::*;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;

/// RFC 8301 section 3.2: signers must use 1,024 bits at least and should use
/// 2,048, and receivers refuse what is below the first.
const FEWEST_BITS: usize = 1024;

/// A private key that signs.
pub struct Key {
    kind: Kind,
}

enum Kind {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    Rsa,
    /// RFC 8463.
    Ed25519,
}

impl Algorithm {
    /// `k=` of a record (RFC 6376 section 3.6.1).
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the DKIM key {} cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the DKIM key {} cannot be written: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{} is no private key for DKIM: {reason}", path.display())]
    Unusable { path: PathBuf, reason: String },
}

impl KeyError {
    pub fn help(&self) -> &'static str {
        match self {
            Self::Read { .. } => "see [dkim] in hlas.toml; `hlas dkim keygen` makes keys",
            Self::Write { source, .. } if source.kind() == io::ErrorKind::AlreadyExists => {
                "a key that signs is never overwritten: choose another --selector"
            }
            Self::Write { .. } => "choose another folder with --dir",
            Self::Unusable { .. } => {
                "it has to be RSA of 2,048 bits or Ed25519, in PEM, without a passphrase"
            }
        }
    }
}

impl Key {
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let pem = std::fs::read(path)
            .map_err(|source| KeyError::Read { path: path.to_owned(), source })?;
        Self::from_pem(&pem).map_err(|reason| KeyError::Unusable { path: path.to_owned(), reason })
    }

    /// The reason never quotes what was read.
    pub(super) fn from_pem(pem: &[u8]) -> Result<Self, String> {
        let text = String::from_utf8_lossy(pem);
        if text.contains("ENCRYPTED") {
            return Err("it has a passphrase".to_owned());
        }
        let der = PrivateKeyDer::from_pem_slice(pem)
            .map_err(|_| "there is no `BEGIN PRIVATE KEY` in it".to_owned())?;
        let kind = match &der {
            PrivateKeyDer::Pkcs1(der) => {
                RsaKeyPair::from_der(der.secret_pkcs1_der()).ok().map(|key| Kind::Rsa(key.into()))
            }
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                let rsa = RsaKeyPair::from_pkcs8(der).ok().map(|key| Kind::Rsa(key.into()));
                // OpenSSL writes the first version of PKCS #8, without the
                // public half that the checked reading asks for.
                let ed = || Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok();
                rsa.or_else(|| ed().map(Kind::Ed25519))
            }
            _ => None,
        };
        let key = kind.ok_or_else(|| "it is neither RSA nor Ed25519, or too weak".to_owned())?;
        let key = Self { kind: key };
        match key.bits() {
            bits if bits < FEWEST_BITS && key.algorithm() == Algorithm::Rsa => {
                Err(format!("{bits} bits are too few"))
            }
            _ => Ok(key),
        }
    }

    /// A new key, and the PEM to keep it in (PKCS #8). RSA has 2,048 bits: more
    /// would not fit into one string of DNS and take longer to sign, fewer are
    /// not accepted everywhere.
    pub fn generate(algorithm: Algorithm) -> Result<(Self, String), aws_lc_rs::error::Unspecified> {
        let (kind, der): (_, Pkcs8V1Der<'static>) = match algorithm {
            Algorithm::Rsa => {
                let key = RsaKeyPair::generate(KeySize::Rsa2048)?;
                let der = key.as_der()?;
                (Kind::Rsa(key.into()), der)
            }
            Algorithm::Ed25519 => {
                let key = Ed25519KeyPair::generate()?;
                let der = key.as_der()?;
                (Kind::Ed25519(key), der)
            }
        };
        Ok((Self { kind }, pem(der.as_ref())))
    }

    pub fn algorithm(&self) -> Algorithm {
        match self.kind {
            Kind::Rsa(_) => Algorithm::Rsa,
            Kind::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    pub fn bits(&self) -> usize {
        match &self.kind {
            Kind::Rsa(key) => key.public_modulus_len() * 8,
            Kind::Ed25519(_) => 256,
        }
    }

    /// What stands in `p=`: for RSA a SubjectPublicKeyInfo (RFC 6376 section
    /// 3.6.1, as errata 3017 has it and everybody reads it), for Ed25519 the
    /// bare 32 octets (RFC 8463 section 4.2).
    pub fn public(&self) -> String {
        match &self.kind {
            Kind::Rsa(key) => {
                let der: PublicKeyX509Der<'static> =
                    key.public_key().as_der().expect("a key that was read can be written");
                BASE64_STANDARD.encode(der.as_ref())
            }
            Kind::Ed25519(key) => BASE64_STANDARD.encode(key.public_key().as_ref()),
        }
    }

    /// Signs canonical headers. Ed25519 signs their SHA-256 hash rather than
    /// themselves (RFC 8463 section 3).
    pub(super) fn sign(&self, headers: &[u8]) -> Option<String> {
        match &self.kind {
            Kind::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), headers, &mut signature).ok()?;
                Some(BASE64_STANDARD.encode(&signature))
            }
            Kind::Ed25519(key) => {
                let signature = key.try_sign(digest(&SHA256, headers).as_ref()).ok()?;
                Some(BASE64_STANDARD.encode(signature.as_ref()))
            }
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, …)", self.algorithm().name())
    }
}

/// RFC 7468 section 10.
fn pem(der: &[u8]) -> String {
    let encoded = BASE64_STANDARD.encode(der);
    let lines: Vec<_> = encoded.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

/// Writes a new file that only its owner may read; one that is there already
/// is left as it is.
pub fn write_secret(path: &Path, text: &str) -> Result<(), KeyError> {
    let failed = |source| KeyError::Write { path: path.to_owned(), source };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
}

/// Whether others than its owner may read a file; unknown is no.
pub fn exposed(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}
