//! Files joined to a data set by a key.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

use mtnet_core::{RawTarget, Split};

use super::JoinReport;
use super::files::Loaded;
use super::input::{Input, forms, words};
use super::split_data::FileLine;
use super::target::TargetReader;
use crate::DataError;
use crate::config::JoinConfig;
use crate::error::Place;
use crate::readers::{FieldValue, Record, Rejected};

/// The records of a joined file by their key.
pub(super) struct Join<'a> {
    pub config: &'a JoinConfig,
    pub loaded: Loaded,
    pub report: JoinReport,
    index: BTreeMap<String, usize>,
    first_file: usize,
}

impl<'a> Join<'a> {
    /// Reads the files that go with a split's files; there may be none.
    pub fn read(
        config: &'a JoinConfig,
        split: Split,
        base_dir: &Path,
        first_file: usize,
        rejected: &mut Rejected,
    ) -> Result<Self, DataError> {
        let source = config.source();
        let loaded = Loaded::read(config.files(split), base_dir, &source, first_file, rejected)?;
        let on = config.on.as_str();
        if !loaded.reports.is_empty() {
            loaded.expect(on)?;
            if let Some(tokens) = &config.tokens {
                loaded.expect(tokens.as_str())?;
            }
        }
        let mut index = BTreeMap::new();
        for (number, (at, record)) in loaded.records.iter().enumerate() {
            let place = || loaded.place(*at, first_file);
            let Some(key) = rejected.sift(key(record, on, &place))? else {
                continue;
            };
            match index.entry(key) {
                Entry::Vacant(entry) => {
                    entry.insert(number);
                }
                Entry::Occupied(entry) => rejected.reject(DataError::DuplicateKey {
                    place: place(),
                    on: on.to_owned(),
                    key: entry.key().clone(),
                    first: loaded.records[*entry.get()].1.line,
                })?,
            }
        }
        Ok(Self {
            config,
            report: JoinReport {
                on: config.on.clone(),
                matched: 0,
                unmatched: 0,
                other_words: 0,
            },
            loaded,
            index,
            first_file,
        })
    }

    /// The partner of a record.
    pub fn partner(
        &self,
        record: &Record,
        place: &impl Fn() -> Place,
    ) -> Result<Option<usize>, DataError> {
        let key = key(record, self.config.on.as_str(), place)?;
        Ok(self.index.get(&key).copied())
    }

    /// Counts an example by its partner, and by whether that has other words.
    pub fn count(&mut self, partner: Option<usize>, other_words: bool) {
        match partner {
            Some(_) => self.report.matched += 1,
            None => self.report.unmatched += 1,
        }
        self.report.other_words += usize::from(other_words);
    }

    /// The target that a partner states, and where it stands.
    pub fn target(
        &self,
        partner: usize,
        reader: &TargetReader<'_>,
    ) -> Result<(Option<RawTarget>, FileLine), DataError> {
        let (at, record) = &self.loaded.records[partner];
        let target = reader.read(record, None, &|| self.loaded.place(*at, self.first_file))?;
        Ok((target, *at))
    }

    /// Whether a partner has the same words as the example, as far as its file tells words.
    pub fn same_words(&self, partner: usize, input: &Input) -> Result<bool, DataError> {
        let (at, record) = &self.loaded.records[partner];
        let place = || self.loaded.place(*at, self.first_file);
        let partner = words(record, &self.config.source(), &place)?.map(forms);
        Ok(partner.is_none() || partner == input.given)
    }
}

/// The key of a record as text.
fn key(record: &Record, on: &str, place: &impl Fn() -> Place) -> Result<String, DataError> {
    match record.fields.get(on) {
        Some(FieldValue::Text(key) | FieldValue::Scalar(key)) if !key.is_empty() => Ok(key.clone()),
        None | Some(FieldValue::Null | FieldValue::Text(_)) => Err(DataError::MissingText {
            place: place(),
            field: on.to_owned(),
        }),
        Some(other) => Err(DataError::FieldKind {
            place: place(),
            field: on.to_owned(),
            found: other.kind().to_owned(),
            expected: "the key of a join, a text or a number",
        }),
    }
}
