//! MAIL and RCPT for one message, with the parameters that it needs.
//!
//! Nothing is asked for that is not needed, since a server that offers an
//! extension may pass mail on to one that does not: SMTPUTF8 (RFC 6531) for a
//! local part or a header beyond ASCII, 8BITMIME (RFC 6152) for a body beyond
//! it. SIZE (RFC 1870) is said wherever it is understood, so that a message too
//! large is refused before it is sent.

use std::fmt;

use super::super::EnvelopeAddress;
use super::line::Offers;
use crate::model::{Message, Outcome, Reply};

#[derive(Debug, PartialEq, Eq)]
pub struct Envelope {
    sender: EnvelopeAddress,
    recipient: EnvelopeAddress,
    parameters: Parameters,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Parameters {
    size: Option<usize>,
    eight_bit: bool,
    utf8: bool,
}

impl Envelope {
    /// Or the refusal, when this recipient or this message cannot go through a
    /// server that makes these offers.
    pub fn of(message: &Message, offers: &Offers) -> Result<Self, Outcome> {
        let address = |who: &str, address| {
            EnvelopeAddress::try_from(address)
                .map_err(|wrong| refused(format!("the {who}'s address cannot be used: {wrong}")))
        };
        let sender = address("sender", &message.sender)?;
        let recipient = address("recipient", &message.recipient)?;
        let (headers, body) = divided(&message.bytes);
        let utf8 = !(sender.is_ascii() && recipient.is_ascii() && headers.is_ascii());
        if utf8 && !offers.smtp_utf8 {
            let what = if recipient.is_ascii() { "the message" } else { "the address" };
            let text = format!("{what} needs SMTPUTF8 (RFC 6531), which the server does not offer");
            return Err(refused(text));
        }
        let eight_bit = !body.is_ascii();
        if eight_bit && !offers.eight_bit {
            let text = "the message needs 8BITMIME (RFC 6152), which the server does not offer";
            return Err(refused(text.to_owned()));
        }
        let size = message.bytes.len();
        if let Some(most) = offers.size.filter(|most| *most > 0)
            && size as u64 > most
        {
            let text = format!("the message has {size} octets, and the server takes {most}");
            return Err(refused(text));
        }
        let parameters = Parameters { size: offers.size.map(|_| size), eight_bit, utf8 };
        Ok(Self { sender, recipient, parameters })
    }

    pub fn mail(&self) -> String {
        format!("MAIL FROM:<{}>{}\r\n", self.sender, self.parameters)
    }

    pub fn rcpt(&self) -> String {
        format!("RCPT TO:<{}>\r\n", self.recipient)
    }
}

impl fmt::Display for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(size) = self.size {
            write!(f, " SIZE={size}")?;
        }
        if self.eight_bit {
            f.write_str(" BODY=8BITMIME")?;
        }
        if self.utf8 {
            f.write_str(" SMTPUTF8")?;
        }
        Ok(())
    }
}

fn divided(message: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memmem::find(message, b"\r\n\r\n").unwrap_or(message.len());
    message.split_at(end)
}

fn refused(text: String) -> Outcome {
    Outcome::Refused(Reply::new(None, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(recipient: &str, text: &str) -> Message {
        Message {
            id: "x@example.org".to_owned(),
            sender: "bounces@example.org".parse().expect("an address"),
            recipient: recipient.parse().expect("an address"),
            bytes: text.as_bytes().to_vec(),
        }
    }

    fn all() -> Offers {
        Offers { eight_bit: true, smtp_utf8: true, size: Some(100), ..Offers::default() }
    }

    fn commands(recipient: &str, text: &str, offers: &Offers) -> String {
        match Envelope::of(&message(recipient, text), offers) {
            Ok(envelope) => format!("{}{}", envelope.mail(), envelope.rcpt()),
            Err(outcome) => outcome.reply().text.clone(),
        }
    }

    const PLAIN: &str = "Subject: x\r\n\r\ny\r\n";

    #[test]
    fn only_what_is_needed_is_asked_for() {
        let to_a = "RCPT TO:<a@example.org>\r\n";
        for (recipient, text, offers, expected) in [
            ("a@example.org", PLAIN, Offers::default(), format!("MAIL FROM:<bounces@example.org>\r\n{to_a}")),
            ("a@example.org", PLAIN, all(), format!("MAIL FROM:<bounces@example.org> SIZE=17\r\n{to_a}")),
            ("a@example.org", "Subject: x\r\n\r\nž\r\n", all(), format!("MAIL FROM:<bounces@example.org> SIZE=18 BODY=8BITMIME\r\n{to_a}")),
            ("a@example.org", "Subject: ž\r\n\r\ny\r\n", all(), format!("MAIL FROM:<bounces@example.org> SIZE=18 SMTPUTF8\r\n{to_a}")),
            ("žofie@example.org", PLAIN, all(), "MAIL FROM:<bounces@example.org> SIZE=17 SMTPUTF8\r\nRCPT TO:<žofie@example.org>\r\n".to_owned()),
            ("a@háčkyčárky.example", PLAIN, Offers::default(), "MAIL FROM:<bounces@example.org>\r\nRCPT TO:<a@xn--hkyrky-ptac70bc.example>\r\n".to_owned()),
        ] {
            assert_eq!(commands(recipient, text, &offers), expected, "{recipient} {text}");
        }
    }

    #[test]
    fn what_a_server_lacks_is_said_in_the_refusal() {
        for (recipient, text, told) in [
            (
                "žofie@example.org",
                PLAIN,
                "the address needs SMTPUTF8 (RFC 6531), which the server does not offer",
            ),
            (
                "a@example.org",
                "Subject: ž\r\n\r\ny\r\n",
                "the message needs SMTPUTF8 (RFC 6531), which the server does not offer",
            ),
            (
                "a@example.org",
                "Subject: x\r\n\r\nž\r\n",
                "the message needs 8BITMIME (RFC 6152), which the server does not offer",
            ),
        ] {
            assert_eq!(commands(recipient, text, &Offers::default()), told);
        }
        let small = Offers { size: Some(16), ..all() };
        let told = "the message has 17 octets, and the server takes 16";
        assert_eq!(commands("a@example.org", PLAIN, &small), told);
        let boundless = Offers { size: Some(0), ..all() };
        assert!(commands("a@example.org", PLAIN, &boundless).starts_with("MAIL"));
    }
}
