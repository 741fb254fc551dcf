//! `publications/<slug>/<lang>.md` and the pictures beside it → publications.
//!
//! Raw is a [`Draft`] a language, with everything optional; resolved is one
//! [`Publication`], after inheritance. The default language leads: what
//! another edition does not state it takes from there.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::ZonedDateTime;
use jiff::civil::{Date, DateTime};
use jiff::tz::AmbiguousOffset;

use super::front_matter::{self, Fields};
use super::sketch::Sketch;
use super::{gather, nearest};
use crate::cores;
use crate::model::{
    Attach, Finding, Findings, Gather, Language, MailPictures, Manuscript, Picture, Place,
    Publication, Slug, Status, UnusablePicture, Workspace, hole,
};
use crate::render::picture;
use crate::typography::Typography;

/// A picture over this many bytes has no place in a mail.
const MAX_PICTURE_BYTES: u64 = 5 * 1024 * 1024;
/// A text over this many bytes is not a publication.
const MAX_TEXT_BYTES: u64 = 2 * 1024 * 1024;

/// One folder, read: the publication as far as it could be understood, and
/// what is wrong. With an error among the findings it stays in the house.
#[derive(Debug)]
pub struct LoadedPublication {
    /// The folder, relative to the workspace.
    pub folder: PathBuf,
    /// What the leading language states, even where the rest is wrong.
    pub status: Option<Status>,
    pub publication: Option<Publication>,
    /// What there is of it to be looked at, where it could not be understood.
    pub sketch: Option<Sketch>,
    pub findings: Findings,
}

/// Reads every publication of a workspace, in order of folder name.
///
/// `segments` are the ids that `to` may name.
pub fn publications(
    workspace: &Workspace,
    segments: &[String],
) -> Result<Vec<LoadedPublication>, Finding> {
    let root = workspace.root.join("publications");
    if !root.exists() {
        return Ok(Vec::new());
    }
    let mut folders = Vec::new();
    for entry in read_dir(&root, Path::new("publications"))? {
        if entry.is_dir() && !file_name(&entry).starts_with('.') {
            folders.push(file_name(&entry));
        }
    }
    folders.sort();
    Ok(cores::map(&folders, |folder| publication(workspace, segments, folder)))
}

fn read_dir(path: &Path, shown: &Path) -> Result<Vec<PathBuf>, Finding> {
    let unreadable = |error: std::io::Error| {
        Finding::error(
            "unreadable",
            Place::start(shown),
            format!("cannot read the folder: {error}"),
        )
        .help("see that the folder is there and that you may read it")
    };
    let entries = fs::read_dir(path).map_err(unreadable)?;
    let paths: Result<Vec<PathBuf>, _> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(unreadable)?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn publication(workspace: &Workspace, segments: &[String], name: &str) -> LoadedPublication {
    let folder = Path::new("publications").join(name);
    let mut findings = Findings::new();
    let slug = Slug::new(name);
    if slug.is_none() {
        findings.push(
            Finding::error(
                "folder-name",
                Place::start(&folder),
                format!("“{name}” cannot be part of a web address"),
            )
            .help("name the folder with small letters without accents, digits and hyphens, such as 2026-10-05-povoleni-k-pobytu"),
        );
    }
    let files = match read_dir(&workspace.root.join(&folder), &folder) {
        Ok(files) => files,
        Err(finding) => {
            findings.push(finding);
            Vec::new()
        }
    };
    let drafts = drafts(workspace, &folder, &files, &mut findings);
    let pictures = pictures(&files);
    let bibliography = super::bibliography::bibliography(&folder, &files, &mut findings);
    let mut status = None;
    let house = House { workspace, segments };
    let mut publication = slug.and_then(|slug| {
        house.resolve(slug, &folder, &drafts, pictures.clone(), &mut status, &mut findings)
    });
    let mut sketch = None;
    match &mut publication {
        Some(publication) => publication.bibliography = bibliography,
        None => sketch = Sketch::new(&folder, &drafts, pictures, bibliography, workspace),
    }
    LoadedPublication { folder, status, publication, sketch, findings }
}

/// What one `<lang>.md` states, as typed.
pub(super) struct Draft {
    pub language: Language,
    pub file: PathBuf,
    pub text: Arc<str>,
}

/// Manuscripts beside each other, the leading one first.
fn drafts(
    workspace: &Workspace,
    folder: &Path,
    files: &[PathBuf],
    findings: &mut Findings,
) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for path in files.iter().filter(|path| path.extension().is_some_and(|ext| ext == "md")) {
        let file = folder.join(file_name(path));
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let language = Language::new(&stem.unwrap_or_default());
        if !workspace.languages.contains(&language) {
            let known: Vec<&str> = workspace.languages.iter().map(Language::as_str).collect();
            findings.push(
                Finding::error(
                    "language",
                    Place::start(&file),
                    format!("“{language}” is not a language of this workspace"),
                )
                .help(format!(
                    "name the file {}.md, or add the language to `languages` in hlas.toml",
                    known.join(".md or ")
                )),
            );
            continue;
        }
        match read_text(path, &file) {
            Ok(text) => drafts.push(Draft { language, file, text: Arc::from(text) }),
            Err(finding) => findings.push(finding),
        }
    }
    let rank =
        |draft: &Draft| workspace.languages.iter().position(|known| *known == draft.language);
    drafts.sort_by_key(rank);
    if drafts.is_empty() && findings.is_empty() {
        let lead = workspace.default_language();
        findings.push(
            Finding::error("empty-folder", Place::start(folder), "there is no text in this folder")
                .help(format!("write {lead}.md there; `hlas new KIND TITLE` makes one")),
        );
    }
    drafts
}

/// UTF-8 text, with or without a byte order mark, with any line ends.
fn read_text(path: &Path, shown: &Path) -> Result<String, Finding> {
    let place = Place::start(shown);
    let bytes = fs::read(path).map_err(|error| {
        Finding::error("unreadable", place.clone(), format!("cannot read the file: {error}"))
            .help("see that you may read it")
    })?;
    if bytes.len() as u64 > MAX_TEXT_BYTES {
        return Err(Finding::error("too-long", place, "the text is over 2 MB")
            .help("cut it into several publications; pictures go into files of their own"));
    }
    let text = super::decode(shown, &bytes)?;
    if let Some(offset) = text.find([hole::OPEN, hole::CLOSE, '\0']) {
        return Err(Finding::error(
            "private-character",
            Place::at_offset(shown, &text, offset),
            "a character that has no meaning in text (private use or NUL)",
        )
        .help("delete it; it often comes with text copied from a PDF"));
    }
    Ok(text)
}

/// The pictures beside a text. One that is damaged is no finding yet: who
/// shows it is told, at the line that does ([`crate::check`]).
#[derive(Default, Clone)]
pub(super) struct Pictures {
    pub usable: Vec<Picture>,
    pub unusable: Vec<UnusablePicture>,
}

fn pictures(files: &[PathBuf]) -> Pictures {
    let mut pictures = Pictures::default();
    for path in files {
        let extension = path.extension().map(|ext| ext.to_string_lossy().to_lowercase());
        if !extension.is_some_and(|ext| picture::EXTENSIONS.contains(&ext.as_str())) {
            continue;
        }
        match read_picture(path) {
            Ok(picture) => pictures.usable.push(picture),
            Err(unusable) => pictures.unusable.push(unusable),
        }
    }
    pictures
}

fn read_picture(path: &Path) -> Result<Picture, UnusablePicture> {
    let name = file_name(path);
    let error = |why: String, help| UnusablePicture { name: name.clone(), why, help };
    let length = fs::metadata(path).map_or(0, |metadata| metadata.len());
    if length > MAX_PICTURE_BYTES {
        return Err(error(
            format!("it is {} MB large", length / 1024 / 1024),
            "make it smaller than 5 MB: 1,600 pixels across are enough for print and screen",
        ));
    }
    let bytes = fs::read(path)
        .map_err(|why| error(format!("it cannot be read: {why}"), "see that you may read it"))?;
    let (width, height) =
        picture::size(&bytes, &name).map_err(|why| error(why, picture::SAVE_AGAIN))?;
    Ok(Picture { name, bytes: bytes.into(), width, height })
}

/// What the fields of a manuscript may name.
struct House<'h> {
    workspace: &'h Workspace,
    segments: &'h [String],
}

/// Fields that a publication has once, not once a language.
struct Shared {
    status: Status,
    kind: Option<String>,
    date: Option<Date>,
    number: Option<String>,
    at: Option<ZonedDateTime>,
    not_after: Option<ZonedDateTime>,
    to: Vec<String>,
    attach: Attach,
    mail_pictures: Option<MailPictures>,
    gather: Option<Gather>,
}

impl House<'_> {
    fn resolve(
        &self,
        slug: Slug,
        folder: &Path,
        drafts: &[Draft],
        pictures: Pictures,
        stated: &mut Option<Status>,
        findings: &mut Findings,
    ) -> Option<Publication> {
        let mut shared: Option<Shared> = None;
        let mut manuscripts: Vec<Manuscript> = Vec::new();
        for draft in drafts {
            let Some(parts) = front_matter::split(&draft.text) else {
                findings.push(no_front_matter(draft));
                continue;
            };
            let text = Arc::clone(&draft.text);
            let file = draft.file.clone();
            let mut fields = Fields::read(&file, &text, parts.yaml);
            if fields.is_broken() {
                findings.append(&mut fields.findings);
                return None;
            }
            let own = self.shared(&mut fields, shared.as_ref());
            stated.get_or_insert(own.status);
            let manuscript =
                self.manuscript(&mut fields, draft, &parts, manuscripts.first(), own.status);
            findings.append(&mut fields.findings);
            shared.get_or_insert(own);
            manuscripts.extend(manuscript);
        }
        let Shared { status, kind, date, number, at, not_after, to, attach, mail_pictures, gather } =
            shared?;
        let (kind, date) = (kind?, date?);
        let folder = folder.to_owned();
        (!manuscripts.is_empty()).then_some(Publication {
            slug,
            folder,
            status,
            kind,
            date,
            number,
            at,
            not_after,
            to,
            attach,
            mail_pictures,
            gather,
            manuscripts,
            pictures: pictures.usable,
            unusable: pictures.unusable,
            bibliography: None,
        })
    }

    /// The fields that hold for all languages. A second language may repeat
    /// them, but not say otherwise; only its status is its own.
    fn shared(&self, fields: &mut Fields<'_>, leading: Option<&Shared>) -> Shared {
        let status = self.status(fields);
        let kind = self.kind(fields, leading);
        let date = date(fields, leading);
        let number = number(fields, leading);
        let at = self.moment(fields, "at");
        let not_after = self.moment(fields, "not_after");
        let to = self.to(fields);
        if at.is_some() && to.is_empty() && leading.is_none() && status == Status::Ready {
            let message = "it has a send time, but `to` names nobody";
            let finding = Finding::warning("front-matter", fields.place_of("at"), message);
            fields.findings.push(finding.help("add to: [segment]; `hlas segments` lists them"));
        }
        let attach = attach(fields);
        let mail_pictures = mail_pictures(fields);
        if let Some(leading) = leading {
            let mut same = |field: &str, same: bool| {
                if fields.states(field) && !same {
                    let message = format!("`{field}` is not what the leading language states");
                    fields.wrong(field, message, "delete the line here: it is inherited");
                }
            };
            same("kind", kind == leading.kind);
            same("date", date == leading.date);
            same("number", number == leading.number);
            same("at", at == leading.at);
            same("not_after", not_after == leading.not_after);
            same("to", to == leading.to);
            same("attach", attach == leading.attach);
            same("pictures", mail_pictures == leading.mail_pictures);
        }
        let gather = self.gather(fields, leading, date);
        let status = match leading {
            Some(leading) if !fields.states("status") => leading.status,
            _ => status,
        };
        Shared { status, kind, date, number, at, not_after, to, attach, mail_pictures, gather }
    }

    fn gather(
        &self,
        fields: &mut Fields<'_>,
        leading: Option<&Shared>,
        date: Option<Date>,
    ) -> Option<Gather> {
        if leading.is_none() {
            return gather::gather(fields, self.workspace, date);
        }
        if fields.states("gather") {
            let message = "`gather` stands in a translation";
            fields.wrong("gather", message, "write it in the file of the leading language alone");
        }
        None
    }

    fn status(&self, fields: &mut Fields<'_>) -> Status {
        match fields.text("status").as_deref() {
            Some("ready") => Status::Ready,
            None | Some("draft") => Status::Draft,
            Some(other) => {
                let message = format!("there is no status `{other}`");
                fields.wrong("status", message, "write draft or ready");
                Status::Draft
            }
        }
    }

    fn kind(&self, fields: &mut Fields<'_>, leading: Option<&Shared>) -> Option<String> {
        let known = || self.workspace.kinds.iter().map(|kind| kind.id.as_str());
        let all = || known().collect::<Vec<_>>().join(", ");
        let Some(kind) = fields.text("kind") else {
            if leading.is_none() && fields.lacks("kind") {
                fields.wrong("kind", "`kind` is missing", format!("add one of {}", all()));
            }
            return leading.and_then(|leading| leading.kind.clone());
        };
        if self.workspace.kind(&kind).is_some() {
            return Some(kind);
        }
        let help = unknown_help(&kind, known(), &all());
        fields.wrong("kind", format!("there is no kind `{kind}`"), help);
        None
    }

    fn moment(&self, fields: &mut Fields<'_>, field: &str) -> Option<ZonedDateTime> {
        let written = fields.text(field)?;
        let help = "write the local time as 2026-10-05 09:00";
        let Ok(civil) = civil_time(&written) else {
            fields.wrong(field, format!("`{written}` is no date with a time"), help);
            return None;
        };
        let ambiguous = self.workspace.time_zone.to_ambiguous_zoned_datetime(civil);
        if matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. }) {
            let message = format!("`{written}` does not exist: the clocks go forward over it");
            fields.wrong(field, message, "choose a time an hour earlier or later");
            return None;
        }
        ambiguous.compatible().ok()
    }

    fn to(&self, fields: &mut Fields<'_>) -> Vec<String> {
        let mut to: Vec<String> = Vec::new();
        for (segment, place) in fields.list("to").unwrap_or_default() {
            if to.contains(&segment) {
                let message = format!("the segment `{segment}` is named twice");
                fields.wrong_at(place, message, "keep one of them");
            } else if self.segments.contains(&segment) {
                to.push(segment);
            } else {
                let known = || self.segments.iter().map(String::as_str);
                let help = unknown_help(&segment, known(), &known().collect::<Vec<_>>().join(", "));
                let place = place.spanning(segment.chars().count());
                fields.wrong_at(place, format!("there is no segment `{segment}`"), help);
            }
        }
        to
    }

    fn manuscript(
        &self,
        fields: &mut Fields<'_>,
        draft: &Draft,
        parts: &front_matter::Parts<'_>,
        leading: Option<&Manuscript>,
        status: Status,
    ) -> Option<Manuscript> {
        let typography =
            fields.switch("typography").or(leading.map(|it| it.typography)).unwrap_or(true);
        let setting = typography.then(|| Typography::new(&draft.language, self.workspace));
        // Set here, once: index, feed, subject line and every format say the same.
        let text = |fields: &mut Fields<'_>, field: &str| {
            let text = fields.text(field)?;
            Some(setting.as_ref().map_or_else(|| text.clone(), |it| it.set(&text).into_owned()))
        };
        let title = text(fields, "title");
        if leading.is_none() && fields.lacks("title") {
            fields.wrong("title", "`title` is missing", "add a line title: …");
        }
        let subject = text(fields, "subject").or_else(|| title.clone());
        let working_group = self.working_group(fields);
        let members = self.members(fields);
        let updated = day(fields, "updated");
        inherited_language(fields, leading, status);
        let texts = |fields: &mut Fields<'_>, field: &str| {
            fields.list(field).map(|list| list.into_iter().map(|(text, _)| text).collect())
        };
        let inherit = |get: fn(&Manuscript) -> Option<String>| leading.and_then(get);
        Some(Manuscript {
            language: draft.language.clone(),
            status,
            title: title.or_else(|| inherit(|it| Some(it.title.clone())))?,
            subtitle: text(fields, "subtitle").or_else(|| inherit(|it| it.subtitle.clone())),
            summary: text(fields, "summary").or_else(|| inherit(|it| it.summary.clone())),
            subject: subject.or_else(|| inherit(|it| Some(it.subject.clone())))?,
            authors: fields
                .names("authors")
                .or_else(|| leading.map(|it| it.authors.clone()))
                .unwrap_or_default(),
            topics: texts(fields, "topics")
                .or_else(|| leading.map(|it| it.topics.clone()))
                .unwrap_or_default(),
            working_group: working_group.or_else(|| inherit(|it| it.working_group.clone())),
            members: members.or_else(|| leading.map(|it| it.members.clone())).unwrap_or_default(),
            typography,
            updated,
            file: draft.file.clone(),
            text: Arc::clone(&draft.text),
            body: parts.body.to_owned(),
            lines_before_body: parts.lines_before_body,
            gathered: None,
            charts: Vec::new(),
        })
    }

    fn working_group(&self, fields: &mut Fields<'_>) -> Option<String> {
        let id = fields.text("working_group")?;
        if self.workspace.working_group(&id).is_some() {
            return Some(id);
        }
        let known = || self.workspace.working_groups.iter().map(|group| group.id.as_str());
        let help = unknown_help(&id, known(), &known().collect::<Vec<_>>().join(", "));
        fields.wrong("working_group", format!("there is no working group `{id}`"), help);
        None
    }

    fn members(&self, fields: &mut Fields<'_>) -> Option<Vec<String>> {
        let mut members = Vec::new();
        for (id, place) in fields.list("members")? {
            if self.workspace.member(&id).is_some() {
                members.push(id);
                continue;
            }
            let known = self.workspace.members.iter().map(|member| member.id.as_str());
            let help = unknown_help(&id, known, "listed under [[members]] in hlas.toml");
            let place = place.spanning(id.chars().count());
            fields.wrong_at(place, format!("there is no member organisation `{id}`"), help);
        }
        Some(members)
    }
}

fn no_front_matter(draft: &Draft) -> Finding {
    let opened = draft.text.lines().next().is_some_and(|line| line.trim_end() == "---");
    let message = if opened {
        "the front matter has no closing line `---`"
    } else {
        "the file has no front matter"
    };
    Finding::error("front-matter", Place::start(&draft.file), message)
        .source(&draft.text)
        .help("begin the file with a line ---, then title: … and kind: …, then a line ---")
}

pub(super) fn unknown_help<'c>(
    written: &str,
    known: impl IntoIterator<Item = &'c str>,
    all: &str,
) -> String {
    match nearest(written, known) {
        Some(close) => format!("did you mean `{close}`?"),
        None if all.is_empty() => {
            "there are none yet; see the README on how to name some".to_owned()
        }
        None => format!("there are: {all}"),
    }
}

/// A title or summary left out of a translation would reach its readers in
/// the leading language.
fn inherited_language(fields: &mut Fields<'_>, leading: Option<&Manuscript>, status: Status) {
    let Some(leading) = leading else { return };
    if status == Status::Draft {
        return;
    }
    let inherited = [
        ("title", true),
        ("subtitle", leading.subtitle.is_some()),
        ("summary", leading.summary.is_some()),
    ];
    for (field, there) in inherited {
        if there && !fields.states(field) {
            let place = fields.place_of(field);
            let message = format!(
                "no `{field}` in this language: readers get the one in “{}”",
                leading.language
            );
            let finding = Finding::warning("translation", place, message)
                .help(format!("add a line {field}: … in the language of the file"));
            fields.findings.push(finding);
        }
    }
}

fn date(fields: &mut Fields<'_>, leading: Option<&Shared>) -> Option<Date> {
    if leading.is_none() && fields.lacks("date") {
        fields.wrong("date", "`date` is missing", DAY);
    }
    if fields.lacks("date") {
        return leading.and_then(|leading| leading.date);
    }
    day(fields, "date")
}

/// The number alone: what it counts, the kind's name says in each language.
fn number(fields: &mut Fields<'_>, leading: Option<&Shared>) -> Option<String> {
    const LONGEST: usize = 16;
    let Some(written) = fields.text("number") else {
        return leading.and_then(|leading| leading.number.clone());
    };
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '/' | '-' | '–' | '.');
    let is_number = written.chars().all(fits)
        && written.contains(|c: char| c.is_ascii_digit())
        && written.chars().count() <= LONGEST;
    if !is_number {
        let help = "write the number alone, as 3/2026: the name of the kind is put before it";
        fields.wrong("number", format!("`{written}` is no number of an issue"), help);
        return None;
    }
    Some(written)
}

const DAY: &str = "write the date as 2026-10-05";

/// A day in exactly this form: one with a time or in Czech order is a mistake.
pub(super) fn day(fields: &mut Fields<'_>, field: &str) -> Option<Date> {
    let written = fields.text(field)?;
    let day = (written.len() == 10).then(|| written.parse::<Date>().ok()).flatten();
    if day.is_none() {
        fields.wrong(field, format!("`{written}` is no date"), DAY);
    }
    day
}

fn civil_time(written: &str) -> Result<DateTime, jiff::Error> {
    ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .map(|format| DateTime::strptime(format, written))
        .find(Result::is_ok)
        .unwrap_or_else(|| DateTime::strptime("%Y-%m-%d %H:%M", written))
}

fn attach(fields: &mut Fields<'_>) -> Attach {
    match fields.text("attach").as_deref() {
        None | Some("none") => Attach::Nothing,
        Some("pdf") => Attach::Pdf,
        Some(other) => {
            let message = format!("cannot attach `{other}`");
            fields.wrong("attach", message, "write pdf or none");
            Attach::Nothing
        }
    }
}

fn mail_pictures(fields: &mut Fields<'_>) -> Option<MailPictures> {
    let written = fields.text("pictures")?;
    let known = MailPictures::from_name(&written);
    if known.is_none() {
        let message = format!("pictures cannot be `{written}`");
        fields.wrong("pictures", message, "write embed (in the mail) or hosted (on the site)");
    }
    known
}
