//! How fast and when the house mails: `rate`, `warm_up`, `window` and what else
//! of it stands under `[delivery]`, and `[delivery.domains]`.

use jiff::SignedDuration;
use serde::Deserialize;
use toml::de::DeValue;

use super::{RawDelivery, Resolver, TomlFile, unknown_key};
use crate::model::{Days, DomainPace, Findings, Holidays, Hours, Limit, Pace, Rate, Window};

/// What a domain's table may hold.
const DOMAIN_KEYS: [&str; 3] = ["rate", "connections", "warm_up"];

/// Each domain that has no table of its own.
const OTHERS: &str = "*";

const LONGEST_WAIT: i64 = 24 * 60;
const MOST: i64 = 100_000_000;

#[derive(Debug, Clone, Default, Deserialize)]
pub struct RawDomain {
    rate: Option<String>,
    connections: Option<i64>,
    warm_up: Option<Vec<i64>>,
}

/// Keys of the tables of domains, which no list of tables has.
pub fn unknown_keys(file: &TomlFile<'_>) -> Findings {
    let delivery = file.table.get("delivery").and_then(|it| it.get_ref().as_table());
    let domains = delivery.and_then(|it| it.get("domains")).and_then(|it| it.get_ref().as_table());
    let tables = domains.into_iter().flat_map(|domains| domains.values());
    let keys = tables.filter_map(|value| match value.get_ref() {
        DeValue::Table(table) => Some(table.keys()),
        _ => None,
    });
    keys.flatten()
        .filter(|key| !DOMAIN_KEYS.contains(&key.get_ref().as_ref()))
        .map(|key| unknown_key(file, key, &DOMAIN_KEYS))
        .collect()
}

impl Resolver<'_> {
    pub(super) fn pace(&mut self, raw: &RawDelivery) -> Pace {
        let at = |name: &'static str| ["delivery", name];
        let usual = Pace::default();
        let mut pace = Pace {
            house: Limit {
                rate: self.rate(&at("rate"), raw.rate.as_deref()),
                warm_up: self.warm_up(&at("warm_up"), raw.warm_up.as_deref()),
            },
            connection: self.rate(&at("connection_rate"), raw.connection_rate.as_deref()),
            wait: raw.wait_minutes.map_or(usual.wait, SignedDuration::from_mins),
            ..usual
        };
        if let Some(minutes) = raw.wait_minutes.filter(|it| !(0..=LONGEST_WAIT).contains(it)) {
            let message = format!("`{minutes}` is out of range");
            self.wrong_at(&at("wait_minutes"), message, "a number from 0 to 1440");
        }
        for (written, domain) in &raw.domains {
            let stated = self.domain_pace(written, domain);
            if written == OTHERS {
                pace.other_domains = Some(stated);
            } else if let Some(domain) = self.domain(written) {
                pace.domains.insert(domain, stated);
            }
        }
        pace
    }

    fn domain_pace(&mut self, written: &str, raw: &RawDomain) -> DomainPace {
        let at = |name: &'static str| ["delivery", "domains", written, name];
        let connections = raw.connections.and_then(|stated| {
            let number = u32::try_from(stated).ok().filter(|number| (1..=100).contains(number));
            if number.is_none() {
                let message = format!("`{stated}` is out of range");
                self.wrong_at(&at("connections"), message, "a number from 1 to 100");
            }
            number
        });
        DomainPace {
            limit: Limit {
                rate: self.rate(&at("rate"), raw.rate.as_deref()),
                warm_up: self.warm_up(&at("warm_up"), raw.warm_up.as_deref()),
            },
            connections,
        }
    }

    /// As it stands in envelopes: in lower case, as A-labels.
    fn domain(&mut self, written: &str) -> Option<String> {
        let ascii = idna::domain_to_ascii(written).ok().filter(|ascii| {
            !ascii.is_empty() && !ascii.contains(['@', '*', ' ']) && ascii.contains('.')
        });
        if ascii.is_none() {
            let message = format!("`{written}` is no domain");
            let help = "write what stands behind the @: [delivery.domains.\"example.net\"]; \"*\" is each other";
            self.wrong_at(&["delivery", "domains", written], message, help);
        }
        ascii
    }

    fn rate(&mut self, path: &[&str], written: Option<&str>) -> Option<Rate> {
        let written = written?;
        let rate = written.parse().ok();
        if rate.is_none() {
            let help = "write it like \"50/second\", \"20/minute\" or \"300/hour\"";
            self.wrong_at(path, format!("`{written}` is no rate"), help);
        }
        rate
    }

    fn warm_up(&mut self, path: &[&str], written: Option<&[i64]>) -> Vec<u32> {
        let written = written.unwrap_or_default();
        let fits = |messages: &&i64| (1..=MOST).contains(*messages);
        if let Some(wrong) = written.iter().find(|messages| !fits(messages)) {
            let message = format!("`{wrong}` messages are no plan for a day");
            self.wrong_at(path, message, "write how many on each day: [200, 500, 1000]");
            return Vec::new();
        }
        written.iter().filter_map(|messages| u32::try_from(*messages).ok()).collect()
    }

    /// Nothing stated is no window. Who states one means working time, so
    /// holidays are kept unless something else is said.
    pub(super) fn window(&mut self, raw: &RawDelivery) -> Option<Window> {
        let RawDelivery { window, days, holidays, .. } = raw;
        if window.is_none() && days.is_none() && holidays.is_none() {
            return None;
        }
        let hours = window.as_deref().map_or(Some(Hours::ALL_DAY), |written| {
            let hours = written.parse().ok();
            if hours.is_none() {
                let message = format!("`{written}` are no hours of a day");
                let help = "write them like \"07:00-20:00\"; a night is not one window";
                self.wrong_at(&["delivery", "window"], message, help);
            }
            hours
        });
        let days = days.as_deref().map_or(Some(Days::ALL), |written| {
            let days = written.parse().ok();
            if days.is_none() {
                let message = format!("`{written}` are no days of the week");
                let help = "write them like \"mon-fri\" or \"mon, wed, fri\"";
                self.wrong_at(&["delivery", "days"], message, help);
            }
            days
        });
        let holidays = match holidays.as_deref() {
            None | Some("cz") => Some(Holidays::Czech),
            Some("none") => None,
            Some(written) => {
                let message = format!("the holidays of `{written}` are not known");
                self.wrong_at(&["delivery", "holidays"], message, "write \"cz\" or \"none\"");
                None
            }
        };
        let window = Window { hours: hours?, days: days?, holidays };
        (window != Window { hours: Hours::ALL_DAY, days: Days::ALL, holidays: None })
            .then_some(window)
    }

    /// A finding about a value whose key may have dots in it.
    fn wrong_at(&mut self, path: &[&str], message: String, help: &str) {
        let span = self.file.span_at(path.iter().copied()).unwrap_or(0..0);
        self.findings.push(self.file.error(span, message).help(help));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{Settings, settings};
    use super::*;

    fn read(lines: &str) -> Result<Settings, Vec<String>> {
        let house = "base_url = \"https://hlas.example.org\"\n\
            organisation = { name.cs = \"Hlas\", address.cs = \"Praha\", email = \"a@example.org\" }\n\
            mail.from = \"hlas@example.org\"\n[delivery]\n";
        settings(Path::new("/w"), &format!("{house}{lines}"), &[]).map_err(|findings| {
            let told = findings.iter();
            told.map(|it| format!("{} {} → {}", it.place, it.message, it.help)).collect()
        })
    }

    #[test]
    fn a_house_that_states_nothing_mails_as_fast_as_it_can_at_any_hour() {
        let workspace = read("").unwrap().workspace;
        assert!(workspace.pace.is_free());
        assert_eq!(workspace.window, None);
        assert_eq!(workspace.pace.wait, Pace::default().wait, "as defaults.toml has it");
        assert_eq!(workspace.pace.time_zone.iana_name(), Some("Europe/Prague"));
    }

    #[test]
    fn a_pace_is_stated_for_the_house_a_line_and_a_domain() {
        let stated = "rate = \"50/second\"\nconnection_rate = \"30/minute\"\nwarm_up = [200, 500]\n\
            wait_minutes = 5\n[delivery.domains.\"Example.net\"]\nrate = \"300/hour\"\nconnections = 2\n\
            [delivery.domains.\"*\"]\nwarm_up = [10]\n";
        let pace = read(stated).unwrap().workspace.pace;
        assert_eq!(pace.house.rate.unwrap().to_string(), "50/second");
        assert_eq!((pace.house.warm_up, pace.wait.as_mins()), (vec![200, 500], 5));
        assert_eq!(pace.connection.unwrap().to_string(), "30/minute");
        let domain = &pace.domains["example.net"];
        assert_eq!(domain.limit.rate.unwrap().to_string(), "300/hour");
        assert_eq!(domain.connections, Some(2));
        assert_eq!(pace.other_domains.unwrap().limit.warm_up, [10]);
    }

    #[test]
    fn what_is_wrong_with_a_pace_is_told_where_it_stands() {
        let wrong = "rate = \"fast\"\nwarm_up = [200, 0]\nwait_minutes = 9999\n\
            [delivery.domains.\"example.net\"]\nrate = \"5/day\"\nconnections = 0\n\
            [delivery.domains.net]\nrate = \"5/hour\"\n";
        assert_eq!(
            read(wrong).unwrap_err(),
            [
                "hlas.toml:5:8 `fast` is no rate → write it like \"50/second\", \"20/minute\" or \"300/hour\"",
                "hlas.toml:6:11 `0` messages are no plan for a day → write how many on each day: [200, 500, 1000]",
                "hlas.toml:7:16 `9999` is out of range → a number from 0 to 1440",
                "hlas.toml:10:15 `0` is out of range → a number from 1 to 100",
                "hlas.toml:9:8 `5/day` is no rate → write it like \"50/second\", \"20/minute\" or \"300/hour\"",
                "hlas.toml:11:1 `net` is no domain → write what stands behind the @: [delivery.domains.\"example.net\"]; \"*\" is each other",
            ]
        );
        let unknown = read("[delivery.domains.\"example.net\"]\nrat = \"5/hour\"\n").unwrap_err();
        assert_eq!(unknown, ["hlas.toml:6:1 unknown key `rat` → did you mean `rate`?"]);
        let typed = read("rate = 5\n").unwrap_err();
        assert!(typed[0].contains("not valid TOML: invalid type"), "{typed:?}");
    }

    #[test]
    fn who_states_hours_or_days_keeps_the_holidays_unless_they_say_otherwise() {
        let window = |lines: &str| read(lines).map(|settings| settings.workspace.window);
        let stated = window("window = \"07:00-20:00\"\ndays = \"mon-fri\"").unwrap().unwrap();
        assert_eq!(stated.hours, "07:00-20:00".parse().unwrap());
        assert_eq!(stated.days, "mon-fri".parse().unwrap());
        assert_eq!(stated.holidays, Some(Holidays::Czech));
        let at_work = window("days = \"mon-fri\"\nholidays = \"none\"").unwrap().unwrap();
        assert_eq!((at_work.hours, at_work.holidays), (Hours::ALL_DAY, None));
        assert!(window("holidays = \"cz\"").unwrap().is_some());
        assert_eq!(window("holidays = \"none\"").unwrap(), None);
        assert_eq!(
            window("window = \"20:00-07:00\"\ndays = \"po-pá\"\nholidays = \"sk\"").unwrap_err(),
            [
                "hlas.toml:5:10 `20:00-07:00` are no hours of a day → write them like \"07:00-20:00\"; a night is not one window",
                "hlas.toml:6:8 `po-pá` are no days of the week → write them like \"mon-fri\" or \"mon, wed, fri\"",
                "hlas.toml:7:12 the holidays of `sk` are not known → write \"cz\" or \"none\"",
            ]
        );
    }
}
