//! `subscribers/segments.toml` → segments, compiled and tried out.

use std::path::Path;

use toml::de::DeValue;

use super::settings::TomlFile;
use crate::audience::Segment;
use crate::model::{ByLanguage, Finding, Findings, Language, MailPictures, Place};

/// The segments of a workspace, and what is wrong with the others.
#[derive(Debug, Default)]
pub struct LoadedSegments {
    pub segments: Vec<Segment>,
    /// Every id in the file, of broken segments too: naming one of those in a
    /// publication is not a second mistake.
    pub ids: Vec<String>,
    /// Where each of `segments` is named.
    pub places: Vec<Place>,
    pub findings: Findings,
}

/// Reads the text of `segments.toml`. `extra_columns` are the columns that
/// lists have beyond the known ones; conditions may use them.
pub fn segments(file: &Path, text: &str, extra_columns: &[String]) -> LoadedSegments {
    let mut loaded = LoadedSegments::default();
    let toml = match TomlFile::parse(file, text) {
        Ok(toml) => toml,
        Err(findings) => return LoadedSegments { findings, ..loaded },
    };
    for (id, value) in &toml.table {
        let name = id.get_ref().to_string();
        loaded.ids.push(name.clone());
        if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            let message = format!("`{name}` cannot be part of a file name");
            let finding = toml.error(id.span(), message);
            loaded.findings.push(finding.help("use small letters, digits and hyphens"));
            continue;
        }
        match segment(&toml, &name, value, id.span(), extra_columns) {
            Ok(segment) => {
                loaded.segments.push(segment);
                loaded.places.push(toml.error(id.span(), String::new()).place);
            }
            Err(findings) => loaded.findings.extend(findings),
        }
    }
    loaded
}

fn segment(
    toml: &TomlFile<'_>,
    id: &str,
    value: &toml::Spanned<DeValue<'_>>,
    id_span: std::ops::Range<usize>,
    extra_columns: &[String],
) -> Result<Segment, Findings> {
    let Some(table) = value.get_ref().as_table() else {
        let finding = toml.error(value.span(), format!("`{id}` is not a segment"));
        return Err(vec![finding.help("write [name], then title = … and when = …")]);
    };
    let mut findings = Findings::new();
    for key in table.keys() {
        if !["title", "when", "pictures"].contains(&key.get_ref().as_ref()) {
            let finding = toml.error(key.span(), format!("unknown key `{}`", key.get_ref()));
            findings.push(finding.help("a segment has title, when and pictures"));
        }
    }
    let title = table.get("title").map(|title| titles(toml, title)).transpose();
    let title = title.unwrap_or_else(|finding| {
        findings.push(finding);
        None
    });
    let pictures = table.get("pictures").map(|pictures| mail_pictures(toml, pictures)).transpose();
    let pictures = pictures.unwrap_or_else(|finding| {
        findings.push(finding);
        None
    });
    let Some(when) = table.get("when") else {
        let finding = toml.error(id_span, format!("the segment `{id}` has no condition"));
        findings.push(finding.help("add a line when = 'list == \"politicians\"'"));
        return Err(findings);
    };
    let Some(condition) = when.get_ref().as_str() else {
        let finding = toml.error(when.span(), "the condition is not a text".to_owned());
        findings.push(finding.help("write it between single quotes: 'list == \"members\"'"));
        return Err(findings);
    };
    let compiled = Segment::new(id, title.unwrap_or_default(), condition, extra_columns);
    match compiled {
        Ok(mut segment) if findings.is_empty() => {
            segment.pictures = pictures.unwrap_or_default();
            Ok(segment)
        }
        Ok(_) => Err(findings),
        Err(problem) => {
            // One quote, or three, before the condition's first character.
            let span = when.span();
            let quotes = if toml.slice(&span).starts_with("'''") { 3 } else { 1 };
            let start = span.start + quotes + problem.offset;
            let finding = toml.error(start..start + problem.length, problem.message);
            findings.push(finding.help(problem.help));
            Err(findings)
        }
    }
}

fn titles(
    toml: &TomlFile<'_>,
    value: &toml::Spanned<DeValue<'_>>,
) -> Result<ByLanguage<String>, Finding> {
    let wrong = || {
        toml.error(value.span(), "`title` is not a text a language".to_owned())
            .help("write title = { cs = \"…\", en = \"…\" }")
    };
    let table = value.get_ref().as_table().ok_or_else(wrong)?;
    let texts = table.iter().map(|(language, text)| {
        let text = text.get_ref().as_str().ok_or_else(wrong)?;
        Ok((Language::new(language.get_ref()), text.to_owned()))
    });
    Ok(ByLanguage(texts.collect::<Result<_, Finding>>()?))
}

fn mail_pictures(
    toml: &TomlFile<'_>,
    value: &toml::Spanned<DeValue<'_>>,
) -> Result<MailPictures, Finding> {
    value.get_ref().as_str().and_then(MailPictures::from_name).ok_or_else(|| {
        toml.error(value.span(), "`pictures` is neither hosted nor embed".to_owned())
            .help("write pictures = \"embed\" to put them into the mail, or leave the line out")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let extra = ["committee".to_owned()];
        let loaded = segments(Path::new("subscribers/segments.toml"), text, &extra);
        let tell = |it: &Finding| format!("{} {} → {}", it.place, it.message, it.help);
        loaded.findings.iter().map(tell).collect()
    }

    #[test]
    fn an_unknown_field_is_an_error_at_its_column() {
        let told = read("[health]\nwhen = 'list == \"x\" && \"health\" in topisc'\n");
        assert_eq!(
            told,
            ["subscribers/segments.toml:2:36 there is no field `topisc` → did you mean `topics`?"]
        );
    }

    #[test]
    fn pictures_of_a_segment_are_on_the_site_unless_it_says_otherwise() {
        let pictures = |line: &str| {
            let text = format!("[a]\nwhen = 'list == \"a\"'\n{line}\n");
            segments(Path::new("segments.toml"), &text, &[]).segments[0].pictures
        };
        assert_eq!(pictures(""), MailPictures::Hosted);
        assert_eq!(pictures("pictures = \"embed\""), MailPictures::Embedded);
        assert_eq!(
            read("[a]\nwhen = 'list == \"a\"'\npictures = 'cid'\n"),
            ["subscribers/segments.toml:3:12 `pictures` is neither hosted nor embed → write \
              pictures = \"embed\" to put them into the mail, or leave the line out"]
        );
    }

    #[test]
    fn further_columns_are_fields() {
        assert_eq!(read("[a]\nwhen = 'committee == \"zdravotní\"'\n"), Vec::<String>::new());
    }

    #[test]
    fn conditions_that_cannot_be_read_or_answered_are_told_when_loaded() {
        let told = read(
            "[a]\nwhen = 'list == '\n[b]\nwhen = 'topics > 3'\n[c]\nwhen = 'name'\n[d]\ntitle = 3\n[e]\nwhen = 'shout(name)'\n",
        );
        assert_eq!(told.len(), 6, "{told:#?}");
        assert!(told[0].starts_with("subscribers/segments.toml:2:"), "{told:#?}");
        assert!(told[1].starts_with("subscribers/segments.toml:4:9 "), "{told:#?}");
        assert!(told[2].contains("neither true nor false"), "{told:#?}");
        assert!(
            told[5].starts_with("subscribers/segments.toml:10:9 there is no function `shout`"),
            "{told:#?}"
        );
    }
}
