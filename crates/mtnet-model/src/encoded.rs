//! A batch behind the encoder: whatever is asked of it afterwards costs a head, not a pass.

use std::sync::Arc;

use candle_core::{DType, Tensor};
use mtnet_core::PackedBatch;
use mtnet_heads::{Answer, Reads};
use mtnet_kernels::{Mode, segment_pool};

use crate::model::Encoded;
use crate::{ModelError, MultiTaskModel};

/// Encoder rows of a batch, for any number of heads.
#[derive(Debug)]
pub struct EncodedBatch<'a> {
    model: &'a MultiTaskModel,
    batch: &'a PackedBatch,
    encoded: Encoded,
}

impl MultiTaskModel {
    /// Runs the encoder over a batch, with no way back.
    ///
    /// # Errors
    /// If a tensor operation fails.
    pub fn encode_batch<'a>(
        &'a self,
        batch: &'a PackedBatch,
    ) -> Result<EncodedBatch<'a>, ModelError> {
        Ok(EncodedBatch {
            model: self,
            batch,
            encoded: self.encode(batch)?,
        })
    }

    /// The same where nothing will be asked but these tasks about these sequences: rows that they
    /// do not read are left out of the encoder's last layer.
    ///
    /// # Errors
    /// If a tensor operation fails.
    pub fn encode_for<'a>(
        &'a self,
        batch: &'a PackedBatch,
        requests: &[(usize, Vec<u32>)],
    ) -> Result<EncodedBatch<'a>, ModelError> {
        let reads = requests
            .iter()
            .filter(|(_, sequences)| !sequences.is_empty());
        let reads = reads.map(|(task, sequences)| (&self.tasks()[*task], &**sequences));
        Ok(EncodedBatch {
            model: self,
            batch,
            encoded: self.encode_rows(batch, reads)?,
        })
    }
}

impl EncodedBatch<'_> {
    /// What the task of index `task` answers for each of `sequences`.
    ///
    /// # Errors
    /// If a tensor operation fails.
    pub fn answers(&self, task: usize, sequences: &[u32]) -> Result<Vec<Answer>, ModelError> {
        Ok(self.scored(task, sequences)?.map_or_else(
            || self.nothing(task, sequences.len()),
            |(_, answers)| answers,
        ))
    }

    /// The same, with unnormalised scores in place of the probabilities of labels. Answers that
    /// hold no probability for every column, tags, numbers and spans, stay as they are.
    ///
    /// # Errors
    /// As [`answers`](Self::answers).
    pub fn raw_answers(&self, task: usize, sequences: &[u32]) -> Result<Vec<Answer>, ModelError> {
        let Some((scores, mut answers)) = self.scored(task, sequences)? else {
            return Ok(self.nothing(task, sequences.len()));
        };
        let raw = scores.to_dtype(DType::F32)?.to_vec2::<f32>()?;
        for (answer, raw) in answers.iter_mut().zip(raw) {
            if let Answer::Class { probabilities, .. } | Answer::Labels { probabilities, .. } =
                answer
            {
                *probabilities = raw;
            }
        }
        Ok(answers)
    }

    /// Pooled rows of all sequences `(sequences, hidden)`: their embeddings.
    ///
    /// # Errors
    /// If a tensor operation fails.
    pub fn pooled(&self) -> Result<Tensor, ModelError> {
        if let Some(pooled) = &self.encoded.pooled {
            return Ok(pooled.clone());
        }
        let offsets = Arc::new(self.batch.offsets.clone());
        Ok(segment_pool(
            &self.encoded.hidden,
            &offsets,
            self.model.pooling(),
        )?)
    }

    /// Answers for sequences without a row to read.
    fn nothing(&self, task: usize, count: usize) -> Vec<Answer> {
        let nothing = match self.model.tasks()[task].head.reads() {
            Reads::Passages => Answer::Spans {
                spans: vec![],
                null: f32::MIN,
            },
            _ => Answer::Tags {
                tags: vec![],
                probabilities: vec![],
            },
        };
        vec![nothing; count]
    }

    /// Scores `(rows, columns)` and answers; `None` where there is no row.
    fn scored(
        &self,
        task: usize,
        sequences: &[u32],
    ) -> Result<Option<(Tensor, Vec<Answer>)>, ModelError> {
        let task = &self.model.tasks()[task];
        let scored = self
            .model
            .scores(task, self.batch, &self.encoded, sequences, &Mode::Eval)?;
        let Some((scores, borders)) = scored else {
            return Ok(None);
        };
        let answers = task.decode(self.batch, sequences, &scores, borders.as_ref())?;
        Ok(Some((scores, answers)))
    }
}
