//! The ways to sign that a house has, from none to both keys at once.

use std::sync::Arc;

use hlas::mail::dkim::{Algorithm, Key, Signer};

pub struct Signing {
    pub name: &'static str,
    pub signer: Option<Arc<Signer>>,
}

impl Signing {
    /// With fresh keys.
    pub fn all() -> [Self; 4] {
        [
            Self { name: "unsigned", signer: None },
            Self::with("Ed25519", &[Algorithm::Ed25519]),
            Self::with("RSA-2048", &[Algorithm::Rsa]),
            Self::with("both", &[Algorithm::Rsa, Algorithm::Ed25519]),
        ]
    }

    fn with(name: &'static str, algorithms: &[Algorithm]) -> Self {
        let key = |algorithm: &Algorithm| {
            let (key, _) = Key::generate(*algorithm).expect("a key");
            (format!("bench-{}", algorithm.name()), key)
        };
        let signer = Signer::new("hlas.example.org", algorithms.iter().map(key).collect());
        Self { name, signer: Some(Arc::new(signer)) }
    }
}
