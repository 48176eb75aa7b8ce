//! Reading a split: files, text and words, share of the training files, joins, targets.

use std::path::{Path, PathBuf};

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
use crate::readers::{FieldValue, Record, Rejected};

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
    let mut rejected = Rejected::new(config.on_bad_row);
    let files = config.files(from);
    let own = Loaded::read(files, base_dir, &config.source(), 0, &mut rejected)?;
    check_fields(config, &own)?;
    let mut inputs: Vec<(&(FileLine, Record), Input)> = Vec::with_capacity(own.records.len());
    for located in &own.records {
        let (at, record) = located;
        let place = || own.place(*at, 0).within(record.within.as_ref());
        let input = Input::new(record, config, place);
        inputs.extend(rejected.sift(input)?.map(|input| (located, input)));
    }
    let chosen: Vec<usize> = match from {
        Split::Train => partition(config, inputs.iter().map(|(_, input)| &input.text))
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
        let join = Join::read(join, from, base_dir, files.len(), &mut rejected)?;
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
    if split != from {
        // They are the training split's.
        rejected = Rejected::new(config.on_bad_row);
    }
    for &number in &chosen {
        if data.examples.len() == limit {
            break;
        }
        let ((at, record), input) = &inputs[number];
        let place = || own.place(*at, 0).within(record.within.as_ref());
        let row = Row {
            record,
            input,
            at: *at,
        };
        let read = row.read(&plan, &joins, &data.files, &place);
        if let Some(targets) = rejected.sift(read)? {
            row.add(&mut data, &plan, &mut joins, targets);
            let id = config.id_field();
            data.ids.push(id.and_then(|field| id_of(record, field)));
        }
    }
    data.report.bad_rows = rejected.count;
    data.report.first_bad_rows = rejected.first;
    data.report.empty_words = own.empty_words;
    data.report.files = files;
    data.report.examples = data.examples.len();
    data.report.joins = joins.into_iter().map(|join| join.report).collect();
    Ok(data)
}

/// A row whose text is known.
struct Row<'a> {
    record: &'a Record,
    input: &'a Input,
    at: FileLine,
}

/// What a row has for the tasks of a plan, in their order.
struct RowTargets {
    /// The partner in each join, and whether it has other words.
    partners: Vec<(Option<usize>, bool)>,
    targets: Vec<(Option<RawTarget>, FileLine)>,
}

impl Row<'_> {
    /// Reads the targets; nothing is changed where one of them cannot be used.
    fn read(
        &self,
        plan: &[(TargetReader<'_>, Holder)],
        joins: &[Join<'_>],
        files: &[PathBuf],
        place: &impl Fn() -> Place,
    ) -> Result<RowTargets, DataError> {
        let mut partners: Vec<(Option<usize>, bool)> = joins
            .iter()
            .map(|join| Ok((join.partner(self.record, place)?, false)))
            .collect::<Result<_, DataError>>()?;
        let mut targets = Vec::with_capacity(plan.len());
        for (reader, holder) in plan {
            let (target, at) = match *holder {
                Holder::Own => (
                    reader.read(self.record, Some(&self.input.text), place)?,
                    self.at,
                ),
                Holder::Nobody => (None, self.at),
                Holder::Join(number) => match partners[number].0 {
                    None => (None, self.at),
                    Some(partner) => {
                        let tags = reader.request.kind == TargetKind::Tags;
                        if tags && !joins[number].same_words(partner, self.input)? {
                            partners[number].1 = true;
                            (None, self.at)
                        } else {
                            joins[number].target(partner, reader)?
                        }
                    }
                },
            };
            let target_place = || Place::new(&files[at.file as usize], at.line as usize);
            let target = target
                .map(|target| fitted(target, self.input, reader, &target_place))
                .transpose()?;
            targets.push((target, at));
        }
        Ok(RowTargets { partners, targets })
    }

    /// Adds the row to the examples.
    fn add(
        &self,
        data: &mut SplitData,
        plan: &[(TargetReader<'_>, Holder)],
        joins: &mut [Join<'_>],
        read: RowTargets,
    ) {
        let mut example = Example {
            text: self.input.text.clone(),
            targets: Default::default(),
            line: self.at.line as usize,
        };
        for ((reader, _), (target, at)) in plan.iter().zip(read.targets) {
            let task = &reader.request.task;
            if let Some(lines) = data.joined.get_mut(task) {
                lines.push(target.is_some().then_some(at));
            }
            match target {
                Some(target) => {
                    example.targets.insert(task.clone(), target);
                }
                None => *data.report.missing.entry(task.clone()).or_default() += 1,
            }
        }
        for (join, (partner, other_words)) in joins.iter_mut().zip(read.partners) {
            join.count(partner, other_words);
        }
        let text = self.input.text.first().text();
        data.report.unlocated += usize::from(!self.input.located);
        data.report.empty_texts += usize::from(text.trim().is_empty());
        data.examples.push(example);
        data.origins.push(self.at);
    }
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

fn id_of(record: &Record, field: &str) -> Option<String> {
    match record.fields.get(field)? {
        FieldValue::Text(id) | FieldValue::Scalar(id) => Some(id.clone()),
        _ => None,
    }
}
