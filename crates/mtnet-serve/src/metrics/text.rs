//! Lines of Prometheus' text format.

use std::fmt::Write as _;

use super::histogram::Histogram;

/// The text so far.
#[derive(Debug, Default)]
pub(super) struct Text(String);

impl Text {
    pub fn help(&mut self, name: &str, help: &str, kind: &str) {
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
    }

    pub fn counter(&mut self, name: &str, help: &str) {
        self.help(name, help, "counter");
    }

    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels = braces(labels, None);
        self.line(format_args!("{name}{labels} {value}"));
    }

    pub fn histogram(&mut self, name: &str, labels: &[(&str, &str)], histogram: &Histogram) {
        for (bound, count) in histogram.cumulative() {
            let bound = bound.map_or_else(|| "+Inf".to_owned(), |bound| bound.to_string());
            let labels = braces(labels, Some(&bound));
            self.line(format_args!("{name}_bucket{labels} {count}"));
        }
        let labels = braces(labels, None);
        self.line(format_args!("{name}_sum{labels} {}", histogram.sum()));
        self.line(format_args!("{name}_count{labels} {}", histogram.count()));
    }

    pub fn finish(self) -> String {
        self.0
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{line}");
    }
}

fn braces(labels: &[(&str, &str)], bound: Option<&str>) -> String {
    let labels: Vec<String> = labels
        .iter()
        .copied()
        .chain(bound.map(|bound| ("le", bound)))
        .map(|(name, value)| {
            let value = value
                .replace('\\', r"\\")
                .replace('"', "\\\"")
                .replace('\n', r"\n");
            format!("{name}=\"{value}\"")
        })
        .collect();
    match labels.is_empty() {
        true => String::new(),
        false => format!("{{{}}}", labels.join(",")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::histogram::COUNTS;

    #[test]
    fn lines_are_those_of_the_format() {
        let mut text = Text::default();
        text.counter("a_total", "What.");
        text.sample("a_total", &[("x", "q\"\\\n")], 2.0);
        let mut histogram = Histogram::new(&COUNTS[..2]);
        histogram.observe(3.0);
        text.histogram("b", &[("t", "u")], &histogram);
        assert_eq!(
            text.finish(),
            "# HELP a_total What.\n# TYPE a_total counter\na_total{x=\"q\\\"\\\\\\n\"} 2\n\
             b_bucket{t=\"u\",le=\"1\"} 0\nb_bucket{t=\"u\",le=\"4\"} 1\n\
             b_bucket{t=\"u\",le=\"+Inf\"} 1\nb_sum{t=\"u\"} 3\nb_count{t=\"u\"} 1\n"
        );
    }
}
