//! A named condition over subscribers, in CEL, the Common Expression Language.
//!
//! The surprise: a condition is asked once a *listing*, so that `list`,
//! `basis`, `since` and `source` speak of one row of one list, while the other
//! fields (and `lists`) speak of the person. A person is in a segment when
//! any of their listings is.

use std::sync::Arc;

use cel::{Context, Program, Value};

use crate::load::nearest;
use crate::load::subscribers::COLUMNS;
use crate::model::{ByLanguage, Listing, MailPictures, Mailbox, Subscriber};

/// Fields beside the columns of lists: the list of the row at hand, and all
/// lists that the person is in.
const LISTS: [&str; 2] = ["list", "lists"];

/// Every field that conditions may use.
fn fields(extra_columns: &[String]) -> impl Iterator<Item = &str> {
    COLUMNS.into_iter().chain(LISTS).chain(extra_columns.iter().map(String::as_str))
}

thread_local! {
    /// What conditions may call: to set it up takes longer than any condition.
    static FUNCTIONS: Context<'static, 'static> = Context::default();
}

/// A named condition over subscribers.
#[derive(Debug)]
pub struct Segment {
    pub id: String,
    pub title: ByLanguage<String>,
    /// As written.
    pub condition: String,
    /// How mail to it shows pictures, where the publication does not say.
    pub pictures: MailPictures,
    program: Program,
    extra_columns: Vec<String>,
}

/// What is wrong with a condition, and which bytes of it are meant.
#[derive(Debug, PartialEq, Eq)]
pub struct ConditionError {
    pub offset: usize,
    pub length: usize,
    pub message: String,
    pub help: String,
}

impl Segment {
    /// Compiles a condition, checks every field and function it names, and
    /// tries it on a person, so that no mistake waits for the send.
    pub fn new(
        id: &str,
        title: ByLanguage<String>,
        condition: &str,
        extra_columns: &[String],
    ) -> Result<Self, ConditionError> {
        let whole = |message: String, help: &str| ConditionError {
            offset: 0,
            length: condition.len(),
            message,
            help: help.to_owned(),
        };
        let program =
            Program::compile(condition).map_err(|errors| syntax_error(condition, &errors))?;
        check_references(condition, &program, extra_columns)?;
        let segment = Self {
            id: id.to_owned(),
            title,
            condition: condition.to_owned(),
            pictures: MailPictures::default(),
            program,
            extra_columns: extra_columns.to_vec(),
        };
        let person = specimen();
        match segment.ask(&person, &person.listings[0]) {
            Ok(Value::Bool(_)) => Ok(segment),
            Ok(_) => Err(whole(
                "the condition answers neither true nor false".to_owned(),
                "compare something: country == \"CZ\"",
            )),
            Err(error) => Err(whole(
                format!("the condition cannot be answered: {error}"),
                "topics and lists are lists (\"health\" in topics), all others texts in quotes",
            )),
        }
    }

    /// The listings by which a person is in the segment; none if they are not.
    pub fn listings<'s>(&self, person: &'s Subscriber) -> Vec<&'s Listing> {
        let asked = person.listings.iter();
        asked.filter(|it| matches!(self.ask(person, it), Ok(Value::Bool(true)))).collect()
    }

    fn ask(&self, person: &Subscriber, listing: &Listing) -> Result<Value, cel::ExecutionError> {
        FUNCTIONS.with(|functions| {
            let mut context = functions.new_inner_scope();
            let references = self.program.references();
            let fields = fields(&self.extra_columns);
            for field in fields.filter(|field| references.has_variable(field)) {
                context.add_variable_from_value(field, value(field, person, listing));
            }
            self.program.execute(&context)
        })
    }
}

fn texts<'t>(all: impl Iterator<Item = &'t str>) -> Vec<String> {
    all.map(str::to_owned).collect()
}

fn value(field: &str, person: &Subscriber, listing: &Listing) -> Value {
    let text = |text: &str| Value::from(text);
    match field {
        "email" => text(person.key()),
        "name" => text(&person.name),
        "salutation" => text(&person.salutation),
        "language" => text(person.language.as_ref().map_or("", |language| language.as_str())),
        "organisation" => text(&person.organisation),
        "role" => text(&person.role),
        "country" => text(&person.country),
        "topics" => Value::from(texts(person.topics.iter().map(|topic| &**topic))),
        "list" => text(&listing.list.name),
        "lists" => Value::from(texts(person.listings.iter().map(|it| it.list.name.as_str()))),
        "basis" => text(listing.basis.map_or("", |basis| basis.name())),
        "since" => text(&listing.since.map(|since| since.to_string()).unwrap_or_default()),
        "source" => text(&listing.source),
        extra => text(person.extra(extra)),
    }
}

fn syntax_error(condition: &str, errors: &cel::ParseErrors) -> ConditionError {
    let first = errors.errors.first();
    let (line, column) = first.map_or((1, 1), |error| error.pos);
    let line = usize::try_from(line).unwrap_or(1).max(1);
    let column = usize::try_from(column).unwrap_or(1).max(1);
    let before: usize = condition.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let in_line = condition[before.min(condition.len())..].char_indices().nth(column - 1);
    let offset = in_line.map_or(condition.len(), |(index, _)| before + index);
    // The parser goes on to list every token of its grammar.
    let why = first.map_or("", |error| error.msg.split(" expecting ").next().unwrap_or(""));
    let why = why.trim_start_matches("Syntax error: ").replace("input '<EOF>'", "end");
    ConditionError {
        offset,
        length: 1,
        message: format!("the condition cannot be read: {}", why.lines().next().unwrap_or("")),
        help: "conditions look like: list == \"politicians\" && \"health\" in topics".to_owned(),
    }
}

/// Functions of CEL's standard library that make sense over texts and lists,
/// with the operators, which CEL counts among the functions.
fn known_function(name: &str) -> bool {
    const FUNCTIONS: [&str; 9] =
        ["size", "contains", "startsWith", "endsWith", "matches", "has", "all", "exists", "filter"];
    FUNCTIONS.contains(&name) || !name.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn check_references(
    condition: &str,
    program: &Program,
    extra_columns: &[String],
) -> Result<(), ConditionError> {
    let references = program.references();
    let known: Vec<&str> = fields(extra_columns).collect();
    let unknown_field = references
        .variables()
        .into_iter()
        .filter(|name| {
            !name.starts_with('@') && !known.contains(name) && !is_loop_variable(condition, name)
        })
        .map(|name| (word_offset(condition, name), name))
        .min();
    if let Some((offset, name)) = unknown_field {
        let help = match nearest(name, known.iter().copied()) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("texts go between double quotes; the fields are {}", known.join(", ")),
        };
        let message = format!("there is no field `{name}`");
        return Err(ConditionError { offset, length: name.len(), message, help });
    }
    let functions = references.functions();
    let unknown = functions.into_iter().filter(|name| !known_function(name)).min();
    unknown.map_or(Ok(()), |name| {
        Err(ConditionError {
            offset: word_offset(condition, name),
            length: name.len(),
            message: format!("there is no function `{name}`"),
            help: "there are: in, ==, !=, &&, ||, !, size(), contains(), startsWith(), endsWith()"
                .to_owned(),
        })
    })
}

/// Whether `name` is bound by a macro: the `t` of `topics.exists(t, t == "x")`.
fn is_loop_variable(condition: &str, name: &str) -> bool {
    ["exists(", "all(", "filter(", "exists_one(", "map("].iter().any(|function| {
        condition
            .match_indices(function)
            .any(|(at, found)| condition[at + found.len()..].trim_start().starts_with(name))
    })
}

/// Where `word` stands in a condition, outside of texts in quotes.
fn word_offset(condition: &str, word: &str) -> usize {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut quote = None;
    for (index, character) in condition.char_indices() {
        match quote {
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if matches!(character, '"' | '\'') => quote = Some(character),
            None => {
                let rest = &condition[index..];
                let starts =
                    condition[..index].chars().next_back().is_none_or(|c| !part_of_word(c));
                let ends = rest.strip_prefix(word).map(|after| after.chars().next());
                if starts && ends.is_some_and(|next| next.is_none_or(|c| !part_of_word(c))) {
                    return index;
                }
            }
        }
    }
    0
}

/// Somebody to try a condition on.
fn specimen() -> Subscriber {
    let listing =
        Listing { list: Arc::default(), basis: None, since: None, source: Arc::default(), line: 1 };
    Subscriber::bare(Mailbox::Malformed("name@example.org".to_owned()), listing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::List;

    fn segment(condition: &str) -> Result<Segment, ConditionError> {
        Segment::new("s", ByLanguage::default(), condition, &["committee".to_owned()])
    }

    fn person(lists: &[&str], topics: &[&str]) -> Subscriber {
        let mut person = specimen();
        let listing = person.listings[0].clone();
        let in_list = |name: &&str| {
            let list = List { name: (*name).to_owned(), ..List::default() };
            Listing { list: Arc::new(list), ..listing.clone() }
        };
        person.listings = lists.iter().map(in_list).collect();
        person.topics = topics.iter().map(|topic| Arc::from(*topic)).collect();
        person
    }

    #[test]
    fn a_person_is_in_a_segment_by_any_of_their_listings() {
        let segment = segment("list == \"politicians\" && \"health\" in topics").unwrap();
        let by = |person: &Subscriber| {
            segment.listings(person).iter().map(|it| it.list.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(by(&person(&["members", "politicians"], &["health"])), ["politicians"]);
        assert!(by(&person(&["members"], &["health"])).is_empty());
        assert!(by(&person(&["politicians"], &["labour"])).is_empty());
    }

    #[test]
    fn lists_speak_of_the_person() {
        let segment = segment("\"members\" in lists && !(\"ngos\" in lists)").unwrap();
        assert_eq!(segment.listings(&person(&["members", "academics"], &[])).len(), 2);
        assert!(segment.listings(&person(&["members", "ngos"], &[])).is_empty());
    }

    #[test]
    fn a_word_in_quotes_is_no_field() {
        let error = segment("name == \"citty\" && citty == \"Brno\"").unwrap_err();
        assert_eq!((error.offset, error.length), (19, 5));
    }

    #[test]
    fn macros_bind_their_own_variables() {
        assert!(segment("topics.exists(t, t.startsWith(\"health\"))").is_ok());
    }
}
