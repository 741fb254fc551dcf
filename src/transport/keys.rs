//! The secrets that transports are handed, and what they trust.

use std::path::PathBuf;

use crate::secret::Secret;

/// What opens the doors of servers, when a transport does not name its own.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// Password or token for SMTP.
    pub smtp_password: Option<Secret>,
    /// A file of certificates (PEM) that mail servers may be signed by, besides
    /// the authorities of the web.
    pub smtp_ca: Option<PathBuf>,
    /// The key of a provider's HTTP API.
    pub provider_key: Option<Secret>,
}

impl From<Option<Secret>> for Keys {
    fn from(smtp_password: Option<Secret>) -> Self {
        Self { smtp_password, ..Self::default() }
    }
}
