//! Which class is taken for which: a matrix that stays readable with many classes.

use mtnet_metrics::ConfusionMatrix;

use super::index_of;
use crate::predictions::{Outcome, Prediction};

/// Most classes that a matrix shows.
const SHOWN: usize = 20;

/// A confusion matrix of the classes with the most errors, and the commonest confusions of all.
#[derive(Clone, Debug, PartialEq)]
pub struct Confusion {
    /// Names of rows and columns; the last is `(others)` where classes are left out.
    pub labels: Vec<String>,
    /// Counts, a row a true class.
    pub counts: Vec<Vec<u64>>,
    /// Classes that are summed up in `(others)`.
    pub left_out: usize,
    /// True class, answered class and how often, the commonest first.
    pub commonest: Vec<(String, String, u64)>,
    /// Share of right answers.
    pub accuracy: f64,
}

/// The confusions of a task that gives one label; `None` for other kinds, or without predictions.
pub fn confusion(columns: &[String], predictions: &[Prediction]) -> Option<Confusion> {
    let pairs = predictions.iter().map(|prediction| {
        let Outcome::Class { truth, answer, .. } = &prediction.outcome else {
            return None;
        };
        Some((index_of(columns, truth), index_of(columns, answer)))
    });
    let (truth, answers): (Vec<usize>, Vec<usize>) =
        pairs.collect::<Option<Vec<_>>>()?.into_iter().unzip();
    let matrix = ConfusionMatrix::from_classes(&truth, &answers, columns.len()).ok()?;
    let mut commonest: Vec<(usize, usize, u64)> = (0..columns.len())
        .flat_map(|row| (0..columns.len()).map(move |column| (row, column)))
        .filter(|(row, column)| row != column)
        .map(|(row, column)| (row, column, matrix.count(row, column)))
        .filter(|(_, _, count)| *count > 0)
        .collect();
    commonest.sort_by_key(|&(row, column, count)| (std::cmp::Reverse(count), row, column));
    let shown = shown(&matrix);
    let place = |class: usize| {
        shown
            .iter()
            .position(|&known| known == class)
            .unwrap_or(shown.len())
    };
    let left_out = columns.len() - shown.len();
    let size = shown.len() + usize::from(left_out > 0);
    let mut counts = vec![vec![0; size]; size];
    for (row, line) in matrix.rows().enumerate() {
        for (column, count) in line.iter().enumerate() {
            counts[place(row)][place(column)] += count;
        }
    }
    let mut labels: Vec<String> = shown.iter().map(|&class| columns[class].clone()).collect();
    if left_out > 0 {
        labels.push("(others)".to_owned());
    }
    Some(Confusion {
        labels,
        counts,
        left_out,
        commonest: commonest
            .into_iter()
            .take(10)
            .map(|(row, column, count)| (columns[row].clone(), columns[column].clone(), count))
            .collect(),
        accuracy: matrix.accuracy(),
    })
}

/// All classes where they are few, else those with the most errors, in the order of the columns.
fn shown(matrix: &ConfusionMatrix) -> Vec<usize> {
    let mut classes: Vec<usize> = (0..matrix.num_classes()).collect();
    if classes.len() > SHOWN {
        classes.sort_by_key(|&class| {
            let counts = matrix.class_counts(class);
            (
                std::cmp::Reverse(counts.false_negatives + counts.false_positives),
                class,
            )
        });
        classes.truncate(SHOWN - 1);
        classes.sort_unstable();
    }
    classes
}
