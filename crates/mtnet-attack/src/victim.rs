//! Answers of one model to many questions, in packed batches.

use mtnet_core::{InputText, SequenceSource};
use mtnet_heads::Answer;
use mtnet_model::{ModelFolder, merge_windows};
use mtnet_text::{PackItem, TokenCache, batches_by_tokens, pack};

use crate::AttackError;

/// What each of `tasks` answers to each input: a row a task, in the order of the inputs.
///
/// # Errors
/// If a text cannot be encoded or the model fails.
pub(crate) fn ask(
    folder: &ModelFolder,
    tasks: &[usize],
    inputs: &[InputText],
    batch_tokens: usize,
) -> Result<Vec<Vec<Answer>>, AttackError> {
    let options = folder.encode_options();
    let inputs: Vec<&InputText> = inputs.iter().collect();
    let encoded = TokenCache::new(None).encode_all(&folder.tokenizer, &inputs, &options)?;
    let items: Vec<PackItem<'_>> = encoded
        .iter()
        .enumerate()
        .flat_map(|(example, text)| {
            let windows = text.windows.iter().enumerate();
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
    let mut found: Vec<Vec<(SequenceSource, Answer)>> = vec![Vec::new(); tasks.len()];
    for range in batches_by_tokens(&lengths, batch_tokens) {
        let batch = pack(&items[range], &Default::default());
        let sequences: Vec<u32> = (0..batch.len() as u32).collect();
        let requests: Vec<(usize, Vec<u32>)> = tasks
            .iter()
            .map(|&task| (task, sequences.clone()))
            .collect();
        let answers = folder.model.answers(&batch, &requests)?;
        for (answers, found) in answers.into_iter().zip(&mut found) {
            found.extend(batch.sources.iter().copied().zip(answers));
        }
    }
    // Every text has a window, so every example has an answer, in the order of their numbers.
    let merged = found
        .into_iter()
        .map(|answers| merge_windows(answers).into_values().collect());
    Ok(merged.collect())
}
