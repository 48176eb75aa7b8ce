//! Counts for `mtnet check`.

use mtnet_data::TargetKind::{Label, Labels, Numbers, Tags};
use mtnet_data::{LengthStats, TargetStats};

use crate::support::{Folder, ask, task};

#[test]
fn targets_are_counted_by_label() {
    let folder = Folder::new(&[(
        "a.jsonl",
        r#"{"tokens": ["a", "b"], "y": "p", "ys": ["u", "v"], "n": [1, 10], "tags": ["O", "B"]}
{"tokens": ["a", "b"], "y": "p", "ys": [], "n": [3, null], "tags": ["O", null]}
{"tokens": ["a", "b"], "y": "q", "ys": ["u"]}
{"tokens": ["a", "b"]}
"#,
    )]);
    let requests = [
        ask("y", Label),
        ask("ys", Labels),
        ask("n", Numbers),
        ask("tags", Tags),
    ];
    let data = folder.train(
        "format = 'jsonl'\ntokens = 'tokens'\ntrain = 'a.jsonl'",
        &requests,
    );
    let of = |name: &str| TargetStats::of(&data.examples, &task(name));
    let counts = |name: &str| -> Vec<(String, usize)> { of(name).labels.into_iter().collect() };
    assert_eq!(counts("y"), [("p".to_owned(), 2), ("q".to_owned(), 1)]);
    assert_eq!((of("y").labelled, of("y").missing), (3, 1));
    assert_eq!(of("y").majority_share(), Some(2.0 / 3.0));
    assert_eq!(counts("ys"), [("u".to_owned(), 2), ("v".to_owned(), 1)]);
    assert_eq!(of("ys").without_labels, 1);
    assert_eq!(counts("tags"), [("B".to_owned(), 1), ("O".to_owned(), 2)]);
    let numbers = of("n").numbers;
    assert_eq!(
        (numbers[0].count, numbers[0].min, numbers[0].max),
        (2, 1.0, 3.0)
    );
    assert_eq!((numbers[0].mean, numbers[0].deviation), (2.0, 1.0));
    assert_eq!((numbers[1].count, numbers[1].mean), (1, 10.0));
    assert_eq!(of("n").majority_share(), None);
}

#[test]
fn quantiles_are_lengths_that_occur() {
    let stats = LengthStats::of((1..=100).rev());
    assert_eq!(
        (stats.min, stats.median, stats.p90, stats.p99, stats.max),
        (1, 50, 90, 99, 100)
    );
    assert_eq!((stats.count, stats.total, stats.mean), (100, 5050, 50.5));
    let one = LengthStats::of([7]);
    assert_eq!((one.min, one.median, one.p99, one.max), (7, 7, 7, 7));
    assert_eq!(LengthStats::of([]), LengthStats::default());
}
