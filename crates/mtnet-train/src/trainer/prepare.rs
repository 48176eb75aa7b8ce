//! From a run file to examples and a model: everything that happens before the first step.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use candle_core::Device;
use mtnet_core::{RandomStream, Split};
use mtnet_data::{
    Corpus, LabelOptions, LabelSource, ReadReport, SplitData, TargetKind, TaskField, TaskSchemas,
    read_split,
};
use mtnet_encoders::{EncoderParts, EncoderSource, HubCache, build_encoder};
use mtnet_heads::HeadRegistry;
use mtnet_kernels::{ParamStore, Precision};
use mtnet_model::{ModelFolder, MultiTaskModel, overlap};
use mtnet_text::{EncodeOptions, TextTokenizer, TokenCache, train_wordpiece};

use super::corpus::corpus;
use super::labels::specs;
use super::warm_start::WarmStart;
use super::{Progress, TrainError, open_device};
use crate::run_file::{RunConfig, RunFile, TaskConfig};

/// Examples read, labels known, texts encoded, model built.
#[derive(Debug)]
pub struct Prepared {
    /// The model with its tokenizer, before training.
    pub folder: ModelFolder,
    /// The examples of each split, of all data sets in the order of the run file.
    pub corpora: BTreeMap<Split, Arc<Corpus>>,
    /// What reading found, by split and data set.
    pub summaries: Vec<SplitSummary>,
    /// What the encoder was built from.
    pub parts: EncoderParts,
    /// What the heads were made by.
    pub(super) registry: HeadRegistry,
}

/// What reading one split of one data set found.
#[derive(Debug)]
pub struct SplitSummary {
    /// Name of the data set.
    pub dataset: String,
    /// The split.
    pub split: Split,
    /// Where its examples begin in the split's corpus.
    pub first_example: usize,
    /// The examples as read.
    pub data: SplitData,
}

impl SplitSummary {
    /// Files, counts and losses.
    pub fn report(&self) -> &ReadReport {
        &self.data.report
    }
}

impl Prepared {
    /// Reads, encodes and builds all that a run file names.
    ///
    /// # Errors
    /// If data, labels, encoder or heads are not as the run file says.
    pub fn new(
        run: &RunFile,
        registry: &HeadRegistry,
        progress: &mut dyn Progress,
    ) -> Result<Self, TrainError> {
        let config = &run.config;
        let device = open_device(&config.run.device)?;
        let seed = RandomStream::new(config.run.seed);
        for task in &config.task {
            registry
                .check(&task.head)
                .map_err(TrainError::head(&task.name))?;
        }

        progress.stage("reading data");
        let mut splits = BTreeMap::new();
        for split in Split::ALL {
            splits.insert(split, read_all(config, split, &run.base, registry)?);
        }
        let warm = WarmStart::read(config, &run.base, registry)?;
        let schemas = schemas(config, &splits[&Split::Train], &warm, registry)?;

        progress.stage("preparing the encoder");
        let source = EncoderSource::open(&config.encoder, &run.base, &HubCache::from_env())?;
        let tokenizer = tokenizer(config, &source, &splits[&Split::Train])?;
        let vocabulary: Vec<String> = (0..tokenizer.vocab_size() as u32)
            .map(|id| tokenizer.token(id).unwrap_or_default())
            .collect();
        let init = seed.child("init");
        let mut parts = source.prepare(&config.encoder, &vocabulary, init, &Device::Cpu)?;

        progress.stage("encoding texts");
        let cache = TokenCache::new(
            config
                .run
                .cache
                .as_ref()
                .map(|folder| run.base.join(folder)),
        );
        let options = EncodeOptions {
            max_length: parts.max_length,
            windows: true,
            overlap: overlap(config.task.iter().map(|task| &task.head)),
        };
        let mut corpora = BTreeMap::new();
        let mut summaries = Vec::new();
        for (split, data) in splits {
            let learning = (split == Split::Train).then_some((config, seed));
            let corpus = corpus(&data, &schemas, &tokenizer, &cache, &options, learning)?;
            corpora.insert(split, Arc::new(corpus));
            let mut first_example = 0;
            for (dataset, data) in data {
                let examples = data.examples.len();
                summaries.push(SplitSummary {
                    dataset,
                    split,
                    first_example,
                    data,
                });
                first_example += examples;
            }
        }
        let specs = specs(config, &schemas, &corpora[&Split::Train], &warm)?;

        let encoder_config = config.encoder.clone();
        let encoder_spec = parts.spec.clone();
        let (begin, begin_spec) = (config.encoder.clone(), parts.spec.clone());
        let store = ParamStore::new(init, &device)
            .initialise(move |name, _| begin.initialiser(&begin_spec, name))
            .with_tensors(std::mem::take(&mut parts.tensors))
            .with_tensors(warm.tensors)
            .freeze(move |name| encoder_config.is_frozen(&encoder_spec, name));
        let encoder = build_encoder(&parts.spec, store.builder())?;
        let mut model = MultiTaskModel::new(encoder, parts.pooling, specs, registry, store)?;
        let precision = Precision::from(config.train.precision);
        model.set_precision(precision)?;
        if let Some(caution) = precision.caution() {
            tracing::warn!("training in {precision}: {caution}");
        }
        let folder = ModelFolder {
            model,
            tokenizer,
            max_length: parts.max_length,
        };
        Ok(Self {
            folder,
            corpora,
            summaries,
            parts,
            registry: registry.clone(),
        })
    }

    /// Lets go of a split's examples, as if it had none.
    pub(super) fn forget(&mut self, split: Split) -> Result<(), TrainError> {
        let widths = self.corpus(split).widths().clone();
        let empty = Corpus::new(Vec::new(), Vec::new(), widths)?;
        self.corpora.insert(split, Arc::new(empty));
        Ok(())
    }

    /// Examples of a split.
    pub fn corpus(&self, split: Split) -> &Arc<Corpus> {
        &self.corpora[&split]
    }
}

/// The examples of one split for an existing model: its tokenizer, its tasks, its labels. Tasks of
/// the run file that the model lacks are left out.
///
/// # Errors
/// If the data is not as the run file says, or a label is not one of the model's.
pub fn read_corpus(
    run: &RunFile,
    split: Split,
    folder: &ModelFolder,
    registry: &HeadRegistry,
) -> Result<Corpus, TrainError> {
    let data = read_all(&run.config, split, &run.base, registry)?;
    let mut options = BTreeMap::new();
    for task in &run.config.task {
        if let Some(known) = folder
            .model
            .tasks()
            .iter()
            .find(|known| known.spec.name == task.name)
        {
            let labels = LabelSource::Given(known.spec.labels.clone());
            options.insert(
                task.name.clone(),
                LabelOptions {
                    labels,
                    ..label_options(task, registry)?
                },
            );
        }
    }
    let all: Vec<&SplitData> = data.iter().map(|(_, data)| data).collect();
    let schemas = TaskSchemas::infer(&options, &all)?;
    let cache = TokenCache::new(
        run.config
            .run
            .cache
            .as_ref()
            .map(|path| run.base.join(path)),
    );
    let encode = folder.encode_options();
    corpus(&data, &schemas, &folder.tokenizer, &cache, &encode, None)
}

fn read_all(
    config: &RunConfig,
    split: Split,
    base: &Path,
    registry: &HeadRegistry,
) -> Result<Vec<(String, SplitData)>, TrainError> {
    let mut all = Vec::new();
    for dataset in &config.dataset {
        if !dataset.has(split) {
            continue;
        }
        let requests = config
            .task
            .iter()
            .filter(|task| task.dataset.as_slice().contains(&dataset.name))
            .map(|task| {
                let fields = task.label.as_slice().to_vec();
                Ok(TaskField {
                    task: task.name.clone(),
                    fields,
                    kind: target_kind(task, registry)?,
                })
            })
            .collect::<Result<Vec<_>, TrainError>>()?;
        let data = read_split(dataset, split, &requests, base)?;
        if let Some(first) = data.report.first_bad_rows.first() {
            tracing::warn!(
                "data set `{}`, {split}: left out {} bad rows; the first: {first}",
                dataset.name,
                data.report.bad_rows
            );
        }
        all.push((dataset.name.to_string(), data));
    }
    Ok(all)
}

fn schemas(
    config: &RunConfig,
    train: &[(String, SplitData)],
    warm: &WarmStart,
    registry: &HeadRegistry,
) -> Result<TaskSchemas, TrainError> {
    let data: Vec<&SplitData> = train.iter().map(|(_, data)| data).collect();
    for task in &config.task {
        let labelled = |data: &&SplitData| {
            data.examples
                .iter()
                .any(|example| example.targets.contains_key(&task.name))
        };
        if !data.iter().any(labelled) {
            let join = |names: Vec<&str>| format!("`{}`", names.join("`, `"));
            return Err(TrainError::NoTrainingData {
                task: task.name.clone(),
                datasets: join(
                    task.dataset
                        .as_slice()
                        .iter()
                        .map(|name| name.as_str())
                        .collect(),
                ),
                field: join(
                    task.label
                        .as_slice()
                        .iter()
                        .map(|name| name.as_str())
                        .collect(),
                ),
            });
        }
    }
    let options = config
        .task
        .iter()
        .map(|task| {
            let mut options = label_options(task, registry)?;
            if let Some(spec) = warm.specs.get(&task.name) {
                options.labels = LabelSource::Given(spec.labels.clone());
            }
            Ok((task.name.clone(), options))
        })
        .collect::<Result<BTreeMap<_, _>, TrainError>>()?;
    Ok(TaskSchemas::infer(&options, &data)?)
}

fn label_options(task: &TaskConfig, registry: &HeadRegistry) -> Result<LabelOptions, TrainError> {
    Ok(LabelOptions {
        kind: target_kind(task, registry)?,
        labels: task.labels.clone().into(),
        unknown_label: task.unknown_label.clone(),
        scheme: task.scheme,
    })
}

fn target_kind(task: &TaskConfig, registry: &HeadRegistry) -> Result<TargetKind, TrainError> {
    registry
        .target_kind(&task.head)
        .map_err(TrainError::head(&task.name))
}

fn tokenizer(
    config: &RunConfig,
    source: &EncoderSource,
    train: &[(String, SplitData)],
) -> Result<TextTokenizer, TrainError> {
    match source {
        EncoderSource::Pretrained(folder) => {
            Ok(TextTokenizer::from_file(&folder.tokenizer_path()?)?)
        }
        EncoderSource::Scratch { word_vectors, .. } => {
            let words = word_vectors
                .as_ref()
                .map(|vectors| vectors.words())
                .unwrap_or_default();
            let texts = train
                .iter()
                .flat_map(|(_, data)| &data.examples)
                .flat_map(|example| {
                    let second = example.text.second().map(|segment| segment.text());
                    std::iter::once(example.text.first().text()).chain(second)
                });
            Ok(train_wordpiece(texts, &config.tokenizer, words)?)
        }
        _ => unreachable!("every source of an encoder says where its tokenizer is"),
    }
}
