//! Lists → people: one address in several lists is one person and gets one mail.

use std::collections::HashMap;

use crate::model::Subscriber;

/// Merges subscribers with the same key, in the order they first appear.
///
/// A personal field comes from the first listing that states it; topics,
/// listings and further columns from all of them.
pub fn merge(rows: Vec<Subscriber>) -> Vec<Subscriber> {
    let mut people: Vec<Subscriber> = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::new();
    for row in rows {
        match index.get(&row.key) {
            Some(known) => absorb(&mut people[*known], row),
            None => {
                index.insert(row.key.clone(), people.len());
                people.push(row);
            }
        }
    }
    people
}

fn absorb(person: &mut Subscriber, row: Subscriber) {
    let first = |mine: &mut String, other: String| {
        if mine.is_empty() {
            *mine = other;
        }
    };
    first(&mut person.name, row.name);
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
        first(person.extra.entry(column).or_default(), value);
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
        assert_eq!(jana.topics, ["health", "labour"]);
        assert_eq!(jana.extra["desk"], "3");
        let lists: Vec<&str> = jana.listings.iter().map(|it| it.list.as_str()).collect();
        assert_eq!(lists, ["officials", "members"]);
    }
}
