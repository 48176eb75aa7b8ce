//! The run with its single-task models as teachers, as one more system.

use std::fs;

use mtnet_compare::CompareOptions;
use mtnet_train::run_file::RunFile;

use crate::workplace::{Workplace, begun, compared};

const DISTILLED: &str = "multi-task, distilled";

#[test]
fn the_run_is_trained_with_the_single_task_models_of_its_seed_as_teachers() {
    let workplace = Workplace::new();
    let options = CompareOptions {
        classical: false,
        window: false,
        distil: true,
        ..workplace.options("out")
    };
    let run = workplace.run(&[]);
    let (report, _) = compared(&run, &options);
    let names: Vec<&str> = report.methods.iter().map(|method| &*method.name).collect();
    assert_eq!(names, ["multi-task", "single-task", DISTILLED]);
    let (single, distilled) = (&report.methods[1], &report.methods[2]);
    for (seed, folders) in distilled.folders.iter().enumerate() {
        let file = options.output.join(&folders[0]).join("run.toml");
        let run = RunFile::load(&file, &[]).expect("a run file");
        assert_eq!(run.config.run.seed, report.seeds[seed]);
        for (task, folder) in run.config.task.iter().zip(&single.folders[seed]) {
            let expected = options.output.join(folder).join("model");
            assert_eq!(task.teacher.as_deref(), Some(&*expected), "{}", task.name);
        }
        assert!(run.config.distillation.is_some());
    }
    assert!(
        report
            .tasks
            .iter()
            .all(|task| task.of(DISTILLED).is_some_and(|m| m.gain.is_some()))
    );
    let table = fs::read_to_string(options.output.join("compare.md")).expect("a file");
    assert!(table.contains("| multi-task, distilled |"), "{table}");

    let (_, events) = compared(&run, &options);
    assert!(begun(&events).0.is_empty(), "nothing is trained twice");
    // Other teachers make another student: the models of one seed are not the same any more.
    let longer = workplace.run(&["train.epochs=4"]);
    let (began, _) = begun(&compared(&longer, &options).1);
    let distilled = began
        .iter()
        .filter(|name| name.starts_with("multi-task-distilled"));
    assert_eq!(distilled.count(), 2, "{began:?}");
}
