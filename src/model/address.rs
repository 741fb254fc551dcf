//! An address as mail carries it: its domain in ASCII.
//!
//! `jana@háčkyčárky.example` and `jana@xn--hkyrky-ptac70bc.example` are one
//! address (RFC 5890 section 2.3.2.1). Written the second way, it can stand in
//! a header and in a command without anybody on the way knowing SMTPUTF8 (RFC
//! 6531 section 3.2), so that is how it is kept from the first moment on.

use lettre::Address;

/// The same address with its domain in A-labels and lower case. What is no
/// domain name, such as an address literal, stays as it is.
pub fn with_ascii_domain(address: &Address) -> Address {
    let ascii = idna::domain_to_ascii(address.domain()).ok();
    let same = ascii.and_then(|domain| Address::new(address.user(), domain).ok());
    same.unwrap_or_else(|| address.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_domain_changes() {
        for (written, kept) in [
            ("Jana@Háčkyčárky.example", "Jana@xn--hkyrky-ptac70bc.example"),
            ("žofie@EXAMPLE.org", "žofie@example.org"),
            ("a@[192.0.2.1]", "a@[192.0.2.1]"),
        ] {
            let address: Address = written.parse().expect("an address");
            assert_eq!(with_ascii_domain(&address).to_string(), kept);
        }
    }
}
