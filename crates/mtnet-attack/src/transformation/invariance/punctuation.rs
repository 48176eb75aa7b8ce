//! The mark at the end of a text goes, changes between `.` and `!`, or comes.

use crate::AttackedText;
use crate::text::is_countable;

/// The changes of the last word; none of another.
pub(super) fn changes(text: &AttackedText, index: usize) -> Vec<AttackedText> {
    if text.present().last() != Some(index) {
        return Vec::new();
    }
    let word = text.word(index).unwrap_or_default();
    if is_countable(word) {
        return vec![text.replace(index, &format!("{word}."))];
    }
    let other = match word {
        "." => "!",
        "!" => ".",
        _ => return Vec::new(),
    };
    let mut changed = vec![text.replace(index, other)];
    if text.present().count() > 1 {
        changed.push(text.delete(index));
    }
    changed
}
