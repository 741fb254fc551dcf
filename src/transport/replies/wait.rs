//! "Try again in 300 seconds": greylisting servers say when to come back.
//!
//! There is no standard for it; this is what postgrey, Postfix's policy
//! daemons, milter-greylist, rspamd and Exchange write. A wait of more than
//! four hours, or none, is not believed.

use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;

const LONGEST: Duration = Duration::from_secs(4 * 60 * 60);

static IN_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:in|after|for|wait|least|retry)\s+(?:about\s+|another\s+)?(\d{1,5})\s*(s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b",
    )
    .expect("a pattern of ours")
});

static AS_A_CLOCK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:in|after)\s+(\d{2}):(\d{2}):(\d{2})\b").expect("a pattern of ours")
});

/// How long `text` asks us to wait, where it does.
pub fn wait(text: &str) -> Option<Duration> {
    let seconds = in_words(text).or_else(|| as_a_clock(text))?;
    let wait = Duration::from_secs(seconds);
    (seconds > 0 && wait <= LONGEST).then_some(wait)
}

fn in_words(text: &str) -> Option<u64> {
    let found = IN_WORDS.captures(text)?;
    let count: u64 = found[1].parse().ok()?;
    let unit = match found[2].chars().next()?.to_ascii_lowercase() {
        's' => 1,
        'm' => 60,
        _ => 60 * 60,
    };
    count.checked_mul(unit)
}

fn as_a_clock(text: &str) -> Option<u64> {
    let found = AS_A_CLOCK.captures(text)?;
    let part = |index: usize| found[index].parse::<u64>().ok();
    Some(part(1)? * 3600 + part(2)? * 60 + part(3)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_greylisting_servers_ask_for_is_read() {
        for (text, seconds) in [
            (
                "4.2.0 <a@example.org>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.org.html; try again in 300 seconds",
                Some(300),
            ),
            ("Greylisted, please retry in 60 seconds", Some(60)),
            ("4.7.1 Greylisting in action, please come back in 00:04:59", Some(299)),
            ("4.7.1 Try again in 5 minutes", Some(300)),
            ("please wait 1 hour and retry", Some(3600)),
            ("4.7.1 Try again later", None),
            ("retry after 0 seconds", None),
            ("retry in 9 hours", None),
            ("retry in 99999 hours", None),
            ("in 4 messages", None),
        ] {
            assert_eq!(wait(text), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
