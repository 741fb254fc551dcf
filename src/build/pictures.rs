//! The pictures of one publication, as files and as parts of its mail.
//!
//! The site gets what lies beside the text, and of every SVG a PNG, since mail
//! and feed readers draw none. Mail that embeds its pictures gets the same
//! bytes, and its preview a copy beside it, so that it can be looked at from
//! the disk: a browser knows no `cid:`.

use std::sync::Arc;

use super::place;
use super::workshop::{Made, Workshop};
use crate::load::Loaded;
use crate::model::{EmbeddedPicture, Finding, Picture, Place, Publication, Rendition, Workspace};
use crate::publish::Item;
use crate::render::{cid_url, content_id, is_asked_for, picture, raster_address, relative_address};

/// The parts that a mail's HTML asks for.
///
/// # Errors
/// An SVG that cannot be drawn.
pub(super) fn embedded_in(
    html: &str,
    publication: &Publication,
    loaded: &Loaded,
) -> Result<Vec<EmbeddedPicture>, Finding> {
    let workspace = &loaded.workspace;
    let parts = asked_for(html, publication, workspace).map(|picture| {
        Ok(EmbeddedPicture {
            content_id: content_id(workspace, publication, picture),
            name: picture.raster_name(),
            media_type: picture.raster_type().to_owned(),
            bytes: raster(publication, picture, loaded)?,
        })
    });
    parts.collect()
}

/// The HTML of a mail as its preview shows it: what it has from the site comes
/// from the site as it lies beside, for this one may not be out yet.
pub(super) fn for_eyes(html: &str, publication: &Publication, workspace: &Workspace) -> String {
    publication.all_pictures().fold(html.to_owned(), |html, picture| {
        let id = content_id(workspace, publication, picture);
        let here = relative_address(workspace, &picture.raster_name());
        let hosted = raster_address(workspace, publication, picture);
        let beside = format!("../../site/{}/{here}", publication.slug);
        html.replace(&format!("src=\"{}\"", cid_url(&id)), &format!("src=\"{here}\""))
            .replace(&format!("src=\"{hosted}\""), &format!("src=\"{beside}\""))
    })
}

fn asked_for<'p>(
    html: &str,
    publication: &'p Publication,
    workspace: &Workspace,
) -> impl Iterator<Item = &'p Picture> {
    publication
        .all_pictures()
        .filter(move |picture| is_asked_for(html, &content_id(workspace, publication, picture)))
}

/// A picture as mail and feed show it.
fn raster(
    publication: &Publication,
    picture: &Picture,
    loaded: &Loaded,
) -> Result<Arc<[u8]>, Finding> {
    if !picture.is_svg() {
        return Ok(Arc::clone(&picture.bytes));
    }
    let drawn = picture::png(&picture.bytes, loaded.theme.fonts());
    drawn.map(Arc::from).map_err(|why| {
        let file = publication.folder.join(&picture.name);
        Finding::error("picture", Place::start(file), why).help(picture::SAVE_AGAIN)
    })
}

impl Workshop<'_> {
    /// A picture as mail and feed show it, in `folder`: drawn, or as it was
    /// drawn before.
    pub(super) fn raster(
        &self,
        publication: &Publication,
        picture: &Picture,
        folder: &str,
    ) -> Result<Item, Finding> {
        let path = format!("{folder}/{}", picture.raster_name());
        let made_from = picture.is_svg().then(|| self.made_from.picture(&picture.bytes));
        let kept = made_from.as_ref().and_then(|made_from| self.output.reuse(&path, made_from));
        let bytes = match kept {
            Some(bytes) => bytes,
            None => raster(publication, picture, self.loaded)?.to_vec(),
        };
        Ok(Item { rendition: Rendition { path, bytes }, made_from })
    }

    /// Copies of what a mail embeds, for its preview. Several segments may
    /// embed the same picture; one copy serves all.
    pub(super) fn beside_preview(
        &self,
        html: &str,
        publication: &Publication,
        public: bool,
        made: &mut Made,
    ) -> Result<(), Finding> {
        let folder = place(public, &format!("mail/{}", publication.slug));
        for picture in asked_for(html, publication, &self.loaded.workspace) {
            let copy = self.raster(publication, picture, &folder)?;
            if !made.items.iter().any(|item| item.rendition.path == copy.rendition.path) {
                made.items.push(copy);
            }
        }
        Ok(())
    }
}
