//! Scores of a teacher against the words of the student.

use super::*;
use crate::run_file::RunFile;
use crate::trainer::Quiet;
use mtnet_heads::HeadRegistry;

const RUN: &str = r#"
    [run]
    name = "x"

    [encoder]
    preset = "mt-net-window"
    hidden_size = 8

    [[dataset]]
    name = "d"
    format = "jsonl"
    tokens = "tokens"
    train = "d.jsonl"

    [[task]]
    name = "slots"
    dataset = "d"
    head = "token-classification"
    label = "tags"
"#;

#[test]
fn scores_for_other_words_are_refused_and_columns_put_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let data = r#"{"tokens": ["a", "b"], "tags": ["X", "O"]}
{"tokens": ["c"]}
{"tokens": ["d", "e", "f"], "tags": ["O", "O", "X"]}
"#;
    std::fs::write(folder.path().join("d.jsonl"), data).unwrap();
    let run = RunFile::parse(RUN, &folder.path().join("run.toml"), &[]).unwrap();
    let prepared = Prepared::new(&run, &HeadRegistry::default(), &mut Quiet).unwrap();
    let task = &prepared.folder.model.tasks()[0];
    let student = Student::new(task, folder.path().to_owned(), &prepared);
    assert_eq!(student.texts.iter().flatten().count(), 2);
    let scores = |words: usize| (0..2 * words).map(|at| at as f32).collect::<Vec<_>>();
    let table = student.table(vec![scores(2), scores(3)], &[1, 0]).unwrap();
    assert_eq!(table.starts, [0, 2, 2, 5]);
    assert_eq!(table.values[..4], [1.0, 0.0, 3.0, 2.0]);
    assert!(student.fits_table(&table));

    let short = TaskScores {
        starts: vec![0, 1, 2, 5],
        ..table
    };
    assert!(!student.fits_table(&short));
    let error = student
        .table(vec![scores(2), scores(2)], &[1, 0])
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("it reads 2 words of example 2 of the training data, the student 3"),
        "{text}"
    );
    let broken = vec![vec![f32::NAN; 4], scores(3)];
    let text = student.table(broken, &[0, 1]).unwrap_err().to_string();
    assert!(
        text.contains("example 0 of the training data are not finite"),
        "{text}"
    );
}
