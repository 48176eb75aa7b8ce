//! The examples of a split with what messages and predictions need to know of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mtnet_core::{Example, TaskName};

use super::ReadReport;
use crate::error::Place;

/// A split as read.
#[derive(Clone, Debug, Default)]
pub struct SplitData {
    /// The examples in the order of the files.
    pub examples: Vec<Example>,
    /// The `id` field of each example, `None` where the data set names no such field or the
    /// example lacks it.
    pub ids: Vec<Option<String>>,
    /// Files, counts and losses.
    pub report: ReadReport,
    pub(super) files: Vec<PathBuf>,
    pub(super) origins: Vec<FileLine>,
    /// For tasks that a joined file feeds: where the labels of each example stand.
    pub(super) joined: BTreeMap<TaskName, Vec<Option<FileLine>>>,
}

/// A line of one of the split's files.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileLine {
    pub file: u32,
    pub line: u32,
}

impl SplitData {
    /// Where an example begins.
    ///
    /// # Panics
    /// If there is no such example.
    pub fn place(&self, example: usize) -> Place {
        self.line(self.origins[example])
    }

    /// Where an example's target for a task stands: in a joined file for some tasks.
    ///
    /// # Panics
    /// If there is no such example.
    pub fn target_place(&self, example: usize, task: &TaskName) -> Place {
        let joined = self.joined.get(task).and_then(|lines| lines[example]);
        self.line(joined.unwrap_or(self.origins[example]))
    }

    fn line(&self, at: FileLine) -> Place {
        Place::new(&self.files[at.file as usize], at.line as usize)
    }
}
