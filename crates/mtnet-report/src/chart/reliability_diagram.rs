//! The reliability diagram: how often answers of a confidence are right, and how many there are.

use mtnet_metrics::Reliability;

use super::Scale;
use super::frame::{Frame, label, line, place, svg};
use crate::markup::{Markup, tag};

/// The drawing: bars of accuracy a bin around the diagonal, with counts above.
pub fn reliability_diagram(reliability: &Reliability, task: &str, size: (f64, f64)) -> Markup {
    let (width, height) = size;
    let frame = Frame {
        top: 38.0,
        ..Frame::new(width, height)
    };
    let x = Scale::exact((0.0, 1.0), (frame.left, frame.right));
    let y = Scale::exact((0.0, 1.0), (frame.bottom, frame.top));
    let mut content = frame.axes(&x, &y, "confidence");
    let all: u64 = reliability.bins().iter().map(|bin| bin.count).sum();
    for bin in reliability.bins().iter().filter(|bin| bin.count > 0) {
        let (left, right) = (x.at(bin.lower) + 1.0, x.at(bin.upper) - 1.0);
        let title = format!(
            "confidence {:.2}, accuracy {:.2}, {} answers",
            bin.confidence, bin.accuracy, bin.count
        );
        let top = y.at(bin.accuracy);
        content.push(bar(
            "f0 soft",
            (left, top, right - left, frame.bottom - top),
            &title,
        ));
        // The gap to the diagonal at the bin's mean confidence.
        let middle = (left + right) / 2.0;
        content.push(line("gap", (middle, top), (middle, y.at(bin.confidence))));
        let share = (bin.count as f64 / all.max(1) as f64).sqrt();
        let tall = 22.0 * share;
        content.push(bar(
            "count",
            (left, 30.0 - tall, right - left, tall.max(0.8)),
            &title,
        ));
    }
    content.push(line(
        "diagonal",
        (x.at(0.0), y.at(0.0)),
        (x.at(1.0), y.at(1.0)),
    ));
    content.push(label(frame.left - 6.0, 28.0, "end", "tick", "count"));
    let name = format!(
        "Reliability of {task}: expected calibration error {:.4}",
        reliability.expected_calibration_error()
    );
    svg(width, height, &name, content)
}

fn bar(class: &str, area: (f64, f64, f64, f64), title: &str) -> Markup {
    let (x, y, width, height) = area;
    tag(
        "rect",
        &[
            ("class", &class),
            ("x", &place(x)),
            ("y", &place(y)),
            ("width", &place(width.max(0.5))),
            ("height", &place(height.max(0.0))),
        ],
        tag("title", &[], title),
    )
}
