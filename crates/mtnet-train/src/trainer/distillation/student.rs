//! What a task needs of a teacher, and whether a teacher can give it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mtnet_core::{InputText, Split, TargetKind, TaskName, nearest};
use mtnet_heads::{Reads, TaskSpec};
use mtnet_model::{ModelFolder, Task};
use mtnet_text::EncodedText;
use sha2::{Digest, Sha256};

use super::soft_labels::TaskScores;
use crate::trainer::{Prepared, TrainError};

/// A task with its teacher's folder and the texts that it learns from.
pub(super) struct Student<'a> {
    pub task: &'a Task,
    /// The folder of the teacher.
    pub folder: PathBuf,
    /// Each example of the training data without noisy copies; `None` where it has no label.
    pub texts: Vec<Option<&'a InputText>>,
    encoded: &'a [EncodedText],
}

impl<'a> Student<'a> {
    pub fn new(task: &'a Task, folder: PathBuf, prepared: &'a Prepared) -> Self {
        let corpus = prepared.corpus(Split::Train);
        let examples = prepared
            .summaries
            .iter()
            .filter(|summary| summary.split == Split::Train)
            .flat_map(|summary| &summary.data.examples);
        let texts = examples
            .zip(corpus.targets())
            .map(|(example, targets)| {
                let labelled = targets.contains_key(&task.spec.name);
                labelled.then_some(&example.text)
            })
            .collect();
        Self {
            task,
            folder,
            texts,
            encoded: corpus.texts(),
        }
    }

    pub fn spec(&self) -> &TaskSpec {
        &self.task.spec
    }

    /// Hash of the texts, and of the order of the columns.
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        let mut take = |bytes: &[u8]| {
            hasher.update((bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        take(self.spec().name.as_str().as_bytes());
        let labels = self.spec().labels.iter();
        labels.for_each(|label| take(label.as_bytes()));
        for text in &self.texts {
            let Some(text) = text else {
                take(&[]);
                continue;
            };
            for segment in [Some(text.first()), text.second()].into_iter().flatten() {
                take(segment.text().as_bytes());
                for word in segment.words().unwrap_or_default() {
                    take(&(word.start as u64).to_le_bytes());
                    take(&(word.end as u64).to_le_bytes());
                }
            }
        }
        let digest = hasher.finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The teacher's task of the same name, and its column for each of ours.
    ///
    /// # Errors
    /// If the teacher lacks the task, answers in another form, or knows other labels.
    pub fn column_order(&self, teacher: &ModelFolder) -> Result<Vec<usize>, TrainError> {
        let (name, ours) = (&self.spec().name, self.task.head.target_kind());
        let tasks = teacher.model.tasks();
        let Some(theirs) = tasks.iter().find(|task| &task.spec.name == name) else {
            let names = tasks.iter().map(|task| task.spec.name.as_str());
            let names: Vec<&str> = names.collect();
            let hint = nearest(name.as_str(), names.iter().copied());
            let hint = hint.map(|name| format!("; did you mean `{name}`?"));
            return Err(self.refuse(format!(
                "it has no such task, only `{}`{}",
                names.join("`, `"),
                hint.unwrap_or_default()
            )));
        };
        let kind = theirs.head.target_kind();
        if kind != ours || theirs.head.reads() != self.task.head.reads() {
            return Err(self.refuse(format!(
                "it answers with {}, the task with {}",
                form(kind),
                form(ours)
            )));
        }
        let (theirs, ours) = (&theirs.spec.labels, &self.spec().labels);
        let order = ours
            .iter()
            .map(|label| theirs.iter().position(|other| other == label));
        match order.collect::<Option<Vec<usize>>>() {
            Some(order) if theirs.len() == ours.len() => Ok(order),
            _ => {
                let what = match kind {
                    TargetKind::Numbers => "numbers",
                    _ => "labels",
                };
                Err(self.refuse(format!(
                    "its {what} differ:{}{}; train it on the same {what}, or give both the same \
                     `labels`",
                    missing("it lacks", ours, theirs),
                    missing("the task lacks", theirs, ours)
                )))
            }
        }
    }

    /// Puts the teacher's scores of each example into one table of our columns.
    ///
    /// # Errors
    /// If the teacher reads other words than the student, or a score is not finite.
    pub fn table(&self, scores: Vec<Vec<f32>>, order: &[usize]) -> Result<TaskScores, TrainError> {
        let columns = order.len();
        let mut table = TaskScores {
            columns,
            starts: vec![0],
            values: Vec::new(),
        };
        let mut scores = scores.into_iter();
        for (example, text) in self.texts.iter().enumerate() {
            if text.is_some() {
                let rows = scores.next().unwrap_or_default();
                self.fits(example, rows.len() / columns)?;
                if rows.iter().any(|score| !score.is_finite()) {
                    return Err(self.refuse(format!(
                        "its scores for example {example} of the training data are not finite"
                    )));
                }
                let rows = rows.chunks_exact(columns);
                let ordered = rows.flat_map(|row| order.iter().map(|&column| row[column]));
                table.values.extend(ordered);
            }
            table.starts.push((table.values.len() / columns) as u32);
        }
        Ok(table)
    }

    /// Whether a table from elsewhere has the rows that every example needs.
    pub fn fits_table(&self, table: &TaskScores) -> bool {
        let mut texts = self.texts.iter().enumerate();
        texts.all(|(example, text)| {
            let expected = text.map_or(0, |_| self.rows(example));
            table.count(example) == expected
        })
    }

    /// That an example has as many rows in the teacher as the student reads.
    fn fits(&self, example: usize, rows: usize) -> Result<(), TrainError> {
        let expected = self.rows(example);
        match rows == expected {
            true => Ok(()),
            false => Err(self.refuse(format!(
                "it reads {rows} words of example {example} of the training data, the student \
                 {expected}; their tokenizers cut the text differently"
            ))),
        }
    }

    /// Rows of scores that the student has for an example.
    fn rows(&self, example: usize) -> usize {
        match self.task.head.reads() {
            Reads::Sequences => 1,
            // Refused by the check of the run file.
            Reads::Passages => 0,
            Reads::Words => {
                let windows = self.encoded[example].windows.iter();
                windows.map(|window| window.word_tokens.len()).sum()
            }
        }
    }

    pub fn refuse(&self, problem: String) -> TrainError {
        TrainError::Teacher {
            task: self.spec().name.clone(),
            teacher: self.folder.clone(),
            problem,
        }
    }
}

/// The tasks with a teacher, by their position in the model.
pub(super) fn students<'a>(
    prepared: &'a Prepared,
    teacher: impl Fn(&TaskName) -> Option<PathBuf>,
) -> impl Iterator<Item = (usize, Student<'a>)> {
    let tasks = prepared.folder.model.tasks().iter().enumerate();
    tasks.filter_map(move |(index, task)| {
        let folder = teacher(&task.spec.name)?;
        Some((index, Student::new(task, folder, prepared)))
    })
}

/// Hash of everything in a model folder that its answers depend on.
pub(super) fn hash_of_model(folder: &Path) -> Result<String, TrainError> {
    let mut all = String::new();
    for name in [
        "config.json",
        "tasks.json",
        "tokenizer.json",
        "model.safetensors",
    ] {
        let path = folder.join(name);
        all.push_str(&mtnet_data::sha256_file(&path).map_err(TrainError::file(&path))?);
    }
    Ok(all)
}

fn form(kind: TargetKind) -> &'static str {
    match kind {
        TargetKind::Label => "one label a text",
        TargetKind::Labels => "any number of labels a text",
        TargetKind::Numbers => "numbers",
        TargetKind::Tags => "one tag a word",
        TargetKind::Spans => "answers",
    }
}

/// Up to three names of `all` that `known` lacks.
fn missing(who: &str, all: &[String], known: &[String]) -> String {
    let known: BTreeSet<&String> = known.iter().collect();
    let lacking: Vec<&str> = all
        .iter()
        .filter(|label| !known.contains(label))
        .map(String::as_str)
        .collect();
    match lacking.len() {
        0 => String::new(),
        1..=3 => format!(" {who} `{}`", lacking.join("`, `")),
        count => format!(
            " {who} `{}` and {} more",
            lacking[..3].join("`, `"),
            count - 3
        ),
    }
}

#[cfg(test)]
mod tests;
