//! Bytes of a file → text, or a finding that names the encoding it is in.
//!
//! Czech offices still save Windows-1250. Guessing silently would turn a name
//! into another one sooner or later, so we say what we see and how to convert.

use std::path::Path;

use encoding_rs::WINDOWS_1250;

use crate::model::{Finding, Place};

/// The text of `file`, without a byte order mark.
pub fn decode(file: &Path, bytes: &[u8]) -> Result<String, Finding> {
    utf8(file, without_mark(file, bytes)?).map(str::to_owned)
}

/// The bytes after the byte order mark that a file may begin with.
pub fn without_mark<'b>(file: &Path, bytes: &'b [u8]) -> Result<&'b [u8], Finding> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        let finding = Finding::error("encoding", Place::start(file), "the file is UTF-16");
        return Err(finding.help(how_to_convert(file, "UTF-16")));
    }
    Ok(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
}

/// The text of bytes that begin a line of `file`, its first as far as the
/// finding knows.
pub fn utf8<'b>(file: &Path, bytes: &'b [u8]) -> Result<&'b str, Finding> {
    std::str::from_utf8(bytes).map_err(|error| not_utf8(file, bytes, error.valid_up_to()))
}

fn not_utf8(file: &Path, bytes: &[u8], offset: usize) -> Finding {
    let good = String::from_utf8_lossy(&bytes[..offset]);
    let place = Place::at_offset(file, &good, good.len());
    let rest = &bytes[offset..];
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let (read, _) = WINDOWS_1250.decode_without_bom_handling(&rest[..end.min(24)]);
    let read = read.split([',', ';', '"']).next().unwrap_or_default();
    let byte = bytes[offset];
    Finding::error(
        "encoding",
        place,
        format!("not UTF-8: the byte {byte:#04X}; as Windows-1250 it reads “{}”", read.trim_end()),
    )
    .help(how_to_convert(file, "WINDOWS-1250"))
}

fn how_to_convert(file: &Path, encoding: &str) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let excel = if file.extension().is_some_and(|extension| extension == "csv") {
        "in Excel save as “CSV UTF-8”, or "
    } else {
        ""
    };
    format!("{excel}run: iconv -f {encoding} -t UTF-8 {name} > new && mv new {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        assert_eq!(decode(Path::new("a.csv"), b"\xEF\xBB\xBFemail").unwrap(), "email");
    }

    #[test]
    fn windows_1250_is_recognised_and_named_with_the_way_out() {
        let finding = decode(
            Path::new("s/officials.csv"),
            b"email,name\na@example.org,Ji\xF8\xED Nov\xE1k\n",
        )
        .unwrap_err();
        assert_eq!(finding.place.to_string(), "s/officials.csv:2:17");
        assert_eq!(
            finding.message,
            "not UTF-8: the byte 0xF8; as Windows-1250 it reads “ří Novák”"
        );
        assert!(finding.help.contains("iconv -f WINDOWS-1250 -t UTF-8 officials.csv"));
    }

    #[test]
    fn utf_16_from_excel_is_named_too() {
        let finding = decode(Path::new("a.csv"), &[0xFF, 0xFE, b'e', 0]).unwrap_err();
        assert!(finding.message.contains("UTF-16"));
    }
}
