//! Few-shot curves: the same examples and steps for both sides, kept runs, and what cannot be.

use std::fs;
use std::num::NonZero;
use std::path::Path;

use mtnet_compare::CompareEvent;
use mtnet_core::Split;
use mtnet_extend::{FewShotOptions, FewShotReport, Size, few_shot};
use mtnet_heads::HeadRegistry;
use mtnet_train::run_file::RunFile;
use mtnet_train::trainer::{Prepared, Quiet};

use crate::workplace::{NEW, OLD, Workplace, bootstrap, name};

fn options(workplace: &Workplace, output: &str) -> FewShotOptions {
    FewShotOptions {
        sizes: vec![
            Size::Examples(3),
            Size::Examples(6),
            Size::Examples(999),
            Size::All,
        ],
        seeds: 2,
        min_steps: 10,
        jobs: NonZero::new(2),
        bootstrap: bootstrap(),
        ..FewShotOptions::new(workplace.model(), workplace.path(output))
    }
}

fn drawn(run: &RunFile, options: &FewShotOptions) -> (FewShotReport, Vec<CompareEvent>) {
    let mut events = Vec::new();
    let report = few_shot(run, options, &mut |event| events.push(event.clone()));
    (report.expect("curves"), events)
}

fn begun(events: &[CompareEvent]) -> usize {
    let began = |event: &&CompareEvent| matches!(event, CompareEvent::Started { .. });
    events.iter().filter(began).count()
}

/// The examples that a run of a curve learned from, and its steps.
fn learned(folder: &Path) -> (Vec<usize>, Option<u64>) {
    let run = RunFile::load(&folder.join("run.toml"), &[]).expect("a run file");
    let prepared = Prepared::new(&run, &HeadRegistry::default(), &mut Quiet).expect("data");
    let targets = prepared.corpus(Split::Train).targets().iter().enumerate();
    let with = targets.filter(|(_, targets)| targets.contains_key(&name("mood")));
    (
        with.map(|(example, _)| example).collect(),
        run.config.train.max_steps,
    )
}

#[test]
fn both_sides_learn_from_the_same_and_nothing_is_trained_twice() {
    let workplace = Workplace::new();
    let run = workplace
        .run(&format!("{OLD}{NEW}"), &["train.epochs=2"])
        .expect("a run");
    let options = options(&workplace, "curve");
    let (report, events) = drawn(&run, &options);
    // Three sizes, two sides, two seeds; the old tasks have no curve.
    assert_eq!(begun(&events), 12);
    assert_eq!(report.tasks.len(), 1);
    let task = &report.tasks[0];
    assert_eq!(
        (task.available, &task.left_out[..], task.examples),
        (18, &[999][..], 18)
    );
    let sizes: Vec<(usize, bool)> = task.points.iter().map(|p| (p.size, p.is_all)).collect();
    assert_eq!(sizes, [(3, false), (6, false), (18, true)]);
    assert!(
        report.against.contains("mt-net-window"),
        "{}",
        report.against
    );
    for point in &task.points {
        let gains = point.multi.iter().zip(&point.plain);
        let gains = gains.map(|(multi, plain)| multi.expect("a score") - plain.expect("a score"));
        let gain = gains.sum::<f64>() / 2.0;
        assert!((point.gain.value - gain).abs() < 1e-9, "{point:?}");
        assert!(point.sentence.contains("mood"));
    }

    let mut folders: Vec<_> = fs::read_dir(options.output.join("runs"))
        .expect("a folder")
        .map(|entry| entry.expect("a run").path())
        .collect();
    folders.sort();
    let of = |size: &str, side: &str, seed: u64| {
        let begin = format!("mood-{size}-{side}-seed-{seed}-");
        let named = |path: &&std::path::PathBuf| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(&begin))
        };
        learned(folders.iter().find(named).expect("a run"))
    };
    for seed in [42, 43] {
        let few = of("3", "multi-task", seed);
        assert_eq!(few, of("3", "plain", seed));
        assert_eq!((few.0.len(), few.1), (3, Some(10)));
        // One example of each label: they come in turn in the file.
        let mut labels: Vec<usize> = few.0.iter().map(|example| example % 3).collect();
        labels.sort_unstable();
        assert_eq!(labels, [0, 1, 2]);
        let more = of("6", "plain", seed);
        assert!(few.0.iter().all(|example| more.0.contains(example)));
    }
    assert_eq!(of("all", "plain", 42).0.len(), 18);

    let file = fs::read(options.output.join("few-shot.json")).expect("a file");
    let read: FewShotReport = serde_json::from_slice(&file).expect("a report");
    assert_eq!(
        serde_json::to_value(&read).unwrap(),
        serde_json::to_value(&report).unwrap()
    );
    let table = fs::read_to_string(options.output.join("few-shot.md")).expect("a file");
    assert!(
        table.contains("| 18 (all) |") && table.contains("999"),
        "{table}"
    );

    // Kept runs are taken as they are; one that is gone is trained again, to the same end.
    let gone = folders
        .iter()
        .find(|path| path.to_string_lossy().contains("mood-6-plain-seed-43"));
    fs::remove_dir_all(gone.expect("a run")).expect("a folder to remove");
    let (again, events) = drawn(&run, &options);
    assert_eq!(begun(&events), 1);
    assert_eq!(
        serde_json::to_value(&again).unwrap(),
        serde_json::to_value(&report).unwrap()
    );
}

#[test]
fn the_plain_encoder_can_be_named_and_must_be_known() {
    let workplace = Workplace::new();
    let run = workplace.run(NEW, &["train.epochs=1"]).expect("a run");
    fs::rename(
        workplace.path("old/run.json"),
        workplace.path("old/moved.json"),
    )
    .expect("a file");
    let mut options = FewShotOptions {
        sizes: vec![Size::Examples(3)],
        seeds: 1,
        ..options(&workplace, "curve")
    };
    let unknown = few_shot(&run, &options, &mut |_| {})
        .unwrap_err()
        .to_string();
    assert!(
        unknown.contains("--against") && unknown.contains("run.json"),
        "{unknown}"
    );

    let model = workplace.model().display().to_string();
    options.against = Some(model.clone());
    let (report, _) = drawn(&run, &options);
    assert_eq!(report.against, model);

    options.seeds = 0;
    let none = few_shot(&run, &options, &mut |_| {})
        .unwrap_err()
        .to_string();
    assert!(none.starts_with("0 seeds"), "{none}");
}
