//! Whether the mail theme's text stands out from its ground, in every light
//! that clients show it in.
//!
//! WCAG 2.2, 1.4.3 asks for 4.5:1, and 3:1 of large text. (1.4.11 has nothing to
//! ask of a mail: nothing there is known by its shape alone, the button is a
//! link with words.) The theme is looked at as a whole, a specimen rendered
//! with it, because only inlining knows which rule wins. The surprise: dark is
//! four things. A client may read the theme's media query; Outlook.com turns
//! light colours dark and marks what it turned, so that a theme can answer;
//! others turn everything and listen to nobody, in CIELAB or in HSL.

mod color;
mod paint;

use self::color::Turn;
use self::paint::Painted;
use crate::model::{Finding, Findings, Language, Place};
use crate::render::{Theme, email};

/// What is wrong with the contrast of a theme's mail.
pub fn findings(theme: &Theme, language: &Language) -> Findings {
    // A theme that cannot be filled has findings of its own.
    let Ok(html) = email::specimen(theme, language) else { return Findings::new() };
    let mut findings = Findings::new();
    for light in Light::ALL {
        let mut told = Vec::new();
        for text in light.shows(&html) {
            let pair = (text.color, text.ground);
            if text.ratio() + 0.005 < text.needed() && !told.contains(&pair) {
                told.push(pair);
                findings.push(finding(theme, *light, &text));
            }
        }
    }
    findings
}

/// The ways in which a mail comes to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Light {
    AsSent,
    PrefersDark,
    OutlookCom,
    Forced(Turn),
}

impl Light {
    const ALL: &[Self] = &[
        Self::AsSent,
        Self::PrefersDark,
        Self::OutlookCom,
        Self::Forced(Turn::Lab),
        Self::Forced(Turn::Hsl),
    ];

    fn shows(self, html: &str) -> Vec<Painted> {
        match self {
            Self::AsSent => paint::texts(html, color::PAPER, |painted, _| painted),
            Self::PrefersDark => {
                let rules = paint::head_rules(html) + &paint::dark_rules(html);
                let dark = email::overlaid(html, &rules).unwrap_or_default();
                paint::texts(&dark, color::DARK_PAPER, |painted, _| painted)
            }
            Self::OutlookCom => outlook_com(html),
            Self::Forced(turn) => paint::texts(html, turn.turned(color::PAPER), |painted, _| {
                painted.map(|color| turn.turned(color))
            }),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::AsSent => "as sent",
            Self::PrefersDark => "in dark mode",
            Self::OutlookCom => "as Outlook.com darkens it",
            Self::Forced(_) => "where a client inverts it by force",
        }
    }
}

/// What Outlook.com turns it marks `data-ogsc` and `data-ogsb`; what the theme
/// says of marked elements stands.
fn outlook_com(html: &str) -> Vec<Painted> {
    let marked = html.replacen("<body", "<body data-ogsc data-ogsb", 1);
    let rules = paint::head_rules(html);
    let answered = email::overlaid(&marked, &rules).unwrap_or_default();
    let before = paint::declared(html);
    paint::texts(&answered, Turn::Lab.turned(color::PAPER), |painted, index| {
        let sent = before.get(index).copied().unwrap_or_default();
        painted.or_turned(sent, Turn::Lab)
    })
}

fn finding(theme: &Theme, light: Light, text: &Painted) -> Finding {
    let (files, place) = place(theme, light, text);
    let message = format!(
        "{}, <{}> has {} on {}: {:.1}:1, and at least {}:1 is needed",
        light.name(),
        text.element,
        text.color,
        text.ground,
        text.ratio(),
        text.needed()
    );
    let accent =
        if theme.is_painted() { "choose another `theme.accent` in hlas.toml, or " } else { "" };
    Finding::warning("contrast", place, message)
        .help(format!("{accent}change one of the two colours in {files} (WCAG 2.2, 1.4.3)"))
}

/// Where a colour is set, as far as searching for it can tell: what was sent is
/// searched for, since nobody wrote what a client made of it.
fn place(theme: &Theme, light: Light, text: &Painted) -> (String, Place) {
    let dark = matches!(light, Light::PrefersDark | Light::OutlookCom);
    let first = if dark { "email/style.css" } else { "email/inlined.css" };
    let files = [first, "email/mail.mjml", "email/inlined.css", "email/style.css"];
    let written = [text.written_color.as_deref(), text.written_ground.as_deref()];
    let mut named = Vec::new();
    let mut places = Vec::new();
    for color in written.into_iter().flatten() {
        let found = files.iter().find_map(|file| {
            let file = format!("templates/{file}");
            let text = theme_text(theme, &file);
            let place = Place::at_offset(file.as_ref(), &text, text.find(color)?);
            Some((file, place))
        });
        if let Some((file, place)) = found {
            let times = theme_text(theme, &file).matches(color).count();
            places.push((times, place.spanning(color.chars().count())));
            if !named.contains(&file) {
                named.push(file);
            }
        }
    }
    // The rarer of the two colours is the likelier slip.
    let place = places.into_iter().min_by_key(|(times, _)| *times).map(|(_, place)| place);
    let file = format!("templates/{first}");
    let names = if named.is_empty() { file.clone() } else { named.join(" or ") };
    (names, place.unwrap_or_else(|| Place::start(file)))
}

fn theme_text<'t>(theme: &'t Theme, file: &str) -> std::borrow::Cow<'t, str> {
    String::from_utf8_lossy(theme.file(file.trim_start_matches("templates/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of the built-in theme with a piece of one file replaced.
    fn told(path: &str, from: &str, to: &str) -> Vec<String> {
        let built_in = crate::render::theme::built_in_files();
        let text = String::from_utf8(built_in[path].clone()).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        let own = [(path.to_owned(), text.replace(from, to).into_bytes())];
        let theme = Theme::new(own.into(), &["cs".into()]).ok().unwrap();
        let told = findings(&theme, &"cs".into());
        told.iter().map(|finding| format!("{}: {}", finding.place, finding.message)).collect()
    }

    #[test]
    fn the_built_in_theme_can_be_read_in_every_light() {
        assert_eq!(told("email/inlined.css", "#1f4e79", "#1f4e79"), Vec::<String>::new());
    }

    #[test]
    fn grey_on_grey_is_found_as_sent() {
        let told = told(
            "email/inlined.css",
            ".caption { margin",
            ".caption { background: #999999; margin",
        );
        insta::assert_snapshot!(told.first().unwrap(), @r#"templates/email/inlined.css:41:24: as sent, <p class="caption"> has #4a4a4a on #999999: 3.1:1, and at least 4.5:1 is needed"#);
    }

    #[test]
    fn grey_on_grey_is_found_in_dark_mode() {
        let told =
            told("email/style.css", ".text pre{background:#27303b", ".text pre{background:#888888");
        insta::assert_snapshot!(told.join("\n"), @r"
        templates/email/style.css:14:69: in dark mode, <strong> has #9cc4ec on #888888: 1.9:1, and at least 4.5:1 is needed
        templates/email/style.css:14:69: in dark mode, <p> has #e6e3dc on #888888: 2.8:1, and at least 4.5:1 is needed
        ");
    }

    #[test]
    fn grey_on_grey_is_found_where_a_client_inverts() {
        // Enough on white, but not any more when both are turned.
        let told = told("email/inlined.css", "color: #4a4a4a", "color: #767676");
        insta::assert_snapshot!(told.join("\n"), @"templates/email/inlined.css:32:57: where a client inverts it by force, <p> has #939393 on #333333: 4.1:1, and at least 4.5:1 is needed");
    }

    /// What the specimen lacks is never looked at.
    #[test]
    fn the_specimen_holds_every_tag_and_class_of_a_mail() {
        use crate::render::specimen::{EVERYTHING, rendered};
        let names = |html: &str| {
            let document = scraper::Html::parse_document(html);
            let elements = document.root_element().descendent_elements();
            let names = elements.flat_map(|element| {
                let element = element.value();
                let classes: Vec<String> = element.classes().map(Into::into).collect();
                classes.into_iter().chain([element.name().to_owned()]).collect::<Vec<_>>()
            });
            names.collect::<std::collections::BTreeSet<String>>()
        };
        let theme = Theme::new(Default::default(), &["cs".into()]).ok().unwrap();
        let specimen = names(&email::specimen(&theme, &"cs".into()).unwrap());
        let real = names(&rendered(&email::Email, EVERYTHING));
        let missing: Vec<&String> = real.difference(&specimen).collect();
        assert_eq!(missing, Vec::<&String>::new());
    }
}
