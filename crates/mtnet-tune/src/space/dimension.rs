//! One setting with its values, and the line that samplers draw on.
//!
//! A sampler draws a point of an interval, [`Dimension::interval`], and [`Dimension::value_at`] makes
//! a value of it: of a range the point itself, or `e` to it; on a grid the nearest of its values,
//! each of which owns half a step to both sides; of choices the one that the point's whole part
//! names.

use toml::Value;

/// A setting with the values that it may take.
#[derive(Clone, Debug, PartialEq)]
pub struct Dimension {
    /// Its dotted name.
    pub name: String,
    /// Its values.
    pub values: Values,
}

/// The values of a dimension.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Numbers.
    Range(Range),
    /// These.
    Choices(Vec<Value>),
}

/// Numbers from `low` to `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The least.
    pub low: f64,
    /// The largest; on a grid, the last value is at most this.
    pub high: f64,
    /// Whether it is drawn from by its logarithm.
    pub log: bool,
    /// Distance of the values, `None` for any.
    pub step: Option<f64>,
    /// Whether values are written without a point.
    pub whole: bool,
}

impl Range {
    /// How many values it has, `None` without a grid.
    fn count(&self) -> Option<usize> {
        // A high end that rounding moved just below a value of the grid still is that value.
        self.step
            .map(|step| ((self.high - self.low) / step + 1e-9).floor() as usize + 1)
    }

    fn interval(&self) -> (f64, f64) {
        let (low, high) = match (self.step, self.count()) {
            (Some(step), Some(count)) => {
                let low = self.low - step / 2.0;
                let low = if self.log {
                    low.max(self.low / 2.0)
                } else {
                    low
                };
                (low, self.low + (count as f64 - 0.5) * step)
            }
            _ => (self.low, self.high),
        };
        match self.log {
            true => (low.ln(), high.ln()),
            false => (low, high),
        }
    }

    fn value_at(&self, point: f64) -> Value {
        let number = if self.log { point.exp() } else { point };
        match (self.step, self.count()) {
            (Some(step), Some(count)) => {
                let index = ((number - self.low) / step).round();
                self.on_grid(index.clamp(0.0, count as f64 - 1.0), step)
            }
            // Six digits say as much as a score can tell apart, and can be read.
            _ => Value::Float(six_digits(number).clamp(self.low, self.high)),
        }
    }

    fn on_grid(&self, index: f64, step: f64) -> Value {
        let number = self.low + index * step;
        match self.whole {
            true => Value::Integer(number.round() as i64),
            false => Value::Float(six_digits(number)),
        }
    }
}

impl Dimension {
    /// The interval that points are drawn from, `low` below `high`.
    pub fn interval(&self) -> (f64, f64) {
        match &self.values {
            Values::Range(range) => range.interval(),
            Values::Choices(choices) => (0.0, choices.len() as f64),
        }
    }

    /// The value that a point of the interval stands for.
    pub fn value_at(&self, point: f64) -> Value {
        match &self.values {
            Values::Range(range) => range.value_at(point),
            Values::Choices(choices) => {
                let index = (point.max(0.0) as usize).min(choices.len() - 1);
                choices[index].clone()
            }
        }
    }

    /// A point that stands for a value, `None` for a value that it never had.
    pub fn point_of(&self, value: &Value) -> Option<f64> {
        let (low, high) = self.interval();
        let point = match &self.values {
            Values::Range(range) => {
                let number = number(value)?;
                if range.log { number.ln() } else { number }
            }
            Values::Choices(choices) => {
                choices.iter().position(|choice| choice == value)? as f64 + 0.5
            }
        };
        // Points lie below the upper end.
        point
            .is_finite()
            .then(|| point.clamp(low, high.next_down()))
    }

    /// Whether its values have no order.
    pub fn is_categorical(&self) -> bool {
        matches!(self.values, Values::Choices(_))
    }

    /// How many values it has, `None` for any number in a range.
    pub(super) fn count(&self) -> Option<usize> {
        match &self.values {
            Values::Range(range) => range.count(),
            Values::Choices(choices) => Some(choices.len()),
        }
    }

    /// The value with that number, of those that can be counted.
    pub(super) fn numbered(&self, index: usize) -> Option<Value> {
        match &self.values {
            Values::Range(range) => Some(range.on_grid(index as f64, range.step?)),
            Values::Choices(choices) => choices.get(index).cloned(),
        }
    }
}

/// The number that a value is.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(whole) => Some(*whole as f64),
        Value::Float(real) => Some(*real),
        _ => None,
    }
}

fn six_digits(number: f64) -> f64 {
    format!("{number:.5e}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dimension(range: Range) -> Dimension {
        Dimension {
            name: "x.y".to_owned(),
            values: Values::Range(range),
        }
    }

    const PLAIN: Range = Range {
        low: 1.0,
        high: 8.0,
        log: false,
        step: None,
        whole: false,
    };

    #[test]
    fn every_value_of_a_grid_owns_an_equal_part() {
        let grid = dimension(Range {
            low: 64.0,
            high: 256.0,
            step: Some(64.0),
            whole: true,
            ..PLAIN
        });
        let (low, high) = grid.interval();
        assert_eq!((low, high), (32.0, 288.0));
        let mut counts = [0; 4];
        for n in 0..4000 {
            let value = grid.value_at(low + (high - low) * (f64::from(n) + 0.5) / 4000.0);
            let whole = value.as_integer().expect("a whole number");
            counts[(whole / 64 - 1) as usize] += 1;
        }
        assert_eq!(counts, [1000; 4]);
        assert_eq!(grid.count(), Some(4));
        assert_eq!(grid.numbered(3), Some(Value::Integer(256)));
    }

    #[test]
    fn values_lead_back_to_points_that_stand_for_them() {
        let log = Range {
            low: 1e-4,
            high: 1e-2,
            log: true,
            ..PLAIN
        };
        let whole_log = Range {
            low: 1.0,
            high: 64.0,
            log: true,
            step: Some(1.0),
            whole: true,
        };
        let tenths = Range {
            low: 0.0,
            high: 0.3,
            step: Some(0.1),
            ..PLAIN
        };
        for range in [PLAIN, log, whole_log, tenths] {
            let dimension = dimension(range);
            let (low, high) = dimension.interval();
            for n in 0..=50 {
                let value = dimension.value_at(low + (high - low) * f64::from(n) / 50.0);
                let found = number(&value).unwrap();
                assert!(found >= range.low && found <= range.high + 1e-12, "{value}");
                let point = dimension.point_of(&value).unwrap();
                assert!((low..high).contains(&point), "{value}");
                assert_eq!(dimension.value_at(point), value);
            }
        }
        assert_eq!(dimension(tenths).count(), Some(4));
        assert_eq!(dimension(tenths).numbered(3), Some(Value::Float(0.3)));
    }

    #[test]
    fn choices_keep_their_type() {
        let choices = vec![
            Value::Boolean(true),
            Value::String("a".into()),
            Value::Float(1.0),
        ];
        let dimension = Dimension {
            name: "x.y".to_owned(),
            values: Values::Choices(choices.clone()),
        };
        for (index, choice) in choices.iter().enumerate() {
            let point = dimension.point_of(choice).unwrap();
            assert_eq!(
                (point, dimension.value_at(point)),
                (index as f64 + 0.5, choice.clone())
            );
        }
        assert_eq!(dimension.point_of(&Value::Integer(1)), None);
    }
}
