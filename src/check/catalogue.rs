//! Every name that a finding can have, with what `check --rules` and
//! `--explain` say of it.
//!
//! Most names are of rules, which are files of this folder. Some things are
//! found earlier, while loading, or later, while rendering: those have no rule
//! to ask, and their entries stand here.

use super::{RULES, parity};
use crate::model::Severity;

/// What is known of one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub name: &'static str,
    pub level: Severity,
    /// Whether neither house nor author can wave it through.
    pub firm: bool,
    /// First line: what is looked for.
    pub doc: &'static str,
}

impl Entry {
    pub fn summary(&self) -> &'static str {
        self.doc.lines().next().unwrap_or_default()
    }
}

/// All entries: rules in the order in which they are asked, then the others.
pub fn entries() -> impl Iterator<Item = Entry> {
    let rules = RULES.iter().map(|rule| Entry {
        name: rule.name(),
        level: rule.level(),
        firm: rule.is_firm(),
        doc: rule.doc(),
    });
    rules.chain(OTHERS.iter().copied())
}

/// Names that are found only when somebody asks for it: an allowance of one
/// may silence nothing today.
pub(super) const ON_REQUEST: [&str; 2] = ["dead-link", "moved-link"];

pub fn named(name: &str) -> Option<Entry> {
    entries().find(|entry| entry.name == name)
}

const fn error(name: &'static str, doc: &'static str) -> Entry {
    Entry { name, level: Severity::Error, firm: true, doc }
}

const fn warning(name: &'static str, doc: &'static str) -> Entry {
    Entry { name, level: Severity::Warning, firm: false, doc }
}

const OTHERS: &[Entry] = &[
    Entry {
        name: "allow",
        level: Severity::Warning,
        firm: true,
        doc: "\
An allowance without a reason, a rule or a use.

One finding is allowed in one place by a comment above it, with a reason:

        <!-- hlas allow link-text: tak se ta kampaň jmenuje -->
        Přečtěte si [zde](https://www.example.org/zde).

It is good for the block that follows it, or that it stands in. In the front
matter it is good for the next line, or the line it stands on:

        # hlas allow subject: cituje název zákona
        title: …
",
    },
    error(
        "front-matter",
        "\
A field between the `---` lines that cannot be read.

The lines are YAML. Values with a colon or a quote stand between \"quotes\". A
field that hlas does not know is a warning, and not used.
",
    ),
    error(
        "folder-name",
        "\
A folder of publications/ whose name cannot be an address.

The name stands in the address of the page: small letters without accents,
digits and single hyphens, such as 2026-10-05-povoleni-k-pobytu.
",
    ),
    error("empty-folder", "A publication's folder without a manuscript such as cs.md.\n"),
    error("language", "A manuscript in a language that `languages` in hlas.toml does not have.\n"),
    warning("translation", "A translation that is ready while its original is a draft.\n"),
    error("encoding", "A file that is neither UTF-8 nor another encoding that can be told.\n"),
    error(
        "private-character",
        "A character of the private use area that hlas keeps for itself (U+E010, U+E011).\n",
    ),
    error("too-long", "A file longer than anybody would write.\n"),
    error("unreadable", "A file or folder that could not be read.\n"),
    error(
        "bibliography",
        "\
A .bib file that cannot be read, or an entry of it.

One .bib file (BibTeX or BibLaTeX, as reference managers export it) lies beside
the text, under any name. Each key stands in it once.
",
    ),
    error(
        "chart",
        "\
A chart that cannot be drawn from what its block says.

A block that begins with ```chart holds lines `kind:` (bar, line, stacked, dot),
`title:` and `alt:`, and may have `unit:`, `source:` and `note:`. After an empty
line come the rows, as a table or as CSV; or `data:` names a .csv file beside
the text. The first row names the columns, the first column names the rows.

        ```chart
        kind: bar
        title: Nejdéle se čeká v Praze
        alt: Praha 41 dnů, Brno 29, Vysočina 9.
        unit: dnů

        Kraj;Dnů
        Praha;41
        Brno;29
        Vysočina;9
        ```
",
    ),
    error("date", "A date or time that is none.\n"),
    Entry {
        name: "gather",
        level: Severity::Error,
        firm: true,
        doc: "\
A newsletter that asks for what there is not, or gathers what cannot come out.

A text with a mistake stays in the house, and a newsletter that leads to it
would lead nowhere: it is held until the text is mended, or left out with
`without: [slug]` below `gather:`. A topic or a slug that there is not is a
warning.
",
    },
    warning(
        "gather-nothing",
        "\
A newsletter that gathers nothing.

It gathers what came out after the last publication of its kind to the same
segments, up to its own date (and `at`, if it states one), or from `since` on.
Only texts with `status: ready` count.
",
    ),
    warning(
        "gather-left-out",
        "\
Texts that a newsletter might be expected to gather, and does not.

More came out than `count` lets in, or some come out on its very day but later,
or cannot be read. State `without:`, `count:` or `at:` as you mean it.
",
    ),
    error("settings", "A value in hlas.toml, a variable or a flag that cannot be used.\n"),
    error("list", "A row of a list in subscribers/ that cannot be mailed to.\n"),
    error("segment", "A segment whose condition is broken, or that nobody is in.\n"),
    error("theme-template", "A template of the workspace that cannot be used.\n"),
    error("theme-citations", "A citations.csl of the workspace that is no usable CSL style.\n"),
    error("theme-chart", "A chart.toml of the workspace that cannot be used.\n"),
    error("theme-words", "A words.*.toml of the workspace that cannot be used.\n"),
    warning(
        "contrast",
        "\
Text of the mail theme that stands out too little from its ground.

At least 4.5:1, or 3:1 from 24 px (18.66 px where bold): WCAG 2.2, 1.4.3. It is
calculated as the theme sets it, as a client shows it that prefers dark and
reads the theme's media query, as Outlook.com turns it, and as a client turns
every colour by force. Change one of the two colours in the file that is named.
",
    ),
    warning(
        "mail-size",
        "\
A text too long for mail: its mail ends early and goes on on the page.

Gmail shows 102,400 bytes of a message's HTML and hides the rest, with the way
to unsubscribe in it. The mail ends before the last heading that fits; the text
part, page, PDF and feed are whole. Shorten the text, or put a heading where
the mail should end.
",
    ),
    error(
        "private-cut",
        "\
A block for some readers, behind the end of a mail that is too long.

What of a long mail is cut off stands on the page (see `mail-size`), but a block
`:::only` or `:::except` stands on none. Move it up, before the place where the
mail ends, or shorten the text.
",
    ),
    error(
        "pdf-glyph",
        "\
A character that the PDF's fonts cannot draw.

It would come out as an empty box. Write it otherwise, or add a font that has
it to templates/fonts/.
",
    ),
    warning(
        "dead-link",
        "\
A link to a page that is gone, that cannot be reached, or that is private.

Found by `check --links` alone, which asks the servers. What is not sure (the
server is down today, or lets no robots in) is not reported. An answer is kept
for a week, a bad one for an hour.
",
    ),
    warning(
        "moved-link",
        "\
A link to a page that has moved to another address.

Found by `check --links` alone. Old addresses die first: see that the new page
says the same, and link there.
",
    ),
    error(parity::NAME, parity::DOC),
    error("pdf-nesting", "A text nested too deep to be set.\n"),
    error("pdf-alt", "A picture without a word about what it shows, which PDF/UA forbids.\n"),
    error(
        "pdf-typst",
        "\
What Typst found wrong with a template of the PDF, or with what it was to set.

It is looked for in the text: the place is the paragraph, list or figure without
which the PDF could be set, where there is one.
",
    ),
    error(
        "pdf-limit",
        "\
A PDF that took too long or too much memory to set.

With templates of its own in templates/pdf/ a workspace can ask for anything,
a loop without an end too. [pdf] time_limit in hlas.toml says how many seconds
one PDF may take.
",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_entry_has_a_name_of_its_own_and_a_sentence() {
        let mut names = std::collections::BTreeSet::new();
        for entry in entries() {
            assert!(names.insert(entry.name), "{} twice", entry.name);
            assert!(entry.summary().ends_with('.'), "{}: {}", entry.name, entry.summary());
            assert!(entry.doc.ends_with('\n'), "{}", entry.name);
        }
    }

    /// Findings are made all over the crate; a name without an entry could not
    /// be explained.
    #[test]
    fn every_name_in_the_sources_has_an_entry() {
        fn gather(folder: &std::path::Path, names: &mut Vec<String>) {
            for item in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                if item.path().is_dir() {
                    gather(&item.path(), names);
                } else if item.path().extension().is_some_and(|it| it == "rs") {
                    let text = std::fs::read_to_string(item.path()).unwrap();
                    let code = text.split("#[cfg(test)]").next().unwrap();
                    for made in ["Finding::error(", "Finding::warning("] {
                        for rest in code.split(made).skip(1) {
                            let rest = rest.trim_start().strip_prefix('"');
                            names.extend(rest.and_then(|it| it.split('"').next()).map(Into::into));
                        }
                    }
                }
            }
        }
        let mut names = Vec::new();
        gather(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut names);
        assert!(names.len() > 20);
        for name in names {
            assert!(named(&name).is_some(), "{name} has no entry");
        }
    }
}
