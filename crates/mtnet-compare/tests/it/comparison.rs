//! What a comparison reports, keeps and refuses.

use mtnet_compare::{Budget, CompareOptions, CompareReport, compare};
use mtnet_core::Split;
use mtnet_train::run_file::RunFile;

use crate::workplace::{Workplace, begun, compared, has_checkpoint};

#[test]
fn every_task_is_judged_and_nothing_is_trained_twice() {
    let workplace = Workplace::new();
    let run = workplace.run(&[]);
    let options = workplace.options("out");
    let (report, events) = compared(&run, &options);
    let names: Vec<&str> = report
        .methods
        .iter()
        .map(|method| method.name.as_str())
        .collect();
    // The run is an MT-Net on windows itself, so that there is no other one.
    assert_eq!(names, ["multi-task", "single-task", "classical"]);
    assert_eq!(report.seeds, [3, 4]);
    let (began, kept) = begun(&events);
    assert_eq!((began.len(), kept), (2 + 2 * 3, 0), "{began:?}");

    for task in &report.tasks {
        let multi = task.of("multi-task").expect("scores");
        assert_eq!(multi.scores.len(), 2);
        let single = task.of("single-task").expect("scores");
        let difference: f64 = multi
            .scores
            .iter()
            .zip(&single.scores)
            .map(|(ours, theirs)| ours.expect("a score") - theirs.expect("a score"))
            .sum();
        let gain = multi.gain.expect("a gain").value;
        let sign = if task.higher_is_better { 1.0 } else { -1.0 };
        assert!((gain - sign * difference / 2.0).abs() < 1e-9, "{task:?}");
        assert!(single.gain.is_none());
        assert_eq!(task.of("classical").expect("scores").scores.len(), 1);
        assert!(task.sentence.contains(task.task.as_str()));
    }
    let price = &report.tasks[2];
    assert_eq!((price.split, price.examples), (Split::Dev, 6));
    let delta = report.methods[0].delta_m.expect("a mean gain");
    let expected: f64 = report
        .tasks
        .iter()
        .map(|task| {
            let of = |method: &str, seed: usize| {
                task.of(method).expect("scores").scores[seed].expect("a score")
            };
            let sign = if task.higher_is_better { 100.0 } else { -100.0 };
            (0..2)
                .map(|seed| {
                    sign * (of("multi-task", seed) - of("single-task", seed))
                        / of("single-task", seed).abs()
                })
                .sum::<f64>()
                / 2.0
        })
        .sum::<f64>()
        / 3.0;
    if expected.is_finite() {
        assert!(
            (delta.value - expected).abs() < 1e-9,
            "{} {expected}",
            delta.value
        );
    }

    // The file says the same, and the table names every system and task.
    let file = std::fs::read(options.output.join("compare.json")).expect("a file");
    let read: CompareReport = serde_json::from_slice(&file).expect("a report");
    assert_eq!(
        serde_json::to_value(&read).unwrap(),
        serde_json::to_value(&report).unwrap()
    );
    let table = std::fs::read_to_string(options.output.join("compare.md")).expect("a file");
    for name in names.into_iter().chain(["intent", "slots", "price", "Δm"]) {
        assert!(table.contains(name), "{name} in {table}");
    }
    assert!(
        report
            .inference
            .as_ref()
            .is_some_and(|cost| cost.single_models == 3)
    );
    let folder = options.output.join(&report.methods[0].folders[0][0]);
    assert!(folder.join("model/tasks.json").is_file() && !has_checkpoint(&folder));

    let (again, events) = compared(&run, &options);
    assert_eq!(begun(&events), (Vec::new(), 8));
    assert_eq!(
        serde_json::to_value(&again.tasks).unwrap(),
        serde_json::to_value(&report.tasks).unwrap()
    );

    // Another setting is another run; the single-task ones do not know of it.
    let balanced = workplace.run(&["balance.method=uncertainty"]);
    let (_, events) = compared(&balanced, &options);
    let (began, kept) = begun(&events);
    assert_eq!((began.len(), kept), (2, 6), "{began:?}");
    // And so is other data.
    let prices = std::fs::read_to_string(workplace.path("prices.jsonl")).expect("a file");
    std::fs::write(
        workplace.path("prices.jsonl"),
        prices.replace("0.5", "0.75"),
    )
    .expect("a file");
    let (_, events) = compared(&run, &options);
    let (began, kept) = begun(&events);
    assert_eq!((began.len(), kept), (4, 4), "{began:?}");
}

/// The run file that a single-task run of a comparison was made with.
fn single(report: &CompareReport, output: &std::path::Path, part: usize) -> RunFile {
    let folder = output.join(&report.methods[1].folders[0][part]);
    RunFile::load(&folder.join("run.toml"), &[]).expect("a run file")
}

#[test]
fn single_task_models_get_the_same_budget() {
    let workplace = Workplace::new();
    let options = CompareOptions {
        seeds: 1,
        classical: false,
        ..workplace.options("out")
    };
    let (report, _) = compared(&workplace.run(&[]), &options);
    let train = single(&report, &options.output, 2).config.train;
    assert_eq!(
        (train.epochs, train.batch_tokens, train.max_steps),
        (3.0, 64, None)
    );

    // Twice as many examples an epoch: a single-task model takes twice as many epochs.
    let run = workplace.run(&["sampler.examples_per_epoch=36"]);
    let (report, _) = compared(&run, &options);
    let epochs = single(&report, &options.output, 0).config.train.epochs;
    assert!((epochs - 6.0).abs() < 0.01, "{epochs}");

    let steps = CompareOptions {
        budget: Budget::Steps,
        ..options.clone()
    };
    let (report, _) = compared(&workplace.run(&[]), &steps);
    let batches: Vec<usize> = (0..3)
        .map(|part| {
            single(&report, &options.output, part)
                .config
                .train
                .batch_tokens
        })
        .collect();
    assert!(
        batches[0] == batches[1] && batches[0] < 64 && batches[2] < 64,
        "{batches:?}"
    );
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let workplace = Workplace::new();
    let mut run = workplace.run(&[]);
    let none = CompareOptions {
        seeds: 0,
        ..workplace.options("out")
    };
    let message = |run: &RunFile, options: &CompareOptions| {
        let error = compare(run, options, &mut |_| {}).unwrap_err();
        error.to_string()
    };
    assert!(message(&run, &none).starts_with("0 seeds"));
    // A run that fails is named.
    let broken = workplace.run(&["train.learning_rate=1e30", "train.max_grad_norm=0"]);
    let failed = message(&broken, &workplace.options("broken"));
    assert!(
        failed.contains("-seed-") && failed.contains("lower the learning rate"),
        "{failed}"
    );
    run.config.task.truncate(1);
    assert!(message(&run, &workplace.options("out")).contains("one task"));
}
