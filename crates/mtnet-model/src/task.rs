//! A task of a model: what it is, the head that answers it, and how its probabilities are calibrated.

use std::sync::OnceLock;

use candle_core::{DType, Tensor};
use mtnet_core::{Offsets, PackedBatch, TargetValues};
use mtnet_heads::{Answer, HeadError, Reads, TaskHead, TaskSpec, calibrate};

use crate::{Calibration, LabelledScores, ModelError, PreparedInput};

/// A task of a model.
#[derive(Debug)]
pub struct Task {
    /// Name, head and labels.
    pub spec: TaskSpec,
    /// The head.
    pub head: Box<dyn TaskHead>,
    /// Set at most once, after training: a model is shared while it is asked.
    calibration: OnceLock<Calibration>,
}

impl Task {
    pub(crate) fn new(spec: TaskSpec, head: Box<dyn TaskHead>) -> Self {
        Self {
            spec,
            head,
            calibration: OnceLock::new(),
        }
    }

    /// The temperature of its probabilities, where one was fitted.
    pub fn calibration(&self) -> Option<&Calibration> {
        self.calibration.get()
    }

    /// Calibrates its probabilities from now on.
    ///
    /// # Errors
    /// If its probabilities do not come from scores row by row (as those of a regression, which has
    /// none), or if it is calibrated already.
    pub fn calibrate(&self, calibration: Calibration) -> Result<(), ModelError> {
        if self.head.link().is_none() {
            let kind = self.head.kind();
            return Err(self.refused(format!(
                "a {kind} head has no probabilities that a temperature scales; take the task out of \
                 `calibration` in tasks.json"
            )));
        }
        self.calibration
            .set(calibration)
            .map_err(|_| self.refused("it has one already".to_owned()))
    }

    pub(crate) fn forget_calibration(&mut self) {
        self.calibration.take();
    }

    /// Where scores of labelled rows are collected to fit a temperature on; `None` for a head that
    /// none can be fitted for.
    pub fn labelled_scores(&self) -> Option<LabelledScores> {
        let columns = self.spec.labels.len();
        Some(LabelledScores::new(self.head.link()?, columns))
    }

    /// Adds the scores `(rows, columns)` of labelled rows to those collected.
    ///
    /// # Errors
    /// If a tensor operation fails.
    pub fn collect(
        &self,
        into: &mut LabelledScores,
        scores: &Tensor,
        targets: &TargetValues,
    ) -> Result<(), ModelError> {
        into.extend(&flat(scores)?, targets);
        Ok(())
    }

    /// Whether it can answer for pairs of texts only: questions about the second of them.
    pub fn needs_pair(&self) -> bool {
        self.head.reads() == Reads::Passages
    }

    /// Whether it can answer for an input.
    pub(crate) fn answers(&self, input: &PreparedInput) -> bool {
        !self.needs_pair() || input.text.second().is_some()
    }

    /// Scores `(rows, columns)` of sequences of a batch to answers: those of passages as bytes of the
    /// second text, their probabilities calibrated where the task is.
    ///
    /// # Errors
    /// If the head refuses the scores, or a tensor operation fails.
    pub(crate) fn decode(
        &self,
        batch: &PackedBatch,
        sequences: &[u32],
        scores: &Tensor,
        borders: Option<&Offsets>,
    ) -> Result<Vec<Answer>, ModelError> {
        let mut answers = self
            .head
            .decode(scores, borders)
            .map_err(|source| self.failed(source))?;
        for (answer, &sequence) in answers.iter_mut().zip(sequences) {
            place(answer, batch, sequence);
        }
        if let Some(calibration) = self.calibration() {
            let columns = scores.dims2()?.1;
            calibrate(
                &mut answers,
                &flat(scores)?,
                columns,
                calibration.temperature(),
            );
        }
        Ok(answers)
    }

    pub(crate) fn failed(&self, source: HeadError) -> ModelError {
        ModelError::Head {
            task: self.spec.name.to_string(),
            source,
        }
    }

    fn refused(&self, problem: String) -> ModelError {
        ModelError::Calibration {
            task: self.spec.name.to_string(),
            problem,
        }
    }
}

fn flat(scores: &Tensor) -> Result<Vec<f32>, ModelError> {
    Ok(scores.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?)
}

/// Replaces rows of a sequence's passage by bytes of its second text.
fn place(answer: &mut Answer, batch: &PackedBatch, sequence: u32) {
    let Answer::Spans { spans, .. } = answer else {
        return;
    };
    let bytes = &batch.passages.bytes[batch.passages.range(sequence as usize)];
    for span in spans {
        let (first, last) = (bytes[span.start as usize], bytes[span.end as usize]);
        (span.start, span.end) = (first[0], last[1]);
    }
}
