//! Whatever a server says, there is a reply or an error, and a verdict.
#![no_main]

use std::io::Cursor;
use std::time::Duration;

use hlas::model::Stage;
use hlas::transport::replies::{self, Kind};
use hlas::transport::smtp::line::{Line, Offers};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("a runtime");
    let Some((first, bytes)) = data.split_first() else { return };
    let stage = Stage::ALL[usize::from(*first) % Stage::ALL.len()];
    let stream = tokio::io::join(Cursor::new(bytes.to_vec()), tokio::io::sink());
    let mut line = Line::over(stream);
    while let Ok(said) = runtime.block_on(line.hear(Duration::from_secs(5))) {
        assert!((200..600).contains(&said.code));
        let reply = said.reply();
        assert!(!reply.text.chars().any(char::is_control) && reply.text.chars().count() <= 500);
        let verdict = replies::smtp(stage, said.code, &reply.text);
        assert!(!verdict.suppress || said.code >= 500);
        assert!(verdict.kind != Kind::Accepted || said.code < 300);
        if let Some(status) = replies::status(said.code, &reply.text) {
            assert_eq!(u16::from(status.class), said.code / 100);
        }
        let _ = (Offers::read(&said), replies::wait(&reply.text));
        let _ = (replies::http(said.code, &reply.text), replies::sysexits(said.code, &reply.text));
    }
});
