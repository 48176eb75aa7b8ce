//! The contract of a gradient weighting.

use crate::{BalanceError, BalanceState, Gramian, TaskLosses, TaskWeights};

/// Turns the Gramian of a step's gradients into one weight a task.
pub trait GramianWeighting: Send {
    /// The name by which run files select the method.
    fn name(&self) -> &'static str;

    /// The weights of this step.
    ///
    /// `gramian` has one row for each task *present* in `losses`, in their order. The
    /// total is `Σ w_i L_i`: what a single backward pass would have to minimise.
    ///
    /// # Errors
    /// If the sizes do not fit, or the method has no weights for such gradients.
    fn weigh(
        &mut self,
        gramian: &Gramian,
        losses: &TaskLosses,
    ) -> Result<TaskWeights, BalanceError>;

    /// The weights of this step, where they do not depend on its gradients.
    ///
    /// Wrappers that keep weights for several steps or start with equal ones spare the
    /// step its per-task backward passes. `None` asks for [`GramianWeighting::weigh`], and
    /// then nothing has changed.
    ///
    /// # Errors
    /// As [`GramianWeighting::weigh`].
    fn weigh_by_losses(
        &mut self,
        losses: &TaskLosses,
    ) -> Result<Option<TaskWeights>, BalanceError> {
        let _ = losses;
        Ok(None)
    }

    /// All that the method learned so far.
    fn state(&self) -> BalanceState {
        BalanceState::new(self.name())
    }

    /// Goes on from a saved state.
    ///
    /// # Errors
    /// [`BalanceError::State`] if another method or another number of tasks saved it;
    /// the method is then unchanged.
    fn restore(&mut self, state: BalanceState) -> Result<(), BalanceError> {
        state.check_method(self.name())
    }
}

/// A gradient weighting without state: a function of the Gramian.
pub trait GramianRule: Send {
    /// The name by which run files select the method.
    const NAME: &'static str;

    /// One weight for each row of the Gramian; row `k` belongs to task `tasks[k]`.
    ///
    /// # Errors
    /// If the method has no weights for such gradients.
    fn weights(&self, gramian: &Gramian, tasks: &[usize]) -> Result<Vec<f64>, BalanceError>;
}

impl<R: GramianRule> GramianWeighting for R {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn weigh(
        &mut self,
        gramian: &Gramian,
        losses: &TaskLosses,
    ) -> Result<TaskWeights, BalanceError> {
        let tasks = present_tasks(gramian, losses)?;
        let weights = if tasks.is_empty() {
            Vec::new()
        } else {
            self.weights(gramian, &tasks)?
        };
        TaskWeights::of_present(R::NAME, losses, &weights)
    }
}

/// Positions of the present tasks, as many as the Gramian has rows.
pub(super) fn present_tasks(
    gramian: &Gramian,
    losses: &TaskLosses,
) -> Result<Vec<usize>, BalanceError> {
    let tasks: Vec<usize> = losses.present().map(|(task, _)| task).collect();
    if tasks.len() == gramian.size() {
        Ok(tasks)
    } else {
        Err(BalanceError::GramianSize {
            expected: tasks.len(),
            found: gramian.size(),
        })
    }
}
