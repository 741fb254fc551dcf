//! The books of mailings: do they balance, and who is still open.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::ledger::Entry;
use crate::model::{Books, DeliveryState};

/// One mailing's books, with a line for everybody a person should look at.
///
/// `held` is why nobody is written to just now, if that is so.
pub fn books_text(
    books: &Books,
    entries: &[Entry],
    held: Option<&str>,
    time_zone: &TimeZone,
) -> String {
    let mut text = format!("{}\n", books.slug);
    let open = if books.complete { "" } else { ", frozen for some only (--only)" };
    let frozen = books.frozen_at.to_zoned_datetime(time_zone.clone()).strftime("%Y-%m-%d %H:%M");
    text.push_str(&format!("  frozen {frozen}{open}\n"));
    if let Some(paused) = &books.paused {
        let at = paused.at.to_zoned_datetime(time_zone.clone()).strftime("%Y-%m-%d %H:%M");
        text.push_str(&format!("  PAUSED {at}: {}\n", paused.reason));
        text.push_str(&format!("    `hlas send {} --resume` goes on\n", books.slug));
    }
    if let Some(held) = held {
        text.push_str(&format!("  HELD: {held}\n"));
    }
    text.push_str(&format!(
        "  {} candidates = {} excluded + {} accepted + {} refused + {} deferred + {} pending + {} unsure{}\n",
        books.candidates,
        books.excluded_total(),
        books.accepted,
        books.refused,
        books.deferred,
        books.pending,
        books.unsure,
        if books.balance() { "" } else { "   DOES NOT BALANCE" },
    ));
    for (reason, number) in &books.excluded {
        text.push_str(&format!("    excluded {number}: {}\n", reason.replace('-', " ")));
    }
    for entry in entries {
        let said = entry.last.as_ref().map(|attempt| {
            let reply = attempt.outcome.reply();
            let code = reply.code.map(|code| format!("{code} ")).unwrap_or_default();
            format!(": {code}{}", reply.text)
        });
        let state = state_name(entry.state);
        text.push_str(&format!("    {state} {}{}\n", entry.address, said.unwrap_or_default()));
        if entry.state == DeliveryState::Unsure {
            text.push_str(&format!(
                "      it may have arrived, and is not sent again: ask them, or look for Message-ID {}@… in the server's log\n      then `hlas resolve {} --accepted {address}`, or --resend\n",
                entry.id, books.slug, address = entry.address
            ));
        }
    }
    text
}

pub fn books_json(books: &Books, entries: &[Entry], held: Option<&str>) -> Value {
    let people: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let reply = entry.last.as_ref().map(|attempt| attempt.outcome.reply().clone());
            json!({
                "delivery": entry.id,
                "address": entry.address,
                "state": entry.state,
                "reply": reply,
                "next_try": entry.next_try,
            })
        })
        .collect();
    let mut value = serde_json::to_value(books).unwrap_or_default();
    value["balances"] = json!(books.balance());
    value["held"] = json!(held);
    value["entries"] = json!(people);
    value
}

fn state_name(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Pending => "pending",
        DeliveryState::Accepted => "accepted",
        DeliveryState::Deferred => "deferred",
        DeliveryState::Refused => "refused",
        DeliveryState::Unsure => "unsure",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;

    use super::*;
    use crate::model::Slug;

    #[test]
    fn books_that_do_not_balance_say_so() {
        let mut books = Books {
            slug: Slug::new("a").unwrap(),
            frozen_at: Timestamp::UNIX_EPOCH,
            complete: true,
            paused: None,
            candidates: 5,
            excluded: BTreeMap::from([("no-lawful-basis".to_owned(), 1)]),
            accepted: 3,
            refused: 0,
            deferred: 0,
            pending: 1,
            unsure: 0,
        };
        assert_eq!(
            books_text(&books, &[], None, &TimeZone::UTC),
            "a\n  frozen 1970-01-01 00:00\n  5 candidates = 1 excluded + 3 accepted + 0 refused + 0 deferred + 1 pending + 0 unsure\n    excluded 1: no lawful basis\n"
        );
        let reason = "the server says of us: 550 5.7.26 Unauthenticated".to_owned();
        books.paused = Some(crate::model::Paused { at: Timestamp::UNIX_EPOCH, reason });
        let told = "  PAUSED 1970-01-01 00:00: the server says of us: 550 5.7.26 Unauthenticated\n    `hlas send a --resume` goes on\n  5 candidates";
        assert!(books_text(&books, &[], None, &TimeZone::UTC).contains(told));
        let held = books_text(&books, &[], Some("its folder is gone"), &TimeZone::UTC);
        assert!(held.contains("\n  HELD: its folder is gone\n  5 candidates"), "{held}");
        books.pending = 0;
        assert!(books_text(&books, &[], None, &TimeZone::UTC).contains("DOES NOT BALANCE"));
        assert_eq!(books_json(&books, &[], None)["balances"], false);
    }
}
