//! A look at single tensors around an update.
//!
//! Before the update some numbers of each weight are kept, after it they are read again: the size
//! of the update beside that of the weight, `‖Δw‖ / ‖w‖`, from a sample of evenly spaced numbers.
//! Embedding tables, of which a batch reaches a few rows, are left out of that.

use std::collections::BTreeMap;

use mtnet_kernels::{GradientView, Reach};

use crate::optimizer::{GradientSource, Optimizer, fingerprint, sample};

/// Numbers of a tensor that stand for all of them.
const SAMPLE: usize = 256;
/// Fewer units than this say nothing by being zero.
const LEAST_UNITS: usize = 8;

/// Samples of the weights before an update.
#[derive(Debug, Default)]
pub(crate) struct Before(BTreeMap<String, Vec<f32>>);

/// What one look saw of one tensor.
#[derive(Clone, Debug, Default)]
pub(crate) struct Look {
    /// The tensor.
    pub name: String,
    /// Sum of the squares of its gradient, and how many numbers of it were reached.
    pub squares: f64,
    pub reached: usize,
    /// Share of units with a gradient of exactly zero, for the bias of a map.
    pub dead: Option<f64>,
    /// `‖Δw‖ / ‖w‖`, for a weight of which all rows were reached.
    pub ratio: Option<f64>,
}

impl Before {
    /// Samples the weights that the update ratio is taken of.
    pub fn new(optimizer: &Optimizer, gradients: &(impl GradientSource + ?Sized)) -> Self {
        let weights = optimizer.parameters().filter(|parameter| {
            let has_rows = parameter.variable.dims().len() > 1;
            has_rows && reaches_all(gradients.gradient(&parameter.name))
        });
        let samples = weights.filter_map(|parameter| {
            let values = sample(&parameter.variable, SAMPLE)?;
            Some((parameter.name.clone(), values))
        });
        Self(samples.collect())
    }

    /// What the update did, with the gradients that it was made of.
    pub fn looks(
        &self,
        optimizer: &Optimizer,
        gradients: &(impl GradientSource + ?Sized),
    ) -> Vec<Look> {
        let looks = optimizer.gradient_sizes().map(|(parameter, size)| {
            let name = &parameter.name;
            let before = self.0.get(name);
            let after = before.and_then(|_| sample(&parameter.variable, SAMPLE));
            let is_bias = parameter.variable.dims().len() == 1
                && name.ends_with("bias")
                && !name.to_ascii_lowercase().contains("norm")
                && !name.starts_with(crate::optimizer::HEAD_PREFIX);
            Look {
                name: name.clone(),
                squares: size.squares,
                reached: size.reached,
                dead: is_bias
                    .then(|| gradients.gradient(name).and_then(zero_share))
                    .flatten(),
                ratio: before.zip(after).and_then(|(b, a)| ratio(b, &a)),
            }
        });
        looks.collect()
    }
}

/// All bits of every trained tensor, as one number each.
pub(crate) fn fingerprints(optimizer: &Optimizer) -> BTreeMap<String, u64> {
    let parameters = optimizer.parameters();
    parameters
        .filter_map(|parameter| Some((parameter.name.clone(), fingerprint(&parameter.variable)?)))
        .collect()
}

fn reaches_all(gradient: Option<GradientView<'_>>) -> bool {
    matches!(
        gradient,
        Some(GradientView::Host(_, Reach::All) | GradientView::Device(_))
    )
}

fn zero_share(gradient: GradientView<'_>) -> Option<f64> {
    match gradient {
        GradientView::Host(values, Reach::All) if values.len() >= LEAST_UNITS => {
            let zeros = values.iter().filter(|&&value| value == 0.0).count();
            Some(zeros as f64 / values.len() as f64)
        }
        _ => None,
    }
}

fn ratio(before: &[f32], after: &[f32]) -> Option<f64> {
    let norm = |numbers: &mut dyn Iterator<Item = f64>| numbers.map(|n| n * n).sum::<f64>().sqrt();
    let pairs = before.iter().zip(after);
    let moved = norm(&mut pairs.map(|(&b, &a)| f64::from(a) - f64::from(b)));
    let size = norm(&mut before.iter().map(|&b| f64::from(b)));
    (size > 0.0 && moved.is_finite()).then(|| moved / size)
}
