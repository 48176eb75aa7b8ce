//! Charts as inline SVG: plain shapes with classes, coloured by the page's style sheet.
//!
//! Every chart has a role, a label and a `<title>`, so that it can be read aloud; the page sets a
//! table beside those whose numbers matter. Sizes are in the units of the `viewBox`.

mod bars;
mod confusion_map;
mod frame;
mod line_chart;
mod reliability_diagram;
mod scale;
mod scatter;
mod thinning;
mod time_map;

pub use bars::{Bar, BarChart, BarGroup, StackedBars, StackedRow};
pub use confusion_map::confusion_map;
pub use line_chart::{LineChart, Series, Stroke};
pub use reliability_diagram::reliability_diagram;
pub use scale::{Scale, extent};
pub use scatter::scatter;
pub use time_map::TimeMap;
