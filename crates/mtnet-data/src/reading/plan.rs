//! Which file answers which task: the data set's own fields come first, then those of its joins.

use mtnet_core::Split;

use super::files::Loaded;
use super::join::Join;
use super::target::TargetReader;
use super::{TargetKind, TaskField};
use crate::DataError;
use crate::config::DatasetConfig;
use crate::error::counted;

/// Which records hold a task's targets.
#[derive(Clone, Copy)]
pub(super) enum Holder {
    Own,
    Join(usize),
    Nobody,
}

/// Finds out for each task whether the data set or a join has its fields.
pub(super) fn plan<'a>(
    config: &'a DatasetConfig,
    from: Split,
    requests: &'a [TaskField],
    own: &Loaded,
    joins: &[Join<'a>],
) -> Result<Vec<(TargetReader<'a>, Holder)>, DataError> {
    let reader = |request: &'a TaskField, prefix: &str| {
        let names = request
            .fields
            .iter()
            .map(|field| field.as_str().strip_prefix(prefix));
        Some(TargetReader {
            request,
            names: names.collect::<Option<_>>()?,
            label_separator: config.label_separator.as_deref(),
        })
    };
    let has = |loaded: &Loaded, reader: &TargetReader<'_>| {
        reader.names.iter().all(|&name| loaded.known.contains(name))
    };
    let mut plan = Vec::with_capacity(requests.len());
    for request in requests {
        let in_own = reader(request, "")
            .filter(|reader| has(own, reader))
            .map(|reader| (reader, Holder::Own));
        let found = in_own.or_else(|| {
            joins.iter().enumerate().find_map(|(number, join)| {
                reader(request, &join.config.prefix)
                    .filter(|reader| has(&join.loaded, reader))
                    .map(|reader| (reader, Holder::Join(number)))
            })
        });
        // The training file would have told a misspelt field from labels that are not there.
        let may_lack = from != Split::Train && !config.files(Split::Train).is_empty();
        let found = found.or_else(|| {
            reader(request, "")
                .filter(|_| may_lack)
                .map(|reader| (reader, Holder::Nobody))
        });
        plan.push(found.ok_or_else(|| missing_field(request, own, joins))?);
    }
    Ok(plan)
}

fn missing_field(request: &TaskField, own: &Loaded, joins: &[Join<'_>]) -> DataError {
    let joined = joins.iter().flat_map(|join| {
        let prefix = &join.config.prefix;
        join.loaded
            .known
            .iter()
            .map(move |name| format!("{prefix}{name}"))
    });
    let mut known: Vec<String> = own.known.iter().cloned().chain(joined).collect();
    known.sort_unstable();
    known.dedup();
    let field = request
        .fields
        .iter()
        .find(|field| !known.iter().any(|name| name == field.as_str()))
        .or(request.fields.first())
        .map_or("", |field| field.as_str());
    own.missing(field, known)
}

/// Makes sure that each task names as many fields as its kind can read.
pub(super) fn check_requests(
    config: &DatasetConfig,
    requests: &[TaskField],
) -> Result<(), DataError> {
    for request in requests {
        let (fits, expected) = match (request.kind, request.fields.len()) {
            (TargetKind::Tags, found) => (found == 1, "one, which holds a tag for each word"),
            (TargetKind::Spans, found) => (
                found == 2,
                "two, that of the answers and that of their first characters, such as \
                 [\"answer\", \"answer_start\"]",
            ),
            (_, found) => (found > 0, "at least one"),
        };
        if !fits {
            return Err(DataError::Config {
                dataset: config.name.to_string(),
                key: "label",
                problem: format!(
                    "task `{}` names {}, expected {expected}",
                    request.task,
                    counted(request.fields.len(), "field"),
                ),
            });
        }
    }
    Ok(())
}
