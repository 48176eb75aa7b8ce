//! What can go wrong while tasks are balanced.

use crate::solve::SolveError;

/// Why a method could not be built, or could not weigh a step.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BalanceError {
    /// There is nothing to balance.
    #[error("balancing needs at least 1 task, got none")]
    NoTasks,
    /// Two tasks could not be told apart in a run file.
    #[error("task `{0}` given twice; task names must differ")]
    DuplicateTask(String),
    /// A setting names a task that the run does not have.
    #[error("`{setting}` names the unknown task `{name}`{}; known tasks: {}", suggestion(.nearest), .known.join(", "))]
    UnknownTask {
        /// Where the name stands, such as `balance.weights`.
        setting: String,
        /// The name as given.
        name: String,
        /// The known name that differs least, if one is close.
        nearest: Option<String>,
        /// Every known name, in order.
        known: Vec<String>,
    },
    /// A setting lies outside its range.
    #[error("`{method}`: setting `{setting}` is {found}, expected {expected}")]
    Setting {
        /// The method, as run files name it.
        method: &'static str,
        /// The key.
        setting: &'static str,
        /// The value as given.
        found: String,
        /// The values that would do.
        expected: &'static str,
    },
    /// A method needs something of a task that the task does not have.
    #[error("`{method}`: task `{task}` {problem}")]
    Task {
        /// The method, as run files name it.
        method: &'static str,
        /// Name of the task.
        task: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// Losses of another number of tasks than the method was built for.
    #[error(
        "got losses of {found} tasks, expected {expected}: one for each task, `None` where it is absent"
    )]
    TaskCount {
        /// Number of tasks the method was built for.
        expected: usize,
        /// Number of losses given.
        found: usize,
    },
    /// A loss is NaN or infinite.
    #[error(
        "the loss of task number {task} (from 0) is {value}, expected a finite number; lower the learning rate or look for a broken example"
    )]
    NonFiniteLoss {
        /// Position of the task, from 0.
        task: usize,
        /// The loss.
        value: f64,
    },
    /// A method that takes logarithms or ratios met a loss that has none.
    #[error(
        "`{method}` needs positive losses, but task number {task} (from 0) has {value}; choose another method for this loss"
    )]
    NonPositiveLoss {
        /// The method, as run files name it.
        method: &'static str,
        /// Position of the task, from 0.
        task: usize,
        /// The loss.
        value: f64,
    },
    /// A validation metric is not in the range that the method understands.
    #[error(
        "`{method}` needs validation metrics in 0..=1, higher is better, but task number {task} (from 0) has {value}; rescale the metric or choose another method"
    )]
    ScoreRange {
        /// The method, as run files name it.
        method: &'static str,
        /// Position of the task, from 0.
        task: usize,
        /// The metric.
        value: f64,
    },
    /// A weight left the range of `f64`.
    #[error(
        "`{method}`: the weight of task number {task} (from 0) became {value}; its learned state has diverged, lower the method's learning rate"
    )]
    NonFiniteWeight {
        /// The method, as run files name it.
        method: &'static str,
        /// Position of the task, from 0.
        task: usize,
        /// The weight.
        value: f64,
    },
    /// What would be minimised left the range of `f64`.
    #[error(
        "`{method}`: the balanced loss became {total}; its learned state has diverged or a loss is out of range"
    )]
    NonFiniteTotal {
        /// The method, as run files name it.
        method: &'static str,
        /// The balanced loss.
        total: f64,
    },
    /// A matrix that should be a Gramian is none.
    #[error("the Gramian of the task gradients: {problem}; look for overflow in the gradients")]
    Gramian {
        /// What was found and what was expected.
        problem: String,
    },
    /// A Gramian of another size than there are present tasks.
    #[error(
        "the Gramian has {found} rows, expected {expected}: one for each task present in the step"
    )]
    GramianSize {
        /// Number of present tasks.
        expected: usize,
        /// Number of rows.
        found: usize,
    },
    /// A method has no weights for these gradients.
    #[error("`{method}`: {problem}")]
    Solver {
        /// The method, as run files name it.
        method: &'static str,
        /// Why there are none.
        problem: &'static str,
    },
    /// A step has too few tasks for the method.
    #[error(
        "`{method}` needs {needed} tasks in every step, but one has {found}; lower its settings or mix more tasks in a batch"
    )]
    TooFewTasks {
        /// The method, as run files name it.
        method: &'static str,
        /// Number of tasks that its settings ask for.
        needed: usize,
        /// Number of present tasks.
        found: usize,
    },
    /// A wrapper that works on gradients stands around a method that sees none.
    #[error(
        "wrapper `{wrapper}` works on per-task gradients, but method `{method}` uses losses only; remove it from `wrap` or choose a method on gradients"
    )]
    WrapNeedsGradients {
        /// The wrapper, as run files name it.
        wrapper: &'static str,
        /// The method, as run files name it.
        method: &'static str,
    },
    /// A wrapper or normalisation that works on weights is given for a method without.
    #[error(
        "method `{method}` works on coordinates and makes no weights for `wrap` or `normalize` to work on; remove them"
    )]
    WrapNeedsWeights {
        /// The method, as run files name it.
        method: &'static str,
    },
    /// A method on gradients was asked for by a caller that only has losses.
    #[error(
        "method `{method}` works on per-task gradients, where only losses are at hand; choose a method on losses"
    )]
    NotOnLosses {
        /// The method, as run files name it.
        method: &'static str,
    },
    /// A method on losses was asked for a direction of gradients.
    #[error(
        "method `{method}` works on losses and has no direction of gradients; choose a method on gradients"
    )]
    NotOnGradients {
        /// The method, as run files name it.
        method: &'static str,
    },
    /// A method that needs coordinates was given a Gramian.
    #[error("method `{method}` needs the gradients themselves, not their Gramian")]
    NeedsGradients {
        /// The method, as run files name it.
        method: &'static str,
    },
    /// A saved state does not belong to this method.
    #[error(
        "cannot restore the state of `{method}`: {problem}; resume with the `[balance]` table and tasks of the interrupted run"
    )]
    State {
        /// The method, as run files name it.
        method: &'static str,
        /// What was found and what was expected.
        problem: String,
    },
}

impl BalanceError {
    pub(crate) fn solver(method: &'static str, error: &SolveError) -> Self {
        Self::Solver {
            method,
            problem: error.0,
        }
    }
}

fn suggestion(nearest: &Option<String>) -> String {
    match nearest {
        Some(name) => format!(", did you mean `{name}`?"),
        None => String::new(),
    }
}
