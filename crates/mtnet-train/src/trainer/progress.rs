//! What a caller sees of a run while it goes on.

use crate::events::{EvaluationEvent, StepEvent};

/// A listener of a run. A terminal draws bars from it; the default hears nothing.
pub trait Progress {
    /// Something long begins: reading, encoding, training.
    fn stage(&mut self, message: &str) {
        let _ = message;
    }

    /// An optimizer step was done, of `total_steps`.
    fn step(&mut self, event: &StepEvent, total_steps: u64) {
        let _ = (event, total_steps);
    }

    /// A split was scored.
    fn evaluation(&mut self, event: &EvaluationEvent) {
        let _ = event;
    }

    /// Something worth a line.
    fn message(&mut self, text: &str) {
        let _ = text;
    }
}

/// A listener that says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Progress for Quiet {}
