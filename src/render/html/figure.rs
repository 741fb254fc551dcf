//! Figures as HTML: pictures and tables with caption and source.
//!
//! A table's caption stands in the table (`<caption>`), where every screen
//! reader looks for it and no client loses it; the surprise is that it opens
//! the table, since it comes before it in the AST. A chart is headed by its
//! title, and the table behind it can be opened on a page; mail and feed, where
//! nothing opens, have it below.

use std::fmt::{self, Write};

use comrak::html::{ChildRendering, format_node_default};
use comrak::nodes::{Node, NodeValue};

use super::{Dialect, Html, Step};
use crate::render::markdown::{
    Figure, is_caption, is_data, is_note, is_source, is_unit, plain_text, unlabelled,
};
use crate::render::table_width::TableWidth;

/// Opens or closes a block of a figure; `None` for any other node.
pub(super) fn write<'a>(
    html: &mut Html<'_, '_, '_, '_>,
    node: Node<'a>,
    entering: bool,
) -> Option<Step> {
    if let Some(figure) = Figure::of(node) {
        return Some(figure_step(html, figure, entering));
    }
    let part = node.parent()?;
    if matches!(node.data().value, NodeValue::Paragraph) {
        let parts = [is_caption, is_source, is_unit, is_note];
        let within = parts.iter().any(|is| is(part)) || Figure::of(part).is_some();
        // Its words stand in the element around it.
        return within.then_some(Ok(ChildRendering::HTML));
    }
    let figure = Figure::of(part)?;
    if figure.table.is_some() {
        return chart_part(html, figure, node, entering);
    }
    if is_caption(node) {
        Some(caption_step(html, figure, entering))
    } else if is_source(node) {
        Some(source_step(html, figure, entering))
    } else {
        None
    }
}

/// Outlook on Windows does not know `<figure>`, so in mail it is a `<div>`.
fn figure_step(html: &mut Html<'_, '_, '_, '_>, figure: Figure<'_>, entering: bool) -> Step {
    if figure.picture().is_none() {
        return Ok(ChildRendering::HTML);
    }
    let mail = html.user.dialect == Dialect::Mail;
    let is_chart = figure.table.is_some();
    let explained = !is_chart && (figure.caption.is_some() || figure.source.is_some());
    match (entering, mail) {
        (true, _) if is_chart => {
            html.cr()?;
            let open =
                if mail { "<div class=\"figure chart\">\n" } else { "<figure class=\"chart\">\n" };
            html.write_str(open)?;
        }
        (true, true) => {
            html.cr()?;
            html.write_str("<div class=\"figure\">")?;
        }
        (true, false) => {
            html.cr()?;
            html.write_str("<figure>")?;
        }
        (false, true) => html.write_str("</div>\n")?,
        (false, false) if explained => html.write_str("</figcaption></figure>\n")?,
        (false, false) => html.write_str("</figure>\n")?,
    }
    Ok(ChildRendering::HTML)
}

fn caption_step(html: &mut Html<'_, '_, '_, '_>, figure: Figure<'_>, entering: bool) -> Step {
    let mail = html.user.dialect == Dialect::Mail;
    if figure.picture().is_none() {
        if entering {
            open_table(html, figure.body)?;
        }
        html.write_str(if entering { "<caption>" } else { "</caption>\n" })?;
    } else if mail {
        html.write_str(if entering { "<p class=\"caption\">" } else { "</p>" })?;
    } else if entering {
        html.write_str("<figcaption>")?;
    }
    Ok(ChildRendering::HTML)
}

/// The parts of a chart, in the order in which they stand.
fn chart_part<'a>(
    html: &mut Html<'_, '_, '_, '_>,
    figure: Figure<'a>,
    part: Node<'a>,
    entering: bool,
) -> Option<Step> {
    let mail = html.user.dialect == Dialect::Mail;
    let lonely = figure.unit.is_none();
    let (open, close) = if is_caption(part) {
        match (mail, lonely) {
            (true, _) => ("<p class=\"caption title\">", "</p>\n"),
            (false, true) => ("<figcaption>", "</figcaption>\n"),
            (false, false) => ("<figcaption>", ""),
        }
    } else if is_unit(part) {
        match mail {
            true => ("<p class=\"caption unit\">", "</p>\n"),
            false => ("<br>\n<small class=\"unit\">", "</small></figcaption>\n"),
        }
    } else if is_note(part) || is_source(part) {
        // The first of them ends the line that the picture stands in.
        let first = is_note(part) || figure.note.is_none();
        match first {
            true => ("\n<p class=\"source\"><small>", "</small></p>\n"),
            false => ("<p class=\"source\"><small>", "</small></p>\n"),
        }
    } else if is_data(part) {
        return Some(data_step(html, entering));
    } else {
        return None;
    };
    Some(html.write_str(if entering { open } else { close }).map(|()| ChildRendering::HTML))
}

fn data_step(html: &mut Html<'_, '_, '_, '_>, entering: bool) -> Step {
    html.cr()?;
    if html.user.dialect == Dialect::Page {
        let words = html.user.words;
        if entering {
            html.write_str("<details>\n<summary>")?;
            html.escape(words.get("chart.data"))?;
            html.write_str("</summary>\n")?;
        } else {
            html.write_str("</details>\n")?;
        }
    }
    Ok(ChildRendering::HTML)
}

/// The source stands in small print: below the caption, or below the table.
fn source_step(html: &mut Html<'_, '_, '_, '_>, figure: Figure<'_>, entering: bool) -> Step {
    let beside = html.user.dialect != Dialect::Mail && figure.picture().is_some();
    let (open, close) = match (beside, figure.caption.is_some()) {
        (true, true) => ("<br>\n<small class=\"source\">", "</small>"),
        (true, false) => ("<figcaption><small class=\"source\">", "</small>"),
        (false, _) => ("<p class=\"source\"><small>", "</small></p>\n"),
    };
    html.write_str(if entering { open } else { close })?;
    Ok(ChildRendering::HTML)
}

/// A wide table scrolls inside its wrapper, not the page (WCAG 2.2, 1.4.10);
/// the wrapper takes the keyboard's focus so that keys can scroll it (2.1.1),
/// and so it needs a name (4.1.2): its caption, else its number.
pub(super) fn write_table(html: &mut Html<'_, '_, '_, '_>, node: Node<'_>, entering: bool) -> Step {
    if !entering {
        format_node_default(html, node, entering)?;
        if html.user.dialect != Dialect::Feed {
            html.write_str("</div>\n")?;
        }
        // A phone shows no bar to scroll with, and the last columns are often
        // what a table is for.
        if html.user.dialect == Dialect::Mail && TableWidth::of(node).scrolls() {
            html.write_str("<p class=\"more\">")?;
            html.escape(html.user.words.get("email.more_columns"))?;
            html.write_str("</p>\n")?;
        }
    } else if Figure::around(node).is_none_or(|figure| figure.caption.is_none()) {
        open_table(html, node)?;
    }
    Ok(ChildRendering::HTML)
}

fn open_table(html: &mut Html<'_, '_, '_, '_>, table: Node<'_>) -> fmt::Result {
    html.cr()?;
    let chart = Figure::drawn_from(table);
    html.user.tables += usize::from(chart.is_none());
    let words = html.user.words;
    let data_of = |title: &str| words.phrase("chart.table", &[("title", unlabelled(title))]);
    let data = chart.and_then(|chart| chart.caption).map(|caption| data_of(&plain_text(caption)));
    if html.user.dialect != Dialect::Feed {
        let figure = Figure::around(table);
        let caption = figure.and_then(|figure| figure.caption).map(plain_text);
        let number = || format!("{} {}", words.get("table"), html.user.tables);
        let name = data.clone().or(caption).unwrap_or_else(number);
        let sourced = figure.is_some_and(|figure| figure.source.is_some());
        let class = if sourced { "table sourced" } else { "table" };
        write!(html, "<div class=\"{class}\" role=\"group\" tabindex=\"0\" aria-label=\"")?;
        html.escape(&name)?;
        html.write_str("\">\n")?;
    }
    html.write_str(match html.user.dialect {
        Dialect::Mail if chart.is_some() => {
            "<table class=\"data\" width=\"100%\" cellpadding=\"3\" cellspacing=\"0\">\n"
        }
        Dialect::Mail => {
            "<table class=\"data\" width=\"100%\" cellpadding=\"6\" cellspacing=\"0\">\n"
        }
        Dialect::Page | Dialect::Feed => "<table>\n",
    })?;
    // So that whoever steps from table to table hears what each is of.
    if let Some(data) = data {
        html.write_str("<caption>")?;
        html.escape(&data)?;
        html.write_str("</caption>\n")?;
    }
    Ok(())
}
