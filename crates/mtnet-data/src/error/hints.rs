//! The part of a message that says what could have been meant.

use mtnet_core::nearest;

/// Which fields there are, for a field that is not there.
pub(super) fn fields(field: &str, known: &[String]) -> String {
    match known {
        [] => String::new(),
        [only] if only.contains([',', ';', '\t', '|']) => {
            format!("; its only column is `{only}`, so `delimiter` is probably wrong")
        }
        known => match nearest(field, names(known)) {
            Some(nearest) => format!("; did you mean `{nearest}`?"),
            None => format!("; it has {}", listed(known)),
        },
    }
}

/// Which labels there are, for a label that is not there.
pub(super) fn labels(label: &str, known: &[String]) -> String {
    match nearest(label, names(known)) {
        Some(nearest) => format!(" (did you mean `{nearest}`?)"),
        None => format!(" ({})", listed(known)),
    }
}

/// The row group of a message.
pub(super) fn row_group(group: Option<usize>) -> String {
    group.map_or_else(String::new, |group| format!(", row group {group}"))
}

/// A number of things, one of them without its plural `s`.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

fn listed(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let mut list: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    if names.len() > SHOWN {
        list.push(format!("{} more", names.len() - SHOWN));
    }
    list.join(", ")
}

fn names(known: &[String]) -> impl Iterator<Item = &str> {
    known.iter().map(String::as_str)
}
