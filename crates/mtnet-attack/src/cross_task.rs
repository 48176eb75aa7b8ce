//! What an attack on one task does to the others that read the same text.
//!
//! Tasks that share an encoder may share its weak spots: here the texts that broke one task's answer
//! are put to every other task.

use mtnet_core::{InputText, Target, TaskName};
use mtnet_heads::{Answer, SpanScore};
use mtnet_model::{ModelFolder, Task};
use serde::Serialize;

use crate::summary::main_metric_of;
use crate::victim::ask;
use crate::{AttackError, AttackExample, AttackOutcome, AttackedText, Share, Status};

/// What successful attacks on one task do to another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CrossTaskEffect {
    /// The other task.
    pub task: TaskName,
    /// Texts whose attack succeeded.
    pub texts: usize,
    /// Share of them whose answer of this task is another. For numbers: any other number.
    pub changed: Share,
    /// Of tags: share of the words with another tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_tags: Option<f64>,
    /// Of numbers: mean absolute difference, in the unit of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<f64>,
    /// Where texts have labels for this task too: what became of its main metric.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric: Option<MetricEffect>,
}

/// A metric before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricEffect {
    /// Its name.
    pub name: String,
    /// Texts that it is of.
    pub texts: usize,
    /// On the clean texts.
    pub clean: f64,
    /// On the attacked ones.
    pub attacked: f64,
}

/// Puts the texts of successful attacks on `attacked` to every other task of the model. Nothing
/// where no attack succeeded.
///
/// # Errors
/// If the model fails.
pub fn cross_task(
    folder: &ModelFolder,
    attacked: &TaskName,
    examples: &[AttackExample],
    outcomes: &[AttackOutcome],
    batch_tokens: usize,
) -> Result<Vec<CrossTaskEffect>, AttackError> {
    let broken: Vec<&AttackOutcome> = outcomes
        .iter()
        .filter(|one| one.status == Status::Successful)
        .collect();
    let all = folder.model.tasks();
    let others: Vec<usize> = (0..all.len())
        .filter(|&task| &all[task].spec.name != attacked)
        .collect();
    if broken.is_empty() || others.is_empty() {
        return Ok(Vec::new());
    }
    // With words, so that tags of a text that states none can be compared.
    let clean: Vec<InputText> = broken
        .iter()
        .map(|one| one.text.restored().to_input_with_words())
        .collect();
    let changed: Vec<InputText> = broken
        .iter()
        .map(|one| one.text.to_input_with_words())
        .collect();
    let clean = ask(folder, &others, &clean, batch_tokens)?;
    let changed = ask(folder, &others, &changed, batch_tokens)?;
    let rows = others.into_iter().zip(clean.into_iter().zip(changed));
    rows.map(|(task, (clean, changed))| effect(&all[task], examples, &broken, &clean, &changed))
        .collect()
}

fn effect(
    task: &Task,
    examples: &[AttackExample],
    broken: &[&AttackOutcome],
    clean: &[Answer],
    changed: &[Answer],
) -> Result<CrossTaskEffect, AttackError> {
    let mut differ = 0;
    let (mut tags, mut other_tags) = (0, 0);
    let mut moves = Vec::new();
    for ((before, after), outcome) in clean.iter().zip(changed).zip(broken) {
        let other = match (before, after) {
            (Answer::Class { label: a, .. }, Answer::Class { label: b, .. }) => a != b,
            (Answer::Labels { labels: a, .. }, Answer::Labels { labels: b, .. }) => a != b,
            (Answer::Numbers { values: a }, Answer::Numbers { values: b }) => {
                let distances = a.iter().zip(b).map(|(a, b)| f64::from((a - b).abs()));
                moves.push(distances.sum::<f64>() / a.len().max(1) as f64);
                a != b
            }
            (Answer::Tags { tags: a, .. }, Answer::Tags { tags: b, .. }) => {
                let pairs = kept_pairs(&outcome.text, a, b);
                let others = pairs.iter().filter(|(a, b)| a != b).count();
                tags += pairs.len();
                other_tags += others;
                others > 0
            }
            (Answer::Spans { spans: a, .. }, Answer::Spans { spans: b, .. }) => {
                let place = |spans: &[SpanScore]| spans.first().map(|best| (best.start, best.end));
                place(a) != place(b)
            }
            _ => before != after,
        };
        differ += usize::from(other);
    }
    Ok(CrossTaskEffect {
        task: task.spec.name.clone(),
        texts: broken.len(),
        changed: Share::new(differ, broken.len()),
        changed_tags: (tags > 0).then(|| other_tags as f64 / tags as f64),
        moved: (!moves.is_empty()).then(|| moves.iter().sum::<f64>() / moves.len() as f64),
        metric: metric(task, examples, broken, clean, changed)?,
    })
}

/// Tags of the words that both texts have.
fn kept_pairs(text: &AttackedText, clean: &[u32], changed: &[u32]) -> Vec<(u32, u32)> {
    let pair = |(place, word): (usize, usize)| Some((*clean.get(word)?, *changed.get(place)?));
    text.present().enumerate().filter_map(pair).collect()
}

fn metric(
    task: &Task,
    examples: &[AttackExample],
    broken: &[&AttackOutcome],
    clean: &[Answer],
    changed: &[Answer],
) -> Result<Option<MetricEffect>, AttackError> {
    let mut targets: Vec<&Target> = Vec::new();
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for ((outcome, clean), changed) in broken.iter().zip(clean).zip(changed) {
        let example = examples.iter().find(|one| one.index == outcome.index);
        let Some(target) = example.and_then(|one| one.targets.get(&task.spec.name)) else {
            continue;
        };
        // Labels of words fit a text that has all its words.
        let fits = match (target, clean, changed) {
            (Target::Tags(tags), Answer::Tags { tags: a, .. }, Answer::Tags { tags: b, .. }) => {
                tags.len() == a.len() && a.len() == b.len()
            }
            _ => true,
        };
        if fits {
            targets.push(target);
            before.push(clean.clone());
            after.push(changed.clone());
        }
    }
    if targets.is_empty() {
        return Ok(None);
    }
    let clean = main_metric_of(task, &before, &targets)?;
    let attacked = main_metric_of(task, &after, &targets)?;
    Ok(clean
        .zip(attacked)
        .map(|((name, clean), (_, attacked))| MetricEffect {
            name,
            texts: targets.len(),
            clean,
            attacked,
        }))
}
