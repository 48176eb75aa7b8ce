//! Answers for new text from a model folder, every task from one encoder pass.

use std::borrow::Cow;
use std::path::Path;

use candle_core::Device;
use mtnet_core::{InputText, Segment, SequenceSource, TaskName};
use mtnet_heads::HeadRegistry;
use mtnet_text::{EncodeOptions, EncodedText, PackItem, batches_by_tokens, pack, split_words};

use crate::prediction::TaskPrediction;
use crate::{ModelError, ModelFolder, Prediction, merge_windows};

/// What a predictor is asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictInput {
    text: InputText,
}

impl PredictInput {
    /// One text; its words are found by [`split_words`].
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: InputText::Single(with_words(text.into())),
        }
    }

    /// A pair of texts.
    pub fn pair(first: impl Into<String>, second: impl Into<String>) -> Self {
        Self {
            text: InputText::Pair(with_words(first.into()), Segment::from_text(second)),
        }
    }

    /// A text given as words; tags are answered for exactly these.
    pub fn words<S: AsRef<str>>(words: &[S]) -> Self {
        Self {
            text: InputText::Single(Segment::from_words(words, " ")),
        }
    }

    /// The (first) text.
    pub fn as_str(&self) -> &str {
        self.text.first().text()
    }
}

fn with_words(text: String) -> Segment {
    let words = split_words(&text);
    // Ranges that the splitter made are slices of the text.
    Segment::with_words(text.clone(), words).unwrap_or_else(|_| Segment::from_text(text))
}

/// An opened model that answers for text.
#[derive(Debug)]
pub struct Predictor {
    folder: ModelFolder,
    batch_tokens: usize,
}

impl Predictor {
    /// Opens a model folder whose heads are all built in.
    ///
    /// # Errors
    /// See [`ModelFolder::open`].
    pub fn open(folder: &Path, device: &Device) -> Result<Self, ModelError> {
        Ok(Self::new(ModelFolder::open(
            folder,
            &HeadRegistry::default(),
            device,
        )?))
    }

    /// Answers from a model that is already in memory.
    pub fn new(folder: ModelFolder) -> Self {
        Self {
            folder,
            batch_tokens: 4096,
        }
    }

    /// Encodes at most this many tokens at once; a longer text goes alone. Default 4096.
    #[must_use]
    pub fn with_batch_tokens(self, batch_tokens: usize) -> Self {
        Self {
            batch_tokens,
            ..self
        }
    }

    /// The model.
    pub fn folder(&self) -> &ModelFolder {
        &self.folder
    }

    /// What the tasks (all of them if `tasks` is empty) say of each input, in order.
    ///
    /// # Errors
    /// If a task is not in the model, or a tensor operation fails.
    pub fn predict(
        &self,
        inputs: &[PredictInput],
        tasks: &[TaskName],
    ) -> Result<Vec<Prediction>, ModelError> {
        let model = &self.folder.model;
        let tasks: Cow<'_, [TaskName]> = match tasks {
            [] => model
                .tasks()
                .iter()
                .map(|task| task.spec.name.clone())
                .collect(),
            named => named.into(),
        };
        let indices = tasks
            .iter()
            .map(|task| model.task_index(task))
            .collect::<Result<Vec<_>, _>>()?;
        let options = EncodeOptions {
            max_length: self.folder.max_length,
            windows: true,
        };
        let encoded = inputs
            .iter()
            .map(|input| self.folder.tokenizer.encode(&input.text, &options))
            .collect::<Result<Vec<EncodedText>, _>>()?;

        let items: Vec<PackItem<'_>> = encoded
            .iter()
            .enumerate()
            .flat_map(|(example, text)| {
                text.windows
                    .iter()
                    .enumerate()
                    .map(move |(position, window)| PackItem {
                        example,
                        window,
                        first: position == 0,
                        targets: Vec::new(),
                    })
            })
            .collect();
        let lengths: Vec<usize> = items
            .iter()
            .map(|item| item.window.input_ids.len())
            .collect();
        let mut found: Vec<Vec<(SequenceSource, mtnet_heads::Answer)>> =
            vec![Vec::new(); indices.len()];
        for range in batches_by_tokens(&lengths, self.batch_tokens) {
            let batch = pack(&items[range], &Default::default());
            let sequences: Vec<u32> = (0..batch.len() as u32).collect();
            let requests: Vec<_> = indices
                .iter()
                .map(|&task| (task, sequences.clone()))
                .collect();
            for (answers, found) in model
                .answers(&batch, &requests)?
                .into_iter()
                .zip(&mut found)
            {
                found.extend(batch.sources.iter().copied().zip(answers));
            }
        }

        let mut predictions: Vec<Prediction> = encoded
            .iter()
            .map(|text| Prediction {
                tasks: Default::default(),
                dropped_tokens: text.dropped_tokens,
            })
            .collect();
        for (index, answers) in indices.into_iter().zip(found) {
            let spec = &model.tasks()[index].spec;
            for (example, answer) in merge_windows(answers) {
                let segment = inputs[example].text.first();
                let words = segment.words().unwrap_or_default();
                let named = TaskPrediction::new(spec, &answer, segment.text(), words);
                predictions[example].tasks.insert(spec.name.clone(), named);
            }
        }
        Ok(predictions)
    }
}
