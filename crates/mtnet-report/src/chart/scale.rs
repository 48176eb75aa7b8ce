//! From values to places, and round numbers for the ticks.

/// A linear or logarithmic map of an interval of values to one of places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    from: (f64, f64),
    to: (f64, f64),
    is_log: bool,
}

/// Smallest and largest of the finite values; `None` where there is none.
pub fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values
        .into_iter()
        .filter(|value| value.is_finite())
        .fold(None, |found, value| match found {
            None => Some((value, value)),
            Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
        })
}

impl Scale {
    /// A linear scale over `from`, widened to round numbers, onto the places `to`.
    pub fn nice(from: (f64, f64), to: (f64, f64)) -> Self {
        let (low, high) = widened(from);
        let step = round_step((high - low) / 4.0);
        let from = ((low / step).floor() * step, (high / step).ceil() * step);
        Self {
            from,
            to,
            is_log: false,
        }
    }

    /// A linear scale over exactly `from`.
    pub fn exact(from: (f64, f64), to: (f64, f64)) -> Self {
        Self {
            from: widened(from),
            to,
            is_log: false,
        }
    }

    /// A logarithmic scale; falls back to a linear one where not all values are above 0.
    pub fn log(from: (f64, f64), to: (f64, f64)) -> Self {
        if from.0 <= 0.0 {
            return Self::nice(from, to);
        }
        let (low, high) = (from.0.log10(), from.1.log10());
        let (low, high) = match high - low < 1.0 {
            true => (low - 0.1, high + 0.1),
            false => (low.floor(), high.ceil()),
        };
        Self {
            from: (low, high),
            to,
            is_log: true,
        }
    }

    /// The place of a value, kept inside the scale.
    pub fn at(&self, value: f64) -> f64 {
        let value = if self.is_log {
            value.max(1e-300).log10()
        } else {
            value
        };
        let share = (value - self.from.0) / (self.from.1 - self.from.0);
        self.to.0 + share.clamp(0.0, 1.0) * (self.to.1 - self.to.0)
    }

    /// About `count` round values with their texts.
    pub fn ticks(&self, count: usize) -> Vec<(f64, String)> {
        if self.is_log {
            return self.log_ticks(count);
        }
        let step = round_step((self.from.1 - self.from.0) / count.max(1) as f64);
        let digits = (-step.log10().floor()).clamp(0.0, 12.0) as usize;
        let first = (self.from.0 / step - 1e-9).ceil() as i64;
        let last = (self.from.1 / step + 1e-9).floor() as i64;
        (first..=last)
            .map(|index| {
                let value = index as f64 * step;
                (value, tick_text(value, digits))
            })
            .collect()
    }

    fn log_ticks(&self, count: usize) -> Vec<(f64, String)> {
        let (low, high) = self.from;
        let decades = high - low;
        let factors: &[f64] = match decades {
            d if d < 1.5 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        let every = (decades / count.max(1) as f64).ceil().max(1.0) as i32;
        let mut ticks = Vec::new();
        for power in low.floor() as i32..=high.ceil() as i32 {
            for factor in factors {
                let value = factor * 10f64.powi(power);
                let inside = (low - 1e-9..=high + 1e-9).contains(&value.log10());
                if inside && power % every == 0 {
                    // As many digits as a power of ten below 1 needs.
                    let digits = (-power).max(0) as usize;
                    ticks.push((value, tick_text(value, digits)));
                }
            }
        }
        ticks
    }
}

/// An interval that is not empty.
fn widened((low, high): (f64, f64)) -> (f64, f64) {
    match high - low > (low.abs() + high.abs()) * 1e-12 {
        true => (low, high),
        false => {
            let margin = if low == 0.0 { 1.0 } else { low.abs() * 0.1 };
            (low - margin, high + margin)
        }
    }
}

/// The next of 1, 2, 2.5, 5 times a power of ten.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    let factor = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .find(|factor| factor * power >= step * 0.999);
    factor.unwrap_or(10.0) * power
}

fn tick_text(value: f64, digits: usize) -> String {
    if value.abs() >= 1e4 {
        return match value.abs() {
            v if v >= 1e9 => format!("{value:.0e}"),
            v if v >= 1e6 => trimmed(format!("{:.2}", value / 1e6)) + "M",
            _ => trimmed(format!("{:.1}", value / 1e3)) + "k",
        };
    }
    if value != 0.0 && value.abs() < 1e-3 {
        return format!("{value:.1e}").replace(".0e", "e");
    }
    // Steps of 2.5 need one digit more than their power of ten.
    let text = trimmed(format!("{value:.*}", digits + 1));
    match text.as_str() {
        "-0" => "0".to_owned(),
        _ => text.replace('-', "−"),
    }
}

fn trimmed(text: String) -> String {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: (f64, f64), expected: &[&str]) {
        let ticks = Scale::nice(from, (0.0, 100.0)).ticks(4);
        let texts: Vec<&str> = ticks.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn ticks_are_round() {
        check((0.0, 1.0), &["0", "0.25", "0.5", "0.75", "1"]);
        check((0.61, 0.79), &["0.6", "0.65", "0.7", "0.75", "0.8"]);
        check((0.0, 2920.0), &["0", "1000", "2000", "3000"]);
        check((-0.2, 0.2), &["−0.2", "−0.1", "0", "0.1", "0.2"]);
        check((0.0, 0.003), &["0", "0.001", "0.002", "0.003"]);
        check((5.0, 5.0), &["4.5", "4.75", "5", "5.25", "5.5"]);
    }

    #[test]
    fn logarithms_have_decades() {
        let scale = Scale::log((0.02, 30.0), (0.0, 40.0));
        let ticks: Vec<f64> = scale.ticks(5).into_iter().map(|(value, _)| value).collect();
        assert_eq!(ticks, [0.01, 0.1, 1.0, 10.0, 100.0]);
        let texts: Vec<String> = scale.ticks(5).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["0.01", "0.1", "1", "10", "100"]);
        assert_eq!(scale.at(1.0), 20.0);
        assert_eq!(
            Scale::log((0.0, 1.0), (0.0, 1.0)),
            Scale::nice((0.0, 1.0), (0.0, 1.0))
        );
    }

    #[test]
    fn what_is_no_number_has_no_extent() {
        assert_eq!(
            extent([f64::NAN, 2.0, f64::INFINITY, -1.0]),
            Some((-1.0, 2.0))
        );
        assert_eq!(extent([f64::NAN]), None);
    }
}
