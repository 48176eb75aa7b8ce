//! What some methods must be told beside the losses of each step.

use crate::TaskLosses;

/// The kind of thing a method has to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObservationKind {
    /// The losses of the same batch, with the same dropout masks, after each step.
    LossesAfterStep,
    /// Losses on validation examples, now and then.
    ValidationLosses,
    /// The main validation metric of each task, scaled to 0..=1, higher is better.
    ValidationScores,
}

/// Something a method is told between two steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observation<'a> {
    /// The losses of the batch just weighed, evaluated again after the step.
    LossesAfterStep(&'a TaskLosses),
    /// Losses on validation examples; `None` for a task that was not evaluated.
    ValidationLosses(&'a TaskLosses),
    /// Validation metrics in 0..=1, higher is better; `None` for a task not evaluated.
    ValidationScores(&'a TaskLosses),
}
