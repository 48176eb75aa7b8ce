//! What a run does when numbers run out: skip, go back, give up.
//!
//! A step whose loss or gradient is not finite moves nothing. After some such steps in a row the
//! run goes back to its last checkpoint with half the learning rate, as is done by hand for large
//! models (Chowdhery et al. 2022, "PaLM", §5.1, who go back and leave batches out); after some
//! returns it ends. A deterministic run that only went back would come to the same end.

use serde::{Deserialize, Serialize};

use super::job::Job;
use super::{NonFinite, Progress, TrainError};
use crate::checkpoint::{LocalFiles, latest_valid};
use crate::events::{AlarmEvent, AlarmKind, Event, RunEndReason};

/// How far a run is in this. A checkpoint keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recovery {
    /// Steps in a row that were skipped.
    pub skipped: u32,
    /// Returns to a checkpoint.
    pub rollbacks: u32,
    /// What the learning rate is multiplied by since.
    pub rate_scale: f64,
}

impl Default for Recovery {
    fn default() -> Self {
        Self {
            skipped: 0,
            rollbacks: 0,
            rate_scale: 1.0,
        }
    }
}

impl Job<'_> {
    /// Tells of a step that was not taken.
    pub(super) fn note_fault(
        &mut self,
        fault: &NonFinite,
        progress: &mut (dyn Progress + Send),
    ) -> Result<(), TrainError> {
        self.state.recovery.skipped += 1;
        self.raise(fault.alarm(), progress)
    }

    /// Whether enough steps in a row were skipped.
    pub(super) fn must_go_back(&self) -> bool {
        self.state.recovery.skipped >= self.run.config.monitor().skipped_steps
    }

    /// Goes back to the last checkpoint with half the learning rate.
    ///
    /// # Errors
    /// [`TrainError::Diverged`] where there is none, or the run went back often enough.
    pub(super) fn go_back(
        &mut self,
        fault: &NonFinite,
        progress: &mut (dyn Progress + Send),
    ) -> Result<(), TrainError> {
        let Recovery {
            skipped,
            rollbacks,
            rate_scale,
        } = self.state.recovery;
        let checkpoint = match rollbacks < self.run.config.monitor().rollbacks {
            true => latest_valid(&LocalFiles, self.output)?.latest,
            false => None,
        };
        let Some(checkpoint) = checkpoint else {
            let tried = match rollbacks {
                0 => "and there is no checkpoint to go back to".to_owned(),
                1 => "after one return to a checkpoint with half the learning rate".to_owned(),
                more => format!("after {more} returns to a checkpoint, each with half the rate"),
            };
            let seconds = self.seconds();
            let end = Event::run_end(fault.step, RunEndReason::Diverged, seconds);
            self.record(end)?;
            let what = format!(
                "{}; {skipped} updates in a row were left out, {tried}",
                fault.what()
            );
            return Err(TrainError::Diverged {
                step: fault.step + 1,
                what,
            });
        };
        let seconds = self.state.seconds;
        self.restore(&checkpoint)?;
        self.state.seconds = seconds;
        self.state.recovery = Recovery {
            skipped: 0,
            rollbacks: rollbacks + 1,
            rate_scale: 0.5 * rate_scale,
        };
        self.set_rate();
        let alarm = AlarmEvent {
            step: fault.step,
            kind: AlarmKind::RolledBack,
            task: fault.tasks.first().cloned(),
            place: fault.place.clone(),
            message: format!(
                "{skipped} updates in a row were left out, the last because {}; going back to step \
                 {} with {} of the learning rate",
                fault.what(),
                checkpoint.step(),
                self.state.recovery.rate_scale
            ),
        };
        self.raise(alarm, progress)
    }

    /// Shows and records an alarm.
    pub(super) fn raise(
        &mut self,
        alarm: AlarmEvent,
        progress: &mut (dyn Progress + Send),
    ) -> Result<(), TrainError> {
        progress.message(&alarm.message);
        self.record(alarm)
    }

    /// Shows and records what the monitors have to say.
    pub(super) fn raise_alarms(
        &mut self,
        progress: &mut (dyn Progress + Send),
    ) -> Result<(), TrainError> {
        for alarm in self.session.monitor.take_alarms() {
            self.raise(alarm, progress)?;
        }
        Ok(())
    }
}
