//! Signed values of several rows over time as a map of colours: the cosines of pairs of tasks.

use super::frame::{label, place, svg};
use crate::format::number;
use crate::markup::{Markup, tag, void};

/// Most columns of a map; more are averaged.
const COLUMNS: usize = 72;

/// Rows of values from −1 to 1 over steps.
#[derive(Clone, Debug)]
pub struct TimeMap {
    /// What it shows, for those who hear it.
    pub label: String,
    /// The steps of the columns.
    pub steps: Vec<u64>,
    /// Name and values of each row, one a step; NaN where there is none.
    pub rows: Vec<(String, Vec<f64>)>,
}

impl TimeMap {
    /// The drawing: blue above zero, red below, the stronger the farther.
    pub fn draw(&self, width: f64) -> Markup {
        let (row_height, left, top) = (17.0, 150.0, 4.0);
        let right = width - 50.0;
        let height = top + row_height * self.rows.len() as f64 + 46.0;
        let groups = groups(self.steps.len());
        let cell = (right - left) / groups.len().max(1) as f64;
        let strongest = self
            .rows
            .iter()
            .flat_map(|(_, values)| values)
            .filter(|value| value.is_finite())
            .fold(0.05_f64, |most, value| most.max(value.abs()));
        let mut content = Markup::new();
        for (row, (name, values)) in self.rows.iter().enumerate() {
            let y = top + row as f64 * row_height;
            content.push(label(left - 8.0, y + 12.0, "end", "tick", name));
            let mut all = Vec::new();
            for (column, group) in groups.iter().enumerate() {
                let seen: Vec<f64> = values[group.clone()]
                    .iter()
                    .copied()
                    .filter(|v| v.is_finite())
                    .collect();
                if seen.is_empty() {
                    continue;
                }
                let mean = seen.iter().sum::<f64>() / seen.len() as f64;
                all.extend(seen);
                let steps = &self.steps[group.clone()];
                let title = format!("{name}, step {}: {mean:+.3}", steps[steps.len() - 1]);
                let x = left + column as f64 * cell;
                content.push(colored(
                    (x, y, cell - 0.6, row_height - 2.0),
                    mean / strongest,
                    &title,
                ));
            }
            if !all.is_empty() {
                let mean = all.iter().sum::<f64>() / all.len() as f64;
                content.push(label(
                    right + 6.0,
                    y + 12.0,
                    "start",
                    "tick",
                    &format!("{mean:+.2}").replace('-', "−"),
                ));
            }
        }
        let bottom = top + row_height * self.rows.len() as f64;
        content.push(self.steps_below(left, right, bottom + 13.0, groups.len(), cell));
        content.push(legend(left, bottom + 26.0, strongest));
        svg(width, height, &self.label, content)
    }

    fn steps_below(&self, left: f64, right: f64, y: f64, columns: usize, cell: f64) -> Markup {
        let mut labels = Markup::new();
        if let (Some(first), Some(last)) = (self.steps.first(), self.steps.last()) {
            labels.push(label(left, y, "start", "tick", &format!("step {first}")));
            if columns > 1 {
                let end = right.min(left + columns as f64 * cell);
                labels.push(label(end, y, "end", "tick", &last.to_string()));
            }
        }
        labels.push(label(right + 6.0, y, "start", "tick", "mean"));
        labels
    }
}

/// A cell whose colour stands for a value from −1 to 1.
pub(super) fn colored(area: (f64, f64, f64, f64), value: f64, title: &str) -> Markup {
    let (x, y, width, height) = area;
    let class = if value < 0.0 { "neg" } else { "pos" };
    let opacity = format!("{:.2}", 0.06 + 0.94 * value.abs().min(1.0));
    tag(
        "rect",
        &[
            ("class", &class),
            ("x", &place(x)),
            ("y", &place(y)),
            ("width", &place(width.max(0.5))),
            ("height", &place(height)),
            ("fill-opacity", &opacity),
        ],
        tag("title", &[], title),
    )
}

fn legend(left: f64, y: f64, strongest: f64) -> Markup {
    let mut legend = label(
        left,
        y + 10.0,
        "start",
        "tick",
        &format!("−{}", number(strongest)),
    );
    let start = left + 52.0;
    for index in 0..11 {
        let value = f64::from(index - 5) / 5.0;
        let x = start + f64::from(index) * 14.0;
        let class = if value < 0.0 { "neg" } else { "pos" };
        let opacity = format!("{:.2}", 0.06 + 0.94 * value.abs());
        legend.push(void(
            "rect",
            &[
                ("class", &class),
                ("x", &place(x)),
                ("y", &place(y)),
                ("width", &"13"),
                ("height", &"12"),
                ("fill-opacity", &opacity),
            ],
        ));
    }
    legend.push(label(
        start + 160.0,
        y + 10.0,
        "start",
        "tick",
        &format!("+{} (opposed … aligned)", number(strongest)),
    ));
    legend
}

/// Ranges of steps that share a column.
fn groups(steps: usize) -> Vec<std::ops::Range<usize>> {
    let size = steps.div_ceil(COLUMNS).max(1);
    (0..steps)
        .step_by(size)
        .map(|from| from..steps.min(from + size))
        .collect()
}
