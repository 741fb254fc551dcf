//! One CSV file, a list → subscribers, one listing each.
//!
//! Accepts what offices really save: commas, semicolons (Excel in Czech) or
//! tabs, with or without a byte order mark. A row that is wrong becomes a
//! finding, and stays in as somebody who cannot be written to, so that the
//! books count it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::{self, BufRead};
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use lettre::Address;

use super::lines::Lines;
use super::nearest;
use crate::audience::Met;
use crate::model::{
    Basis, Finding, Findings, Language, List, Listing, Mailbox, Place, Subscriber, Workspace,
    with_ascii_domain,
};

/// The columns that hlas knows; any further one is kept for conditions.
pub const COLUMNS: [&str; 11] = [
    "email",
    "name",
    "salutation",
    "language",
    "organisation",
    "role",
    "country",
    "topics",
    "basis",
    "since",
    "source",
];

/// What is known of one list beside its rows.
#[derive(Debug, Default)]
pub struct LoadedList {
    /// Headings beyond [`COLUMNS`].
    pub extra_columns: Vec<String>,
    pub findings: Findings,
    /// False when rows are missing: nobody must be mailed then, for a mailing
    /// is frozen once and would pass them over.
    pub whole: bool,
}

/// Reads the CSV of the list named as the file, `list`.csv, as far as it can be
/// read, and puts a subscriber a row behind those in `subscribers`.
///
/// # Errors
/// When the file ends in the middle for the disk or the network's sake; nobody
/// is added then.
pub fn list(
    workspace: &Workspace,
    file: &Path,
    from: impl BufRead,
    subscribers: &mut Vec<Subscriber>,
) -> io::Result<LoadedList> {
    let before = subscribers.len();
    let lines = Lines::new(file, from)?;
    let delimiter = delimiter(lines.text());
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let mut csv = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(lines);
    let mut reader = Reader {
        workspace,
        file,
        delimiter,
        list: Arc::new(List { name: name.unwrap_or_default(), file: file.to_owned() }),
        before,
        subscribers,
        met: Met::default(),
        repeats: false,
        words: HashSet::new(),
        topics: HashMap::new(),
        loaded: LoadedList { whole: true, ..LoadedList::default() },
    };
    let read = reader.read(&mut csv);
    let loaded = reader.loaded;
    // A file that cannot be read to its end is told of as a whole.
    let broken = csv.into_inner().broken();
    if broken.is_some() || read.is_err() {
        subscribers.truncate(before);
    }
    read?;
    Ok(match broken {
        Some(finding) => LoadedList { findings: vec![finding], ..LoadedList::default() },
        None => loaded,
    })
}

struct Reader<'r> {
    workspace: &'r Workspace,
    file: &'r Path,
    delimiter: u8,
    list: Arc<List>,
    subscribers: &'r mut Vec<Subscriber>,
    /// How many of them are of other lists.
    before: usize,
    /// Who stands in this list.
    met: Met,
    /// Whether somebody does more than once.
    repeats: bool,
    /// What was said before, kept once however many rows say it.
    words: HashSet<Arc<str>>,
    topics: HashMap<Box<str>, Arc<[Arc<str>]>>,
    loaded: LoadedList,
}

impl Reader<'_> {
    fn read<R: BufRead>(&mut self, csv: &mut csv::Reader<Lines<'_, R>>) -> io::Result<()> {
        let mut record = csv.headers()?.clone();
        let columns: Vec<String> = record.iter().map(str::to_lowercase).collect();
        let text = csv.get_ref().text();
        let is_list = self.columns(&Row { columns: &columns, record: &record, line: 1, text });
        while csv.read_record(&mut record)? {
            let start = record.position().map_or(0, csv::Position::byte);
            let lines = csv.get_mut();
            let line = lines.at(start);
            // A file that is no list is read to its end too, for its encoding.
            if !is_list || record.iter().all(str::is_empty) {
                continue;
            }
            self.row(&Row { columns: &columns, record: &record, line, text: lines.text() });
        }
        if self.repeats {
            self.loaded.findings.sort_by_key(|finding| (finding.place.line, finding.place.column));
        }
        Ok(())
    }

    /// What is wrong with the headings; false when the file cannot be a list.
    fn columns(&mut self, headings: &Row<'_>) -> bool {
        let columns = headings.columns;
        let mut seen = BTreeSet::new();
        for (index, heading) in columns.iter().enumerate() {
            if !heading.is_empty() && !seen.insert(heading) {
                let message = format!("the column `{heading}` stands twice");
                self.wrong(headings, index, message, "keep one of them");
            }
        }
        if !columns.iter().any(|heading| heading == "email") {
            self.loaded.whole = false;
            let help = match columns.iter().find_map(|it| nearest(it, ["email"]).map(|_| it)) {
                Some(close) => format!("rename the column `{close}` to `email`"),
                None => format!("the first line names the columns: {}", COLUMNS.join(",")),
            };
            self.wrong(headings, 0, "the list has no column `email`".to_owned(), &help);
            return false;
        }
        for (index, heading) in columns.iter().enumerate() {
            if COLUMNS.contains(&heading.as_str()) || heading.is_empty() {
                continue;
            }
            self.loaded.extra_columns.push(heading.clone());
            let missing = COLUMNS.into_iter().filter(|it| !columns.iter().any(|has| has == it));
            if let Some(close) = nearest(heading, missing) {
                let message = format!("unknown column `{heading}`, kept for conditions only");
                self.warn(headings, index, message, format!("did you mean `{close}`?"));
            }
        }
        true
    }

    /// The same text, once.
    fn word(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.words.get(text) {
            return Arc::clone(known);
        }
        let word: Arc<str> = Arc::from(text);
        self.words.insert(Arc::clone(&word));
        word
    }

    /// The same topics, once.
    fn topics(&mut self, written: &str) -> Arc<[Arc<str>]> {
        if let Some(known) = self.topics.get(written) {
            return Arc::clone(known);
        }
        let topics: Arc<[_]> = topics(written).iter().map(|topic| self.word(topic)).collect();
        self.topics.insert(Box::from(written), Arc::clone(&topics));
        topics
    }

    fn listing(&self, line: usize, basis: Option<Basis>) -> Listing {
        Listing {
            list: Arc::clone(&self.list),
            basis,
            since: None,
            source: Arc::default(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
        }
    }

    fn row(&mut self, row: &Row<'_>) {
        if let Some(index) = row.record.iter().position(|cell| cell.contains('\n')) {
            // A quote left open swallows the rows after it, people and all.
            self.loaded.whole = false;
            let message = "the quote that opens here is not closed in this row".to_owned();
            let help = "close it, or take the line break out; nobody new is mailed till then";
            self.wrong(row, index, message, help);
        }
        let subscriber = if row.record.len() > row.columns.len() {
            self.shifted(row)
        } else {
            self.subscriber(row)
        };
        self.subscribers.push(subscriber);
        self.tell_of_repeat(row);
    }

    fn subscriber(&mut self, row: &Row<'_>) -> Subscriber {
        let mailbox = self.mailbox(row);
        let other_key = match &mailbox {
            Mailbox::Valid(address) => {
                Some(key(address)).filter(|it| it != address.as_ref() as &str)
            }
            Mailbox::Malformed(_) => Some(self.key_of_nobody(row)),
        };
        let basis = self.basis(row);
        let since = self.since(row);
        let language = self.language(row);
        let source = self.word(row.get("source"));
        let further = |column: &&String| !COLUMNS.contains(&column.as_str()) && !column.is_empty();
        let further = row.columns.iter().filter(further);
        Subscriber {
            mailbox,
            other_key: other_key.map(String::into_boxed_str),
            name: Box::from(row.get("name")),
            salutation: self.word(row.get("salutation")),
            language,
            organisation: self.word(row.get("organisation")),
            role: self.word(row.get("role")),
            country: self.word(row.get("country")),
            topics: self.topics(row.get("topics")),
            listings: Box::new([Listing { since, source, ..self.listing(row.line, basis) }]),
            extra: further.map(|it| (self.word(it), self.word(row.get(it)))).collect(),
        }
    }

    /// A row with more values than columns: no telling which of them stands in
    /// the wrong place, so the person is counted, and not written to.
    fn shifted(&mut self, row: &Row<'_>) -> Subscriber {
        let (values, columns) = (row.record.len(), row.columns.len());
        let message = format!("the row has {values} values, the list {columns} columns");
        let help = "put a value that holds the separator between \"quotes\"";
        self.wrong(row, columns, message, help);
        let mailbox = Mailbox::Malformed(row.get("email").to_owned());
        let mut person = Subscriber::bare(mailbox, self.listing(row.line, None));
        person.other_key = Some(self.key_of_nobody(row).into_boxed_str());
        person
    }

    /// Rows without an address are different people, as far as we know.
    fn key_of_nobody(&self, row: &Row<'_>) -> String {
        format!("{}:{}", self.file.display(), row.line)
    }

    /// Somebody who stands in the list more than once: the row is the last read.
    fn tell_of_repeat(&mut self, row: &Row<'_>) {
        let rows = &self.subscribers[self.before..];
        let last = rows.len() - 1;
        let before = std::mem::replace(self.met.meet(rows, last), last);
        if before == last {
            return;
        }
        self.repeats = true;
        let (key, first) = (rows[last].key(), rows[before].listings[0].line);
        let message = format!("`{key}` stands in this list already, on line {first}");
        let help = "delete one of the rows; they are one person and get one mail";
        self.warn(row, row.index("email"), message, help.to_owned());
    }

    fn mailbox(&mut self, row: &Row<'_>) -> Mailbox {
        let written = row.get("email");
        let index = row.index("email");
        match written.parse::<Address>() {
            Ok(address) => Mailbox::Valid(with_ascii_domain(&address)),
            Err(_) if written.is_empty() => {
                let name = Some(row.get("name")).filter(|name| !name.is_empty());
                let any = || row.record.iter().find(|cell| !cell.is_empty());
                let who = name.or_else(any).unwrap_or("");
                let help = "add the address, or delete the row";
                self.wrong(row, index, format!("no address for “{who}”"), help);
                Mailbox::Malformed(String::new())
            }
            Err(_) => {
                let message = format!("`{written}` is no e-mail address");
                let help = "write it as name@example.org; the person is left out till then";
                self.wrong(row, index, message, help);
                Mailbox::Malformed(written.to_owned())
            }
        }
    }

    fn basis(&mut self, row: &Row<'_>) -> Option<Basis> {
        let written = row.get("basis");
        let known = || Basis::ALL.iter().map(|(name, _)| *name);
        let found = Basis::ALL.iter().find(|(name, _)| *name == written).map(|(_, basis)| *basis);
        if found.is_none() {
            let (message, help) = if written.is_empty() {
                (
                    "no lawful basis for writing to this person, so nothing is sent".to_owned(),
                    format!("state one: {}", known().collect::<Vec<_>>().join(", ")),
                )
            } else {
                (
                    format!("`{written}` is no lawful basis, so nothing is sent"),
                    match nearest(written, known()) {
                        Some(close) => format!("did you mean `{close}`?"),
                        None => format!("there are: {}", known().collect::<Vec<_>>().join(", ")),
                    },
                )
            };
            self.warn(row, row.index("basis"), message, help);
        }
        found
    }

    fn since(&mut self, row: &Row<'_>) -> Option<Date> {
        let written = row.get("since");
        let date = written.parse::<Date>().ok();
        if date.is_none() && !written.is_empty() {
            let message = format!("`{written}` is no date, taken as not stated");
            self.warn(row, row.index("since"), message, "write it as 2024-05-31".to_owned());
        }
        date
    }

    fn language(&mut self, row: &Row<'_>) -> Option<Language> {
        let written = row.get("language");
        if written.is_empty() {
            return None;
        }
        let language = Language::new(written);
        // One of ours is shared by all who read it.
        if let Some(ours) = self.workspace.languages.iter().find(|ours| **ours == language) {
            return Some(ours.clone());
        }
        let known: Vec<_> = self.workspace.languages.iter().map(Language::as_str).collect();
        let message = format!("we publish nothing in “{language}”, so nothing is sent");
        let help = format!("write one of {}, which they can read", known.join(", "));
        self.warn(row, row.index("language"), message, help);
        Some(language)
    }

    fn warn(&mut self, row: &Row<'_>, index: usize, message: String, help: String) {
        let finding = Finding::warning("list", self.place(row, index), message);
        self.loaded.findings.push(finding.help(help));
    }

    fn wrong(&mut self, row: &Row<'_>, index: usize, message: String, help: &str) {
        let finding = Finding::error("list", self.place(row, index), message);
        self.loaded.findings.push(finding.help(help));
    }

    fn place(&self, row: &Row<'_>, index: usize) -> Place {
        Place::new(self.file, row.line, column(row.text, self.delimiter, index))
    }
}

/// The column, in characters from 1, at which cell `index` of a line begins.
fn column(line: &str, delimiter: u8, index: usize) -> usize {
    let delimiter = char::from(delimiter);
    let mut quoted = false;
    let mut cell = 0;
    for (position, character) in line.chars().enumerate() {
        if cell == index {
            return position + 1;
        }
        match character {
            '"' => quoted = !quoted,
            _ if character == delimiter && !quoted => cell += 1,
            _ => {}
        }
    }
    line.chars().count().max(1)
}

/// One row, by column name.
struct Row<'r> {
    columns: &'r [String],
    record: &'r csv::StringRecord,
    line: usize,
    /// The line as it is written.
    text: &'r str,
}

impl Row<'_> {
    fn index(&self, column: &str) -> usize {
        self.columns.iter().position(|heading| heading == column).unwrap_or(0)
    }

    fn get(&self, column: &str) -> &str {
        let index = self.columns.iter().position(|heading| heading == column);
        index.and_then(|index| self.record.get(index)).unwrap_or("")
    }
}

/// What makes two addresses one person: case does not matter, nor whether a
/// domain is written with accents or as its A-label (RFC 5890).
fn key(address: &Address) -> String {
    let domain = url::Host::parse(address.domain())
        .map_or_else(|_| address.domain().to_lowercase(), |host| host.to_string());
    format!("{}@{domain}", address.user().to_lowercase())
}

/// The separator that the first line has most of. Excel in Czech writes semicolons.
fn delimiter(first: &str) -> u8 {
    let count = |delimiter: u8| first.bytes().filter(|byte| *byte == delimiter).count();
    let most = [b',', b';', b'\t'].into_iter().max_by_key(|it| (count(*it), *it == b','));
    most.unwrap_or(b',')
}

/// `health; education` or `health|education` → the topics, in lower case.
fn topics(written: &str) -> Vec<String> {
    let mut topics = Vec::new();
    for topic in written.split([';', '|', ',']).map(|topic| topic.trim().to_lowercase()) {
        if !topic.is_empty() && !topics.contains(&topic) {
            topics.push(topic);
        }
    }
    topics
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::specimen;

    struct Read {
        loaded: LoadedList,
        subscribers: Vec<Subscriber>,
    }

    fn read(bytes: &[u8]) -> Read {
        let mut subscribers = Vec::new();
        let file = Path::new("subscribers/officials.csv");
        let loaded = list(&specimen::workspace(), file, bytes, &mut subscribers).unwrap();
        Read { loaded, subscribers }
    }

    fn told(Read { loaded, .. }: &Read) -> Vec<String> {
        let tell = |it: &Finding| format!("{} {} → {}", it.place, it.message, it.help);
        loaded.findings.iter().map(tell).collect()
    }

    #[test]
    fn excel_in_czech_writes_semicolons_and_a_byte_order_mark() {
        let loaded = read(
            "\u{feff}Email;Name;Topics;Basis;committee\r\nJana@Example.org;Jana Nováková;\"health;labour\";consent;zdravotní\r\n"
                .as_bytes(),
        );
        assert_eq!(told(&loaded), Vec::<String>::new());
        let jana = &loaded.subscribers[0];
        assert_eq!(jana.key(), "jana@example.org");
        assert_eq!(jana.topics.join(" "), "health labour");
        assert_eq!(jana.extra("committee"), "zdravotní");
        assert_eq!(jana.listings[0].list.name, "officials");
        assert_eq!(jana.listings[0].basis, Some(Basis::Consent));
        assert!(loaded.loaded.whole);
    }

    #[test]
    fn every_bad_row_is_named_and_counted() {
        let loaded = read(
            "email,name,language,basis,since\n\
             ,Bez Adresy,cs,consent,2024-01-01\n\
             jana(at)example.org,Jana,cs,consent,\n\
             petr@example.org,\"Petr, ml.\",cs,consnt,včera\n\
             petr@example.org,Petr,xx,consent,\n\
             eva@example.org,Eva,cs,consent,,navíc\n"
                .as_bytes(),
        );
        assert_eq!(
            told(&loaded),
            [
                "subscribers/officials.csv:2:1 no address for “Bez Adresy” → add the address, or delete the row",
                "subscribers/officials.csv:3:1 `jana(at)example.org` is no e-mail address → write it as name@example.org; the person is left out till then",
                "subscribers/officials.csv:4:33 `consnt` is no lawful basis, so nothing is sent → did you mean `consent`?",
                "subscribers/officials.csv:4:40 `včera` is no date, taken as not stated → write it as 2024-05-31",
                "subscribers/officials.csv:5:1 `petr@example.org` stands in this list already, on line 4 → delete one of the rows; they are one person and get one mail",
                "subscribers/officials.csv:5:23 we publish nothing in “xx”, so nothing is sent → write one of cs, en, which they can read",
                "subscribers/officials.csv:6:33 the row has 6 values, the list 5 columns → put a value that holds the separator between \"quotes\"",
            ]
        );
        assert_eq!(loaded.subscribers.len(), 5);
    }

    #[test]
    fn one_domain_in_two_spellings_is_one_domain() {
        let key_of = |text: &str| key(&text.parse().expect("an address"));
        assert_eq!(key_of("Jana@háčky.example.org"), key_of("jana@xn--hky-ela4t.example.org"));
        assert_eq!(key_of("Petr@Example.ORG"), "petr@example.org");
    }

    #[test]
    fn a_domain_beyond_ascii_is_kept_as_mail_carries_it() {
        let loaded = read("email,basis\nJana@háčky.example.org,consent\n".as_bytes());
        let address = "Jana@xn--hky-ela4t.example.org".parse().expect("an address");
        assert_eq!(loaded.subscribers[0].mailbox, Mailbox::Valid(address));
    }

    #[test]
    fn lines_are_counted_right_in_files_from_windows() {
        let loaded = read(b"email,basis\r\na@example.org,consent\r\n\r\nbad,consent\r\n");
        assert!(told(&loaded)[0].starts_with("subscribers/officials.csv:4:1 `bad`"));
    }

    #[test]
    fn a_quote_left_open_stops_the_mailing() {
        let loaded = read(
            b"email,name,basis\na@example.org,A,consent\nb@example.org,\"B,consent\nc@example.org,C,consent\n",
        );
        assert!(!loaded.loaded.whole);
        assert!(
            told(&loaded)[0]
                .starts_with("subscribers/officials.csv:3:15 the quote that opens here"),
            "{:?}",
            told(&loaded)
        );
    }

    #[test]
    fn a_row_behind_a_lone_carriage_return_is_a_row_of_its_line() {
        let loaded = read(b"email,basis\na@example.org,consent\rbad,consent\n\n\nworse,consent");
        let places = loaded.loaded.findings.iter().map(|it| it.place.to_string());
        let file = "subscribers/officials.csv";
        assert_eq!(places.collect::<Vec<_>>(), [format!("{file}:2:1"), format!("{file}:5:1")]);
        assert_eq!(loaded.subscribers.len(), 3);
    }

    #[test]
    fn who_stands_there_three_times_is_told_twice_each_time_with_the_line_before() {
        let loaded = read(
            b"name,email,basis\n\"A, a\",a@example.org,consent\nA,A@Example.org,no\nA,a@example.org,consent\n",
        );
        assert_eq!(
            told(&loaded).iter().map(|it| it.split(" → ").next().unwrap()).collect::<Vec<_>>(),
            [
                "subscribers/officials.csv:3:3 `a@example.org` stands in this list already, on line 2",
                "subscribers/officials.csv:3:17 `no` is no lawful basis, so nothing is sent",
                "subscribers/officials.csv:4:3 `a@example.org` stands in this list already, on line 3",
            ]
        );
    }

    /// So many rows that no buffer holds them, with one of them in place of
    /// another.
    fn many(number: usize, row: &[u8]) -> Vec<u8> {
        let mut text = b"\xEF\xBB\xBFemail,name,basis\r\n".to_vec();
        for other in 2..20_000 {
            let some = format!("reader-{other}@example.org,Čtenář,consent");
            text.extend_from_slice(if other == number { row } else { some.as_bytes() });
            text.extend_from_slice(b"\r\n");
        }
        text
    }

    #[test]
    fn in_the_middle_of_many_a_mistake_is_found_at_its_line() {
        let long = format!("a@example.org,{},consnt", "ě".repeat(30_000));
        let loaded = read(&many(12_345, long.as_bytes()));
        assert_eq!(
            told(&loaded),
            [
                "subscribers/officials.csv:12345:30016 `consnt` is no lawful basis, so nothing is sent → did you mean `consent`?"
            ]
        );
        let loaded = read(&many(12_345, b"a@example.org,\"A,consent"));
        assert!(told(&loaded)[0].starts_with("subscribers/officials.csv:12345:15 the quote"));
        assert_eq!((loaded.subscribers.len(), loaded.loaded.whole), (12_344, false));
    }

    #[test]
    fn of_a_list_in_another_encoding_nobody_is_read() {
        let workspace = specimen::workspace();
        let file = Path::new("subscribers/officials.csv");
        let mut people = read(b"email\njana@example.org\n").subscribers;
        let bytes = many(12_345, b"a@example.org,Ji\xF8\xED,consent");
        let told = list(&workspace, file, &*bytes, &mut people).unwrap().findings;
        assert_eq!(told[0].place.to_string(), "subscribers/officials.csv:12345:17");
        assert_eq!((told.len(), told[0].rule), (1, "encoding"));
        let told = list(&workspace, file, &b"\xFF\xFEe\0m\0\n\0"[..], &mut people).unwrap();
        assert_eq!(told.findings[0].message, "the file is UTF-16");
        assert_eq!(people.len(), 1, "those of another list stay");
    }

    #[test]
    fn of_a_list_that_cannot_be_read_to_its_end_nobody_is_read() {
        struct Gone;
        impl io::Read for Gone {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the share is gone"))
            }
        }
        let some = many(0, b"");
        let from = io::BufReader::new(io::Read::chain(&*some, Gone));
        let mut people = Vec::new();
        let read = list(&specimen::workspace(), Path::new("a.csv"), from, &mut people);
        assert_eq!(read.unwrap_err().to_string(), "the share is gone");
        assert!(people.is_empty());
    }

    #[test]
    fn a_list_without_addresses_or_in_another_encoding_is_not_whole() {
        let loaded = read(b"e-mail,name\na@example.org,A\n");
        assert!(!loaded.loaded.whole);
        assert!(told(&loaded)[0].ends_with("rename the column `e-mail` to `email`"));
        let loaded = read(b"e-mail,name\na@example.org,Ji\xF8\xED\n");
        assert!(!loaded.loaded.whole);
        assert!(told(&loaded)[0].starts_with("subscribers/officials.csv:2:17 not UTF-8"));
        assert!(!read(b"").loaded.whole);
    }
}
