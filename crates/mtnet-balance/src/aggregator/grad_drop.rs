//! GradDrop, gradient sign dropout: per coordinate, only gradients of one sign are kept.
//!
//! Chen et al., "Just Pick a Sign", NeurIPS 2020, algorithm 1. With the sign purity
//! `P = ½ (1 + Σ g_i / Σ |g_i|)` and a random `U` of the coordinate, positive entries are
//! kept where `P > U` and negative ones where `P < U`; what is dropped of a task still
//! counts with its `leak`. The direction is the sum.
//!
//! Taken on parameter gradients, as in TorchJD; LibMTL multiplies gradients of shared
//! activations by their sign first, which is another algorithm. A coordinate in which
//! every gradient is 0 stays 0 (TorchJD: NaN).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{GradientAggregator, GradientRows};
use crate::draws::Draws;
use crate::settings::{by_task, fraction};
use crate::{BalanceError, BalanceState, TaskInfo, TaskLosses, TaskWeights};

const NAME: &str = "graddrop";

/// Settings of [`GradDrop`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GradDropConfig {
    /// Share of its dropped entries that a task keeps, 0 to 1, by name. Default 0.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub leak: BTreeMap<String, f64>,
}

/// The sum of the gradients of one random sign per coordinate.
#[derive(Clone, Debug, PartialEq)]
pub struct GradDrop {
    leak: Vec<f64>,
    draws: Draws,
}

impl GradDrop {
    /// Drawing from the stream of `seed`.
    ///
    /// # Errors
    /// [`BalanceError::Setting`] or [`BalanceError::UnknownTask`].
    pub fn new(
        config: &GradDropConfig,
        tasks: &[TaskInfo],
        seed: u64,
    ) -> Result<Self, BalanceError> {
        let table = &config.leak;
        Ok(Self {
            leak: by_task(NAME, "leak", tasks, table, 0.0, fraction)?,
            draws: Draws::new(seed),
        })
    }

    /// What is left of one coordinate, its entries given as `(entry, leak)`, where `uniform`
    /// in `0 <= u < 1` was drawn for it.
    pub fn drop_signs(entries: &[(f64, f64)], uniform: f64) -> f64 {
        let sum: f64 = entries.iter().map(|(entry, _)| entry).sum();
        let size: f64 = entries.iter().map(|(entry, _)| entry.abs()).sum();
        if size == 0.0 {
            return 0.0;
        }
        let purity = 0.5 * (1.0 + sum / size);
        entries
            .iter()
            .map(|&(entry, leak)| {
                let kept = if entry > 0.0 {
                    purity > uniform
                } else {
                    purity < uniform
                };
                if kept { entry } else { leak * entry }
            })
            .sum()
    }
}

impl GradientAggregator for GradDrop {
    fn name(&self) -> &'static str {
        NAME
    }

    fn aggregate(
        &mut self,
        gradients: &GradientRows<'_>,
        losses: &TaskLosses,
        write: &mut dyn FnMut(usize, &[f64]),
    ) -> Result<Option<TaskWeights>, BalanceError> {
        losses.check_count(self.leak.len())?;
        let leaks: Vec<f64> = gradients
            .tasks(losses)?
            .iter()
            .map(|&task| self.leak[task])
            .collect();
        let mut column = Vec::with_capacity(leaks.len());
        let mut direction = Vec::new();
        gradients.for_each_piece(|start, piece| {
            direction.clear();
            for index in 0..piece.first().map_or(0, Vec::len) {
                column.clear();
                column.extend(
                    piece
                        .iter()
                        .zip(&leaks)
                        .map(|(row, leak)| (row[index], *leak)),
                );
                direction.push(Self::drop_signs(&column, self.draws.uniform()));
            }
            write(start, &direction);
        });
        Ok(None)
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
