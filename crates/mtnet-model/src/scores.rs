//! The scores of one task for many texts, flat: what a student learns from a teacher.

use mtnet_core::{InputText, TaskName};
use mtnet_heads::Reads;
use mtnet_kernels::Mode;
use mtnet_text::{PackItem, batches_by_tokens, pack};

use crate::logits::in_unit;
use crate::{ModelError, Predictor};

/// Texts that are held encoded at once.
const TEXTS: usize = 1024;

impl Predictor {
    /// Unnormalised scores of a task for each text, rows end to end `(rows, columns)`: one row for
    /// a text, or one a word, in order. Those of a regression are in the unit of its data.
    ///
    /// # Errors
    /// If the task is not in the model, a text cannot be tokenised, or a tensor operation fails.
    pub fn scores(
        &self,
        texts: &[&InputText],
        task: &TaskName,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        let folder = self.folder();
        let index = folder.model.task_index(task)?;
        let mut found = vec![Vec::new(); texts.len()];
        for (chunk, texts) in texts.chunks(TEXTS).enumerate() {
            let found = &mut found[chunk * TEXTS..][..texts.len()];
            self.score(texts, index, found)?;
        }
        Ok(found)
    }

    fn score(
        &self,
        texts: &[&InputText],
        index: usize,
        found: &mut [Vec<f32>],
    ) -> Result<(), ModelError> {
        let folder = self.folder();
        let task = &folder.model.tasks()[index];
        let reads_words = task.head.reads() != Reads::Sequences;
        let options = folder.encode_options();
        let encoded = texts
            .iter()
            .map(|text| folder.tokenizer.encode(text, &options))
            .collect::<Result<Vec<_>, _>>()?;
        let items: Vec<PackItem<'_>> = encoded
            .iter()
            .enumerate()
            .flat_map(|(example, text)| {
                // What speaks of a whole text is read from its first window.
                let windows = if reads_words { text.windows.len() } else { 1 };
                let windows = text.windows.iter().take(windows).enumerate();
                windows.map(move |(position, window)| PackItem {
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
        for range in batches_by_tokens(&lengths, self.batch_tokens()) {
            let batch = pack(&items[range], &Default::default());
            let sequences: Vec<u32> = (0..batch.len() as u32).collect();
            let rows = folder
                .model
                .encode_rows(&batch, [(task, &*sequences)].into_iter())?;
            let scored = folder
                .model
                .scores(task, &batch, &rows, &sequences, &Mode::Eval)?;
            let Some((scores, words)) = scored else {
                continue;
            };
            let mut rows = in_unit(task, &scores)?.into_iter();
            for (sequence, source) in batch.sources.iter().enumerate() {
                let count = words
                    .as_ref()
                    .map_or(1, |words| words.range(sequence).len());
                found[source.example].extend(rows.by_ref().take(count).flatten());
            }
        }
        Ok(())
    }
}
