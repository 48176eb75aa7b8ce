//! Examples as batches are packed from them: texts encoded, targets in columns, those that a task
//! learns from drawn, noisy copies behind them.

use mtnet_core::{InputText, RandomStream, Target, TaskName};
use mtnet_data::{Corpus, SplitData, TaskSchemas, encode_targets};
use mtnet_text::characters::CharacterNoise;
use mtnet_text::{EncodeOptions, TextTokenizer, TokenCache};

use super::TrainError;
use crate::run_file::RunConfig;

/// The examples of all data sets. With `learning`, the run file and the stream of its seed, they are
/// training data: tasks keep the part that they learn from, and noisy copies are added.
pub(super) fn corpus(
    data: &[(String, SplitData)],
    schemas: &TaskSchemas,
    tokenizer: &TextTokenizer,
    cache: &TokenCache,
    options: &EncodeOptions,
    learning: Option<(&RunConfig, RandomStream)>,
) -> Result<Corpus, TrainError> {
    let mut targets = Vec::new();
    for (_, data) in data {
        targets.extend(encode_targets(data, schemas)?);
    }
    let subsets = learning.iter().flat_map(|(config, seed)| {
        let drawn = config.task.iter();
        drawn.filter_map(|task| Some((&task.name, task.subset()?, seed.child("subset"))))
    });
    for (task, subset, stream) in subsets {
        subset.keep(&mut targets, task, stream);
    }
    let mut texts: Vec<&InputText> = data
        .iter()
        .flat_map(|(_, data)| &data.examples)
        .map(|example| &example.text)
        .collect();
    let mut copies = Vec::new();
    let noise = learning.and_then(|(config, seed)| Some((config.augment.as_ref()?, seed)));
    if let Some((config, seed)) = noise {
        let noise = CharacterNoise::new(config.character_noise, &config.edits);
        let stream = seed.child("noise");
        // Behind the examples, so that those keep their numbers.
        for copy in 0..config.copies as u64 {
            let stream = stream.at(copy);
            copies.extend(
                texts
                    .iter()
                    .enumerate()
                    .map(|(example, text)| noise.apply(text, stream.at(example as u64))),
            );
        }
        let once = targets.clone();
        (0..config.copies).for_each(|_| targets.extend_from_slice(&once));
    }
    texts.extend(&copies);
    let encoded = cache.encode_all(tokenizer, &texts, options)?;
    Ok(Corpus::new(encoded, targets, schemas.widths())?)
}

/// The targets of a task in a corpus, with their examples.
pub(super) fn targets_of<'a>(
    corpus: &'a Corpus,
    task: &'a TaskName,
) -> impl Iterator<Item = (usize, &'a Target)> {
    corpus
        .targets()
        .iter()
        .enumerate()
        .filter_map(move |(example, targets)| Some((example, targets.get(task)?)))
}
