//! HTML that is safe by its type: text is escaped on its way in, and only this file writes tags.

use std::fmt::{Display, Write as _};

/// A piece of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup(String);

/// Attributes of an element; their values are escaped.
pub type Attributes<'a> = &'a [(&'static str, &'a dyn Display)];

impl Markup {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A part of this program, taken as it stands.
    pub fn trusted(part: &'static str) -> Self {
        Self(part.to_owned())
    }

    /// A sentence of this program or of a log: what stands between backticks is set as code.
    pub fn prose(words: &str) -> Self {
        let mut prose = Self::new();
        for (index, part) in words.split('`').enumerate() {
            match index % 2 {
                0 => prose.push(part),
                _ => prose.push(tag("code", &[], part)),
            };
        }
        prose
    }

    /// Adds a piece.
    pub fn push(&mut self, piece: impl Into<Markup>) -> &mut Self {
        self.0.push_str(&piece.into().0);
        self
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// An element with its content.
pub fn tag(name: &'static str, attributes: Attributes, content: impl Into<Markup>) -> Markup {
    let mut html = opening(name, attributes);
    html.push('>');
    html.push_str(&content.into().0);
    // Writing into a string cannot fail.
    let _ = write!(html, "</{name}>");
    Markup(html)
}

/// An element without content, as SVG and HTML both read it.
pub fn void(name: &'static str, attributes: Attributes) -> Markup {
    let mut html = opening(name, attributes);
    html.push_str("/>");
    Markup(html)
}

fn opening(name: &str, attributes: Attributes) -> String {
    let mut html = format!("<{name}");
    for (key, value) in attributes {
        let _ = write!(html, " {key}=\"{}\"", escape(&value.to_string()));
    }
    html
}

/// Text with `&`, `<`, `>` and quotes written as entities, and without the control characters that
/// neither HTML nor a reader knows.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(character),
            control if control.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

impl From<&str> for Markup {
    fn from(text: &str) -> Self {
        Self(escape(text))
    }
}

impl From<String> for Markup {
    fn from(text: String) -> Self {
        Self(escape(&text))
    }
}

impl From<&String> for Markup {
    fn from(text: &String) -> Self {
        Self(escape(text))
    }
}

impl<const N: usize> From<[Markup; N]> for Markup {
    fn from(pieces: [Markup; N]) -> Self {
        pieces.into_iter().collect()
    }
}

impl From<Vec<Markup>> for Markup {
    fn from(pieces: Vec<Markup>) -> Self {
        pieces.into_iter().collect()
    }
}

impl FromIterator<Markup> for Markup {
    fn from_iter<I: IntoIterator<Item = Markup>>(pieces: I) -> Self {
        let mut all = String::new();
        pieces.into_iter().for_each(|piece| all.push_str(&piece.0));
        Self(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_has_code() {
        let prose = Markup::prose("see `a<b` and `c");
        assert_eq!(prose.as_str(), "see <code>a&lt;b</code> and <code>c</code>");
    }

    #[test]
    fn no_text_becomes_a_tag() {
        let page = tag(
            "p",
            &[("title", &"\"><script>"), ("data-n", &3)],
            [Markup::from("a < b & \u{7} 'c'"), void("br", &[])],
        );
        assert_eq!(
            page.as_str(),
            "<p title=\"&quot;&gt;&lt;script&gt;\" data-n=\"3\">a &lt; b &amp; \u{fffd} \
             &#39;c&#39;<br/></p>"
        );
    }
}
