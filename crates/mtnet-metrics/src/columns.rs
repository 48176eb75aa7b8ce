//! A binary metric of each column of a table, and its averages over the columns.

use crate::Average;

/// Decisions and scores, a column a class or label, an entry an example.
pub(crate) struct ByColumn {
    columns: Vec<(Vec<bool>, Vec<f64>)>,
}

impl ByColumn {
    /// Each class against the rest; `scores` is `(examples, classes)`.
    pub(crate) fn of_classes<R: AsRef<[f64]>>(
        truth: &[usize],
        scores: &[R],
        num_classes: usize,
    ) -> Self {
        Self::new(num_classes, scores, |row, class| truth[row] == class)
    }

    /// Each label by itself; both are `(examples, labels)`.
    pub(crate) fn of_labels<T: AsRef<[bool]>, R: AsRef<[f64]>>(
        truth: &[T],
        scores: &[R],
        num_labels: usize,
    ) -> Self {
        Self::new(num_labels, scores, |row, label| truth[row].as_ref()[label])
    }

    fn new<R: AsRef<[f64]>>(
        num_columns: usize,
        scores: &[R],
        holds: impl Fn(usize, usize) -> bool,
    ) -> Self {
        let columns = (0..num_columns)
            .map(|column| {
                let holds = (0..scores.len()).map(|row| holds(row, column)).collect();
                let scores = scores.iter().map(|row| row.as_ref()[column]).collect();
                (holds, scores)
            })
            .collect();
        Self { columns }
    }

    /// The metric of each column.
    pub(crate) fn each(&self, metric: fn(&[bool], &[f64]) -> f64) -> Vec<f64> {
        self.columns
            .iter()
            .map(|(truth, scores)| metric(truth, scores))
            .collect()
    }
}

/// The average over columns: micro pools all entries, macro is the mean, and weighted is the mean
/// by positives, without the columns that have none (NaN if that is all of them).
pub(crate) fn average(
    table: &ByColumn,
    average: Average,
    metric: fn(&[bool], &[f64]) -> f64,
) -> f64 {
    match average {
        Average::Micro => {
            let (truth, scores): (Vec<&[bool]>, Vec<&[f64]>) = table
                .columns
                .iter()
                .map(|(truth, scores)| (truth.as_slice(), scores.as_slice()))
                .unzip();
            metric(&truth.concat(), &scores.concat())
        }
        Average::Macro => table.each(metric).iter().sum::<f64>() / table.columns.len() as f64,
        Average::Weighted => {
            let mut sum = 0.0;
            let mut total = 0.0;
            for (truth, scores) in &table.columns {
                let positives = truth.iter().filter(|&&holds| holds).count() as f64;
                if positives > 0.0 {
                    sum += positives * metric(truth, scores);
                    total += positives;
                }
            }
            sum / total
        }
    }
}
