//! A box in a mail: a table of one cell, because Outlook on Windows draws mail
//! with Word, which gives a block no padding and breaks its background up
//! between paragraphs. Its looks are the cell's class in `email/inlined.css`.

use std::fmt::{self, Write};

/// Opens a box of this class: `alert`, `summary`, `recommendations` or
/// `perspective`. Its head, if it has one, is a `<p class="lead">`.
pub fn open(html: &mut dyn Write, class: &str) -> fmt::Result {
    html.write_str("<table role=\"presentation\" class=\"box\" width=\"100%\" cellspacing=\"0\"")?;
    writeln!(html, "><tr><td class=\"{class}\">")
}

/// Closes what [`open`] opened.
pub const END: &str = "</td></tr></table>\n";
