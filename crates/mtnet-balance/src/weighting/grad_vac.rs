//! GradVac, gradient vaccine: pairs of gradients are brought to the cosine they usually have.
//!
//! Wang et al., "Gradient Vaccine", ICLR 2021, §3.3. For each task `i`, and each other
//! task `j` in random order, with `φ` the cosine of the current `g` and `g_j` and `φ̂_ij`
//! its running average: where `φ < φ̂`,
//! `g += g_j ‖g‖ (φ̂ √(1−φ²) − φ √(1−φ̂²)) / (‖g_j‖ √(1−φ̂²))`; then
//! `φ̂ ← (1−β) φ̂ + β φ`. The direction is the sum.
//!
//! `1−φ²` is kept from turning negative by rounding, as in TorchJD (LibMTL's becomes
//! NaN). `β = 0.5` is the libraries' default; the paper used 0.01. A pair with a zero
//! gradient has no cosine and is passed over.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GramianWeighting;
use super::contract::present_tasks;
use super::pcgrad::orders;
use crate::draws::Draws;
use crate::numeric::dot;
use crate::settings::fraction;
use crate::{BalanceError, BalanceState, Gramian, TaskLosses, TaskWeights};

const NAME: &str = "gradvac";

/// Bound that keeps `√(1−φ̂²)` away from zero.
const LEAST: f64 = 1e-8;

/// Settings of [`GradVac`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GradVacConfig {
    /// Share `β` of the newest cosine in the average, in 0..=1. Default 0.5.
    pub beta: f64,
}

impl Default for GradVacConfig {
    fn default() -> Self {
        Self { beta: 0.5 }
    }
}

/// The sum of the vaccinated gradients.
#[derive(Clone, Debug, PartialEq)]
pub struct GradVac {
    beta: f64,
    draws: Draws,
    tasks: usize,
    /// Averaged cosines `φ̂`, row-major `(tasks, tasks)`.
    targets: Vec<f64>,
}

impl GradVac {
    /// For `tasks` tasks without history, drawing orders from the stream of `seed`.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] if `beta` is not in 0..=1.
    pub fn new(config: &GradVacConfig, tasks: usize, seed: u64) -> Result<Self, BalanceError> {
        Ok(Self {
            beta: fraction(NAME, "beta", config.beta)?,
            draws: Draws::new(seed),
            tasks,
            targets: vec![0.0; tasks * tasks],
        })
    }

    /// The averaged cosines, row-major `(tasks, tasks)`.
    pub fn targets(&self) -> &[f64] {
        &self.targets
    }

    /// The weights where gradient `i` visits the others in the order `orders[i]`; row `k`
    /// of the Gramian belongs to task `present[k]`.
    ///
    /// # Panics
    /// If `orders` or `present` do not fit the Gramian.
    pub fn weights(
        &mut self,
        gramian: &Gramian,
        present: &[usize],
        orders: &[Vec<usize>],
    ) -> Vec<f64> {
        // The weights are the same for all gradients times a number.
        let (gramian, _) = gramian.unit_scale();
        let size = gramian.size();
        assert_eq!((orders.len(), present.len()), (size, size));
        let mut sum = vec![0.0; size];
        for (i, order) in orders.iter().enumerate() {
            let mut current = vec![0.0; size];
            current[i] = 1.0;
            let mut products = gramian.row(i).to_vec();
            for &j in order.iter().filter(|&&j| j != i) {
                let length = dot(&current, &products).max(0.0).sqrt();
                let other = gramian.norm(j);
                if length == 0.0 || other == 0.0 {
                    continue;
                }
                let cosine = (products[j] / length / other).clamp(-1.0, 1.0);
                let target = &mut self.targets[present[i] * self.tasks + present[j]];
                if cosine < *target {
                    let amount = length * correction(cosine, *target) / other;
                    current[j] += amount;
                    for (product, entry) in products.iter_mut().zip(gramian.row(j)) {
                        *product += amount * entry;
                    }
                }
                *target = (1.0 - self.beta) * *target + self.beta * cosine;
            }
            for (sum, coefficient) in sum.iter_mut().zip(current) {
                *sum += coefficient;
            }
        }
        sum
    }
}

/// How many unit vectors of the other task turn `cosine` into `target`.
fn correction(cosine: f64, target: f64) -> f64 {
    let sine = (1.0 - cosine * cosine).max(0.0).sqrt();
    let target_sine = (1.0 - target * target).max(LEAST * LEAST).sqrt();
    (target * sine - cosine * target_sine) / target_sine
}

impl GramianWeighting for GradVac {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(
        &mut self,
        gramian: &Gramian,
        losses: &TaskLosses,
    ) -> Result<TaskWeights, BalanceError> {
        losses.check_count(self.tasks)?;
        let present = present_tasks(gramian, losses)?;
        let orders = orders(present.len(), Some(&mut self.draws));
        let weights = self.weights(gramian, &present, &orders);
        TaskWeights::of_present(NAME, losses, &weights)
    }

    fn state(&self) -> BalanceState {
        BalanceState::new(NAME)
            .with_counters("draws", vec![self.draws.counter()])
            .with_vector("targets", self.targets.clone())
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        let counter = state.take_counters(NAME, "draws", 1)?;
        self.targets = state.take_vector(NAME, "targets", self.targets.len())?;
        self.draws.set_counter(counter[0]);
        Ok(())
    }
}
