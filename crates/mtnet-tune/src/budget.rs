//! A length of time as people write it: `90s`, `45min`, `2h 30min`.

/// Seconds of a budget, `None` where it is no length of time above 0.
pub(crate) fn seconds(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut sum = 0.0;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(rest.len());
        let (number, behind) = rest.split_at(digits);
        let behind = behind.trim_start();
        let letters = behind
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(letters);
        let factor = match unit {
            "s" => 1.0,
            "min" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        sum += number.parse::<f64>().ok()? * factor;
        rest = behind.trim_start();
    }
    (sum > 0.0 && sum.is_finite()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn lengths_of_time_are_read_as_written() {
        for (text, expected) in [
            ("90s", Some(90.0)),
            ("2h 30min", Some(9000.0)),
            ("1.5h", Some(5400.0)),
            ("1d2h", Some(93_600.0)),
            ("", None),
            ("0s", None),
            ("10", None),
            ("10 parsecs", None),
            ("h", None),
            ("-1h", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
