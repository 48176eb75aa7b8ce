//! Scores before they become answers, with the tokens they were read from: what another program's
//! numbers are compared with.

use std::collections::BTreeMap;

use candle_core::Tensor;
use mtnet_core::TaskName;
use mtnet_heads::{Answer, HeadConfig, Reads};
use mtnet_kernels::Mode;
use mtnet_text::{PackItem, pack};
use serde::Serialize;

use crate::{ModelError, PredictInput, Predictor, Task};

/// The tokens of one text and what the heads score for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TextLogits {
    /// The windows that the text was read in.
    pub windows: Vec<WindowTokens>,
    /// Rows of scores of each task: one for a text, of its first window; or one a word, or one a row
    /// of each window's passage, in order.
    /// A regression's are in the unit of its data.
    pub logits: BTreeMap<TaskName, Vec<Vec<f32>>>,
}

/// The tokens of a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WindowTokens {
    /// Token ids `(tokens)`.
    pub input_ids: Vec<u32>,
    /// Segment of each token `(tokens)`.
    pub token_type_ids: Vec<u32>,
    /// The token that stands for each of its words `(words)`.
    pub word_tokens: Vec<u32>,
    /// The tokens of its passage: its first, then those of the second text of a pair.
    pub passage_tokens: Vec<u32>,
}

impl Predictor {
    /// Tokens and scores of each input for the tasks (all of them if `tasks` is empty).
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn logits(
        &self,
        inputs: &[PredictInput],
        tasks: &[TaskName],
    ) -> Result<Vec<TextLogits>, ModelError> {
        let folder = self.folder();
        let indices: Vec<usize> = match tasks {
            [] => (0..folder.model.tasks().len()).collect(),
            named => named
                .iter()
                .map(|task| folder.model.task_index(task))
                .collect::<Result<_, _>>()?,
        };
        let options = folder.encode_options();
        let mut found = Vec::with_capacity(inputs.len());
        for input in inputs {
            let text = folder.tokenizer.encode(&input.text, &options)?;
            let items: Vec<PackItem<'_>> = (text.windows.iter().enumerate())
                .map(|(position, window)| PackItem {
                    example: 0,
                    window,
                    first: position == 0,
                    targets: Vec::new(),
                })
                .collect();
            let batch = pack(&items, &BTreeMap::new());
            let encoded = folder.model.encode(&batch)?;
            let mut logits = BTreeMap::new();
            for task in indices.iter().map(|&index| &folder.model.tasks()[index]) {
                let sequences: Vec<u32> = match task.head.reads() {
                    Reads::Sequences => vec![0],
                    Reads::Words | Reads::Passages => (0..batch.len() as u32).collect(),
                };
                let scores =
                    folder
                        .model
                        .scores(task, &batch, &encoded, &sequences, &Mode::Eval)?;
                let rows = match scores {
                    Some((scores, _)) => in_unit(task, &scores)?,
                    None => Vec::new(),
                };
                logits.insert(task.spec.name.clone(), rows);
            }
            let passage_tokens = |sequence: usize| {
                let first = batch.offsets.range(sequence).start as u32;
                let rows = &batch.passages.rows[batch.passages.range(sequence)];
                rows.iter().map(|row| row - first).collect()
            };
            let windows = text.windows.into_iter().enumerate();
            let windows = windows.map(|(sequence, window)| WindowTokens {
                input_ids: window.input_ids,
                token_type_ids: window.type_ids,
                word_tokens: window.word_tokens,
                passage_tokens: passage_tokens(sequence),
            });
            found.push(TextLogits {
                windows: windows.collect(),
                logits,
            });
        }
        Ok(found)
    }
}

/// Scores as rows; those of a regression restored to the unit of its data.
pub(crate) fn in_unit(task: &Task, scores: &Tensor) -> Result<Vec<Vec<f32>>, ModelError> {
    if !matches!(task.spec.head, HeadConfig::Regression(_)) {
        return Ok(scores.to_vec2()?);
    }
    let answers = task
        .head
        .decode(scores, None)
        .map_err(|source| ModelError::Head {
            task: task.spec.name.to_string(),
            source,
        })?;
    Ok(answers
        .into_iter()
        .map(|answer| match answer {
            Answer::Numbers { values } => values,
            other => unreachable!("a regression answers in numbers, not {other:?}"),
        })
        .collect())
}
