//! A desk to tell stories about: a workspace in a folder of its own, and the
//! real program working on it.
//!
//! Nothing of the machine leaks in: the environment is empty, HOME lies beside
//! the workspace, nobody sits at the terminal. Only the clock is the real one,
//! so whatever must be due is dated 2020, and whatever must not, 2999. Paths
//! are written `DESK` in what the program said.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use serde_json::Value;
use tempfile::TempDir;

/// Settings of a small house that publishes in Czech and English.
pub const HOUSE: &str = r#"base_url = "https://hlas.example.org/"

[organisation]
name = { cs = "Konsorcium Žluťásek", en = "Finch Consortium" }
address = { cs = "Úzká 1, 110 00 Praha 1", en = "Úzká 1, 110 00 Prague 1" }
email = "redakce@example.org"
website = "https://www.example.org/"

[mail]
from = "hlas@example.org"
reply_to = "redakce@example.org"
envelope_sender = "bounces@example.org"
list_id = "hlas.example.org"
unsubscribe = "odhlaseni@example.org"

[delivery]
# What is due has been so since 2020.
late_hours = 800000
"#;

/// One segment, with everybody in it.
pub const EVERYONE: &str =
    "[everyone]\ntitle = { cs = \"Všichni\", en = \"Everyone\" }\nwhen = 'true'\n";

/// Three readers: two Czech, one English.
pub const READERS: &str = "\
email,name,language,basis
anna@example.org,Anna Žáčková,cs,consent
bob@example.net,Bob O'Hara,en,consent
cyril@example.com,\"Řehoř, Cyril\",cs,public-office
";

pub const ANNA: &str = "anna@example.org";
pub const BOB: &str = "bob@example.net";
pub const CYRIL: &str = "cyril@example.com";

/// A Czech text that has been due since 2020, to everyone.
pub fn due(title: &str) -> String {
    format!(
        "---\ntitle: {title}\nsummary: O čem to je.\nkind: commentary\ndate: 2020-01-06\n\
         at: 2020-01-06 09:00\nto: [everyone]\nstatus: ready\n---\n\n\
         Text s [odkazem](https://www.example.org/zakon).\n\n## Závěr\n\nKonec.\n"
    )
}

/// Its English sister.
pub fn english(title: &str) -> String {
    format!(
        "---\ntitle: {title}\nsummary: What it is about.\n---\n\n\
         Text with [a link](https://www.example.org/act).\n\n## Conclusion\n\nThe end.\n"
    )
}

/// Tells why a test saw less than it could have. Not through `eprintln!`,
/// which the test harness keeps to itself when all went well.
pub fn skip(why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// Whether a program of somebody else's is there to be asked.
pub fn has(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}

/// What the program said, and how it ended.
#[derive(Debug)]
pub struct Said {
    pub exit: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// Holds the exit code against what the story expects.
    #[track_caller]
    pub fn ends_with(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{}\n{}", self.out, self.err);
        self
    }

    /// The one JSON value on standard output.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("not one JSON value: {error}\n{}{}", self.out, self.err))
    }
}

/// One message, parsed.
pub struct Mail {
    pub file: String,
    pub bytes: Vec<u8>,
}

impl Mail {
    pub fn parsed(&self) -> mail_parser::Message<'_> {
        mail_parser::MessageParser::default().parse(&self.bytes).expect("a message")
    }

    pub fn recipient(&self) -> String {
        let message = self.parsed();
        let to = message.to().and_then(|to| to.first()).and_then(|to| to.address());
        to.expect("somebody it is to").to_owned()
    }

    pub fn subject(&self) -> String {
        self.parsed().subject().expect("a subject").to_owned()
    }
}

/// A message, all but the moment at which it was sent.
pub fn without_date(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).expect("mail is ASCII");
    let lines = text.split_inclusive("\r\n");
    lines.filter(|line| !line.starts_with("Date: ")).collect()
}

enum Folder {
    Temporary(TempDir),
    /// Looked at by several tests, so it is cleared by the next run instead.
    Kept(PathBuf),
}

/// A workspace, and the program working on it.
pub struct Desk {
    folder: Folder,
    environment: BTreeMap<&'static str, String>,
}

impl Desk {
    /// A folder with nothing in it.
    pub fn bare() -> Self {
        Self::in_folder(Folder::Temporary(tempfile::tempdir().expect("a folder")))
    }

    fn in_folder(folder: Folder) -> Self {
        let desk = Self { folder, environment: BTreeMap::new() };
        fs::create_dir_all(desk.root()).expect("a workspace");
        fs::create_dir_all(desk.home()).expect("a home");
        desk
    }

    /// A small house with one segment, three readers and nothing to read.
    pub fn small() -> Self {
        Self::bare().settings(HOUSE).segments(EVERYONE).list("readers", READERS)
    }

    /// A whole workspace out of `tests/fixtures/`.
    pub fn from_fixture(name: &str) -> Self {
        let desk = Self::bare();
        copy(&repository().join("tests/fixtures").join(name), &desk.root());
        desk
    }

    /// The repository's own workspace, as a clean clone has it. It is kept
    /// below the target folder, under `name`.
    pub fn of_the_repository(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the last run's folder goes");
        }
        let desk = Self::in_folder(Folder::Kept(folder));
        for part in ["hlas.toml", "publications", "subscribers", "templates"] {
            copy(&repository().join(part), &desk.root().join(part));
        }
        desk
    }

    pub fn settings(self, toml: &str) -> Self {
        self.holding("hlas.toml", toml)
    }

    /// A publication with its Czech text.
    pub fn publication(self, slug: &str, text: &str) -> Self {
        self.holding(&format!("publications/{slug}/cs.md"), text)
    }

    /// The English text of a publication.
    pub fn translation(self, slug: &str, text: &str) -> Self {
        self.holding(&format!("publications/{slug}/en.md"), text)
    }

    pub fn list(self, name: &str, csv: impl AsRef<[u8]>) -> Self {
        self.holding(&format!("subscribers/{name}.csv"), csv)
    }

    pub fn segments(self, toml: &str) -> Self {
        self.holding("subscribers/segments.toml", toml)
    }

    fn holding(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.write(path, bytes);
        self
    }

    /// Mail goes to the server at `url` from now on.
    pub fn mailing_through(self, url: &str) -> Self {
        self.knowing("HLAS_TRANSPORT", url)
    }

    /// With a variable in the environment.
    pub fn knowing(mut self, variable: &'static str, value: &str) -> Self {
        self.environment.insert(variable, value.to_owned());
        self
    }

    pub fn root(&self) -> PathBuf {
        self.folder().join("desk")
    }

    fn home(&self) -> PathBuf {
        self.folder().join("home")
    }

    fn folder(&self) -> &Path {
        match &self.folder {
            Folder::Temporary(folder) => folder.path(),
            Folder::Kept(folder) => folder,
        }
    }

    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }

    pub fn read(&self, path: &str) -> String {
        String::from_utf8(self.bytes(path)).expect("text")
    }

    pub fn bytes(&self, path: &str) -> Vec<u8> {
        fs::read(self.root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The program, about to be run in the workspace.
    pub fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("hlas"));
        command.args(arguments);
        self.set_up(&mut command);
        command
    }

    /// The program under a shell that has set its limits before: `script` ends
    /// with `exec "$0" …`.
    pub fn command_under(&self, script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(script).arg(assert_cmd::cargo::cargo_bin!("hlas"));
        self.set_up(&mut command);
        command
    }

    pub fn set_up(&self, command: &mut Command) {
        command.current_dir(self.root()).env_clear().env("HOME", self.home());
        command.envs(&self.environment).stdin(Stdio::null());
    }

    pub fn hlas<const N: usize>(&self, arguments: [&str; N]) -> Said {
        self.said(&mut self.command(&arguments))
    }

    pub fn said(&self, command: &mut Command) -> Said {
        let output = command.output().expect("the program runs");
        let root = self.root().display().to_string();
        let text = |bytes: Vec<u8>| {
            String::from_utf8(bytes).expect("hlas writes UTF-8").replace(&root, "DESK")
        };
        let said = Said {
            exit: output.status.code().expect("it ended by itself"),
            out: text(output.stdout),
            err: text(output.stderr),
        };
        assert!(said.exit <= 9 && !said.err.contains("panicked"), "{said:?}");
        said
    }

    /// What lies in `var/outbox/`, by file name.
    pub fn outbox(&self) -> Vec<Mail> {
        self.tree("var/outbox")
            .into_iter()
            .map(|file| Mail { bytes: self.bytes(&format!("var/outbox/{file}")), file })
            .collect()
    }

    /// Whom the outbox has mail for, in order of address.
    pub fn mailed(&self) -> Vec<String> {
        let mut recipients: Vec<String> = self.outbox().iter().map(Mail::recipient).collect();
        recipients.sort();
        recipients
    }

    /// The public files, relative to `out/site/`.
    pub fn site(&self) -> Vec<String> {
        self.tree("out/site")
    }

    /// All files below a folder, relative to it, in order.
    pub fn tree(&self, folder: &str) -> Vec<String> {
        files_below(&self.root().join(folder))
    }

    /// All files below a folder with the time they were written.
    pub fn times(&self, folder: &str) -> BTreeMap<PathBuf, SystemTime> {
        let mut times = BTreeMap::new();
        walk(&self.root().join(folder), &mut |file| {
            let written = fs::metadata(file).and_then(|it| it.modified()).expect("a time");
            times.insert(file.to_owned(), written);
        });
        times
    }

    /// The books of a mailing, which balance whenever anybody looks.
    #[track_caller]
    pub fn books(&self, slug: &str) -> Value {
        let all = self.hlas(["status", "--format", "json"]).json();
        let all = all.as_array().expect("a list of books");
        let found = all.iter().find(|books| books["slug"] == slug);
        let books = found.unwrap_or_else(|| panic!("no mailing {slug} in {all:#?}")).clone();
        let number = |key: &str| books[key].as_u64().unwrap_or_else(|| panic!("{key}: {books}"));
        let excluded = books["excluded"].as_object().expect("reasons");
        let excluded: u64 = excluded.values().filter_map(Value::as_u64).sum();
        let states = ["accepted", "refused", "deferred", "pending", "unsure"];
        let told: u64 = states.iter().map(|state| number(state)).sum();
        assert_eq!(number("candidates"), excluded + told, "{books:#}");
        assert_eq!(books["balances"], true);
        books
    }
}

/// The folder that `Cargo.toml` lies in.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder, relative to it, in order.
pub fn files_below(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    walk(folder, &mut |file| {
        let below = file.strip_prefix(folder).expect("below");
        files.push(below.to_str().expect("UTF-8").to_owned());
    });
    files.sort();
    files
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() { walk(&path, visit) } else { visit(&path) }
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::create_dir_all(to.parent().expect("a folder")).expect("made");
        fs::copy(from, to).expect("copied");
        return;
    }
    walk(from, &mut |file| {
        let to = to.join(file.strip_prefix(from).expect("below"));
        fs::create_dir_all(to.parent().expect("a folder")).expect("made");
        fs::copy(file, to).expect("copied");
    });
}
