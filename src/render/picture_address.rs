//! Where a reader's client finds a picture: the one place that decides it.
//!
//! A page stands beside its pictures, a feed fetches them from the site. In
//! mail each picture has a [`Placement`] of its own. One that is embedded is a
//! part of the message, which the HTML names by its Content-ID (RFC 2392).
//!
//! The surprise: nobody keeps a list of what is embedded. The HTML is asked
//! ([`is_asked_for`]), so a picture that a shortened mail lost does not travel,
//! and one that it shows cannot be forgotten.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Document;
use super::html::Dialect;
use crate::model::{MailPictures, Picture, Publication, Workspace, digest};

/// Where a mail has a picture from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// From the site, when the reader's client shows it.
    Hosted,
    /// From the message itself; it is on the site as well.
    Embedded,
    /// From the message alone: the public does not see it.
    Private,
}

impl Placement {
    /// Whether anybody who knows the address can fetch it from the site.
    pub fn is_on_the_site(self) -> bool {
        matches!(self, Self::Hosted | Self::Embedded)
    }
}

/// Where the mail of an edition has one picture from.
pub fn placement(document: &Document<'_>, picture: &Picture) -> Placement {
    if document.has_to_itself(&picture.name) {
        return Placement::Private;
    }
    match document.edition.mail_pictures() {
        MailPictures::Hosted => Placement::Hosted,
        MailPictures::Embedded => Placement::Embedded,
    }
}

/// What stands in `src`.
pub fn picture_address(document: &Document<'_>, dialect: Dialect, picture: &Picture) -> String {
    let Document { edition, workspace, .. } = document;
    match (dialect, placement(document, picture)) {
        (Dialect::Page, _) => relative_address(workspace, &picture.name),
        (Dialect::Mail, Placement::Embedded | Placement::Private) => {
            cid_url(&content_id(workspace, edition.publication, picture))
        }
        (Dialect::Mail | Dialect::Feed, _) => {
            raster_address(workspace, edition.publication, picture)
        }
    }
}

/// What the text part says of where a picture can be seen. It has no parts to
/// point at, so also one that is embedded beside it is on the site for it.
pub fn text_address(document: &Document<'_>, picture: &Picture) -> Option<String> {
    let Document { edition, workspace, .. } = document;
    placement(document, picture)
        .is_on_the_site()
        .then(|| raster_address(workspace, edition.publication, picture))
}

/// Where mail and feed fetch a picture from.
pub fn raster_address(
    workspace: &Workspace,
    publication: &Publication,
    picture: &Picture,
) -> String {
    workspace.url(&format!("{}/{}", publication.slug, picture.raster_name())).into()
}

/// A file name as a relative URL, percent-encoded.
pub fn relative_address(workspace: &Workspace, name: &str) -> String {
    let url = workspace.url(name);
    url.path().rsplit('/').next().unwrap_or_default().to_owned()
}

/// The Content-ID of an embedded picture, without angle brackets: unique in the
/// world (RFC 2045 section 7), the same however often it is rendered, and in
/// characters that no client stumbles over. The host is as good as a name of
/// ours: it must only be one that nobody else makes such ids under.
pub fn content_id(workspace: &Workspace, publication: &Publication, picture: &Picture) -> String {
    let Picture { name, bytes, .. } = picture;
    let hash = digest(format!("{} {name} {}", publication.slug, digest(bytes)).as_bytes());
    format!("{}@{}", &hash[..24], workspace.base_url.host_str().unwrap_or("localhost"))
}

/// RFC 3986 section 3.3, without the rarer sub-delims.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

/// RFC 2392 section 2: the Content-ID, percent-encoded.
pub fn cid_url(content_id: &str) -> String {
    format!("cid:{}", utf8_percent_encode(content_id, PATH))
}

/// Whether a mail's HTML shows the picture with this Content-ID.
pub fn is_asked_for(html: &str, content_id: &str) -> bool {
    html.contains(&format!("\"{}\"", cid_url(content_id)))
}

#[cfg(test)]
mod tests {
    use super::super::specimen;
    use super::*;

    #[test]
    fn a_content_id_is_the_pictures_own_and_stays() {
        let workspace = specimen::workspace();
        let publication = specimen::publication(&[("cs", "Text.")]);
        let [graf, mapa] = &publication.pictures[..] else { panic!("two pictures") };
        let id = |picture| content_id(&workspace, &publication, picture);
        assert_eq!(id(graf), id(graf));
        assert_ne!(id(graf), id(mapa), "both are empty, but not the same picture");
        assert_eq!(cid_url(&id(graf)), format!("cid:{}", id(graf)), "nothing to encode");
        let other = specimen::commentary("Text.");
        assert_ne!(content_id(&workspace, &other, &other.pictures[0]), id(graf));
    }

    #[test]
    fn a_host_in_brackets_is_encoded_in_the_url() {
        assert_eq!(cid_url("a1@[::1]"), "cid:a1@%5B%3A%3A1%5D");
    }
}
