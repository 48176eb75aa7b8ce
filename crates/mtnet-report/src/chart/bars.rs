//! Horizontal bars: values with intervals by group, and parts of a whole.

use super::frame::{label, line, place, svg};
use super::{Scale, extent};
use crate::format::clipped;
use crate::markup::{Markup, tag};

/// One bar.
#[derive(Clone, Debug)]
pub struct Bar {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Interval around the value.
    pub interval: Option<(f64, f64)>,
    /// Single values, drawn as dots.
    pub dots: Vec<f64>,
    /// Index of its colour.
    pub color: usize,
    /// What stands behind it.
    pub text: String,
}

/// Bars under one heading.
#[derive(Clone, Debug)]
pub struct BarGroup {
    /// The heading.
    pub name: String,
    /// The bars.
    pub bars: Vec<Bar>,
}

/// Groups of bars on one axis.
#[derive(Clone, Debug)]
pub struct BarChart {
    /// What it shows, for those who hear it.
    pub label: String,
    /// Values that the axis must hold. With 0 among them values are bars from there, else points:
    /// a bar that is cut off would say the wrong thing.
    pub include: Vec<f64>,
    /// The groups.
    pub groups: Vec<BarGroup>,
}

const ROW: f64 = 17.0;
const LEFT: f64 = 150.0;

impl BarChart {
    /// The drawing.
    pub fn draw(&self, width: f64) -> Markup {
        let bars = || self.groups.iter().flat_map(|group| &group.bars);
        let values = bars().flat_map(|bar| {
            let ends = bar.interval.map(|(low, high)| [low, high]);
            ends.into_iter()
                .flatten()
                .chain(bar.dots.iter().copied())
                .chain([bar.value])
        });
        let Some(range) = extent(values.chain(self.include.iter().copied())) else {
            let text = label(width / 2.0, 20.0, "middle", "tick", "no values");
            return svg(width, 30.0, &format!("{}: no values", self.label), text);
        };
        let has_origin = self.include.contains(&0.0);
        let headed = self
            .groups
            .iter()
            .filter(|group| !group.name.is_empty())
            .count();
        let rows = bars().count() as f64 * ROW + headed as f64 * (ROW + 5.0);
        let bottom = 4.0 + rows;
        let x = Scale::nice(range, (LEFT, width - 130.0));
        let mut content = Markup::new();
        for (value, text) in x.ticks(5) {
            let at = x.at(value);
            content.push(line("grid", (at, 4.0), (at, bottom)));
            content.push(label(at, bottom + 14.0, "middle", "tick", &text));
        }
        let mut y = 4.0;
        for group in &self.groups {
            if !group.name.is_empty() {
                y += 5.0;
                content.push(label(0.0, y + 12.0, "start", "group", &group.name));
                y += ROW;
            }
            for bar in &group.bars {
                content.push(drawn(bar, &x, y, has_origin));
                content.push(label(width - 122.0, y + 12.0, "start", "tick", &bar.text));
                y += ROW;
            }
        }
        svg(width, bottom + 20.0, &self.label, content)
    }
}

fn drawn(bar: &Bar, x: &Scale, y: f64, has_origin: bool) -> Markup {
    let color = bar.color % 8;
    let middle = y + ROW / 2.0;
    let mut group = tag("title", &[], format!("{}: {}", bar.name, bar.text));
    group.push(label(
        LEFT - 8.0,
        y + 12.0,
        "end",
        "tick",
        &clipped(&bar.name, 24),
    ));
    if bar.value.is_finite() && has_origin {
        let (from, to) = (x.at(0.0), x.at(bar.value));
        group.push(rect(
            &format!("f{color} soft"),
            from.min(to),
            y + 3.0,
            (to - from).abs(),
            ROW - 6.0,
        ));
    }
    if let Some((low, high)) = bar.interval {
        let (low, high) = (x.at(low), x.at(high));
        group.push(line("whisker", (low, middle), (high, middle)));
        for end in [low, high] {
            group.push(line("whisker", (end, middle - 4.0), (end, middle + 4.0)));
        }
    }
    let dot = |value: f64, radius: &'static str, class: String| {
        crate::markup::void(
            "circle",
            &[
                ("class", &class),
                ("cx", &place(x.at(value))),
                ("cy", &place(middle)),
                ("r", &radius),
            ],
        )
    };
    for value in bar.dots.iter().filter(|value| value.is_finite()) {
        let class = if has_origin { "dot" } else { "dot pale" };
        group.push(dot(*value, "2.4", format!("f{color} {class}")));
    }
    if bar.value.is_finite() && !has_origin {
        group.push(dot(bar.value, "4.4", format!("f{color} dot")));
    }
    tag("g", &[], group)
}

fn rect(class: &str, x: f64, y: f64, width: f64, height: f64) -> Markup {
    crate::markup::void(
        "rect",
        &[
            ("class", &class),
            ("x", &place(x)),
            ("y", &place(y)),
            ("width", &place(width.max(0.6))),
            ("height", &place(height)),
        ],
    )
}

/// A row of parts.
#[derive(Clone, Debug)]
pub struct StackedRow {
    /// Its name.
    pub name: String,
    /// The size of each part.
    pub parts: Vec<u64>,
}

/// Rows of parts of a whole, each stretched to the same width.
#[derive(Clone, Debug)]
pub struct StackedBars {
    /// What it shows, for those who hear it.
    pub label: String,
    /// Names of the parts.
    pub parts: Vec<String>,
    /// The rows.
    pub rows: Vec<StackedRow>,
}

impl StackedBars {
    /// The drawing; part `i` has the class `p<i>`.
    pub fn draw(&self, width: f64) -> Markup {
        let right = width - 50.0;
        let mut content = Markup::new();
        for (row, bars) in self.rows.iter().enumerate() {
            let y = 2.0 + row as f64 * ROW;
            let all: u64 = bars.parts.iter().sum();
            content.push(label(
                LEFT - 8.0,
                y + 12.0,
                "end",
                "tick",
                &clipped(&bars.name, 24),
            ));
            let mut x = LEFT;
            for (part, &count) in bars.parts.iter().enumerate() {
                let wide = (right - LEFT) * count as f64 / all.max(1) as f64;
                if count > 0 {
                    let title = format!("{}: {count} {}", bars.name, self.parts[part]);
                    let class = format!("p{part}");
                    content.push(tag(
                        "rect",
                        &[
                            ("class", &class),
                            ("x", &place(x)),
                            ("y", &place(y + 2.0)),
                            ("width", &place((wide - 0.8).max(0.4))),
                            ("height", &place(ROW - 4.0)),
                        ],
                        tag("title", &[], title),
                    ));
                }
                x += wide;
            }
            content.push(label(
                right + 6.0,
                y + 12.0,
                "start",
                "tick",
                &all.to_string(),
            ));
        }
        let height = 4.0 + self.rows.len() as f64 * ROW;
        svg(width, height, &self.label, content)
    }
}
