//! A comparison that was killed goes on where it was.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mtnet_heads::HeadRegistry;
use mtnet_train::events::{EvaluationEvent, StepEvent};
use mtnet_train::trainer::{Progress, TrainOptions, train};

use crate::workplace::{Workplace, begun, compared, has_checkpoint};

/// Ends the run in the middle, some steps behind its first checkpoint.
#[derive(Default)]
struct Killer {
    evaluated: bool,
}

impl Progress for Killer {
    fn evaluation(&mut self, _: &EvaluationEvent) {
        self.evaluated = true;
    }

    fn step(&mut self, _: &StepEvent, _: u64) {
        assert!(!self.evaluated, "killed");
    }
}

#[test]
fn a_killed_run_goes_on_from_its_checkpoint() {
    let workplace = Workplace::new();
    let run = workplace.run(&["train.logging_steps=1"]);
    let (whole, _) = compared(&run, &workplace.options("whole"));

    // Two runs of another comparison: one stopped behind a checkpoint, one before any.
    let folders = &whole.methods[0].folders;
    for (seed, folder) in [(3, &folders[0][0]), (4, &folders[1][0])] {
        let mut run = run.with_absolute_paths().expect("a working folder");
        run.config.run.seed = seed;
        let options = TrainOptions {
            output: workplace.path("killed").join(folder),
            resume: false,
        };
        let mut killer = Killer {
            evaluated: seed == 4,
        };
        let killed = catch_unwind(AssertUnwindSafe(|| {
            train(&run, &options, &HeadRegistry::default(), &mut killer)
        }));
        assert!(killed.is_err());
        assert_eq!(has_checkpoint(&options.output), seed == 3);
    }
    let (report, events) = compared(&run, &workplace.options("killed"));
    let (began, _) = begun(&events);
    assert!(
        began.contains(&"multi-task-seed-3 resumed".to_owned()),
        "{began:?}"
    );
    assert!(began.contains(&"multi-task-seed-4".to_owned()), "{began:?}");
    assert_eq!(
        serde_json::to_value(&report.tasks).unwrap(),
        serde_json::to_value(&whole.tasks).unwrap()
    );
}
