//! Lists → people: one address in several lists is one person and gets one mail.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::Subscriber;

/// Merges subscribers with the same key, in the order they first appear.
///
/// A personal field comes from the first listing that states it; topics,
/// listings and further columns from all of them. In place: a million people
/// should not be in memory twice.
pub fn merge(mut rows: Vec<Subscriber>) -> Vec<Subscriber> {
    let persons = persons(&rows);
    let mut whose = persons.iter();
    let again: Vec<Subscriber> =
        rows.extract_if(.., |_| whose.next().is_some_and(|it| it.is_again)).collect();
    let whose = persons.iter().filter(|it| it.is_again);
    for (row, person) in again.into_iter().zip(whose) {
        absorb(&mut rows[person.index], row);
    }
    rows
}

/// Of a row: which person it is about, and whether another row was before it.
struct Person {
    index: usize,
    is_again: bool,
}

fn persons(rows: &[Subscriber]) -> Vec<Person> {
    let mut known: HashMap<&str, usize> = HashMap::with_capacity(rows.len());
    let person = |row| {
        let next = known.len();
        let index = *known.entry(row).or_insert(next);
        Person { index, is_again: index < next }
    };
    rows.iter().map(|row| row.key.as_str()).map(person).collect()
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
    for topic in row.topics {
        if !person.topics.contains(&topic) {
            person.topics.push(topic);
        }
    }
    person.listings.extend(row.listings);
    for (column, value) in row.extra {
        let mine = person.extra.entry(column).or_default();
        if mine.is_empty() {
            *mine = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::load::subscribers::list;
    use crate::render::specimen;

    #[test]
    fn an_address_in_two_lists_is_one_person() {
        let workspace = specimen::workspace();
        let read =
            |name: &str, text: &str| list(&workspace, Path::new(name), text.as_bytes()).subscribers;
        let mut rows = read(
            "officials.csv",
            "email,name,language,topics,basis\njana@example.org,Jana Nová,,health,consent\n",
        );
        rows.extend(read(
            "members.csv",
            "email,name,language,topics,basis,desk\nJANA@example.org,J. Nová,en,health;labour,consent,3\npetr@example.org,Petr,cs,,consent,4\n",
        ));
        let people = merge(rows);
        assert_eq!(people.len(), 2);
        let jana = &people[0];
        assert_eq!(jana.name, "Jana Nová");
        assert_eq!(jana.language.as_ref().map(|it| it.as_str()), Some("en"));
        assert_eq!(jana.topics.join(" "), "health labour");
        assert_eq!(jana.extra["desk"], "3");
        let lists: Vec<&str> = jana.listings.iter().map(|it| &*it.list).collect();
        assert_eq!(lists, ["officials", "members"]);
    }
}
