//! Asking a run to stop from outside: by a signal, a button, a deadline.
//!
//! The token is looked at between two optimizer steps, so a run that is asked finishes its step,
//! saves a checkpoint and ends; nothing is lost, and `resume` goes on with the very next batch.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A request to stop, shared by who asks and who trains. A clone is the same request.
#[derive(Clone, Debug, Default)]
pub struct StopToken {
    own: Arc<AtomicBool>,
    above: Option<Arc<StopToken>>,
}

impl StopToken {
    /// Nobody has asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A request of its own, which is also asked where this one is: for one of several runs.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            own: Arc::default(),
            above: Some(Arc::new(self.clone())),
        }
    }

    /// Asks. May be called from any thread, more than once.
    pub fn ask(&self) {
        self.own.store(true, Ordering::SeqCst);
    }

    /// Whether somebody asked.
    pub fn is_asked(&self) -> bool {
        self.own.load(Ordering::SeqCst) || self.above.as_ref().is_some_and(|above| above.is_asked())
    }

    /// The flag itself, for a signal handler to set.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_asked_with_its_parent_and_not_the_other_way() {
        let all = StopToken::new();
        let (one, other) = (all.child(), all.child());
        one.ask();
        assert!(one.is_asked() && !other.is_asked() && !all.is_asked());
        all.ask();
        assert!(other.is_asked());
    }
}
