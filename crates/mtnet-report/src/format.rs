//! Numbers as people read them.

/// `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `12.3 s`, `3 min 05 s` or `2 h 07 min`.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match whole {
        0..60 => format!("{:.1} s", seconds.max(0.0)),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole / 60 % 60),
    }
}

/// A score with four digits behind the point; a dash where there is none.
pub fn score(score: Option<f64>) -> String {
    match score {
        Some(score) if score.is_finite() => format!("{score:.4}"),
        Some(_) => "undefined".to_owned(),
        None => "–".to_owned(),
    }
}

/// A difference of scores with its sign, a real minus among them.
pub fn signed(difference: f64) -> String {
    match difference {
        d if d < 0.0 => format!("−{:.4}", -d),
        d => format!("+{d:.4}"),
    }
}

/// Any number with about four digits: `1,312,942`, `0.0031`, `3.2e-5`.
pub fn number(number: f64) -> String {
    let size = number.abs();
    match size {
        _ if !number.is_finite() => "not a number".to_owned(),
        0.0 => "0".to_owned(),
        s if !(1e-3..1e15).contains(&s) => format!("{number:.1e}"),
        s if s >= 1e4 => {
            let sign = if number < 0.0 { "−" } else { "" };
            format!("{sign}{}", grouped(size.round() as u64))
        }
        s if s >= 100.0 => format!("{number:.1}"),
        s if s >= 1.0 => format!("{number:.3}"),
        _ => format!("{number:.4}"),
    }
}

/// The first `most` characters of a text, with `…` where something is left out.
pub fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_readers() {
        let written = [0.0, 3.21e-5, 0.00314, 2.5, 123.456, 1_312_942.0, f64::NAN].map(number);
        let expected = [
            "0",
            "3.2e-5",
            "0.0031",
            "2.500",
            "123.5",
            "1,312,942",
            "not a number",
        ];
        assert_eq!(written, expected);
        assert_eq!([signed(-0.01234), signed(0.5)], ["−0.0123", "+0.5000"]);
        assert_eq!([clipped("naïve", 3), clipped("né", 2)], ["naï…", "né"]);
        assert_eq!([duration(59.2), duration(185.0)], ["59.2 s", "3 min 05 s"]);
    }
}
