//! The text that a new publication begins with: front matter whose every field
//! is explained, and a body with a TODO wherever something is to be written.
//!
//! The texts are files, in Czech and in English; for any other language the
//! English one. A kind of the house's own begins like a commentary.

use hlas::model::{Language, Workspace};
use jiff::civil::Date;

/// What is known of a new publication.
pub(super) struct Skeleton<'s> {
    pub workspace: &'s Workspace,
    pub kind: &'s str,
    pub title: &'s str,
    pub date: Date,
}

struct Texts {
    head: &'static str,
    translation: &'static str,
    gather: &'static str,
    commentary: &'static str,
    analysis: &'static str,
    newsletter: &'static str,
}

macro_rules! texts {
    ($language:literal) => {
        Texts {
            head: include_str!(concat!("skeleton/", $language, "/head.yaml")),
            translation: include_str!(concat!("skeleton/", $language, "/head-translation.yaml")),
            gather: include_str!(concat!("skeleton/", $language, "/gather.yaml")),
            commentary: include_str!(concat!("skeleton/", $language, "/commentary.md")),
            analysis: include_str!(concat!("skeleton/", $language, "/analysis.md")),
            newsletter: include_str!(concat!("skeleton/", $language, "/newsletter.md")),
        }
    };
}

const CZECH: Texts = texts!("cs");
const ENGLISH: Texts = texts!("en");

fn texts(language: &Language) -> Texts {
    if language.as_str() == "cs" { CZECH } else { ENGLISH }
}

impl Skeleton<'_> {
    /// The manuscript that leads.
    pub fn leading(&self, language: &Language) -> String {
        let texts = texts(language);
        let gather = if self.kind == "newsletter" { self.gather(&texts) } else { String::new() };
        // A JSON text is a YAML text too, quotes and backslashes escaped.
        let title = serde_json::Value::from(self.title).to_string();
        let head = texts.head.replace("{gather}", &gather).replace("{groups}", &self.groups());
        let head = head.replace("{kind}", self.kind).replace("{date}", &self.date.to_string());
        // Last, for a title may hold anything.
        format!("---\n{}---\n\n{}", head.replacen("{title}", &title, 1), self.body(&texts))
    }

    /// One that inherits what is not of its language.
    pub fn translation(&self, language: &Language) -> String {
        let texts = texts(language);
        format!("---\n{}---\n\n{}", texts.translation, self.body(&texts))
    }

    fn body(&self, texts: &Texts) -> &'static str {
        match self.kind {
            "analysis" => texts.analysis,
            "newsletter" => texts.newsletter,
            _ => texts.commentary,
        }
    }

    fn gather(&self, texts: &Texts) -> String {
        let kinds = self.workspace.kinds.iter().map(|kind| kind.id.as_str());
        let others: Vec<&str> = kinds.filter(|kind| *kind != self.kind).collect();
        texts.gather.replace("{kinds}", &format!("[{}]", others.join(", ")))
    }

    fn groups(&self) -> String {
        let groups: Vec<&str> =
            self.workspace.working_groups.iter().map(|group| group.id.as_str()).collect();
        if groups.is_empty() { String::new() } else { format!(": {}", groups.join(", ")) }
    }
}
