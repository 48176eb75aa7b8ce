//! The frame of every page. It loads nothing: no script, no font, no image from anywhere.

use crate::markup::{Markup, tag, void};

const STYLE: &str = include_str!("style.css");

/// A whole HTML file.
pub fn document(title: &str, body: Markup) -> String {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
    let head = tag(
        "head",
        &[],
        [
            void("meta", &[("charset", &"utf-8")]),
            void(
                "meta",
                &[
                    ("name", &"viewport"),
                    ("content", &"width=device-width, initial-scale=1"),
                ],
            ),
            void(
                "meta",
                &[
                    ("http-equiv", &"Content-Security-Policy"),
                    ("content", &policy),
                ],
            ),
            void(
                "meta",
                &[
                    ("name", &"generator"),
                    ("content", &concat!("MT-Net ", env!("CARGO_PKG_VERSION"))),
                ],
            ),
            // An empty icon keeps browsers from asking a server for one.
            void("link", &[("rel", &"icon"), ("href", &"data:,")]),
            tag("title", &[], title),
            tag("style", &[], Markup::trusted(STYLE)),
        ],
    );
    let html = tag("html", &[("lang", &"en")], [head, tag("body", &[], body)]);
    format!("<!DOCTYPE html>\n{}\n", html.as_str())
}

/// The last lines of every page.
pub fn footer(sources: &str) -> Markup {
    let words = format!(
        "Made by MT-Net {} from {sources}. `mtnet report` makes it again. Coloured shapes name their \
         numbers when pointed at; tables under the figures hold them for readers.",
        env!("CARGO_PKG_VERSION")
    );
    tag("footer", &[], Markup::prose(&words))
}
