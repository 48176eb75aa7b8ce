//! Curves over steps.

use super::frame::{Frame, label, line, place, svg};
use super::thinning::thinned;
use super::{Scale, extent};
use crate::markup::{Markup, tag, void};

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    /// A plain line.
    Solid,
    /// A thin line behind the others.
    Faint,
    /// A line with a dot at each value.
    Dotted,
}

/// One curve.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its name, for the title that appears over it.
    pub name: String,
    /// Index of its colour.
    pub color: usize,
    /// How it is drawn.
    pub stroke: Stroke,
    /// The values; one that is no number is a gap.
    pub points: Vec<(f64, f64)>,
}

/// Curves on one pair of axes.
#[derive(Clone, Debug)]
pub struct LineChart {
    /// What it shows, for those who hear it.
    pub label: String,
    /// Name of the horizontal axis.
    pub x_name: String,
    /// Width and height.
    pub size: (f64, f64),
    /// Whether the vertical axis is logarithmic.
    pub is_log: bool,
    /// Values that the vertical axis must hold.
    pub include: Vec<f64>,
    /// A step that is marked, and its name.
    pub mark: Option<(f64, String)>,
    /// The curves.
    pub series: Vec<Series>,
}

impl LineChart {
    /// A chart of the usual size without curves.
    pub fn new(label: impl Into<String>, size: (f64, f64)) -> Self {
        Self {
            label: label.into(),
            x_name: "step".to_owned(),
            size,
            is_log: false,
            include: Vec::new(),
            mark: None,
            series: Vec::new(),
        }
    }

    /// Whether there is a value to draw.
    pub fn has_values(&self) -> bool {
        self.series
            .iter()
            .flat_map(|series| &series.points)
            .any(|point| point.1.is_finite())
    }

    /// The drawing. Without a value it says so.
    pub fn draw(&self) -> Markup {
        let (width, height) = self.size;
        let frame = Frame::new(width, height);
        let points = || self.series.iter().flat_map(|series| &series.points);
        let xs = extent(points().filter(|p| p.1.is_finite()).map(|point| point.0));
        let ys = extent(
            points()
                .map(|point| point.1)
                .chain(self.include.iter().copied()),
        );
        let (Some(xs), Some(ys)) = (xs, ys) else {
            let text = label(width / 2.0, height / 2.0, "middle", "tick", "no values yet");
            return svg(width, height, &format!("{}: no values", self.label), text);
        };
        // A curve that begins near the first step begins at the corner.
        let start = if xs.0 < 0.1 * xs.1 { 0.0 } else { xs.0 };
        let x = Scale::exact((start, xs.1), (frame.left, frame.right));
        let y = match self.is_log {
            true => Scale::log(ys, (frame.bottom, frame.top)),
            false => Scale::nice(ys, (frame.bottom, frame.top)),
        };
        let mut content = frame.axes(&x, &y, &self.x_name);
        if let Some((step, name)) = &self.mark
            && (xs.0..=xs.1).contains(step)
        {
            let at = x.at(*step);
            let mut mark = tag("title", &[], name);
            mark.push(line("mark", (at, frame.top), (at, frame.bottom)));
            content.push(tag("g", &[], mark));
        }
        for series in &self.series {
            content.push(curve(series, &x, &y));
        }
        svg(width, height, &self.label, content)
    }
}

fn curve(series: &Series, x: &Scale, y: &Scale) -> Markup {
    let color = series.color % 8;
    // Colours come around after eight; a dash then tells two curves apart.
    let dash = if series.color >= 8 { " dashed" } else { "" };
    let class = match series.stroke {
        Stroke::Faint => format!("line faint s{color}{dash}"),
        _ => format!("line s{color}{dash}"),
    };
    let mut path = String::new();
    let mut dots = Markup::new();
    let mut is_down = false;
    for (at, value) in thinned(&series.points, 600) {
        if !value.is_finite() {
            is_down = false;
            continue;
        }
        let (at, value) = (place(x.at(at)), place(y.at(value)));
        path.push_str(if is_down { "L" } else { "M" });
        path.push_str(&format!("{at} {value}"));
        is_down = true;
        if series.stroke == Stroke::Dotted {
            let class = format!("f{color}");
            dots.push(void(
                "circle",
                &[
                    ("class", &class),
                    ("cx", &at),
                    ("cy", &value),
                    ("r", &"2.2"),
                ],
            ));
        }
    }
    tag(
        "g",
        &[],
        [
            tag("title", &[], &series.name),
            void("path", &[("class", &class), ("d", &path)]),
            dots,
        ],
    )
}
