//! Checks that several metrics make of their inputs.

use crate::MetricError;

/// How far class probabilities may be from summing to 1. A softmax in 16-bit floats stays below.
const DISTRIBUTION_TOLERANCE: f64 = 1e-2;

/// Two lists of one entry an example: as many of both, and at least one.
pub(crate) fn paired(
    what: &'static str,
    found: usize,
    against: &'static str,
    expected: usize,
) -> Result<(), MetricError> {
    if found != expected {
        return Err(MetricError::Length {
            what,
            found,
            against,
            expected,
        });
    }
    not_empty(against, expected)
}

pub(crate) fn not_empty(what: &'static str, length: usize) -> Result<(), MetricError> {
    if length == 0 {
        return Err(MetricError::Empty { what });
    }
    Ok(())
}

/// Rows that are all `expected` long.
pub(crate) fn row_lengths<T, R: AsRef<[T]>>(
    what: &'static str,
    rows: &[R],
    expected: usize,
) -> Result<(), MetricError> {
    let lengths = rows.iter().map(|row| row.as_ref().len());
    match lengths.enumerate().find(|&(_, found)| found != expected) {
        None => Ok(()),
        Some((row, found)) => Err(MetricError::RowLength {
            what,
            row,
            found,
            expected,
        }),
    }
}

/// Rows of one width, which is returned; there is at least one row and one column.
pub(crate) fn table<T, R: AsRef<[T]>>(
    what: &'static str,
    rows: &[R],
) -> Result<usize, MetricError> {
    not_empty(what, rows.len())?;
    let width = rows[0].as_ref().len();
    not_empty("columns", width)?;
    row_lengths(what, rows, width)?;
    Ok(width)
}

/// Sequences in pairs of the same length.
pub(crate) fn paired_sequences<T, U, A: AsRef<[T]>, B: AsRef<[U]>>(
    what: &'static str,
    found: &[A],
    against: &'static str,
    expected: &[B],
) -> Result<(), MetricError> {
    paired(what, found.len(), against, expected.len())?;
    for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
        let (found, expected) = (found.as_ref().len(), expected.as_ref().len());
        if found != expected {
            return Err(MetricError::RowLength {
                what,
                row,
                found,
                expected,
            });
        }
    }
    Ok(())
}

pub(crate) fn classes(
    what: &'static str,
    classes: &[usize],
    num_classes: usize,
) -> Result<(), MetricError> {
    match classes.iter().position(|&class| class >= num_classes) {
        None => Ok(()),
        Some(position) => Err(MetricError::ClassOutOfRange {
            what,
            position,
            class: classes[position],
            num_classes,
        }),
    }
}

/// Scores that can be put in an order.
pub(crate) fn numbers<R: AsRef<[f64]>>(rows: &[R]) -> Result<(), MetricError> {
    for (row, scores) in rows.iter().enumerate() {
        if let Some(column) = scores.as_ref().iter().position(|score| score.is_nan()) {
            return Err(MetricError::NotANumber { row, column });
        }
    }
    Ok(())
}

/// Scores from 0 to 1.
pub(crate) fn probabilities<R: AsRef<[f64]>>(rows: &[R]) -> Result<(), MetricError> {
    for (row, probabilities) in rows.iter().enumerate() {
        for (column, &value) in probabilities.as_ref().iter().enumerate() {
            if !(0.0..=1.0).contains(&value) {
                return Err(MetricError::NotAProbability { row, column, value });
            }
        }
    }
    Ok(())
}

/// Probabilities of classes, a row an example, for true classes within them.
pub(crate) fn distributions<R: AsRef<[f64]>>(
    truth: &[usize],
    rows: &[R],
) -> Result<usize, MetricError> {
    paired(
        "rows of probabilities",
        rows.len(),
        "true classes",
        truth.len(),
    )?;
    let num_classes = table("rows of probabilities", rows)?;
    classes("true class", truth, num_classes)?;
    probabilities(rows)?;
    for (row, probabilities) in rows.iter().enumerate() {
        let sum: f64 = probabilities.as_ref().iter().sum();
        if (sum - 1.0).abs() > DISTRIBUTION_TOLERANCE {
            return Err(MetricError::NotADistribution { row, sum });
        }
    }
    Ok(num_classes)
}
