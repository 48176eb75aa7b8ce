//! Reading a split: files, text and words, share of the training files, joins, targets.

use std::path::Path;

use mtnet_core::{Example, RawTarget, Split};

use super::files::Loaded;
use super::input::{Input, check_fields};
use super::join::Join;
use super::partition::partition;
use super::plan::{Holder, check_requests, plan};
use super::split_data::{FileLine, SplitData};
use super::target::TargetReader;
use super::{TargetKind, TaskField};
use crate::DataError;
use crate::config::DatasetConfig;
use crate::error::Place;
use crate::labels::expand_tag;
use crate::readers::{FieldValue, Record};

/// Reads one split of a data set with the targets of the tasks that it feeds.
///
/// Relative paths count from `base_dir`. A split that the data set does not have is empty. A field
/// that is in no record is an error, except that records of a development or test file beside a
/// training file may lack labels: then the task has no targets there.
///
/// # Errors
/// [`DataError`] with file and line for anything in the files that cannot be used.
pub fn read_split(
    config: &DatasetConfig,
    split: Split,
    requests: &[TaskField],
    base_dir: &Path,
) -> Result<SplitData, DataError> {
    config.check()?;
    check_requests(config, requests)?;
    let from = match config.fraction(split) {
        _ if !config.files(split).is_empty() => split,
        Some(_) => Split::Train,
        None => return Ok(SplitData::default()),
    };
    let own = Loaded::read(config.files(from), base_dir, &config.source(), 0)?;
    check_fields(config, &own)?;
    let inputs: Vec<Input> = own
        .records
        .iter()
        .map(|(at, record)| Input::new(record, config, || own.place(*at, 0)))
        .collect::<Result<_, _>>()?;
    let chosen: Vec<usize> = match from {
        Split::Train => partition(config, inputs.iter().map(|input| &input.text))
            .into_iter()
            .enumerate()
            .filter(|(_, part)| *part == split)
            .map(|(example, _)| example)
            .collect(),
        Split::Dev | Split::Test => (0..inputs.len()).collect(),
    };
    let limit = config.limit.unwrap_or(usize::MAX);
    let mut files = own.reports.clone();
    let mut joins = Vec::with_capacity(config.join.len());
    for join in &config.join {
        own.expect(join.on.as_str())?;
        let join = Join::read(join, from, base_dir, files.len())?;
        files.extend(join.loaded.reports.iter().cloned());
        joins.push(join);
    }
    let plan = plan(config, from, requests, &own, &joins)?;

    let mut data = SplitData {
        files: files.iter().map(|file| file.path.clone()).collect(),
        ..SplitData::default()
    };
    for (reader, holder) in &plan {
        data.report.missing.insert(reader.request.task.clone(), 0);
        if let Holder::Join(_) = holder {
            data.joined.insert(reader.request.task.clone(), Vec::new());
        }
    }
    for &number in chosen.iter().take(limit) {
        let (at, record) = &own.records[number];
        let place = || own.place(*at, 0);
        add_example(
            &mut data,
            &plan,
            &mut joins,
            &inputs[number],
            record,
            *at,
            &place,
        )?;
        data.ids.push(
            config
                .id
                .as_ref()
                .and_then(|field| id(record, field.as_str())),
        );
    }
    data.report.empty_words = own.empty_words;
    data.report.files = files;
    data.report.examples = data.examples.len();
    data.report.joins = joins.into_iter().map(|join| join.report).collect();
    Ok(data)
}

fn add_example(
    data: &mut SplitData,
    plan: &[(TargetReader<'_>, Holder)],
    joins: &mut [Join<'_>],
    input: &Input,
    record: &Record,
    at: FileLine,
    place: &impl Fn() -> Place,
) -> Result<(), DataError> {
    let partners: Vec<Option<usize>> = joins
        .iter_mut()
        .map(|join| join.partner(record, place))
        .collect::<Result<_, _>>()?;
    let mut others = vec![false; joins.len()];
    let mut example = Example {
        text: input.text.clone(),
        targets: Default::default(),
        line: at.line as usize,
    };
    for (reader, holder) in plan {
        let (target, target_at) = match *holder {
            Holder::Own => (reader.read(record, place)?, at),
            Holder::Nobody => (None, at),
            Holder::Join(number) => match partners[number] {
                None => (None, at),
                Some(partner) => {
                    let tags = reader.request.kind == TargetKind::Tags;
                    if tags && !joins[number].same_words(partner, input)? {
                        others[number] = true;
                        (None, at)
                    } else {
                        joins[number].target(partner, reader)?
                    }
                }
            },
        };
        let task = &reader.request.task;
        let target_place = || {
            Place::new(
                &data.files[target_at.file as usize],
                target_at.line as usize,
            )
        };
        let target = target
            .map(|target| fitted(target, input, reader, &target_place))
            .transpose()?;
        if let Some(lines) = data.joined.get_mut(task) {
            lines.push(target.is_some().then_some(target_at));
        }
        match target {
            Some(target) => {
                example.targets.insert(task.clone(), target);
            }
            None => *data.report.missing.entry(task.clone()).or_default() += 1,
        }
    }
    for (join, other) in joins.iter_mut().zip(others) {
        join.report.other_words += usize::from(other);
    }
    data.report.unlocated += usize::from(!input.located);
    data.report.empty_texts += usize::from(input.text.first().text().trim().is_empty());
    data.examples.push(example);
    data.origins.push(at);
    Ok(())
}

/// Holds tags against the words, and extends them where words were split into characters.
fn fitted(
    target: RawTarget,
    input: &Input,
    reader: &TargetReader<'_>,
    place: &impl Fn() -> Place,
) -> Result<RawTarget, DataError> {
    let RawTarget::Tags(tags) = target else {
        return Ok(target);
    };
    let Some(given) = &input.given else {
        return Err(DataError::NoWords {
            place: place(),
            task: reader.request.task.clone(),
        });
    };
    match &input.counts {
        Some(counts) if tags.len() == given.len() => Ok(RawTarget::Tags(
            tags.iter()
                .zip(counts)
                .flat_map(|(tag, &count)| expand_tag(tag, count))
                .collect(),
        )),
        // The file tags characters already.
        Some(counts) if tags.len() == counts.iter().sum::<usize>() => Ok(RawTarget::Tags(tags)),
        None if tags.len() == given.len() => Ok(RawTarget::Tags(tags)),
        _ => Err(DataError::TagCount {
            place: place(),
            field: reader.request.fields[0].to_string(),
            words: given.len(),
            tags: tags.len(),
        }),
    }
}

fn id(record: &Record, field: &str) -> Option<String> {
    match record.fields.get(field)? {
        FieldValue::Text(id) | FieldValue::Scalar(id) => Some(id.clone()),
        _ => None,
    }
}
