//! The names of checkpoint folders, whole and otherwise.
//!
//! `checkpoint-<step>` is a checkpoint. A suffix says what else a folder is:
//! `.tmp-<pid>` was being written or removed, `.replaced-<pid>` was a valid checkpoint until a
//! new one of the same step took its place, `.damaged-<pid>` was not valid when it had to make room.

const PREFIX: &str = "checkpoint-";

/// What a folder's name says that it is. Of one step, the later kind is the better choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Unfinished,
    Damaged,
    Replaced,
    Whole,
}

pub(super) fn whole(step: u64) -> String {
    format!("{PREFIX}{step}")
}

pub(super) fn unfinished(step: u64) -> String {
    format!("{PREFIX}{step}.tmp-{}", std::process::id())
}

pub(super) fn replaced(step: u64) -> String {
    format!("{PREFIX}{step}.replaced-{}", std::process::id())
}

/// A name for a damaged checkpoint that none of `taken` has.
pub(super) fn damaged(step: u64, taken: &[String]) -> String {
    let base = format!("{PREFIX}{step}.damaged-{}", std::process::id());
    let mut name = base.clone();
    let mut count = 1;
    while taken.contains(&name) {
        count += 1;
        name = format!("{base}-{count}");
    }
    name
}

/// The step and kind of a folder, or `None` where it is no checkpoint's.
pub(super) fn parse(name: &str) -> Option<(u64, Kind)> {
    let rest = name.strip_prefix(PREFIX)?;
    let (digits, kind) = match rest.split_once('.') {
        None => (rest, Kind::Whole),
        Some((digits, suffix)) if suffix.starts_with("tmp-") => (digits, Kind::Unfinished),
        Some((digits, suffix)) if suffix.starts_with("replaced-") => (digits, Kind::Replaced),
        Some((digits, suffix)) if suffix.starts_with("damaged-") => (digits, Kind::Damaged),
        Some(_) => return None,
    };
    let step: u64 = digits.parse().ok()?;
    // `+5` and `05` are numbers too, but no names that a writer gives.
    (step.to_string() == digits).then_some((step, kind))
}
