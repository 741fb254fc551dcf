//! How fast mail may leave the house: what the coordinator has stated.
//!
//! What has left already, and when the next may, is the ledger's to know
//! (`ledger/meter.rs`): a limit that forgot at each start would be none.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

/// So many messages in a second, a minute or an hour: `50/second`.
///
/// They leave one by one, evenly: of `300/hour` the next may leave twelve
/// seconds after the last, not three hundred at the stroke of the hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    messages: NonZeroU32,
    per: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Span {
    Second,
    Minute,
    Hour,
}

impl Span {
    const ALL: [Self; 3] = [Self::Second, Self::Minute, Self::Hour];

    fn name(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
        }
    }

    fn microseconds(self) -> i64 {
        1_000_000
            * match self {
                Self::Second => 1,
                Self::Minute => 60,
                Self::Hour => 3600,
            }
    }
}

/// It is not written like a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRate;

impl Rate {
    /// A thousand a second is more than any line bears.
    const FASTEST: u32 = 100_000;

    /// From one message to the next, in whole microseconds and never too short.
    pub fn spacing(self) -> SignedDuration {
        let messages = i64::from(self.messages.get());
        let span = self.per.microseconds();
        SignedDuration::from_micros((span + messages - 1) / messages)
    }

    /// The rate that comes nearest to a spacing, in the largest span that needs
    /// no fraction: for a person to read.
    pub fn of_spacing(spacing: SignedDuration) -> Option<Self> {
        let micros = i64::try_from(spacing.as_micros()).ok().filter(|micros| *micros > 0)?;
        let in_span = |per: Span| {
            let messages = u32::try_from(per.microseconds() / micros).ok()?;
            NonZeroU32::new(messages).map(|messages| Self { messages, per })
        };
        let once = Self { messages: NonZeroU32::MIN, per: Span::Hour };
        Some(
            in_span(Span::Second)
                .filter(|rate| rate.messages.get() >= 10)
                .or_else(|| in_span(Span::Minute).filter(|rate| rate.messages.get() >= 10))
                .or_else(|| in_span(Span::Hour))
                .unwrap_or(once),
        )
    }
}

impl FromStr for Rate {
    type Err = NoRate;

    fn from_str(written: &str) -> Result<Self, NoRate> {
        let (messages, per) = written.split_once('/').ok_or(NoRate)?;
        let per = Span::ALL.into_iter().find(|span| span.name() == per.trim()).ok_or(NoRate)?;
        let messages: NonZeroU32 = messages.trim().parse().map_err(|_| NoRate)?;
        (messages.get() <= Self::FASTEST).then_some(Self { messages, per }).ok_or(NoRate)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.messages, self.per.name())
    }
}

/// How fast those may be written to who are counted together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limit {
    pub rate: Option<Rate>,
    /// So many on the first day, so many on the second…; after the last as many
    /// as there are. A day without mail is no day of the plan.
    pub warm_up: Vec<u32>,
}

/// As many as there are, as fast as they come.
static NO_LIMIT: Limit = Limit { rate: None, warm_up: Vec::new() };

impl Limit {
    pub fn is_none(&self) -> bool {
        self.rate.is_none() && self.warm_up.is_empty()
    }
}

/// How the readers of one domain are written to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DomainPace {
    pub limit: Limit,
    /// So many lines may be busy with it at once.
    pub connections: Option<u32>,
}

/// How fast mail may leave the house. The default is: as fast as it can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// All of it together.
    pub house: Limit,
    /// Each line to the mail server by itself.
    pub connection: Option<Rate>,
    /// By domain, as it stands behind the @, in lower case.
    pub domains: BTreeMap<String, DomainPace>,
    /// Each domain that is not among them.
    pub other_domains: Option<DomainPace>,
    /// So long a round waits in all before it leaves the rest for the next.
    pub wait: SignedDuration,
    /// Where the days of a warm-up begin.
    pub time_zone: TimeZone,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            house: Limit::default(),
            connection: None,
            domains: BTreeMap::new(),
            other_domains: None,
            wait: SignedDuration::from_mins(15),
            time_zone: TimeZone::UTC,
        }
    }
}

impl Pace {
    /// What the house has stated for the readers of `domain`.
    pub fn of(&self, domain: &str) -> Option<&DomainPace> {
        self.domains.get(domain).or(self.other_domains.as_ref())
    }

    /// What is stated for the readers of a domain together, or for everybody.
    pub fn limit(&self, domain: Option<&str>) -> &Limit {
        match domain {
            None => &self.house,
            Some(domain) => self.of(domain).map_or(&NO_LIMIT, |pace| &pace.limit),
        }
    }

    /// Whether nothing is stated that could slow anybody down.
    pub fn is_free(&self) -> bool {
        self.house.is_none()
            && self.connection.is_none()
            && self.domains.is_empty()
            && self.other_domains.is_none()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_rate_is_written_as_it_is_said() {
        for (written, micros) in [
            ("50/second", 20_000),
            ("300/hour", 12_000_000),
            ("7/minute", 8_571_429),
            (" 1 / hour ", 3_600_000_000),
        ] {
            let rate: Rate = written.parse().expect(written);
            assert_eq!(rate.spacing().as_micros(), micros, "{written}");
        }
        for written in
            ["", "50", "0/second", "-1/hour", "50/fortnight", "1.5/second", "9999999/hour"]
        {
            assert_eq!(written.parse::<Rate>(), Err(NoRate), "{written}");
        }
    }

    #[test]
    fn a_spacing_is_told_as_a_rate_in_whole_numbers() {
        let told = |millis| {
            let rate = Rate::of_spacing(SignedDuration::from_millis(millis));
            rate.map(|rate| rate.to_string())
        };
        assert_eq!(told(20).as_deref(), Some("50/second"));
        assert_eq!(told(1000).as_deref(), Some("60/minute"));
        assert_eq!(told(12_000).as_deref(), Some("300/hour"));
        assert_eq!(told(7_200_000).as_deref(), Some("1/hour"));
        assert_eq!(told(0), None);
    }

    #[test]
    fn a_domain_that_is_not_named_goes_as_the_others() {
        let named = DomainPace { connections: Some(1), ..DomainPace::default() };
        let mut pace = Pace::default();
        assert!(pace.is_free());
        pace.domains.insert("example.net".to_owned(), named.clone());
        assert_eq!((pace.of("example.net"), pace.of("example.org")), (Some(&named), None));
        let others = DomainPace { connections: Some(2), ..DomainPace::default() };
        pace.other_domains = Some(others.clone());
        assert_eq!((pace.of("example.net"), pace.of("example.org")), (Some(&named), Some(&others)));
    }

    proptest! {
        #[test]
        fn nothing_is_sent_faster_than_it_says(messages in 1_u32..=100_000, per in 0_usize..3) {
            let rate: Rate = format!("{messages}/{}", Span::ALL[per].name()).parse().expect("a rate");
            let whole = rate.spacing().as_micros() * i128::from(messages);
            prop_assert!(whole >= i128::from(Span::ALL[per].microseconds()));
            prop_assert_eq!(rate.to_string().parse::<Rate>(), Ok(rate));
        }
    }
}
