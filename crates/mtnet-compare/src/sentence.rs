//! What was found, as sentences.

use mtnet_core::TaskName;
use mtnet_metrics::{Estimate, Unit};

use crate::{Overall, TaskReport, Verdict};

impl Verdict {
    /// What an interval of a gain supports.
    pub fn of(gain: &Estimate) -> Self {
        match gain.excludes_zero() {
            false => Self::NoDifferenceShown,
            true if gain.value > 0.0 => Self::Gained,
            true => Self::Lost,
        }
    }
}

/// Numbers of a metric as people read them: points of a share in hundredths, others as they are.
pub fn shown(value: f64, unit: Unit) -> f64 {
    match unit {
        Unit::Fraction | Unit::Coefficient => 100.0 * value,
        _ => value,
    }
}

/// `+1.2 points (95 % interval +0.3 to +2.1)`.
pub fn interval(gain: &Estimate, unit: Unit) -> String {
    let [value, lower, upper] = [gain.value, gain.lower, gain.upper].map(|v| shown(v, unit));
    let (digits, points) = match unit {
        Unit::Fraction | Unit::Coefficient => (1, " points"),
        _ => (3, ""),
    };
    let level = 100.0 * gain.level;
    if lower.is_nan() {
        return format!("{value:+.digits$}{points} (no interval)");
    }
    format!(
        "{value:+.digits$}{points} ({level:.0} % interval {lower:+.digits$} to {upper:+.digits$})"
    )
}

/// What sharing did for a task.
pub(crate) fn of_task(task: &TaskName, gain: &Estimate, unit: Unit) -> String {
    let found = interval(gain, unit);
    match Verdict::of(gain) {
        Verdict::Gained => format!("{task} gained by sharing: {found}."),
        Verdict::Lost => format!("{task} lost by sharing: {found}."),
        Verdict::NoDifferenceShown => format!("{task}: no difference shown, {found}."),
    }
}

/// What sharing did for all of them.
pub(crate) fn overall(tasks: &[TaskReport], delta_m: Option<&Estimate>) -> Overall {
    let count = |verdict| tasks.iter().filter(|task| task.verdict == verdict).count();
    let gained = count(Verdict::Gained);
    let lost = count(Verdict::Lost);
    let open = count(Verdict::NoDifferenceShown);
    let mean = delta_m.map_or_else(String::new, |gain| {
        if gain.value.is_nan() {
            return " Δm is not defined: a single-task score is 0, and nothing is a share of that."
                .to_owned();
        }
        let known = !gain.lower.is_nan();
        let interval = match known {
            true => format!(
                " ({:.0} % interval {:+.2} % to {:+.2} %)",
                100.0 * gain.level,
                gain.lower,
                gain.upper
            ),
            false => String::new(),
        };
        let says = match Verdict::of(gain) {
            Verdict::Gained => "better than single-task models on the mean",
            Verdict::Lost => "worse than single-task models on the mean",
            Verdict::NoDifferenceShown => "no difference on the mean can be shown",
        };
        format!(" Δm {:+.2} %{interval}: {says}.", gain.value)
    });
    Overall {
        gained,
        lost,
        open,
        sentence: format!("{gained} gained, {lost} lost, {open} without a difference shown.{mean}"),
    }
}

/// `+1.20 % (95 % interval +0.30 % to +2.10 %)`.
pub(crate) fn relative(gain: &Estimate) -> String {
    let Estimate {
        value,
        lower,
        upper,
        level,
        ..
    } = gain;
    if lower.is_nan() {
        return format!("{value:+.2} % (no interval)");
    }
    let level = 100.0 * level;
    format!("{value:+.2} % ({level:.0} % interval {lower:+.2} % to {upper:+.2} %)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_of_shares_of_nothing_is_not_told() {
        let sentence = overall(&[], Some(&gain(f64::NAN, f64::NAN, f64::NAN))).sentence;
        assert!(
            sentence.ends_with(
                "Δm is not defined: a single-task score is 0, and nothing is a share of that."
            ),
            "{sentence}"
        );
    }

    fn gain(value: f64, lower: f64, upper: f64) -> Estimate {
        Estimate {
            value,
            lower,
            upper,
            level: 0.95,
            count: 10,
        }
    }

    #[track_caller]
    fn check(gain: Estimate, unit: Unit, expected: &str) {
        let task = TaskName::new("topic").unwrap();
        assert_eq!(of_task(&task, &gain, unit), expected);
    }

    #[test]
    fn sentences_say_what_the_interval_supports() {
        check(
            gain(0.012, 0.003, 0.021),
            Unit::Fraction,
            "topic gained by sharing: +1.2 points (95 % interval +0.3 to +2.1).",
        );
        check(
            gain(-0.5, -0.75, -0.25),
            Unit::Target,
            "topic lost by sharing: -0.500 (95 % interval -0.750 to -0.250).",
        );
        check(
            gain(0.004, -0.003, 0.011),
            Unit::Fraction,
            "topic: no difference shown, +0.4 points (95 % interval -0.3 to +1.1).",
        );
        check(
            gain(0.004, f64::NAN, f64::NAN),
            Unit::Fraction,
            "topic: no difference shown, +0.4 points (no interval).",
        );
    }
}
