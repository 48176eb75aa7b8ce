//! Where an answer begins and ends: softmax over the rows of each sequence, one column a border.
//!
//! `loss = - mean over sequences and columns of log softmax(z)[bound]`, the mean of the losses of
//! start and end of Devlin et al. 2019, §4.2 (<https://arxiv.org/abs/1810.04805>). Sequences lie end
//! to end; each has its own softmax over its own rows, so none is padded and none sees another.
//! Values and gradients are computed in `f64`, in closed form: `softmax(z) - [row = bound]`.

use std::ops::Range;

use candle_core::{DType, Device, Result, Tensor};

use crate::LossError;
use crate::Reduction;
use crate::gradient::{gradient_only, zero_loss};
use crate::numeric::{as_matrix, constant};

/// Loss of scores `(rows, columns)` of consecutive sequences, whose borders `(sequences + 1)` are
/// `offsets`: in each column the row `bounds[sequence][column]` of the sequence, counted from 0, is
/// right. The mean over sequences with rows and over columns, a scalar; 0 where there is none.
///
/// # Errors
/// If offsets do not cut the rows, or a bound is not one of its sequence's rows.
pub fn span_cross_entropy<const COLUMNS: usize>(
    scores: &Tensor,
    offsets: &[u32],
    bounds: &[[u32; COLUMNS]],
) -> std::result::Result<Tensor, LossError> {
    let table = Segments::new("span scores", scores, offsets)?;
    let sequences = table.ranges.len();
    if table.columns != COLUMNS || bounds.len() != sequences {
        return Err(LossError::Shape {
            what: "span scores",
            found: vec![sequences, table.columns],
            expected: format!("({}, {COLUMNS}) by the bounds", bounds.len()),
        });
    }
    let logs = table.log_softmax();
    let share = match table.parts() {
        0 => return Ok(zero_loss(&table.tensor, Reduction::Mean, true)?),
        parts => 1.0 / parts as f64,
    };
    let mut gradient: Vec<f64> = logs.iter().map(|log| log.exp() * share).collect();
    let mut loss = 0.0;
    for (sequence, (range, bounds)) in table.ranges.iter().zip(bounds).enumerate() {
        if range.is_empty() {
            continue;
        }
        for (column, &bound) in bounds.iter().enumerate() {
            if bound as usize >= range.len() {
                return Err(LossError::ClassOutOfRange {
                    row: sequence,
                    label: bound,
                    classes: range.len(),
                });
            }
            let at = (range.start + bound as usize) * COLUMNS + column;
            loss -= logs[at] * share;
            gradient[at] -= share;
        }
    }
    Ok(attach(&[(&table.tensor, gradient)], loss)?)
}

/// `KL(p ‖ q) + KL(q ‖ p)` of two models' distributions over the rows of each sequence, with
/// gradients into both; scores `(rows, columns)`, mean over sequences with rows and over columns.
///
/// # Errors
/// If the two differ in shape, or offsets do not cut the rows.
pub fn symmetric_span_kl(
    first: &Tensor,
    second: &Tensor,
    offsets: &[u32],
) -> std::result::Result<Tensor, LossError> {
    let (p, q) = (
        Segments::new("span scores", first, offsets)?,
        Segments::new("span scores", second, offsets)?,
    );
    if p.columns != q.columns {
        return Err(LossError::Shape {
            what: "span scores",
            found: second.dims().to_vec(),
            expected: format!("{:?}, as the first have", first.dims()),
        });
    }
    let share = match p.parts() {
        0 => return Ok(zero_loss(&p.tensor, Reduction::Mean, true)?),
        parts => 1.0 / parts as f64,
    };
    let (logs_p, logs_q) = (p.log_softmax(), q.log_softmax());
    let (mut slope_p, mut slope_q) = (vec![0.0; logs_p.len()], vec![0.0; logs_q.len()]);
    let mut loss = 0.0;
    for range in &p.ranges {
        for column in 0..p.columns {
            let places = || range.clone().map(|row| row * p.columns + column);
            let apart = |a: &[f64], b: &[f64]| -> f64 {
                places().map(|at| a[at].exp() * (a[at] - b[at])).sum()
            };
            let (forward, backward) = (apart(&logs_p, &logs_q), apart(&logs_q, &logs_p));
            loss += (forward + backward) * share;
            for at in places() {
                let (p, q) = (logs_p[at].exp(), logs_q[at].exp());
                let difference = logs_p[at] - logs_q[at];
                slope_p[at] = (p * (difference - forward) + p - q) * share;
                slope_q[at] = (q * (-difference - backward) + q - p) * share;
            }
        }
    }
    Ok(attach(&[(&p.tensor, slope_p), (&q.tensor, slope_q)], loss)?)
}

/// A scalar with these gradients.
fn attach(inputs: &[(&Tensor, Vec<f64>)], loss: f64) -> Result<Tensor> {
    let like = inputs[0].0;
    let mut total = constant(std::iter::once(loss), (), like)?;
    for (input, gradient) in inputs {
        let gradient = constant(gradient.iter().copied(), input.shape().clone(), input)?;
        total = (total + gradient_only(input, &gradient)?.sum_all()?)?;
    }
    Ok(total)
}

/// Scores of consecutive sequences, with their numbers on the processor.
struct Segments {
    tensor: Tensor,
    values: Vec<f64>,
    columns: usize,
    ranges: Vec<Range<usize>>,
}

impl Segments {
    fn new(
        what: &'static str,
        scores: &Tensor,
        offsets: &[u32],
    ) -> std::result::Result<Self, LossError> {
        let tensor = as_matrix(what, scores)?;
        let (rows, columns) = tensor.dims2()?;
        let cuts = offsets.first() == Some(&0)
            && offsets.last().is_some_and(|&last| last as usize == rows)
            && offsets.is_sorted();
        if !cuts {
            return Err(LossError::Offsets {
                found: offsets.to_vec(),
                rows,
            });
        }
        // Moved first, for some devices know no `f64`.
        let values = tensor.detach().to_device(&Device::Cpu)?;
        let values = values.to_dtype(DType::F64)?.flatten_all()?.to_vec1()?;
        let pairs = offsets.windows(2);
        Ok(Self {
            tensor,
            values,
            columns,
            ranges: pairs
                .map(|pair| pair[0] as usize..pair[1] as usize)
                .collect(),
        })
    }

    /// Softmaxes that there are: sequences with rows, times columns.
    fn parts(&self) -> usize {
        let some = self.ranges.iter().filter(|range| !range.is_empty());
        some.count() * self.columns
    }

    /// `z - log Σ exp z` over the rows of each sequence, column by column.
    fn log_softmax(&self) -> Vec<f64> {
        let mut logs = self.values.clone();
        for range in &self.ranges {
            for column in 0..self.columns {
                let places = || range.clone().map(|row| row * self.columns + column);
                let largest = places()
                    .map(|at| self.values[at])
                    .fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = places().map(|at| (self.values[at] - largest).exp()).sum();
                let normaliser = largest + sum.ln();
                places().for_each(|at| logs[at] -= normaliser);
            }
        }
        logs
    }
}
