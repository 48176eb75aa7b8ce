//! Events, and the file that keeps them.

use std::collections::BTreeMap;
use std::fs;

use mtnet_core::{Split, TaskName};
use mtnet_train::events::{
    AlarmEvent, AlarmKind, CheckpointEvent, EvaluationEvent, Event, EventSink, JsonlSink,
    MemorySink, RunEndReason, RunStartEvent, StepEvent, WALL_CLOCK_FIELDS, read_events,
};

fn task(name: &str) -> TaskName {
    TaskName::new(name).expect("a name")
}

fn step(step: u64, loss: f64) -> Event {
    StepEvent {
        step,
        epoch: step as f64 / 4.0,
        loss,
        task_losses: BTreeMap::from([(task("ner"), loss), (task("topic"), 0.5)]),
        task_weights: BTreeMap::from([(task("ner"), 1.0), (task("topic"), 1.0)]),
        learning_rate: 5e-5,
        grad_norm: 1.25,
        tokens: 4096,
        tokens_per_second: 1000.0,
        seconds: 0.5,
    }
    .into()
}

fn evaluation(step: u64) -> Event {
    EvaluationEvent {
        step,
        epoch: 1.0,
        split: Split::Dev,
        metrics: BTreeMap::from([(
            task("ner"),
            BTreeMap::from([("f1".to_owned(), 0.75), ("loss".to_owned(), 0.25)]),
        )]),
        selection: Some(0.75),
        is_best: true,
        seconds: 0.125,
    }
    .into()
}

fn checkpoint(step: u64) -> Event {
    CheckpointEvent {
        step,
        name: format!("checkpoint-{step}"),
        is_best: true,
    }
    .into()
}

fn start() -> Event {
    RunStartEvent {
        run: "assistant".to_owned(),
        seed: 42,
        tasks: vec![task("ner"), task("topic")],
        trained_parameters: 1_000,
        total_steps: 8,
    }
    .into()
}

fn alarm(step: u64) -> Event {
    AlarmEvent {
        step,
        kind: AlarmKind::NonFiniteLoss,
        task: Some(task("ner")),
        place: None,
        message: "loss of task `ner` is NaN".to_owned(),
    }
    .into()
}

#[test]
fn every_event_survives_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("metrics.jsonl");
    let events = [
        start(),
        step(1, 2.0),
        evaluation(1),
        checkpoint(1),
        alarm(2),
        Event::run_end(2, RunEndReason::EarlyStopping, 9.5),
    ];
    let mut sink = JsonlSink::create(&path).expect("a file");
    for (count, event) in events.iter().enumerate() {
        sink.record(event).expect("recorded");
        // Readable at once, without closing the file.
        assert_eq!(read_events(&path).expect("events").len(), count + 1);
    }
    sink.sync().expect("on the disk");
    assert_eq!(read_events(&path).expect("events"), events);
    let text = fs::read_to_string(&path).expect("text");
    let first = text.lines().nth(1).expect("a line");
    assert!(
        first.starts_with(
            r#"{"event":"step","step":1,"epoch":0.25,"loss":2.0,"task_losses":{"ner":2.0,"#
        ),
        "{first}"
    );
    let fields: serde_json::Value = serde_json::from_str(first).expect("JSON");
    assert!(
        WALL_CLOCK_FIELDS
            .iter()
            .all(|field| fields.get(field).is_some())
    );
}

#[test]
fn numbers_that_are_not_finite_become_null() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("metrics.jsonl");
    let mut sink = JsonlSink::create(&path).expect("a file");
    for loss in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        sink.record(&step(1, loss)).expect("recorded");
    }
    let text = fs::read_to_string(&path).expect("text");
    for line in text.lines() {
        assert!(
            line.contains(r#""loss":null,"task_losses":{"ner":null,"topic":0.5}"#),
            "{line}"
        );
    }
    for event in read_events(&path).expect("events") {
        let Event::Step(event) = event else {
            panic!("expected a step, got {event:?}");
        };
        assert!(event.loss.is_nan() && event.task_losses[&task("ner")].is_nan());
    }
}

#[test]
fn a_resumed_run_leaves_the_lines_of_an_unbroken_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole: Vec<Event> = [start()]
        .into_iter()
        .chain((1..=6).flat_map(|at| [step(at, 1.0 / at as f64), evaluation(at), checkpoint(at)]))
        .collect();
    let write = |path: &std::path::Path, events: &[Event]| {
        let mut sink = JsonlSink::create(path).expect("a file");
        events
            .iter()
            .for_each(|event| sink.record(event).expect("recorded"));
    };
    let unbroken = folder.path().join("unbroken.jsonl");
    write(&unbroken, &whole);
    let expected = fs::read(&unbroken).expect("bytes");

    // Resumed after 3 steps: start and three lines for each of the steps stay.
    let stays = 1 + 3 * 3;
    for stopped in stays..=whole.len() {
        for ending in [None, Some(&b"{\"event\":\"st"[..])] {
            let path = folder.path().join("stopped.jsonl");
            write(&path, &whole[..stopped]);
            let mut bytes = fs::read(&path).expect("bytes");
            if let Some(ending) = ending {
                bytes.extend_from_slice(ending);
                fs::write(&path, &bytes).expect("a torn line");
            } else if stopped == stays {
                // It ended in order; going on takes that back.
                let mut sink = JsonlSink::resume(&path, 3).expect("a file");
                let end = Event::run_end(3, RunEndReason::Interrupted, 1.0);
                sink.record(&end).expect("recorded");
            }
            let mut sink = JsonlSink::resume(&path, 3).expect("it goes on");
            whole[stays..]
                .iter()
                .for_each(|event| sink.record(event).expect("recorded"));
            assert_eq!(
                fs::read(&path).expect("bytes"),
                expected,
                "stopped at {stopped}"
            );
        }
    }
}

#[test]
fn scores_of_the_test_data_are_recorded_once_where_the_end_was_cut_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("metrics.jsonl");
    let Event::Evaluation(mut test) = evaluation(2) else {
        panic!("an evaluation");
    };
    test.split = Split::Test;
    let kept = [start(), step(2, 1.0), evaluation(2), checkpoint(2)];
    let mut sink = JsonlSink::create(&path).expect("a file");
    for event in kept.iter().chain([&Event::Evaluation(test)]) {
        sink.record(event).expect("recorded");
    }
    JsonlSink::resume(&path, 2).expect("it goes on");
    assert_eq!(read_events(&path).expect("events"), kept);
}

#[test]
fn a_run_that_went_back_goes_on_behind_the_last_line_of_its_checkpoint() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("metrics.jsonl");
    let of = |at: u64| [step(at, 1.0), checkpoint(at)];
    // Steps 3 and 4 are done twice.
    let steps = [1, 2, 3, 4, 3, 4, 5];
    let whole: Vec<Event> = [start()]
        .into_iter()
        .chain(steps.into_iter().flat_map(of))
        .collect();
    let mut sink = JsonlSink::create(&path).expect("a file");
    whole
        .iter()
        .for_each(|event| sink.record(event).expect("recorded"));
    JsonlSink::resume(&path, 4).expect("it goes on");
    assert_eq!(read_events(&path).expect("events"), whole[..1 + 2 * 6]);
    JsonlSink::resume(&path, 2).expect("it goes on");
    assert_eq!(read_events(&path).expect("events"), whole[..1 + 2 * 2]);
}

#[test]
fn a_damaged_line_is_told_and_nothing_is_cut() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("metrics.jsonl");
    let mut sink = JsonlSink::create(&path).expect("a file");
    sink.record(&start()).expect("recorded");
    let mut bytes = fs::read(&path).expect("bytes");
    bytes.extend_from_slice(b"{\"event\":\"party\"}\n");
    fs::write(&path, &bytes).expect("written");
    for error in [
        JsonlSink::resume(&path, 9).expect_err("a bad line"),
        read_events(&path).expect_err("a bad line"),
    ] {
        assert!(
            error.to_string().contains("metrics.jsonl:2: not an event"),
            "{error}"
        );
    }
    assert_eq!(fs::read(&path).expect("bytes"), bytes);

    let missing = read_events(&folder.path().join("none.jsonl")).expect_err("no file");
    assert!(
        missing.to_string().starts_with("cannot open event file"),
        "{missing}"
    );
    let new = folder.path().join("new.jsonl");
    JsonlSink::resume(&new, 5).expect("a new record");
    assert!(read_events(&new).expect("no events").is_empty());
}

#[test]
fn every_sink_of_a_list_is_asked() {
    let mut sinks = vec![MemorySink::default(), MemorySink::default()];
    sinks.record(&step(3, 1.0)).expect("recorded");
    sinks.sync().expect("nothing to do");
    assert!(sinks.iter().all(|sink| sink.events == [step(3, 1.0)]));

    let mut boxed: Vec<Box<dyn EventSink>> = vec![Box::new(MemorySink::default())];
    boxed.record(&start()).expect("recorded");
    assert_eq!(start().step(), 0);
}
