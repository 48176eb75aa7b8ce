//! Typed answers by the name of a task.

use std::collections::BTreeMap;

use mtnet_core::TaskName;

use crate::{AnswerSpan, Entity, LabelScore, Prediction, TaggedWord, TaskPrediction};

impl Prediction {
    /// The answer of a task; `None` if it was not asked.
    pub fn get(&self, task: &str) -> Option<&TaskPrediction> {
        let name = TaskName::new(task).ok()?;
        self.tasks.get(&name)
    }

    /// The label that a task chose; `None` if the task answers otherwise or was not asked.
    pub fn label(&self, task: &str) -> Option<&str> {
        match self.get(task)? {
            TaskPrediction::Label { label, .. } => Some(label),
            _ => None,
        }
    }

    /// The labels that a multi-label task chose, the most probable first.
    pub fn labels(&self, task: &str) -> Option<&[LabelScore]> {
        match self.get(task)? {
            TaskPrediction::Labels { labels, .. } => Some(labels),
            _ => None,
        }
    }

    /// The numbers of a regression by target.
    pub fn numbers(&self, task: &str) -> Option<&BTreeMap<String, f32>> {
        match self.get(task)? {
            TaskPrediction::Numbers { values } => Some(values),
            _ => None,
        }
    }

    /// The entities that a task found, in order of the text.
    pub fn entities(&self, task: &str) -> Option<&[Entity]> {
        match self.get(task)? {
            TaskPrediction::Entities { entities } => Some(entities),
            _ => None,
        }
    }

    /// The best answer of a task to a question; `None` if its text holds none, or the task answers
    /// otherwise or was not asked.
    pub fn answer(&self, task: &str) -> Option<&AnswerSpan> {
        match self.get(task)? {
            TaskPrediction::Answers { answers, .. } => answers.first(),
            _ => None,
        }
    }

    /// The words of the text with their tags.
    pub fn tags(&self, task: &str) -> Option<&[TaggedWord]> {
        match self.get(task)? {
            TaskPrediction::Tags { words } => Some(words),
            _ => None,
        }
    }
}
