//! Whatever stands in names, titles and addresses, a message has our headers
//! and no other.
#![no_main]

#[path = "../../tests/it/headers.rs"]
mod headers;

use headers::{Written, composed, wrong_with};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // 0xff stands in no UTF-8, so it divides.
    let mut parts = data.split(|byte| *byte == 0xff).map(String::from_utf8_lossy);
    let mut next = || parts.next().unwrap_or_default().into_owned();
    let written = Written {
        from_name: next(),
        subject: next(),
        name: next(),
        address: next(),
        salutation: next(),
        greeting: next(),
        text: next(),
        html: next(),
        list_id: next(),
        attachment: next(),
        picture: next(),
        content_id: next(),
    };
    if let Ok(message) = composed(&written) {
        assert_eq!(wrong_with(&message.bytes), None, "{written:?}");
    }
});
