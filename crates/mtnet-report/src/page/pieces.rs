//! Figures, tables and legends.

use crate::markup::{Markup, tag, void};

/// A cell of a table.
pub enum Cell {
    /// Text, set left.
    Text(String),
    /// A number, set right.
    Number(String),
    /// A number with a class of the style sheet, such as `best`.
    Marked(String, &'static str),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A table with a header; columns from `numbers_from` on are set right.
pub fn table(header: &[&str], numbers_from: usize, rows: Vec<Vec<Cell>>) -> Markup {
    let heads = header.iter().enumerate().map(|(column, name)| {
        let class = if column >= numbers_from { "n" } else { "" };
        tag("th", &[("scope", &"col"), ("class", &class)], *name)
    });
    let heads = tag("thead", &[], tag("tr", &[], heads.collect::<Markup>()));
    let rows = rows.into_iter().map(|cells| {
        let cells = cells.into_iter().map(|cell| match cell {
            Cell::Text(text) => tag("td", &[], text),
            Cell::Number(text) => tag("td", &[("class", &"n")], text),
            Cell::Marked(text, class) => tag("td", &[("class", &format!("n {class}"))], text),
        });
        tag("tr", &[], cells.collect::<Markup>())
    });
    let body = tag("tbody", &[], rows.collect::<Markup>());
    tag(
        "div",
        &[("class", &"wide")],
        tag("table", &[], [heads, body]),
    )
}

/// A number cell.
pub fn number(text: impl Into<String>) -> Cell {
    Cell::Number(text.into())
}

/// A drawing with its caption: a title and a sentence.
pub fn figure(drawing: Markup, title: &str, words: &str) -> Markup {
    let mut caption = tag("b", &[], title);
    if !words.is_empty() {
        caption.push(" ").push(words);
    }
    tag("figure", &[], [drawing, tag("figcaption", &[], caption)])
}

/// Something that is shown when it is asked for.
pub fn folded(summary: &str, content: Markup) -> Markup {
    tag("details", &[], [tag("summary", &[], summary), content])
}

/// A section with an anchor.
pub fn section(id: &'static str, title: &str, content: Markup) -> Markup {
    tag("section", &[("id", &id)], [tag("h2", &[], title), content])
}

/// Drawings in a grid.
pub fn panels(drawings: Markup) -> Markup {
    tag("div", &[("class", &"panels")], drawings)
}

/// Names with the colours of their curves.
pub fn legend(names: &[(String, usize)]) -> Markup {
    let items = names.iter().map(|(name, color)| {
        let dash = if *color >= 8 { " dashed" } else { "" };
        let class = format!("line s{}{dash}", color % 8);
        let stroke = void("path", &[("class", &class), ("d", &"M0 5L24 5")]);
        let sample = tag(
            "svg",
            &[("viewBox", &"0 0 24 10"), ("aria-hidden", &"true")],
            stroke,
        );
        tag("li", &[], [sample, Markup::from(name)])
    });
    tag("ul", &[("class", &"legend")], items.collect::<Markup>())
}

/// Names with the colours of the parts of stacked bars.
pub fn parts_legend(names: &[String]) -> Markup {
    let items = names.iter().enumerate().map(|(part, name)| {
        let class = format!("p{part}");
        let patch = void(
            "rect",
            &[("class", &class), ("width", &"24"), ("height", &"10")],
        );
        let sample = tag(
            "svg",
            &[("viewBox", &"0 0 24 10"), ("aria-hidden", &"true")],
            patch,
        );
        tag("li", &[], [sample, Markup::from(name)])
    });
    tag("ul", &[("class", &"legend")], items.collect::<Markup>())
}

/// A paragraph in the quiet colour.
pub fn quiet(words: &str) -> Markup {
    tag("p", &[("class", &"quiet")], Markup::prose(words))
}
