//! Characters that nobody typed: traces of a wrong decoding, of markup, of invisible marks.

use super::QualitySplit;
use super::finding::{Finding, Severity, Tally, more_than, texts};

#[derive(Default)]
struct Traces {
    replacement: Tally,
    mojibake: Tally,
    invisible: Tally,
    control: Tally,
    markup: Tally,
    empty: Tally,
}

pub(super) fn check(split: &QualitySplit<'_>, findings: &mut Vec<Finding>) {
    let data = split.data;
    let mut traces = Traces::default();
    for (number, example) in data.examples.iter().enumerate() {
        let first = example.text.first().text();
        let second = example.text.second().map(|segment| segment.text());
        let parts = std::iter::once(first).chain(second);
        let found = parts.map(Found::new).fold(Found::default(), Found::or);
        for (is, tally) in [
            (found.replacement, &mut traces.replacement),
            (found.mojibake, &mut traces.mojibake),
            (found.invisible, &mut traces.invisible),
            (found.control, &mut traces.control),
            (found.markup, &mut traces.markup),
            (first.trim().is_empty(), &mut traces.empty),
        ] {
            if is {
                tally.add(data, number);
            }
        }
    }
    let name = split.name();
    let mut warn = |code, tally: Tally, says: &str| {
        let message = |count| format!("{name}: {} {says}", texts(count));
        tally.report(code, Severity::Warning, message, findings);
    };
    warn(
        "replacement-character",
        traces.replacement,
        "with U+FFFD, where a decoder met bytes that it did not know; read the source again in its own encoding",
    );
    warn(
        "mojibake",
        traces.mojibake,
        "with UTF-8 read as Latin-1 or Windows-1252 (`Ã©` for `é`); decode the source again",
    );
    warn(
        "invisible-character",
        traces.invisible,
        "with zero-width characters or a byte order mark inside; remove them, or words look alike and differ",
    );
    warn(
        "control-character",
        traces.control,
        "with control characters; remove them",
    );
    warn(
        "empty-text",
        traces.empty,
        "without a character; leave them out",
    );
    if more_than(traces.markup.count, 5, data.examples.len()) {
        warn(
            "markup",
            traces.markup,
            "with HTML entities or tags; unescape them, as texts to be answered will have none",
        );
    }
}

/// What one text has.
#[derive(Clone, Copy, Default)]
struct Found {
    replacement: bool,
    mojibake: bool,
    invisible: bool,
    control: bool,
    markup: bool,
}

impl Found {
    fn new(text: &str) -> Self {
        let mut found = Self {
            markup: has_markup(text),
            ..Self::default()
        };
        if text.is_ascii() {
            found.control = text.bytes().any(|byte| is_control(char::from(byte)));
            return found;
        }
        let mut before = '\0';
        for c in text.chars() {
            found.replacement |= c == '\u{FFFD}';
            found.invisible |= is_invisible(c);
            found.control |= is_control(c);
            found.mojibake |= is_mojibake(before, c);
            before = c;
        }
        found
    }

    fn or(self, other: Self) -> Self {
        Self {
            replacement: self.replacement || other.replacement,
            mojibake: self.mojibake || other.mojibake,
            invisible: self.invisible || other.invisible,
            control: self.control || other.control,
            markup: self.markup || other.markup,
        }
    }
}

fn is_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}')
}

/// Zero-width space, word joiner, byte order mark, soft hyphen. The joiners U+200C and U+200D spell
/// Persian and emoji.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}')
}

/// The first two bytes of a UTF-8 character read as two of Latin-1 or Windows-1252: a lead byte C2
/// or C3 (`Â`, `Ã`) and a byte from 80 to BF, or the E2 80 (`â€`) of typographic punctuation.
fn is_mojibake(before: char, c: char) -> bool {
    match before {
        'Ã' | 'Â' => matches!(c, '\u{80}'..='\u{BF}') || (before == 'Ã' && is_cp1252(c)),
        'â' => matches!(c, '€' | '\u{80}'),
        _ => false,
    }
}

/// Characters that Windows-1252 has at 80 to 9F.
fn is_cp1252(c: char) -> bool {
    "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ".contains(c)
}

fn has_markup(text: &str) -> bool {
    const ENTITIES: [&str; 6] = ["amp;", "lt;", "gt;", "quot;", "nbsp;", "#39;"];
    let entity = |at: usize| {
        let rest = &text[at + 1..];
        ENTITIES.iter().any(|entity| rest.starts_with(entity))
    };
    const TAGS: [&str; 5] = ["br>", "br/>", "br />", "/p>", "/a>"];
    let tag = |at: usize| {
        let rest = &text[at + 1..];
        TAGS.iter().any(|tag| rest.starts_with(tag))
    };
    text.match_indices('&').any(|(at, _)| entity(at))
        || text.match_indices('<').any(|(at, _)| tag(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_are_told_from_text() {
        assert!(Found::new("cafÃ©").mojibake);
        assert!(Found::new("itâ€™s").mojibake);
        assert!(!Found::new("São Paulo, NÃO, âge, 5 €").mojibake);
        assert!(Found::new("a\u{200B}b").invisible);
        assert!(!Found::new("👨\u{200D}👩 می\u{200C}خواهم").invisible);
        assert!(Found::new("a\u{7}b").control && !Found::new("a\tb").control);
        assert!(Found::new("R&amp;D").markup && Found::new("a<br />b").markup);
        assert!(!Found::new("R&D <3 amp;").markup);
        assert!(Found::new("a\u{FFFD}").replacement);
    }
}
