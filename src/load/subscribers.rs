//! One CSV file, a list → subscribers, one listing each.
//!
//! Accepts what offices really save: commas, semicolons (Excel in Czech) or
//! tabs, with or without a byte order mark. A row that is wrong becomes a
//! finding, and stays in as somebody who cannot be written to, so that the
//! books count it.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use lettre::Address;

use super::nearest;
use crate::model::{
    Basis, Finding, Findings, Language, Listing, Mailbox, Place, Subscriber, Workspace,
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

/// One list as far as it could be read.
#[derive(Debug, Default)]
pub struct LoadedList {
    pub subscribers: Vec<Subscriber>,
    /// Headings beyond [`COLUMNS`].
    pub extra_columns: Vec<String>,
    pub findings: Findings,
    /// False when rows are missing from `subscribers`: nobody must be mailed
    /// then, for a mailing is frozen once and would pass them over.
    pub whole: bool,
}

/// Reads `bytes`, the CSV of the list named as the file, `list`.csv.
pub fn list<'b>(workspace: &Workspace, file: &Path, bytes: impl Into<Cow<'b, [u8]>>) -> LoadedList {
    let bytes = bytes.into();
    let decoded = super::decode(file, &bytes);
    // A list of a million is not kept twice.
    drop(bytes);
    let text: Arc<str> = match decoded {
        Ok(text) => Arc::from(text),
        Err(finding) => return LoadedList { findings: vec![finding], ..LoadedList::default() },
    };
    let name = file.file_stem().map(|stem| Arc::from(stem.to_string_lossy()));
    let reader = Reader {
        workspace,
        file,
        text: &text,
        line_starts: std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect(),
        delimiter: delimiter(&text),
        list: name.unwrap_or_default(),
        shared_file: Arc::from(file),
        email_column: 0,
        words: HashSet::new(),
        loaded: LoadedList { whole: true, ..LoadedList::default() },
    };
    reader.read()
}

struct Reader<'r> {
    workspace: &'r Workspace,
    file: &'r Path,
    text: &'r Arc<str>,
    /// Byte offset of each line.
    line_starts: Vec<usize>,
    delimiter: u8,
    list: Arc<str>,
    shared_file: Arc<Path>,
    email_column: usize,
    /// What was said before, kept once however many rows say it.
    words: HashSet<Arc<str>>,
    loaded: LoadedList,
}

impl Reader<'_> {
    fn read(mut self) -> LoadedList {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(self.delimiter)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(self.text.as_bytes());
        let Some(columns) = self.columns(&mut reader) else { return self.loaded };
        let mut lines = Lines { text: self.text.as_bytes(), offset: 0, line: 1 };
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    self.loaded.whole = false;
                    let line = error.position().map_or(1, |position| lines.at(position.byte()));
                    self.wrong(line, 1, format!("not CSV: {error}"), "see the quotes in this row");
                    continue;
                }
            };
            let line = record.position().map_or(1, |position| lines.at(position.byte()));
            if record.iter().all(str::is_empty) {
                continue;
            }
            if let Some(index) = record.iter().position(|cell| cell.contains('\n')) {
                // A quote left open swallows the rows after it, people and all.
                self.loaded.whole = false;
                let column = self.column(line, index);
                let message = "the quote that opens here is not closed in this row".to_owned();
                let help = "close it, or take the line break out; nobody new is mailed till then";
                self.wrong(line, column, message, help);
            }
            self.row(&columns, &record, line);
        }
        self.tell_of_repeats();
        self.loaded
    }

    /// The headings, in lower case; `None` when the file cannot be a list.
    fn columns(&mut self, reader: &mut csv::Reader<&[u8]>) -> Option<Vec<String>> {
        let headings: Vec<String> = match reader.headers() {
            Ok(headings) => headings.iter().map(str::to_lowercase).collect(),
            Err(error) => {
                self.wrong(1, 1, format!("not CSV: {error}"), "see the quotes in this row");
                Vec::new()
            }
        };
        let mut seen = BTreeSet::new();
        for (index, heading) in headings.iter().enumerate() {
            if !heading.is_empty() && !seen.insert(heading) {
                let column = self.column(1, index);
                let message = format!("the column `{heading}` stands twice");
                self.wrong(1, column, message, "keep one of them");
            }
        }
        self.email_column = headings.iter().position(|it| it == "email").unwrap_or(0);
        if !headings.iter().any(|heading| heading == "email") {
            self.loaded.whole = false;
            let help = match headings.iter().find_map(|it| nearest(it, ["email"]).map(|_| it)) {
                Some(close) => format!("rename the column `{close}` to `email`"),
                None => format!("the first line names the columns: {}", COLUMNS.join(",")),
            };
            self.wrong(1, 1, "the list has no column `email`".to_owned(), &help);
            return None;
        }
        for (index, heading) in headings.iter().enumerate() {
            if COLUMNS.contains(&heading.as_str()) || heading.is_empty() {
                continue;
            }
            self.loaded.extra_columns.push(heading.clone());
            let missing = COLUMNS.into_iter().filter(|it| !headings.iter().any(|has| has == it));
            if let Some(close) = nearest(heading, missing) {
                let place = Place::new(self.file, 1, self.column(1, index));
                let message = format!("unknown column `{heading}`, kept for conditions only");
                let finding = Finding::warning("list", place, message).source(self.text);
                self.loaded.findings.push(finding.help(format!("did you mean `{close}`?")));
            }
        }
        Some(headings)
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

    fn listing(&self, line: usize, basis: Option<Basis>) -> Listing {
        Listing {
            list: Arc::clone(&self.list),
            basis,
            since: None,
            source: Arc::default(),
            file: Arc::clone(&self.shared_file),
            line: u32::try_from(line).unwrap_or(u32::MAX),
        }
    }

    /// People who stand in the list more than once.
    fn tell_of_repeats(&mut self) {
        let mut seen: HashMap<&str, u32> = HashMap::new();
        let mut repeats = Vec::new();
        for person in &self.loaded.subscribers {
            let line = person.listings[0].line;
            if let Some(first) = seen.insert(&person.key, line) {
                repeats.push((person.key.clone(), first, usize::try_from(line).unwrap_or(1)));
            }
        }
        if repeats.is_empty() {
            return;
        }
        let email = self.email_column;
        for (key, first, line) in repeats {
            let place = Place::new(self.file, line, self.column(line, email));
            let message = format!("`{key}` stands in this list already, on line {first}");
            let finding = Finding::warning("list", place, message).source(self.text);
            let help = "delete one of the rows; they are one person and get one mail";
            self.loaded.findings.push(finding.help(help));
        }
        self.loaded.findings.sort_by_key(|finding| (finding.place.line, finding.place.column));
    }

    fn row(&mut self, columns: &[String], record: &csv::StringRecord, line: usize) {
        let cells = Cells { columns, record };
        if record.len() > columns.len() {
            self.shifted(&cells, line);
            return;
        }
        let mailbox = self.mailbox(&cells, line, record);
        let key = match &mailbox {
            Mailbox::Valid(address) => key(address),
            // Rows without an address are different people, as far as we know.
            Mailbox::Malformed(_) => format!("{}:{line}", self.file.display()),
        };
        let basis = self.basis(&cells, line);
        let since = self.since(&cells, line);
        let language = self.language(&cells, line);
        let source = self.word(cells.get("source"));
        let subscriber = Subscriber {
            key,
            mailbox,
            name: cells.get("name").to_owned(),
            salutation: self.word(cells.get("salutation")),
            language,
            organisation: self.word(cells.get("organisation")),
            role: self.word(cells.get("role")),
            country: self.word(cells.get("country")),
            topics: topics(cells.get("topics")).iter().map(|topic| self.word(topic)).collect(),
            listings: vec![Listing { since, source, ..self.listing(line, basis) }],
            extra: columns
                .iter()
                .filter(|column| !COLUMNS.contains(&column.as_str()) && !column.is_empty())
                .map(|column| (column.clone(), cells.get(column).to_owned()))
                .collect(),
        };
        self.loaded.subscribers.push(subscriber);
    }

    /// A row with more values than columns: no telling which of them stands in
    /// the wrong place, so the person is counted, and not written to.
    fn shifted(&mut self, cells: &Cells<'_>, line: usize) {
        let (values, columns) = (cells.record.len(), cells.columns.len());
        let message = format!("the row has {values} values, the list {columns} columns");
        let help = "put a value that holds the separator between \"quotes\"";
        self.wrong(line, self.column(line, columns), message, help);
        let key = format!("{}:{line}", self.file.display());
        let mailbox = Mailbox::Malformed(cells.get("email").to_owned());
        let listing = self.listing(line, None);
        self.loaded.subscribers.push(Subscriber::bare(key, mailbox, listing));
    }

    fn mailbox(&mut self, cells: &Cells<'_>, line: usize, row: &csv::StringRecord) -> Mailbox {
        let written = cells.get("email");
        let column = self.column(line, cells.index("email"));
        match written.parse::<Address>() {
            Ok(address) => Mailbox::Valid(with_ascii_domain(&address)),
            Err(_) if written.is_empty() => {
                let name = Some(cells.get("name")).filter(|name| !name.is_empty());
                let who = name.or_else(|| row.iter().find(|cell| !cell.is_empty())).unwrap_or("");
                let help = "add the address, or delete the row";
                self.wrong(line, column, format!("no address for “{who}”"), help);
                Mailbox::Malformed(String::new())
            }
            Err(_) => {
                let message = format!("`{written}` is no e-mail address");
                let help = "write it as name@example.org; the person is left out till then";
                self.wrong(line, column, message, help);
                Mailbox::Malformed(written.to_owned())
            }
        }
    }

    fn basis(&mut self, cells: &Cells<'_>, line: usize) -> Option<Basis> {
        let written = cells.get("basis");
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
            self.warn(cells, "basis", line, message, help);
        }
        found
    }

    fn since(&mut self, cells: &Cells<'_>, line: usize) -> Option<Date> {
        let written = cells.get("since");
        let date = written.parse::<Date>().ok();
        if date.is_none() && !written.is_empty() {
            let message = format!("`{written}` is no date, taken as not stated");
            self.warn(cells, "since", line, message, "write it as 2024-05-31".to_owned());
        }
        date
    }

    fn language(&mut self, cells: &Cells<'_>, line: usize) -> Option<Language> {
        let written = cells.get("language");
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
        self.warn(cells, "language", line, message, help);
        Some(language)
    }

    fn warn(
        &mut self,
        cells: &Cells<'_>,
        column: &str,
        line: usize,
        message: String,
        help: String,
    ) {
        let column = self.column(line, cells.index(column));
        let place = Place::new(self.file, line, column);
        let finding = Finding::warning("list", place, message).source(self.text).help(help);
        self.loaded.findings.push(finding);
    }

    fn wrong(&mut self, line: usize, column: usize, message: String, help: &str) {
        let place = Place::new(self.file, line, column);
        let finding = Finding::error("list", place, message).source(self.text).help(help);
        self.loaded.findings.push(finding);
    }

    /// The column, in characters from 1, at which cell `index` of a line begins.
    fn column(&self, line: usize, index: usize) -> usize {
        let start = self.line_starts.get(line - 1).copied().unwrap_or(self.text.len());
        let text = self.text[start..].lines().next().unwrap_or("");
        let delimiter = char::from(self.delimiter);
        let mut quoted = false;
        let mut cell = 0;
        for (position, character) in text.chars().enumerate() {
            if cell == index {
                return position + 1;
            }
            match character {
                '"' => quoted = !quoted,
                _ if character == delimiter && !quoted => cell += 1,
                _ => {}
            }
        }
        text.chars().count().max(1)
    }
}

/// One row, by column name.
struct Cells<'c> {
    columns: &'c [String],
    record: &'c csv::StringRecord,
}

impl Cells<'_> {
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

/// Lines counted along the file: the csv crate's own count is off by one where
/// lines end in CRLF, as in every file from Excel.
struct Lines<'l> {
    text: &'l [u8],
    offset: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of the first character at or after byte `offset` that is no
    /// line end. Offsets must not decrease.
    fn at(&mut self, offset: u64) -> usize {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(self.text.len());
        let ends = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let blank = self.text[offset..].iter().take_while(|byte| ends(byte)).count();
        let passed = &self.text[self.offset.min(offset + blank)..offset + blank];
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.offset = self.offset.max(offset + blank);
        self.line
    }
}

/// The separator that the first line has most of. Excel in Czech writes semicolons.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or("");
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

    fn read(bytes: &[u8]) -> LoadedList {
        list(&specimen::workspace(), Path::new("subscribers/officials.csv"), bytes)
    }

    fn told(loaded: &LoadedList) -> Vec<String> {
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
        assert_eq!(jana.key, "jana@example.org");
        assert_eq!(jana.topics.join(" "), "health labour");
        assert_eq!(jana.extra["committee"], "zdravotní");
        assert_eq!(&*jana.listings[0].list, "officials");
        assert_eq!(jana.listings[0].basis, Some(Basis::Consent));
        assert!(loaded.whole);
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
        assert!(!loaded.whole);
        assert!(
            told(&loaded)[0]
                .starts_with("subscribers/officials.csv:3:15 the quote that opens here"),
            "{:?}",
            told(&loaded)
        );
    }

    #[test]
    fn a_list_without_addresses_or_in_another_encoding_is_not_whole() {
        let loaded = read(b"e-mail,name\na@example.org,A\n");
        assert!(!loaded.whole);
        assert!(told(&loaded)[0].ends_with("rename the column `e-mail` to `email`"));
        assert!(!read(b"email,name\na@example.org,Ji\xF8\xED\n").whole);
        assert!(!read(b"").whole);
    }
}
