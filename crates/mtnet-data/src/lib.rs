//! From data files to packed batches: readers, labels, splits, samplers and the loader.
//!
//! 1. A [`DatasetConfig`] says where files are and how they are laid out, [`TaskField`]s which of
//!    their fields tasks learn from, and [`read_split`] makes [`SplitData`] of them: examples with
//!    raw targets, and a report of what was missing.
//! 2. [`TaskSchemas`] fixes label sets from the training data; [`encode_targets`] makes targets in
//!    columns and names the file and line of a label that is in no set.
//! 3. A [`Corpus`] holds encoded texts with their targets. [`sampling_groups`] finds the tasks that
//!    share examples, [`epoch_order`] orders an epoch by a [`SamplerConfig`], and a [`Loader`] makes
//!    packed batches ahead on another thread, from any [`LoaderPosition`] on.
//!
//! A label that an example lacks is no target: it is masked, counted, and never guessed.
//!
//! ```
//! use mtnet_core::{Split, TaskName};
//! use mtnet_data::{
//!     DatasetConfig, LabelOptions, TargetKind, TaskField, TaskSchemas, encode_targets, read_split,
//! };
//!
//! let folder = tempfile::tempdir()?;
//! std::fs::write(
//!     folder.path().join("train.jsonl"),
//!     r#"{"tokens": ["call", "Ada"], "slots": ["O", "B-name"], "intent": "call"}
//!        {"tokens": ["good", "morning"], "intent": "greet"}"#,
//! )?;
//! let config: DatasetConfig = toml::from_str(
//!     r#"
//!     name = "assistant"
//!     format = "jsonl"
//!     train = "train.jsonl"
//!     tokens = "tokens"
//!     "#,
//! )?;
//! let (intent, slots) = (TaskName::new("intent")?, TaskName::new("slots")?);
//! let requests = [
//!     TaskField::new(intent.clone(), "intent", TargetKind::Label),
//!     TaskField::new(slots.clone(), "slots", TargetKind::Tags),
//! ];
//! let train = read_split(&config, Split::Train, &requests, folder.path())?;
//! assert_eq!(train.report.missing[&slots], 1);
//!
//! let options = requests.map(|request| (request.task, LabelOptions::new(request.kind)));
//! let schemas = TaskSchemas::infer(&options.into(), &[&train])?;
//! let labels = schemas.get(&slots).and_then(|schema| schema.labels.as_ref());
//! assert_eq!(labels.map(|labels| labels.names()), Some(&["O", "B-name", "I-name"].map(String::from)[..]));
//! let targets = encode_targets(&train, &schemas)?;
//! assert!(targets[0].contains_key(&slots) && !targets[1].contains_key(&slots));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod config;
mod error;
mod hash;
mod labels;
mod loading;
mod overlap;
mod quality;
mod readers;
mod reading;
mod sampling;
mod stats;

pub use config::{DatasetConfig, FieldName, Format, JoinConfig, OnBadRow, OneOrMany, Words};
pub use error::{DataError, FormatError, Place, WrongAnswer};
pub use hash::{sha256, sha256_file};
pub use labels::{
    LabelOptions, LabelSource, TagScheme, TaskSchema, TaskSchemas, UnknownLabel, encode_targets,
};
pub use loading::{
    BatchSize, Corpus, EpochPlan, LoadedBatch, Loader, LoaderPosition, Prefetch, sequential_batches,
};
pub use overlap::{normalised, overlap};
pub use quality::{Finding, QualitySplit, Severity, find_faults};
pub use reading::{
    FileReport, JoinReport, ReadReport, SplitData, TargetKind, TaskField, read_split,
};
pub use sampling::{
    SamplerConfig, SamplingGroup, Strategy, Subset, TaskDraws, epoch_draws, epoch_order,
    sampling_groups, task_draws,
};
pub use stats::{LengthStats, NumberStats, TargetStats};
