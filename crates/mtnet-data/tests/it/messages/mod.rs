//! Written mistakes and what is said about them: file, line, what was found, what to do.

mod fields;
mod labels;
mod lines;

use mtnet_core::Split;
use mtnet_data::TargetKind::Label;
use mtnet_data::{TargetKind, TaskField};

use crate::support::{Folder, ask};

#[track_caller]
pub fn check_bytes(format: &str, content: &[u8], requests: &[TaskField], expected: &str) {
    let folder = Folder::new(&[]);
    folder.write("a.txt", content);
    let error = folder
        .read(
            &format!("train = 'a.txt'\n{format}"),
            Split::Train,
            requests,
        )
        .unwrap_err();
    assert_eq!(folder.message(&error), expected);
}

#[track_caller]
pub fn check(format: &str, content: &str, field: (&str, TargetKind), expected: &str) {
    check_bytes(
        format,
        content.as_bytes(),
        &[ask(field.0, field.1)],
        expected,
    );
}

pub const JSONL: &str = "format = 'jsonl'";
pub const CSV: &str = "format = 'csv'";
pub const TSV: &str = "format = 'tsv'";
pub const CONLL: &str = "format = 'conll'";
pub const CONLLU: &str = "format = 'conllu'";
pub const Y: (&str, TargetKind) = ("y", Label);
