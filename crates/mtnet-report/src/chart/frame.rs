//! The box around a plot: axes, grid and labels.

use super::Scale;
use crate::markup::{Markup, tag};

/// An SVG of a size with its name for those who hear it.
pub fn svg(width: f64, height: f64, label: &str, content: Markup) -> Markup {
    let view = format!("0 0 {width} {height}");
    tag(
        "svg",
        &[
            ("viewBox", &view),
            ("role", &"img"),
            ("aria-label", &label),
            ("xmlns", &"http://www.w3.org/2000/svg"),
            ("preserveAspectRatio", &"xMidYMid meet"),
        ],
        [tag("title", &[], label), content],
    )
}

/// Text at a place, `anchor` being `start`, `middle` or `end`.
pub fn label(x: f64, y: f64, anchor: &str, class: &str, text: &str) -> Markup {
    let (x, y) = (place(x), place(y));
    let attributes: [(&'static str, &dyn std::fmt::Display); 4] = [
        ("x", &x),
        ("y", &y),
        ("text-anchor", &anchor),
        ("class", &class),
    ];
    tag("text", &attributes, text)
}

/// A straight line.
pub fn line(class: &str, from: (f64, f64), to: (f64, f64)) -> Markup {
    crate::markup::void(
        "line",
        &[
            ("class", &class),
            ("x1", &place(from.0)),
            ("y1", &place(from.1)),
            ("x2", &place(to.0)),
            ("y2", &place(to.1)),
        ],
    )
}

/// A place with at most one digit behind the point: files stay small.
pub fn place(at: f64) -> String {
    let text = format!("{at:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// The area that values are drawn in.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Of the whole drawing.
    pub height: f64,
    /// Left edge of the plot.
    pub left: f64,
    /// Right edge of the plot.
    pub right: f64,
    /// Upper edge of the plot.
    pub top: f64,
    /// Lower edge of the plot.
    pub bottom: f64,
}

impl Frame {
    /// Room for tick labels at the left and below.
    pub fn new(width: f64, height: f64) -> Self {
        Self {
            height,
            left: 40.0,
            right: width - 10.0,
            top: 10.0,
            bottom: height - 30.0,
        }
    }

    /// Grid lines with their labels, and the name of the horizontal axis.
    pub fn axes(&self, x: &Scale, y: &Scale, x_name: &str) -> Markup {
        let mut axes = Markup::new();
        for (value, text) in y.ticks(4) {
            let at = y.at(value);
            axes.push(line("grid", (self.left, at), (self.right, at)));
            axes.push(label(self.left - 6.0, at + 3.5, "end", "tick", &text));
        }
        for (value, text) in x.ticks(5) {
            let at = x.at(value);
            axes.push(line(
                "grid tickmark",
                (at, self.bottom),
                (at, self.bottom + 4.0),
            ));
            axes.push(label(at, self.bottom + 15.0, "middle", "tick", &text));
        }
        axes.push(line(
            "axis",
            (self.left, self.bottom),
            (self.right, self.bottom),
        ));
        let middle = (self.left + self.right) / 2.0;
        axes.push(label(
            middle,
            self.height - 3.0,
            "middle",
            "axis-name",
            x_name,
        ));
        axes
    }
}
