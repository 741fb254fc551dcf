//! A job on its way to another process, and the answer on its way back.
//!
//! Both are rows of parts, each behind its length; the first is JSON and says
//! what the others are. Pictures and fonts travel as they are.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use typst::foundations::Bytes;

use super::job::{Job, Wish};
use super::typesetter::{InProcess, Trouble, Typesetter};
use crate::render::fonts::Fonts;

/// What the parts of a job are, in their order.
#[derive(Serialize, Deserialize)]
struct Contents {
    wish: Wish,
    files: Vec<String>,
    text: Vec<String>,
    fonts: usize,
}

/// A job as bytes for [`answer`].
pub fn written(job: &Job, fonts: &Fonts) -> Vec<u8> {
    let fonts: Vec<&[u8]> = fonts.files().collect();
    let contents = Contents {
        wish: job.wish.clone(),
        files: job.files.keys().cloned().collect(),
        text: job.text.clone(),
        fonts: fonts.len(),
    };
    let contents = serde_json::to_vec(&contents).expect("contents are plain data");
    let files = job.files.values().map(|file| &**file);
    packed(std::iter::once(contents.as_slice()).chain(files).chain(fonts))
}

/// Sets a job that came as bytes, and gives the answer as bytes.
pub fn answer(job: &[u8]) -> Vec<u8> {
    let done = match read(job) {
        // Whoever sent it stops us when it takes too long.
        Some((job, fonts)) => InProcess.set(&job, &fonts, Duration::MAX),
        None => Err(Trouble::Broke("the job could not be read".to_owned())),
    };
    let trouble = serde_json::to_vec(&done.as_ref().err()).expect("trouble is plain data");
    let made = done.iter().flatten().map(Vec::as_slice);
    packed(std::iter::once(trouble.as_slice()).chain(made))
}

/// What became of a job: the other end of [`answer`]. `None` when what came
/// back is not a whole answer.
pub fn answered(answer: &[u8]) -> Option<Result<Vec<Vec<u8>>, Trouble>> {
    let mut parts = unpacked(answer)?.into_iter();
    let trouble: Option<Trouble> = serde_json::from_slice(parts.next()?).ok()?;
    Some(trouble.map_or_else(|| Ok(parts.map(<[u8]>::to_vec).collect()), Err))
}

fn read(job: &[u8]) -> Option<(Job, Fonts)> {
    let mut parts = unpacked(job)?.into_iter();
    let Contents { wish, files, text, fonts } = serde_json::from_slice(parts.next()?).ok()?;
    let bytes = |part: &[u8]| Bytes::new(part.to_vec());
    let files = files.into_iter().zip(parts.by_ref().map(bytes)).collect();
    let fonts = Fonts::of(parts.take(fonts).map(bytes));
    Some((Job { files, text, wish }, fonts))
}

fn packed<'p>(parts: impl Iterator<Item = &'p [u8]>) -> Vec<u8> {
    let mut packed = Vec::new();
    for part in parts {
        packed.extend((part.len() as u64).to_le_bytes());
        packed.extend(part);
    }
    packed
}

fn unpacked(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut parts = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<8>() {
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (part, rest) = rest.split_at_checked(length)?;
        parts.push(part);
        bytes = rest;
    }
    bytes.is_empty().then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_as_they_were_packed_and_half_of_them_is_nothing() {
        let parts: [&[u8]; 3] = [b"prvn\xc3\xad", b"", b"t\0e"];
        let packed = packed(parts.into_iter());
        assert_eq!(unpacked(&packed).unwrap(), parts);
        for length in [1, 7, 10, packed.len() - 1] {
            assert_eq!(unpacked(&packed[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn an_answer_that_ends_early_is_none() {
        assert!(answered(b"").is_none());
        assert_eq!(
            answered(&answer(b"nonsense")).unwrap(),
            Err(Trouble::Broke("the job could not be read".to_owned()))
        );
    }
}
