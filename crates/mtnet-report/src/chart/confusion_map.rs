//! A confusion matrix as a map: rows are true classes, and a row's colours sum to one.

use super::frame::{label, place, svg};
use crate::analysis::Confusion;
use crate::format::clipped;
use crate::markup::{Markup, tag};

/// The drawing, `width` wide at most.
pub fn confusion_map(confusion: &Confusion, task: &str, width: f64) -> Markup {
    let count = confusion.labels.len() as f64;
    let (left, top) = (124.0, 92.0);
    let cell = ((width - left - 30.0) / count).clamp(14.0, 40.0);
    let total_width = left + cell * count + 34.0;
    let height = top + cell * count + 6.0;
    let mut content = label(
        left - 8.0,
        top - 8.0,
        "end",
        "axis-name",
        "true ↓  answered →",
    );
    for (index, name) in confusion.labels.iter().enumerate() {
        let at = (index as f64 + 0.5) * cell;
        let name = clipped(name, 18);
        content.push(label(left - 8.0, top + at + 3.5, "end", "tick", &name));
        let (x, y) = (place(left + at + 3.0), place(top - 6.0));
        let turned = format!("rotate(-50 {x} {y})");
        content.push(tag(
            "text",
            &[
                ("x", &x),
                ("y", &y),
                ("class", &"tick"),
                ("transform", &turned),
            ],
            &name,
        ));
    }
    for (row, counts) in confusion.counts.iter().enumerate() {
        let all: u64 = counts.iter().sum();
        for (column, &count) in counts.iter().enumerate() {
            let share = count as f64 / all.max(1) as f64;
            let (x, y) = (left + column as f64 * cell, top + row as f64 * cell);
            content.push(drawn(confusion, (row, column), count, share, (x, y, cell)));
        }
    }
    let name = format!(
        "Confusion matrix of {task}: {} classes, accuracy {:.4}",
        confusion.labels.len() + confusion.left_out.saturating_sub(1),
        confusion.accuracy
    );
    svg(total_width, height, &name, content)
}

fn drawn(
    confusion: &Confusion,
    at: (usize, usize),
    count: u64,
    share: f64,
    area: (f64, f64, f64),
) -> Markup {
    let (row, column) = at;
    let (x, y, cell) = area;
    let is_right = row == column;
    let class = match (count, is_right) {
        (0, _) => "cell-empty",
        (_, true) => "pos",
        _ => "neg",
    };
    // Mistakes are shares of a few percent: their root is what can be seen.
    let strength = if is_right { share } else { share.sqrt() };
    let opacity = if count == 0 {
        1.0
    } else {
        0.08 + 0.82 * strength
    };
    let title = format!(
        "{count} of {} answered as {} ({:.1} %)",
        confusion.labels[row],
        confusion.labels[column],
        100.0 * share
    );
    let rect = tag(
        "rect",
        &[
            ("class", &class),
            ("x", &place(x)),
            ("y", &place(y)),
            ("width", &place(cell - 1.0)),
            ("height", &place(cell - 1.0)),
            ("fill-opacity", &format!("{opacity:.2}")),
        ],
        tag("title", &[], title),
    );
    if count == 0 {
        return rect;
    }
    let class = match strength > 0.55 {
        true => "cell-text strong",
        false => "cell-text",
    };
    let text = label(
        x + (cell - 1.0) / 2.0,
        y + cell / 2.0 + 3.0,
        "middle",
        class,
        &count.to_string(),
    );
    [rect, text].into()
}
