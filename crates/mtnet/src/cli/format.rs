//! Numbers and words as people read them.

use std::path::Path;

pub use mtnet::report::format::{duration, grouped, score};

/// A share in percent: `12.5 %`.
pub fn percent(part: usize, whole: usize) -> String {
    match whole {
        0 => "–".to_owned(),
        _ => format!("{:.1} %", 100.0 * part as f64 / whole as f64),
    }
}

/// Bytes in the unit that fits: `12.5 MiB`.
pub fn bytes(count: u64) -> String {
    let mut size = count as f64;
    for unit in ["B", "KiB", "MiB"] {
        if size < 1024.0 {
            return format!("{size:.1} {unit}");
        }
        size /= 1024.0;
    }
    format!("{size:.1} GiB")
}

/// A path as a shell takes it.
pub fn shell_path(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | ':' | '\\');
    match !text.is_empty() && text.chars().all(plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_readers() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(
            [0.0, 59.2, 185.0, 7_620.0].map(duration),
            ["0.0 s", "59.2 s", "3 min 05 s", "2 h 07 min"]
        );
        assert_eq!(
            [Some(0.91239), Some(f64::NAN), None].map(score),
            ["0.9124", "undefined", "–"]
        );
        assert_eq!([percent(1, 8), percent(0, 0)], ["12.5 %", "–"]);
        assert_eq!(
            [bytes(10), bytes(1 << 20), bytes(3 << 30)],
            ["10.0 B", "1.0 MiB", "3.0 GiB"]
        );
    }

    #[test]
    fn paths_can_be_pasted() {
        assert_eq!(shell_path(Path::new("runs/x-1/model")), "runs/x-1/model");
        assert_eq!(shell_path(Path::new("my runs/it's")), r"'my runs/it'\''s'");
    }
}
