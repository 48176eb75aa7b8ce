//! The known name that a misspelt one probably meant.

use crate::{BalanceError, TaskInfo};

/// The position of the task called `name`.
///
/// # Errors
/// [`BalanceError::UnknownTask`], with the nearest known name.
pub(crate) fn task_position(
    tasks: &[TaskInfo],
    name: &str,
    setting: &str,
) -> Result<usize, BalanceError> {
    tasks
        .iter()
        .position(|task| task.name == name)
        .ok_or_else(|| BalanceError::UnknownTask {
            setting: setting.to_owned(),
            name: name.to_owned(),
            nearest: nearest(tasks.iter().map(|task| task.name.as_str()), name),
            known: tasks.iter().map(|task| task.name.clone()).collect(),
        })
}

/// The candidate at the smallest edit distance, if that is at most a third of the name.
fn nearest<'a>(candidates: impl Iterator<Item = &'a str>, name: &str) -> Option<String> {
    let limit = (name.chars().count() / 3).max(2);
    candidates
        .map(|candidate| (edit_distance(candidate, name), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate.to_owned())
}

/// Levenshtein distance in characters.
fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &b) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_single_character_edits() {
        for (left, right, distance) in [("", "abc", 3), ("kitten", "sitting", 3), ("ä", "a", 1)] {
            assert_eq!(edit_distance(left, right), distance, "{left} {right}");
        }
    }

    #[test]
    fn a_far_name_is_not_suggested() {
        let known = ["intent", "slots"];
        assert_eq!(
            nearest(known.into_iter(), "intents").as_deref(),
            Some("intent")
        );
        assert_eq!(nearest(known.into_iter(), "weather"), None);
    }
}
