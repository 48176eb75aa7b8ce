//! Answers for new text from a model folder, every task from one encoder pass.

use std::path::Path;
use std::time::Instant;

use candle_core::{DType, Device};
use mtnet_core::{PackedBatch, SequenceSource, TaskName};
use mtnet_heads::{Answer, HeadRegistry, Reads};
use mtnet_kernels::Precision;
use mtnet_text::{PackItem, batches_by_tokens, pack};

use crate::ask::{Ask, Replies, Reply};
use crate::prediction::TaskPrediction;
use crate::stream::Predictions;
use crate::{ModelError, ModelFolder, PredictInput, Prediction, PreparedInput, merge_windows};

/// An opened model that answers for text. It can be shared between threads.
#[derive(Debug)]
pub struct Predictor {
    folder: ModelFolder,
    batch_tokens: usize,
}

/// Answers of a task with where their sequences came from.
type Found = Vec<(SequenceSource, Answer)>;

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

    /// Computes in this precision. Default `f32`, in which models are stored.
    ///
    /// # Errors
    /// See [`MultiTaskModel::set_precision`](crate::MultiTaskModel::set_precision).
    pub fn with_precision(mut self, precision: Precision) -> Result<Self, ModelError> {
        self.folder.model.set_precision(precision)?;
        Ok(self)
    }

    /// The model.
    pub fn folder(&self) -> &ModelFolder {
        &self.folder
    }

    /// Tokens that are encoded at once.
    pub(crate) fn batch_tokens(&self) -> usize {
        self.batch_tokens
    }

    /// What the tasks (all of them if `tasks` is empty) say of each input, in order. A task that
    /// answers questions is left out of the prediction for a text that is no pair; an input that
    /// no task could answer for is an error.
    ///
    /// # Errors
    /// If a task is not in the model, an input cannot be tokenised, or a tensor operation fails.
    pub fn predict(
        &self,
        inputs: &[PredictInput],
        tasks: &[TaskName],
    ) -> Result<Vec<Prediction>, ModelError> {
        let ask = self.ask(tasks)?;
        let replies = self.replies(inputs, &ask)?;
        Ok(replies.into_iter().map(|reply| reply.prediction).collect())
    }

    /// The same for inputs that come one by one, in order and without end if need be: reads as many
    /// of them ahead as one pass takes, and never holds more.
    ///
    /// # Errors
    /// If a task is not in the model. The iterator gives the errors of [`predict`](Self::predict).
    pub fn predict_iter<I>(
        &self,
        inputs: I,
        tasks: &[TaskName],
    ) -> Result<Predictions<'_, I::IntoIter>, ModelError>
    where
        I: IntoIterator<Item = PredictInput>,
    {
        Ok(Predictions::new(
            self,
            self.ask(tasks)?,
            inputs.into_iter().fuse(),
        ))
    }

    /// The pooled row `(hidden)` of each input, as the model's pooling makes it; not normalised.
    ///
    /// # Errors
    /// If an input cannot be tokenised, or a tensor operation fails.
    pub fn embed(&self, inputs: &[PredictInput]) -> Result<Vec<Vec<f32>>, ModelError> {
        let ask = Ask {
            embedding: true,
            ..Ask::default()
        };
        let replies = self.replies(inputs, &ask)?;
        Ok(replies
            .into_iter()
            .filter_map(|reply| reply.embedding)
            .collect())
    }

    /// Asks for tasks by name; for all of them if `tasks` is empty.
    ///
    /// # Errors
    /// If a task is not in the model.
    pub fn ask(&self, tasks: &[TaskName]) -> Result<Ask, ModelError> {
        let model = &self.folder.model;
        let tasks = match tasks {
            [] => (0..model.tasks().len()).collect(),
            named => named
                .iter()
                .map(|task| model.task_index(task))
                .collect::<Result<_, _>>()?,
        };
        Ok(Ask {
            tasks,
            ..Ask::default()
        })
    }

    /// Whether some of the tasks can answer for input number `index`; a text alone says nothing to
    /// tasks that answer questions.
    ///
    /// # Errors
    /// If none can.
    pub fn check(&self, index: usize, input: &PredictInput, ask: &Ask) -> Result<(), ModelError> {
        let tasks = self.folder.model.tasks();
        let is_pair = input.second().is_some();
        let answers = |&task: &usize| is_pair || !tasks[task].needs_pair();
        match ask.tasks.first() {
            Some(&first) if !ask.tasks.iter().any(answers) => Err(ModelError::NeedsPair {
                input: index,
                task: tasks[first].spec.name.to_string(),
            }),
            _ => Ok(()),
        }
    }

    /// Tokenises an input: the half of the work that needs no batch. [`answer`](Self::answer) is
    /// the other half.
    ///
    /// # Errors
    /// If it cannot be tokenised.
    pub fn prepare(&self, input: PredictInput) -> Result<PreparedInput, ModelError> {
        let options = self.folder.encode_options();
        let encoded = self.folder.tokenizer.encode(&input.text, &options)?;
        Ok(PreparedInput {
            text: input.text,
            encoded,
        })
    }

    /// Answers inputs that each want something else, the encoder running once for all of them
    /// (once for every [`batch_tokens`](Self::with_batch_tokens) tokens).
    ///
    /// # Errors
    /// If a tensor operation fails.
    ///
    /// # Panics
    /// If an index of a task lies past the model's tasks.
    pub fn answer(&self, inputs: &[(&PreparedInput, &Ask)]) -> Result<Replies, ModelError> {
        let mut replies = Replies {
            replies: inputs.iter().map(|(input, _)| empty(input)).collect(),
            ..Replies::default()
        };
        let items: Vec<PackItem<'_>> = inputs
            .iter()
            .enumerate()
            .flat_map(|(example, (input, ask))| self.items(example, input, ask))
            .collect();
        let lengths: Vec<usize> = items
            .iter()
            .map(|item| item.window.input_ids.len())
            .collect();
        let mut found: Vec<Found> = vec![Vec::new(); self.folder.model.tasks().len()];
        for range in batches_by_tokens(&lengths, self.batch_tokens) {
            let batch = pack(&items[range], &Default::default());
            self.answer_batch(&batch, inputs, &mut found, &mut replies)?;
        }
        for (task, answers) in self.folder.model.tasks().iter().zip(found) {
            for (example, answer) in merge_windows(answers) {
                let named = TaskPrediction::new(&task.spec, &answer, &inputs[example].0.text);
                let tasks = &mut replies.replies[example].prediction.tasks;
                tasks.insert(task.spec.name.clone(), named);
            }
        }
        Ok(replies)
    }

    /// The windows of an input that what is asked of it is read from: all of them for tasks that
    /// read words or passages, else the first.
    fn items<'a>(
        &self,
        example: usize,
        input: &'a PreparedInput,
        ask: &Ask,
    ) -> impl Iterator<Item = PackItem<'a>> + use<'a> {
        let tasks = self.folder.model.tasks();
        let reads_all = |&task: &usize| tasks[task].head.reads() != Reads::Sequences;
        let windows = match ask.tasks.iter().any(reads_all) {
            true => input.encoded.windows.len(),
            false => 1,
        };
        let windows = input.encoded.windows.iter().take(windows);
        windows.enumerate().map(move |(position, window)| PackItem {
            example,
            window,
            first: position == 0,
            targets: Vec::new(),
        })
    }

    /// One pass of the encoder, and each head over the sequences that want it.
    fn answer_batch(
        &self,
        batch: &PackedBatch,
        inputs: &[(&PreparedInput, &Ask)],
        found: &mut [Found],
        replies: &mut Replies,
    ) -> Result<(), ModelError> {
        let start = Instant::now();
        let tasks = self.folder.model.tasks();
        let wanting = |wants: &dyn Fn(&PreparedInput, &Ask) -> bool| -> Vec<u32> {
            let sources = batch.sources.iter().zip(0..);
            sources
                .filter(|(source, _)| {
                    let (input, ask) = inputs[source.example];
                    wants(input, ask)
                })
                .map(|(_, sequence)| sequence)
                .collect()
        };
        let encoded = if inputs.iter().any(|(_, ask)| ask.embedding) {
            self.folder.model.encode_batch(batch)?
        } else {
            let requests: Vec<_> = (0..tasks.len())
                .map(|index| {
                    let wants = |input: &_, ask: &Ask| {
                        ask.tasks.contains(&index) && tasks[index].answers(input)
                    };
                    (index, wanting(&wants))
                })
                .collect();
            self.folder.model.encode_for(batch, &requests)?
        };
        replies.encoder += start.elapsed();
        for (index, (task, found)) in tasks.iter().zip(found).enumerate() {
            let start = Instant::now();
            for raw in [false, true] {
                let sequences = wanting(&|input, ask| {
                    let asked = ask.raw_scores == raw && ask.tasks.contains(&index);
                    asked && task.answers(input)
                });
                if sequences.is_empty() {
                    continue;
                }
                let answers = match raw {
                    true => encoded.raw_answers(index, &sequences)?,
                    false => encoded.answers(index, &sequences)?,
                };
                let sources = sequences.iter().map(|&at| batch.sources[at as usize]);
                found.extend(sources.zip(answers));
                *replies.heads.entry(task.spec.name.clone()).or_default() += start.elapsed();
            }
        }
        let embedded = wanting(&|_, ask| ask.embedding);
        if !embedded.is_empty() {
            let rows = encoded.pooled()?.to_dtype(DType::F32)?.to_vec2::<f32>()?;
            for sequence in embedded {
                let source = batch.sources[sequence as usize];
                let embedding = &mut replies.replies[source.example].embedding;
                // A window that begins at the first word is the first one.
                if source.first_word == 0 && embedding.is_none() {
                    *embedding = Some(rows[sequence as usize].clone());
                }
            }
        }
        Ok(())
    }

    fn replies(&self, inputs: &[PredictInput], ask: &Ask) -> Result<Vec<Reply>, ModelError> {
        let prepared = inputs
            .iter()
            .enumerate()
            .map(|(index, input)| {
                self.check(index, input, ask)?;
                self.prepare(input.clone())
            })
            .collect::<Result<Vec<_>, _>>()?;
        let asked: Vec<_> = prepared.iter().map(|input| (input, ask)).collect();
        Ok(self.answer(&asked)?.replies)
    }
}

fn empty(input: &PreparedInput) -> Reply {
    Reply {
        prediction: Prediction {
            tasks: Default::default(),
            dropped_tokens: input.encoded.dropped_tokens,
        },
        embedding: None,
    }
}
