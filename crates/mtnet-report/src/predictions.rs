//! `predictions-<split>.jsonl`: what a finished run answered for each labelled example.
//!
//! The first line is a [`PredictionHeader`]; every other one a [`Prediction`], one task of one
//! example. The trainer writes them with the selected weights; this module owns the format, so that
//! writer and reader cannot drift apart. `docs/report.md` describes it for other programs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::read::DamagedLine;

/// Version of the format, in the header.
pub const PREDICTIONS_FORMAT: u32 = 1;

/// The splits that predictions are written for.
pub const PREDICTION_SPLITS: [&str; 2] = ["dev", "test"];

/// The first line of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PredictionHeader {
    /// [`PREDICTIONS_FORMAT`].
    pub format: u32,
    /// `dev` or `test`.
    pub split: String,
    /// Optimizer step of the weights.
    pub step: u64,
    /// Columns of each task: labels, or names of the regression targets.
    pub columns: BTreeMap<String, Vec<String>>,
}

/// One task of one example.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The task.
    pub task: String,
    /// The data set that the example comes from.
    pub dataset: String,
    /// Line of its file, from 1.
    pub line: usize,
    /// Tokens of the text, special ones included.
    pub tokens: usize,
    /// The text, or the first of a pair.
    pub text: String,
    /// The second text of a pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_pair: Option<String>,
    /// What is right and what was answered.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What is right and what was answered. Probabilities are rounded to six digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Outcome {
    /// One label.
    Class {
        /// The right one.
        truth: String,
        /// The answer.
        answer: String,
        /// Probability of each column; they sum to 1.
        probabilities: Vec<f64>,
    },
    /// Any number of labels.
    Labels {
        /// The right ones.
        truth: Vec<String>,
        /// The answer.
        answer: Vec<String>,
        /// Probability of each column, independent of the others.
        probabilities: Vec<f64>,
    },
    /// Numbers, one a column.
    Numbers {
        /// The right ones; `null` where there is none.
        truth: Vec<Option<f64>>,
        /// The answer.
        answer: Vec<f64>,
    },
    /// One tag a word.
    Tags {
        /// Bytes of each word in the text, from and to.
        words: Vec<[usize; 2]>,
        /// The right tags; `null` where there is none.
        truth: Vec<Option<String>>,
        /// The answer.
        answer: Vec<String>,
        /// Probability of each answered tag.
        probabilities: Vec<f64>,
    },
    /// A span of the second text.
    Spans {
        /// Bytes of each right answer in the second text, from and to; none where it holds none.
        truth: Vec<[usize; 2]>,
        /// Bytes of the answer, `null` for *no answer*.
        answer: Option<[usize; 2]>,
    },
}

/// A file of predictions, by task.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    /// `dev` or `test`.
    pub split: String,
    /// The first line.
    pub header: PredictionHeader,
    /// Predictions of each task in the file's order.
    pub tasks: BTreeMap<String, Vec<Prediction>>,
    /// Lines that could not be used.
    pub damaged: Vec<DamagedLine>,
}

impl Predictions {
    /// Name of the file of a split.
    pub fn file_name(split: &str) -> String {
        format!("predictions-{split}.jsonl")
    }

    /// Reads a file. Lines that are damaged, or name a label that the header lacks, are passed
    /// over and kept in [`damaged`](Self::damaged).
    ///
    /// # Errors
    /// If the first line is no header, or one of another version.
    pub fn parse(split: &str, text: &str) -> Result<Self, String> {
        let mut lines = text.lines().enumerate();
        let first = lines.next().map_or("", |(_, line)| line);
        let header: PredictionHeader = serde_json::from_str(first)
            .map_err(|error| format!("the first line is no header: {error}"))?;
        if header.format != PREDICTIONS_FORMAT {
            return Err(format!(
                "format {} found, {PREDICTIONS_FORMAT} expected; it is of another version",
                header.format
            ));
        }
        let mut predictions = Self {
            split: split.to_owned(),
            header,
            tasks: BTreeMap::new(),
            damaged: Vec::new(),
        };
        for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            match predictions.checked(line) {
                Ok(prediction) => {
                    let of_task = predictions.tasks.entry(prediction.task.clone());
                    of_task.or_default().push(prediction);
                }
                Err(reason) => predictions.damaged.push(DamagedLine {
                    line: index + 1,
                    reason,
                }),
            }
        }
        Ok(predictions)
    }

    fn checked(&self, line: &str) -> Result<Prediction, String> {
        let prediction: Prediction =
            serde_json::from_str(line).map_err(|error| error.to_string())?;
        let columns = self.header.columns.get(&prediction.task);
        let columns = columns.ok_or("its task is not in the header")?;
        let known = |label: &String| columns.contains(label);
        let fits = match &prediction.outcome {
            Outcome::Class {
                truth,
                answer,
                probabilities,
            } => known(truth) && known(answer) && probabilities.len() == columns.len(),
            Outcome::Labels {
                truth,
                answer,
                probabilities,
            } => truth.iter().chain(answer).all(known) && probabilities.len() == columns.len(),
            Outcome::Numbers { truth, answer } => {
                truth.len() == columns.len() && answer.len() == columns.len()
            }
            Outcome::Tags {
                words,
                truth,
                answer,
                probabilities,
            } => {
                let text = &prediction.text;
                let slices = |[from, to]: &[usize; 2]| text.get(*from..*to).is_some();
                truth.len() == answer.len()
                    && answer.len() == probabilities.len()
                    && words.len() >= answer.len()
                    && words.iter().all(slices)
                    && words.is_sorted_by(|one, next| one[1] <= next[0])
                    && truth.iter().flatten().chain(answer).all(known)
            }
            Outcome::Spans { truth, answer } => {
                let context = prediction.text_pair.as_deref().unwrap_or_default();
                let slices = |[from, to]: &[usize; 2]| context.get(*from..*to).is_some();
                truth.iter().chain(answer).all(slices)
            }
        };
        match fits {
            true => Ok(prediction),
            false => Err("its labels or lengths do not fit the header".to_owned()),
        }
    }
}

/// A probability with six digits behind the point.
pub fn rounded(probability: f32) -> f64 {
    (f64::from(probability) * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_survive_and_damage_is_told() {
        let header = PredictionHeader {
            format: PREDICTIONS_FORMAT,
            split: "test".to_owned(),
            step: 40,
            columns: BTreeMap::from([("mood".to_owned(), vec!["bad".into(), "good".into()])]),
        };
        let prediction = Prediction {
            task: "mood".to_owned(),
            dataset: "reviews".to_owned(),
            line: 7,
            tokens: 5,
            text: "not <bad> & fine".to_owned(),
            text_pair: None,
            outcome: Outcome::Class {
                truth: "good".to_owned(),
                answer: "bad".to_owned(),
                probabilities: vec![rounded(0.750_000_4), 0.25],
            },
        };
        let line = serde_json::to_string(&prediction).unwrap();
        assert!(line.contains(r#""kind":"class""#), "{line}");
        let strange = line.replace(r#""answer":"bad""#, r#""answer":"ugly""#);
        let header = serde_json::to_string(&header).unwrap();
        let text = format!("{header}\n{line}\n{strange}\n{{\"task\n");
        let read = Predictions::parse("test", &text).unwrap();
        assert_eq!(read.tasks["mood"], [prediction]);
        let lines: Vec<usize> = read.damaged.iter().map(|damaged| damaged.line).collect();
        assert_eq!(lines, [3, 4]);

        assert!(Predictions::parse("test", "").is_err());
        let other = Predictions::parse("test", &header.replace("\"format\":1", "\"format\":9"));
        assert!(other.unwrap_err().contains("format 9 found"));
    }
}
