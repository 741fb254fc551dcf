//! The theme file by file: what each is for, and whether the workspace has its
//! own. What `hlas theme` lists.

use super::theme::{ThemeFiles, built_in_files};

/// One file of the theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Below `templates/`: `email/masthead.hbs`.
    pub path: String,
    /// What it is for, in a line; empty for a file of the workspace's own.
    pub purpose: &'static str,
    pub origin: Origin,
}

/// Whose a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    BuiltIn,
    /// The workspace has one with the same bytes, which changes nothing until
    /// hlas brings a better one.
    Copied,
    Changed,
    /// The built-in theme has none of that name.
    Added,
}

/// Every file of the theme with `own`, the workspace's, laid over it.
pub fn parts(own: &ThemeFiles) -> Vec<Part> {
    let built_in = built_in_files();
    let mut paths: Vec<&String> = built_in.keys().chain(own.keys()).collect();
    paths.sort();
    paths.dedup();
    let part = |path: &String| {
        let origin = match (built_in.get(path), own.get(path)) {
            (None, _) => Origin::Added,
            (_, None) => Origin::BuiltIn,
            (built_in, own) if built_in == own => Origin::Copied,
            _ => Origin::Changed,
        };
        let purpose = if origin == Origin::Added { "" } else { purpose(path) };
        Part { path: path.clone(), purpose, origin }
    };
    paths.into_iter().map(part).collect()
}

fn purpose(path: &str) -> &'static str {
    let stated = PURPOSES.iter().find(|(known, _)| *known == path);
    stated.map(|(_, purpose)| *purpose).unwrap_or(match path.split('/').next() {
        Some("fonts") if path.ends_with(".ttf") => "a face, for PDFs and for drawings as pictures",
        Some("fonts") => "what the faces are, and their licence",
        _ => "",
    })
}

/// What each file is for. A test holds the list against the folder.
const PURPOSES: &[(&str, &str)] = &[
    ("chart.toml", "charts: their colours, by day and by night, and their letters"),
    ("citations.csl", "how works are cited and listed: a style of citationstyles.org"),
    ("email/body.hbs", "mail: greeting, summary and text"),
    ("email/byline.hbs", "mail: who says it"),
    ("email/call.hbs", "mail: the call to read it on the web or as a PDF"),
    ("email/footer.hbs", "mail: who sent it, why, and the way out"),
    ("email/inlined.css", "mail: the look, written into every element"),
    ("email/mail.mjml", "mail: the layout, in which the other parts stand"),
    ("email/masthead.hbs", "mail: the house's name at the top"),
    ("email/notes.hbs", "mail: the notes below the text"),
    ("email/preview.hbs", "mail: what an inbox shows beside the subject"),
    ("email/style.css", "mail: the look in the head, for dark rooms and narrow screens"),
    ("email/title.hbs", "mail: kind, date, title"),
    ("page/footer.hbs", "web: the foot of every page"),
    ("page/index.hbs", "web: the front page, with all publications"),
    ("page/masthead.hbs", "web: the house's name at the top"),
    ("page/page.hbs", "web: a publication's page"),
    ("page/style.css", "web: the look of every page"),
    ("pdf/chart.typ", "PDF: a chart, its title and its source"),
    ("pdf/data.typ", "PDF: what there is to print, for the three others"),
    ("pdf/main.typ", "PDF: pages, running heads, title and end"),
    ("pdf/render.typ", "PDF: each element of a text"),
    ("pdf/style.typ", "PDF: colours, fonts, sizes; the one to edit first"),
    ("words.cs.toml", "what the theme says in Czech; state only the words that you change"),
    ("words.en.toml", "what the theme says in English; state only the words that you change"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_of_every_file_what_it_is_for() {
        for part in parts(&ThemeFiles::new()) {
            assert!(!part.purpose.is_empty(), "{} is in no list", part.path);
            assert_eq!(part.origin, Origin::BuiltIn);
        }
    }

    #[test]
    fn a_file_of_the_workspace_is_a_copy_a_change_or_one_more() {
        let copied = built_in_files().remove("page/style.css").unwrap();
        let own = [
            ("page/style.css".to_owned(), copied),
            ("page/page.hbs".to_owned(), b"<p>".to_vec()),
            ("words.pl.toml".to_owned(), Vec::new()),
        ];
        let found = parts(&own.into());
        let of = |path: &str| found.iter().find(|part| part.path == path).unwrap().origin;
        assert_eq!(of("page/style.css"), Origin::Copied);
        assert_eq!(of("page/page.hbs"), Origin::Changed);
        assert_eq!(of("words.pl.toml"), Origin::Added);
        assert_eq!(of("page/index.hbs"), Origin::BuiltIn);
    }
}
