//! One shared encoder and a head a task.

use std::sync::Arc;

use candle_core::{Device, Tensor};
use mtnet_core::{Offsets, PackedBatch, SequenceSource, TaskName};
use mtnet_encoders::{Encoder, EncoderInput};
use mtnet_heads::{Answer, HeadLoss, HeadRegistry, Reads, TaskSpec};
use mtnet_kernels::{Mode, ParamStore, Pooling, Precision, Wanted, embedding, segment_pool};

use crate::rows::{firsts, passages, rows_read, words};
use crate::{ModelError, Task};

/// Encoder and heads over one set of parameters.
#[derive(Debug)]
pub struct MultiTaskModel {
    encoder: Box<dyn Encoder>,
    pooling: Pooling,
    tasks: Vec<Task>,
    parameters: ParamStore,
}

/// What one task made of the labelled rows of a batch.
#[derive(Clone, Debug)]
pub struct Evaluated {
    /// Mean loss over the labelled rows.
    pub mean: f64,
    /// Labelled rows.
    pub count: usize,
    /// Answers with where their sequences came from.
    pub answers: Vec<(SequenceSource, Answer)>,
    /// Unnormalised scores `(rows, columns)` of the labelled sequences.
    pub scores: Tensor,
}

/// Encoder rows of a batch.
#[derive(Debug)]
pub(crate) struct Encoded {
    /// `(tokens, hidden)`.
    pub(crate) hidden: Tensor,
    /// `(sequences, hidden)`; absent where no head reads sequences.
    pub(crate) pooled: Option<Tensor>,
}

impl MultiTaskModel {
    /// Puts heads on an encoder whose parameters live in `parameters`; theirs go below
    /// `heads.<task>`.
    ///
    /// # Errors
    /// If a head cannot be made, or a checkpoint behind `parameters` does not fit.
    pub fn new(
        encoder: Box<dyn Encoder>,
        pooling: Pooling,
        specs: Vec<TaskSpec>,
        registry: &HeadRegistry,
        parameters: ParamStore,
    ) -> Result<Self, ModelError> {
        let tasks = specs
            .into_iter()
            .map(|spec| {
                let vb = parameters.builder().pp("heads").pp(spec.name.as_str());
                let head = registry
                    .build(&spec, encoder.hidden_size(), vb)
                    .map_err(|source| ModelError::Head {
                        task: spec.name.to_string(),
                        source,
                    })?;
                Ok(Task::new(spec, head))
            })
            .collect::<Result<_, ModelError>>()?;
        Ok(Self {
            encoder,
            pooling,
            tasks,
            parameters,
        })
    }

    /// The shared encoder.
    pub fn encoder(&self) -> &dyn Encoder {
        self.encoder.as_ref()
    }

    /// How a sequence's rows become one.
    pub fn pooling(&self) -> Pooling {
        self.pooling
    }

    /// The tasks, in the order they were given.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// Index of a task by name.
    ///
    /// # Errors
    /// If there is no such task; the error lists those there are.
    pub fn task_index(&self, name: &TaskName) -> Result<usize, ModelError> {
        self.tasks
            .iter()
            .position(|task| &task.spec.name == name)
            .ok_or_else(|| {
                let known: Vec<&str> = self
                    .tasks
                    .iter()
                    .map(|task| task.spec.name.as_str())
                    .collect();
                ModelError::UnknownTask {
                    found: name.to_string(),
                    known: known.join(", "),
                }
            })
    }

    /// Takes every task's calibration away: probabilities are again those of the bare scores.
    pub fn forget_calibration(&mut self) {
        self.tasks.iter_mut().for_each(Task::forget_calibration);
    }

    /// All parameters.
    pub fn parameters(&self) -> &ParamStore {
        &self.parameters
    }

    /// The numbers that the encoder's products take.
    pub fn precision(&self) -> Precision {
        self.encoder.precision()
    }

    /// Chooses them; heads always compute in `f32`. See [`Encoder::set_precision`].
    ///
    /// # Errors
    /// If this encoder, or its device, computes in `f32` only.
    pub fn set_precision(&mut self, precision: Precision) -> Result<(), ModelError> {
        Ok(self.encoder.set_precision(precision)?)
    }

    /// Says that parameters were changed in place: the encoder may have laid them out before. See
    /// [`Encoder::weights_changed`].
    pub fn weights_changed(&self) {
        self.encoder.weights_changed();
    }

    /// Loss of each task on the rows of the batch that have a target for it, from one encoder
    /// pass that candle's graph leads through; `None` for a task that has none here. In the order of [`Self::tasks`].
    ///
    /// # Errors
    /// If targets are of another kind than a head learns from, or a tensor operation fails.
    pub fn losses(
        &self,
        batch: &PackedBatch,
        mode: &Mode,
    ) -> Result<Vec<Option<HeadLoss>>, ModelError> {
        let input = EncoderInput::from_batch(batch, self.device())?;
        let hidden = self.encoder.forward(&input, &mode.child("encoder"))?;
        let encoded = self.pooled(hidden, &input.offsets)?;
        self.losses_of(batch, &encoded, mode)
    }

    /// The losses behind encoder rows.
    pub(crate) fn losses_of(
        &self,
        batch: &PackedBatch,
        encoded: &Encoded,
        mode: &Mode,
    ) -> Result<Vec<Option<HeadLoss>>, ModelError> {
        let scores = self.scores_of(batch, encoded, mode)?;
        self.losses_from(batch, &scores)
    }

    /// Each task's scores `(rows, columns)` of its labelled rows.
    pub(crate) fn scores_of(
        &self,
        batch: &PackedBatch,
        encoded: &Encoded,
        mode: &Mode,
    ) -> Result<Vec<Option<Tensor>>, ModelError> {
        let heads = mode.child("heads");
        self.tasks
            .iter()
            .map(|task| {
                let Some(targets) = batch.targets.get(&task.spec.name) else {
                    return Ok(None);
                };
                let mode = heads.child(task.spec.name.as_str());
                let scored = self.scores(task, batch, encoded, &targets.sequences, &mode)?;
                Ok(scored.map(|(scores, _)| scores))
            })
            .collect()
    }

    /// The losses of scores as [`scores_of`](Self::scores_of) gives them.
    pub(crate) fn losses_from(
        &self,
        batch: &PackedBatch,
        scores: &[Option<Tensor>],
    ) -> Result<Vec<Option<HeadLoss>>, ModelError> {
        self.tasks
            .iter()
            .zip(scores)
            .map(|(task, scores)| {
                let targets = batch.targets.get(&task.spec.name);
                let Some((targets, scores)) = targets.zip(scores.as_ref()) else {
                    return Ok(None);
                };
                let loss = task
                    .head
                    .loss(scores, &targets.values)
                    .map_err(|source| task.failed(source))?;
                Ok((loss.count > 0).then_some(loss))
            })
            .collect()
    }

    /// Loss and answers of each task on the rows of the batch that have a target for it, from one
    /// encoder pass; in the order of [`Self::tasks`].
    ///
    /// # Errors
    /// As [`Self::losses`].
    pub fn evaluate(&self, batch: &PackedBatch) -> Result<Vec<Option<Evaluated>>, ModelError> {
        let targets = |task: &'_ Task| batch.targets.get(&task.spec.name);
        let reads = self
            .tasks
            .iter()
            .filter_map(|task| Some((task, &*targets(task)?.sequences)));
        let encoded = self.encode_rows(batch, reads)?;
        self.tasks
            .iter()
            .map(|task| {
                let Some(targets) = batch.targets.get(&task.spec.name) else {
                    return Ok(None);
                };
                let Some((scores, borders)) =
                    self.scores(task, batch, &encoded, &targets.sequences, &Mode::Eval)?
                else {
                    return Ok(None);
                };
                let loss = task
                    .head
                    .loss(&scores, &targets.values)
                    .map_err(|source| task.failed(source))?;
                let answers = task.decode(batch, &targets.sequences, &scores, borders.as_ref())?;
                let mean = f64::from(
                    loss.mean
                        .to_dtype(candle_core::DType::F32)?
                        .to_scalar::<f32>()?,
                );
                let sources = targets
                    .sequences
                    .iter()
                    .map(|&sequence| batch.sources[sequence as usize]);
                Ok(Some(Evaluated {
                    mean,
                    count: loss.count,
                    answers: sources.zip(answers).collect(),
                    scores,
                }))
            })
            .collect()
    }

    /// What task `task` answers for each of `sequences`, for several tasks from one encoder pass:
    /// `requests` pairs a task's index with sequences of the batch.
    ///
    /// # Errors
    /// If a tensor operation fails.
    pub fn answers(
        &self,
        batch: &PackedBatch,
        requests: &[(usize, Vec<u32>)],
    ) -> Result<Vec<Vec<Answer>>, ModelError> {
        let encoded = self.encode_for(batch, requests)?;
        requests
            .iter()
            .map(|(task, sequences)| encoded.answers(*task, sequences))
            .collect()
    }

    /// Pooled rows of the sequences of a batch `(sequences, hidden)`.
    ///
    /// # Errors
    /// If a tensor operation fails.
    pub fn embed(&self, batch: &PackedBatch) -> Result<Tensor, ModelError> {
        let input = EncoderInput::from_batch(batch, self.device())?;
        let sequences: Vec<u32> = (0..batch.len() as u32).collect();
        let firsts: Vec<u32> = firsts(batch, &sequences).collect();
        let wanted = match self.pooling {
            Pooling::First => Wanted::Rows(&firsts),
            _ => Wanted::All,
        };
        let hidden = self.encoder.encode(&input, wanted)?;
        Ok(segment_pool(
            &hidden,
            &Arc::new(batch.offsets.clone()),
            self.pooling,
        )?)
    }

    pub(crate) fn device(&self) -> &Device {
        self.parameters.device()
    }

    /// Encoder rows for whatever may be asked.
    pub(crate) fn encode(&self, batch: &PackedBatch) -> Result<Encoded, ModelError> {
        let input = EncoderInput::from_batch(batch, self.device())?;
        let hidden = self.encoder.encode(&input, Wanted::All)?;
        self.pooled(hidden, &input.offsets)
    }

    /// Encoder rows, of which tasks read those of some sequences; other rows mean nothing.
    pub(crate) fn encode_rows<'a>(
        &self,
        batch: &PackedBatch,
        reads: impl Iterator<Item = (&'a Task, &'a [u32])>,
    ) -> Result<Encoded, ModelError> {
        let input = EncoderInput::from_batch(batch, self.device())?;
        let rows = rows_read(batch, self.pooling, reads);
        let wanted = rows.as_deref().map_or(Wanted::All, Wanted::Rows);
        let hidden = self.encoder.encode(&input, wanted)?;
        self.pooled(hidden, &input.offsets)
    }

    /// Hidden rows with their pooled ones, where some head reads those.
    pub(crate) fn pooled(
        &self,
        hidden: Tensor,
        offsets: &Arc<Offsets>,
    ) -> Result<Encoded, ModelError> {
        let pools = self
            .tasks
            .iter()
            .any(|task| task.head.reads() == Reads::Sequences);
        let pooled = match pools {
            true => Some(segment_pool(&hidden, offsets, self.pooling)?),
            false => None,
        };
        Ok(Encoded { hidden, pooled })
    }

    /// Scores of a task for some sequences, with their borders where it reads words or passages;
    /// `None` where there is no row to score.
    pub(crate) fn scores(
        &self,
        task: &Task,
        batch: &PackedBatch,
        encoded: &Encoded,
        sequences: &[u32],
        mode: &Mode,
    ) -> Result<Option<(Tensor, Option<Offsets>)>, ModelError> {
        let (table, rows, borders) = match (task.head.reads(), &encoded.pooled) {
            (Reads::Sequences, Some(pooled)) => (pooled, sequences.to_vec(), None),
            (Reads::Passages, _) => {
                let lengths = sequences
                    .iter()
                    .map(|&sequence| batch.passages.range(sequence as usize).len());
                (
                    &encoded.hidden,
                    passages(batch, sequences).collect(),
                    Some(Offsets::from_lengths(lengths)),
                )
            }
            _ => {
                let lengths = sequences
                    .iter()
                    .map(|&sequence| batch.words.offsets.range(sequence as usize).len());
                (
                    &encoded.hidden,
                    words(batch, sequences).collect(),
                    Some(Offsets::from_lengths(lengths)),
                )
            }
        };
        if rows.is_empty() {
            return Ok(None);
        }
        let count = rows.len();
        let rows = embedding(table, &Tensor::from_vec(rows, count, self.device())?)?;
        let scores = task
            .head
            .forward(&rows, mode)
            .map_err(|source| task.failed(source))?;
        Ok(Some((scores, borders)))
    }
}
