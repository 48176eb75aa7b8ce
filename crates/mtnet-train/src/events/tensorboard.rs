//! Events in TensorBoard's event files, by the tags of [`scalars`](super::scalars).

use std::path::Path;

use mtnet_report::tensorboard::EventFile;

use super::scalars::scalars;
use super::{Event, EventError, EventSink};

/// Writes the numbers of events to an event file.
#[derive(Debug)]
pub struct TensorboardSink {
    file: EventFile,
}

impl TensorboardSink {
    /// Starts a file in `folder`; of a run that goes on, after that many steps.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn open(folder: &Path, resumed_after: Option<u64>) -> Result<Self, EventError> {
        let file = match resumed_after {
            None => EventFile::create(folder),
            Some(step) => EventFile::resume(folder, step),
        };
        Ok(Self {
            file: file.map_err(EventError::Report)?,
        })
    }
}

impl EventSink for TensorboardSink {
    fn record(&mut self, event: &Event) -> Result<(), EventError> {
        let scalars = scalars(event);
        if scalars.is_empty() {
            return Ok(());
        }
        self.file
            .scalars(event.step(), scalars)
            .map_err(EventError::Report)
    }

    fn sync(&mut self) -> Result<(), EventError> {
        self.file.sync().map_err(EventError::Report)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use mtnet_core::{Split, TaskName};

    use super::*;
    use crate::events::{
        BalanceEvent, BalanceSummary, EvaluationEvent, PairGradientStats, RunEndReason,
        TaskGradientStats,
    };

    fn task(name: &str) -> TaskName {
        TaskName::new(name).unwrap()
    }

    #[test]
    fn every_number_has_its_tag() {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = TensorboardSink::open(&folder.path().join("tb"), None).unwrap();
        let stats = TaskGradientStats {
            samples: 1,
            gradient_norm: 0.5,
            weight: Some(2.0),
            share: None,
        };
        let summary = BalanceSummary {
            samples: 1,
            tasks: BTreeMap::from([(task("intent"), stats)]),
            pairs: vec![PairGradientStats {
                tasks: [task("intent"), task("slots")],
                samples: 1,
                cosine: -0.25,
                conflict_rate: 1.0,
            }],
            layers: BTreeMap::new(),
        };
        let metrics = BTreeMap::from([("accuracy".to_owned(), f64::NAN)]);
        let evaluation = EvaluationEvent {
            step: 20,
            epoch: 1.0,
            split: Split::Dev,
            metrics: BTreeMap::from([(task("intent"), metrics)]),
            selection: Some(0.5),
            is_best: true,
            seconds: 0.1,
        };
        for event in [
            Event::from(BalanceEvent { step: 20, summary }),
            Event::from(evaluation),
            Event::run_end(20, RunEndReason::Finished, 1.0),
        ] {
            sink.record(&event).unwrap();
        }
        sink.sync().unwrap();
        let bytes = std::fs::read(sink.file.path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for (tag, is_there) in [
            ("gradient_norm/intent", true),
            ("gradient_weight/intent", true),
            ("gradient_share/intent", false),
            ("gradient_cosine/intent,slots", true),
            ("dev_accuracy/intent", true),
            ("dev_selection/mean", true),
        ] {
            assert_eq!(text.contains(tag), is_there, "{tag}");
        }
    }
}
