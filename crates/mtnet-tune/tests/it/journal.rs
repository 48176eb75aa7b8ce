//! The journal: torn lines, other searches, and lines that nobody wrote.

use std::fs;

use mtnet_tune::{Entry, Identity, Journal, Score};

use crate::workplace::{TUNE, Workplace};

fn identity() -> Identity {
    Workplace::new(TUNE)
        .search(&[])
        .unwrap()
        .identity()
        .unwrap()
}

fn proposed(trial: usize) -> Entry {
    let settings = [("train.learning_rate".to_owned(), toml::Value::Float(1.0))];
    Entry::Proposed {
        trial,
        settings: settings.into(),
    }
}

fn scored(trial: usize, rung: usize, score: f64) -> Entry {
    Entry::Scored {
        trial,
        rung,
        score: Score {
            score,
            epochs: 1.0,
            steps: 6,
            seconds: 0.5,
            ended: false,
        },
        elapsed: 2.0,
    }
}

#[test]
fn what_was_written_is_read_and_a_torn_line_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tune.jsonl");
    let (mut journal, history) = Journal::open(&path, &identity()).unwrap();
    assert!(history.trials.is_empty());
    for entry in [proposed(0), scored(0, 0, 0.1 + 0.2), proposed(1)] {
        journal.append(&entry).unwrap();
    }
    drop(journal);
    let whole = fs::read(&path).unwrap();
    let lines: Vec<usize> = (0..whole.len()).filter(|&at| whole[at] == b'\n').collect();
    // Cut anywhere: the lines before stay, and the next one stands on a line of its own.
    for length in (0..whole.len()).step_by(7).chain([whole.len()]) {
        fs::write(&path, &whole[..length]).unwrap();
        let left = lines.iter().filter(|&&end| end < length).count();
        let (mut journal, history) = Journal::open(&path, &identity()).unwrap();
        let expected = match left {
            0 | 1 => (0, 0),
            2 => (1, 0),
            3 => (1, 1),
            _ => (2, 1),
        };
        let scores = history
            .trials
            .iter()
            .map(|trial| trial.scores.len())
            .sum::<usize>();
        assert_eq!((history.trials.len(), scores), expected, "{length}");
        if scores > 0 {
            // Every bit of a score survives.
            assert_eq!(history.trials[0].scores[0].score, 0.1 + 0.2);
        }
        journal.append(&proposed(history.trials.len())).unwrap();
        drop(journal);
        let (_, again) = Journal::open(&path, &identity()).unwrap();
        assert_eq!(again.trials.len(), history.trials.len() + 1);
    }
}

#[test]
fn what_cannot_have_happened_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tune.jsonl");
    drop(Journal::open(&path, &identity()).unwrap());
    let head = fs::read_to_string(&path).unwrap();
    let line = |entry: &Entry| serde_json::to_string(entry).unwrap();
    let refused = |text: String| {
        fs::write(&path, text).unwrap();
        Journal::open(&path, &identity()).unwrap_err().to_string()
    };
    for (body, problem) in [
        ("nonsense\n".to_owned(), ":2: not an entry"),
        (line(&proposed(1)) + "\n", ":2: trial 1, expected trial 0"),
        (
            line(&scored(0, 0, 1.0)) + "\n",
            ":2: trial 0 was not proposed",
        ),
        (
            format!("{}\n{}\n", line(&proposed(0)), line(&scored(0, 1, 1.0))),
            ":3: trial 0 cannot come to rung 1 here",
        ),
        (head.clone(), ":2: a second search"),
    ] {
        let message = refused(format!("{head}{body}"));
        assert!(
            message.contains(problem) && message.contains("--output"),
            "{message}"
        );
    }
    let message = refused(line(&proposed(0)) + "\n");
    assert!(
        message.contains(":1: the first line must be the search"),
        "{message}"
    );
    let message = refused(head.replace("\"version\":1", "\"version\":9"));
    assert!(message.contains("version 9"), "{message}");
}

#[test]
fn another_search_is_named_by_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tune.jsonl");
    let workplace = Workplace::new(TUNE);
    let identity = |overrides: &[&str]| workplace.search(overrides).unwrap().identity().unwrap();
    drop(Journal::open(&path, &identity(&[])).unwrap());
    let refused = |overrides: &[&str]| {
        let other = identity(overrides);
        Journal::open(&path, &other).unwrap_err().to_string()
    };
    for (change, difference) in [
        ("tune.seed=6", "seed (5 there, 6 in the run file)"),
        ("tune.sampler=tpe", "sampler (\"random\" there, \"tpe\""),
        ("tune.objective=intent.macro_f1", "objective"),
        ("tune.halving.rungs=2", "`[tune.halving]`"),
        ("train.weight_decay=0.3", "run file, data or encoder"),
    ] {
        let overrides: &[&str] = match change {
            "tune.halving.rungs=2" => &[change, "train.epochs=9"],
            _ => &[change],
        };
        let message = refused(overrides);
        assert!(message.contains(difference), "{message}");
        assert!(message.contains("choose another `--output`"), "{message}");
    }
    // More trials, a budget or another name are the same search.
    let same = identity(&[
        "tune.trials=9",
        "tune.budget=3h",
        "run.name=other",
        "run.device=cpu",
    ]);
    assert!(Journal::open(&path, &same).is_ok());
    workplace.write("train.jsonl", &workplace.read("dev.jsonl"));
    assert!(refused(&[]).contains("data"));
}
