//! What an extension keeps, learns and reports.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mtnet_core::Split;
use mtnet_extend::{ExtendError, ExtendOptions, ExtendReport, Extended, TrainOnly, extend};
use mtnet_heads::HeadRegistry;
use mtnet_train::events::{EvaluationEvent, StepEvent};
use mtnet_train::run_file::RunFile;
use mtnet_train::trainer::{Prepared, Progress, Quiet, StopToken};

use crate::workplace::{NEW, OLD, Workplace, answers, bits, name};

/// Old tasks without data in the run file, a frozen encoder.
fn keeps_every_bit(overrides: &[&str]) {
    let workplace = Workplace::with(overrides);
    let options = workplace.options("out");
    let run = workplace.run(NEW, &["train.epochs=20"]).expect("a run");
    let report = workplace.extended(&run, &options);

    assert_eq!(report.train_only, TrainOnly::Head);
    let model = options.output.join("model");
    let old = ["intent", "slots"];
    assert_eq!(answers(&workplace.model(), &old), answers(&model, &old));
    let before = bits(&workplace.model(), "");
    let mut after = bits(&model, "");
    after.retain(|name, _| !name.starts_with("heads.mood."));
    assert!(before == after, "a parameter changed");

    assert!(
        report
            .old
            .iter()
            .all(|old| old.standing.is_none() && !old.replayed)
    );
    assert!(report.old[0].sentence.contains("as it was"), "{report:?}");
    let new = &report.new[0];
    assert_eq!(
        (new.task.as_str(), new.split, new.examples),
        ("mood", Split::Test, 18)
    );
    assert!(new.score.value > 0.6, "{new:?}");
    assert!(new.score.lower <= new.score.value && new.score.value <= new.score.upper);
    assert!((new.majority.expect("a score") - 1.0 / 3.0).abs() < 1e-9);
}

#[test]
fn a_frozen_encoder_keeps_old_answers_to_the_bit() {
    keeps_every_bit(&[]);
}

#[test]
fn a_frozen_transformer_keeps_old_answers_to_the_bit() {
    keeps_every_bit(&[
        "encoder.preset=mt-net-mini",
        "encoder.num_layers=2",
        "encoder.num_attention_heads=2",
        "encoder.pooling=max",
        "encoder.max_length=24",
    ]);
}

#[test]
fn what_is_scored_without_change_is_told_so() {
    let workplace = Workplace::new();
    let options = ExtendOptions {
        train_only: Some(TrainOnly::Head),
        ..workplace.options("out")
    };
    let run = workplace.run(&format!("{OLD}{NEW}"), &[]).expect("a run");
    let report = workplace.extended(&run, &options);
    for old in &report.old {
        let standing = old.standing.as_ref().expect("scores");
        assert!(standing.same_answers && !old.replayed);
        assert_eq!(
            (standing.before, standing.gain.value),
            (standing.after, 0.0)
        );
        assert!(old.sentence.contains("bit for bit"), "{old:?}");
    }
    let table = fs::read_to_string(options.output.join("extend.md")).expect("a file");
    for part in [
        "| mood | accuracy | test | 18 |",
        "| intent | accuracy | test | 12 |",
        "| none |",
    ] {
        assert!(table.contains(part), "{part} in {table}");
    }
    let file = fs::read(options.output.join("extend.json")).expect("a file");
    let read: ExtendReport = serde_json::from_slice(&file).expect("a report");
    assert_eq!(read, report);
    let card = fs::read_to_string(options.output.join("model/README.md")).expect("a card");
    assert!(
        card.contains("intent, slots before mood was added"),
        "{card}"
    );

    // A finished extension is not written over.
    let again = workplace
        .try_extend(&run, &options, &mut Quiet)
        .unwrap_err();
    assert!(matches!(again, ExtendError::InUse { .. }), "{again}");
}

#[test]
fn replayed_tasks_start_warm_and_learn_on() {
    let workplace = Workplace::new();
    let options = workplace.options("out");
    let run = workplace
        .run(&format!("{NEW}{OLD}"), &["train.epochs=2"])
        .expect("a run");
    let report = workplace.extended(&run, &options);
    assert_eq!(
        (report.train_only, report.replay),
        (TrainOnly::All, Some(0.25))
    );
    for old in &report.old {
        assert!(old.replayed);
        let standing = old.standing.as_ref().expect("scores");
        // A new head would answer by chance after so few steps.
        assert!(standing.before > 0.9, "{old:?}");
        assert!(standing.after >= standing.before - 0.2, "{old:?}");
    }
    let model = options.output.join("model");
    for part in ["heads.intent.", "embeddings."] {
        assert!(
            bits(&workplace.model(), part) != bits(&model, part),
            "{part}"
        );
    }
    // A quarter of 12 requests beside all moods.
    let run = RunFile::load(&options.output.join("training/run.toml"), &[]).expect("a run file");
    let prepared = Prepared::new(&run, &HeadRegistry::default(), &mut Quiet).expect("data");
    let counts = ["intent", "slots", "mood"].map(|task| {
        let targets = prepared.corpus(Split::Train).targets().iter();
        targets
            .filter(|targets| targets.contains_key(&name(task)))
            .count()
    });
    assert_eq!(counts, [3, 3, 18]);
    let order: Vec<&str> = run
        .config
        .task
        .iter()
        .map(|task| task.name.as_str())
        .collect();
    assert_eq!(order, ["intent", "slots", "mood"]);
}

#[test]
fn without_replay_the_heads_stay_on_a_changed_encoder() {
    let workplace = Workplace::new();
    let options = ExtendOptions {
        train_only: Some(TrainOnly::All),
        replay: Some(0.0),
        ..workplace.options("out")
    };
    let run = workplace.run(&format!("{OLD}{NEW}"), &[]).expect("a run");
    let report = workplace.extended(&run, &options);
    assert!(
        report
            .old
            .iter()
            .all(|old| old.standing.is_some() && !old.replayed)
    );
    assert!(
        report
            .notes
            .iter()
            .any(|note| note.contains("intent, slots")),
        "{report:?}"
    );
    let model = options.output.join("model");
    let heads = "heads.intent.";
    assert!(bits(&workplace.model(), heads) == bits(&model, heads));
    assert!(bits(&workplace.model(), "embeddings.") != bits(&model, "embeddings."));
}

#[test]
fn top_layers_alone_can_learn() {
    let workplace = Workplace::with(&["encoder.preset=mt-net-mini", "encoder.num_layers=2"]);
    let options = ExtendOptions {
        train_only: Some(TrainOnly::Top(1)),
        ..workplace.options("out")
    };
    let run = workplace.run(NEW, &["train.max_steps=3"]).expect("a run");
    let report = workplace.extended(&run, &options);
    assert!(
        report.old[0].sentence.contains("changed encoder"),
        "{report:?}"
    );
    let model = options.output.join("model");
    let (before, after) = (bits(&workplace.model(), ""), bits(&model, ""));
    let changed: Vec<&String> = before
        .iter()
        .filter(|(name, bits)| after[*name] != **bits)
        .map(|(name, _)| name)
        .collect();
    assert!(!changed.is_empty());
    assert!(
        changed.iter().all(|name| name.contains("layer.1.")),
        "{changed:?}"
    );
}

/// Ends the training behind its first checkpoint.
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
fn a_killed_extension_goes_on_and_ends_the_same() {
    let workplace = Workplace::new();
    let text = format!("{OLD}{NEW}");
    let run = workplace
        .run(&text, &["train.logging_steps=1"])
        .expect("a run");
    let whole = workplace.extended(&run, &workplace.options("whole"));
    let options = workplace.options("killed");
    let mut killer = Killer::default();
    let killed = catch_unwind(AssertUnwindSafe(|| {
        workplace.try_extend(&run, &options, &mut killer)
    }));
    assert!(killed.is_err());
    assert!(!options.output.join("extend.json").exists());
    // With other settings it is another extension.
    let other = workplace.run(&text, &["train.epochs=3"]).expect("a run");
    let refused = workplace
        .try_extend(&other, &options, &mut Quiet)
        .unwrap_err();
    assert!(matches!(refused, ExtendError::OtherRun { .. }), "{refused}");

    let report = workplace.extended(&run, &options);
    assert_eq!((&report.new, &report.old), (&whole.new, &whole.old));
    let model = |output: &str| bits(&workplace.path(output).join("model"), "");
    assert!(model("killed") == model("whole"), "the weights differ");
}

#[test]
fn an_extension_that_is_asked_to_stop_says_so() {
    let workplace = Workplace::new();
    let run = workplace.run(NEW, &[]).expect("a run");
    let stop = StopToken::new();
    stop.ask();
    let options = workplace.options("out");
    let ended = extend(&run, &options, &HeadRegistry::default(), &mut Quiet, &stop);
    assert!(
        matches!(ended, Ok(Extended::Interrupted { .. })),
        "{ended:?}"
    );
    assert!(!options.output.join("model").exists());
    assert_eq!(workplace.extended(&run, &options).new.len(), 1);
}
