//! Right against answered numbers.

use super::frame::{Frame, line, place, svg};
use super::{Scale, extent};
use crate::markup::{Markup, void};

/// Most points that are drawn.
const POINTS: usize = 800;

/// The drawing of pairs of a right and an answered number; `None` without a pair.
pub fn scatter(pairs: &[(f64, f64)], task: &str, size: (f64, f64)) -> Option<Markup> {
    let (width, height) = size;
    let frame = Frame::new(width, height);
    let both = extent(pairs.iter().flat_map(|&(truth, answer)| [truth, answer]))?;
    let x = Scale::nice(both, (frame.left, frame.right));
    let y = Scale::nice(both, (frame.bottom, frame.top));
    let mut content = frame.axes(&x, &y, "true value (vertical: answered)");
    content.push(line(
        "diagonal",
        (x.at(both.0), y.at(both.0)),
        (x.at(both.1), y.at(both.1)),
    ));
    let every = pairs.len().div_ceil(POINTS).max(1);
    for (truth, answer) in pairs.iter().step_by(every) {
        content.push(void(
            "circle",
            &[
                ("class", &"f0 point"),
                ("cx", &place(x.at(*truth))),
                ("cy", &place(y.at(*answer))),
                ("r", &"2"),
            ],
        ));
    }
    let name = format!(
        "Answers of {task} against the truth, {} examples",
        pairs.len()
    );
    Some(svg(width, height, &name, content))
}
