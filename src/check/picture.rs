//! A picture that does not lie beside the text, or lies there in pieces.

use comrak::nodes::NodeValue;

use super::{Rule, Text};
use crate::load::nearest;
use crate::model::{Findings, UnusablePicture};
use crate::render::markdown::picture_name;

pub struct MissingPicture;

const DOC: &str = "\
A picture that does not lie beside the text.

Pictures are published with the text, so they lie in its folder and are named
without a path. A picture on somebody else's server would tell them who reads.

Wrong:  ![Graf](https://www.example.org/graf.png)
Right:  ![Graf](graf.png)
";

impl Rule for MissingPicture {
    fn name(&self) -> &'static str {
        "picture"
    }

    fn is_firm(&self) -> bool {
        true
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn text(&self, text: &Text<'_>, findings: &mut Findings) {
        for node in text.nodes() {
            let data = node.data();
            let NodeValue::Image(link) = &data.value else { continue };
            let folder = text.publication.folder.display();
            let name = picture_name(&link.url);
            let unusable = name.as_ref().and_then(|name| text.publication.unusable(name));
            if let Some(UnusablePicture { name, why, help }) = unusable {
                let message = format!("`{name}` cannot be shown: {why}");
                findings.push(text.finding(self, node, message).help(*help));
                continue;
            }
            let (message, help) = match name {
                Some(name) if text.publication.picture(&name).is_some() => continue,
                Some(name) => (
                    format!("there is no picture `{name}` in {folder}/"),
                    match nearest(&name, names(text)) {
                        Some(close) => format!("did you mean `{close}`?"),
                        None => "put the picture beside the text (PNG, JPEG, GIF, WebP or SVG)"
                            .to_owned(),
                    },
                ),
                None => (
                    format!("`{}` does not lie beside the text", link.url),
                    format!("copy the picture into {folder}/ and write its name alone"),
                ),
            };
            findings.push(text.finding(self, node, message).help(help));
        }
    }
}

fn names<'a>(text: &Text<'a>) -> impl Iterator<Item = &'a str> {
    text.publication.pictures.iter().map(|picture| picture.name.as_str())
}

#[cfg(test)]
mod tests {
    use crate::check::tests::told;

    #[test]
    fn missing_and_remote_pictures_are_errors() {
        assert_eq!(
            told("![a](garf.svg)\n\n![b](https://example.org/b.png)\n\n![c](graf.svg)\n"),
            [
                "6:1 picture Error: there is no picture `garf.svg` in publications/2026-10-05-zkouska/",
                "8:1 picture Error: `https://example.org/b.png` does not lie beside the text",
            ]
        );
    }
}
