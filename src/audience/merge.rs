//! Lists → people: one address in several lists is one person and gets one mail.

use std::sync::Arc;

use super::Met;
use crate::model::Subscriber;

/// Merges subscribers with the same key, in the order they first appear.
///
/// A personal field comes from the first listing that states it; topics,
/// listings and further columns from all of them. In place: a million people
/// should not be in memory twice.
pub fn merge(mut rows: Vec<Subscriber>) -> Vec<Subscriber> {
    let again = again(&rows);
    let mut next = again.iter().peekable();
    let mut index = 0..;
    let is_next = |_: &mut Subscriber| {
        let index = index.next();
        next.next_if(|again| Some(again.row) == index).is_some()
    };
    let taken: Vec<Subscriber> = rows.extract_if(.., is_next).collect();
    for (row, again) in taken.into_iter().zip(&again) {
        absorb(&mut rows[again.person], row);
    }
    rows
}

/// A row about somebody whom a row before it was about.
struct Again {
    row: usize,
    /// Their index among the people, once rows like this one are taken out.
    person: usize,
}

fn again(rows: &[Subscriber]) -> Vec<Again> {
    let mut met = Met::default();
    let mut all: Vec<Again> = Vec::new();
    for row in 0..rows.len() {
        let first = *met.meet(rows, row);
        if first != row {
            let taken_before = all.partition_point(|again| again.row < first);
            all.push(Again { row, person: first - taken_before });
        }
    }
    all
}

fn absorb(person: &mut Subscriber, row: Subscriber) {
    let first = |mine: &mut Arc<str>, other: Arc<str>| {
        if mine.is_empty() {
            *mine = other;
        }
    };
    if person.name.is_empty() {
        person.name = row.name;
    }
    first(&mut person.salutation, row.salutation);
    first(&mut person.organisation, row.organisation);
    first(&mut person.role, row.role);
    first(&mut person.country, row.country);
    person.language = person.language.take().or(row.language);
    let new = |topic: &&Arc<str>| !person.topics.contains(topic);
    if person.topics.is_empty() {
        person.topics = row.topics;
    } else if row.topics.iter().any(|topic| new(&topic)) {
        person.topics =
            person.topics.iter().chain(row.topics.iter().filter(new)).cloned().collect();
    }
    person.listings = [&*person.listings, &row.listings].concat().into();
    let mut extra = std::mem::take(&mut person.extra).into_vec();
    for (heading, written) in row.extra {
        match extra.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, mine)) => first(mine, written),
            None => extra.push((heading, written)),
        }
    }
    person.extra = extra.into();
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::load::subscribers::list;
    use crate::render::specimen;

    #[test]
    fn people_stay_in_the_order_in_which_they_first_appear() {
        let row = |name: &&str| format!("{name}@example.org,{}\n", name.to_lowercase());
        let text = ["b", "a", "B", "c", "a", "d", "b"].iter().map(row).collect::<String>();
        let (workspace, mut rows) = (specimen::workspace(), Vec::new());
        let text = format!("email,topics\n{text}");
        list(&workspace, Path::new("a.csv"), text.as_bytes(), &mut rows).unwrap();
        let lines = |person: Subscriber| {
            let lines = person.listings.iter().map(|it| it.line).collect::<Vec<_>>();
            (person.key().to_owned(), lines)
        };
        let people: Vec<_> = merge(rows).into_iter().map(lines).collect();
        let expected = [("b", vec![2, 4, 8]), ("a", vec![3, 6]), ("c", vec![5]), ("d", vec![7])];
        assert_eq!(people, expected.map(|(name, lines)| (format!("{name}@example.org"), lines)));
    }

    #[test]
    fn an_address_in_two_lists_is_one_person() {
        let workspace = specimen::workspace();
        let mut rows = Vec::new();
        let mut read = |name: &str, text: &str| {
            list(&workspace, Path::new(name), text.as_bytes(), &mut rows).unwrap();
        };
        read(
            "officials.csv",
            "email,name,language,topics,basis\njana@example.org,Jana Nová,,health,consent\n",
        );
        read(
            "members.csv",
            "email,name,language,topics,basis,desk\nJANA@example.org,J. Nová,en,health;labour,consent,3\npetr@example.org,Petr,cs,,consent,4\n",
        );
        let people = merge(rows);
        assert_eq!(people.len(), 2);
        let jana = &people[0];
        assert_eq!(&*jana.name, "Jana Nová");
        assert_eq!(jana.language.as_ref().map(|it| it.as_str()), Some("en"));
        assert_eq!(jana.topics.join(" "), "health labour");
        assert_eq!(jana.extra("desk"), "3");
        let lists: Vec<&str> = jana.listings.iter().map(|it| it.list.name.as_str()).collect();
        assert_eq!(lists, ["officials", "members"]);
    }
}
