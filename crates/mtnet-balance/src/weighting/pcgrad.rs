//! PCGrad, gradient surgery: each gradient loses what opposes another task.
//!
//! Yu et al., "Gradient Surgery for Multi-Task Learning", NeurIPS 2020, algorithm 1.
//! For each task `i`, and each other task `j` in random order, where the current `g`
//! has `⟨g, g_j⟩ < 0` it becomes `g − ⟨g, g_j⟩ / ‖g_j‖² g_j`, with the original `g_j`;
//! the direction is the sum. `i` itself is left out, as in the paper and TorchJD;
//! LibMTL and the authors' code visit it too. A zero gradient opposes nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GramianWeighting;
use super::contract::present_tasks;
use crate::draws::Draws;
use crate::{BalanceError, BalanceState, Gramian, TaskLosses, TaskWeights};

const NAME: &str = "pcgrad";

/// In which order a task visits the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PcgradOrder {
    /// A new random order for each task and step, from the run's seed.
    #[default]
    Random,
    /// As the tasks stand in the run file.
    Given,
}

/// Settings of [`Pcgrad`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PcgradConfig {
    /// In which order a task visits the others. Default `random`.
    pub order: PcgradOrder,
}

/// The sum of the gradients after surgery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pcgrad {
    order: PcgradOrder,
    draws: Draws,
}

impl Pcgrad {
    /// Drawing orders from the stream of `seed`.
    pub fn new(config: &PcgradConfig, seed: u64) -> Self {
        Self {
            order: config.order,
            draws: Draws::new(seed),
        }
    }

    /// The weights where task `i` visits the others in the order `orders[i]`.
    ///
    /// # Panics
    /// If there is not one order a gradient, or one names a gradient that is not there.
    pub fn weights(gramian: &Gramian, orders: &[Vec<usize>]) -> Vec<f64> {
        let size = gramian.size();
        assert_eq!(orders.len(), size);
        let mut sum = vec![0.0; size];
        for (i, order) in orders.iter().enumerate() {
            let mut coefficients = vec![0.0; size];
            coefficients[i] = 1.0;
            // Products of the current gradient with every original one.
            let mut products = gramian.row(i).to_vec();
            for &j in order.iter().filter(|&&j| j != i) {
                let squared = gramian.get(j, j);
                if products[j] < 0.0 && squared > 0.0 {
                    let amount = products[j] / squared;
                    coefficients[j] -= amount;
                    for (product, entry) in products.iter_mut().zip(gramian.row(j)) {
                        *product -= amount * entry;
                    }
                }
            }
            for (sum, coefficient) in sum.iter_mut().zip(coefficients) {
                *sum += coefficient;
            }
        }
        sum
    }
}

/// One order a task: random from `draws`, or as they stand.
pub(super) fn orders(size: usize, draws: Option<&mut Draws>) -> Vec<Vec<usize>> {
    let mut orders = vec![(0..size).collect::<Vec<usize>>(); size];
    if let Some(draws) = draws {
        for order in &mut orders {
            draws.shuffle(order);
        }
    }
    orders
}

impl GramianWeighting for Pcgrad {
    fn name(&self) -> &'static str {
        NAME
    }

    fn weigh(
        &mut self,
        gramian: &Gramian,
        losses: &TaskLosses,
    ) -> Result<TaskWeights, BalanceError> {
        present_tasks(gramian, losses)?;
        let draws = (self.order == PcgradOrder::Random).then_some(&mut self.draws);
        let orders = orders(gramian.size(), draws);
        TaskWeights::of_present(NAME, losses, &Self::weights(gramian, &orders))
    }

    fn state(&self) -> BalanceState {
        BalanceState::new(NAME).with_counters("draws", vec![self.draws.counter()])
    }

    fn restore(&mut self, mut state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(NAME)?;
        let counter = state.take_counters(NAME, "draws", 1)?;
        self.draws.set_counter(counter[0]);
        Ok(())
    }
}
