//! A value that is not finite: what it was, of which task, in which layer.

use std::fmt;

use mtnet_core::TaskName;

use crate::events::{AlarmEvent, AlarmKind};

/// A loss, gradient or weight that is NaN or infinite. It was noticed before any weight moved.
#[derive(Clone, Debug, PartialEq)]
pub struct NonFinite {
    /// Steps done before it.
    pub step: u64,
    /// `NonFiniteLoss`, `NonFiniteGradient` or `NonFiniteWeight`.
    pub kind: AlarmKind,
    /// The tasks that it was seen in.
    pub tasks: Vec<TaskName>,
    /// The tensor, or another place in the model, that it was seen at.
    pub place: Option<String>,
    /// The layer of that tensor.
    pub layer: Option<String>,
    /// The loss, where it is one.
    pub value: Option<f64>,
}

impl NonFinite {
    /// What is not finite, without the step.
    pub fn what(&self) -> String {
        let tasks: Vec<&str> = self.tasks.iter().map(TaskName::as_str).collect();
        let tasks = match tasks.as_slice() {
            [] => String::new(),
            [one] => format!(" of task `{one}`"),
            more => format!(" of tasks `{}`", more.join("`, `")),
        };
        let place = match (&self.place, &self.layer) {
            (Some(place), Some(layer)) => format!("`{place}` (layer `{layer}`)"),
            (Some(place), None) => format!("`{place}`"),
            _ => "the model".to_owned(),
        };
        let value = match self.value {
            Some(value) => value.to_string(),
            None => "not finite".to_owned(),
        };
        match self.kind {
            AlarmKind::NonFiniteGradient => {
                let from = if tasks.is_empty() {
                    ""
                } else {
                    ", from the loss"
                };
                format!("the gradient of {place}{from}{tasks} is {value}")
            }
            AlarmKind::NonFiniteWeight => {
                let seen = if tasks.is_empty() {
                    ""
                } else {
                    "; seen in the loss"
                };
                format!("a number of {place} is not finite{seen}{tasks}")
            }
            _ => {
                let from = match self.place {
                    Some(_) => format!(", from {place}"),
                    None => String::new(),
                };
                format!("the loss{tasks} is {value}{from}")
            }
        }
    }

    /// The alarm of a step that was not taken because of it.
    pub(crate) fn alarm(&self) -> AlarmEvent {
        AlarmEvent {
            step: self.step,
            kind: self.kind,
            task: self.tasks.first().cloned(),
            place: self.place.clone(),
            message: format!(
                "step {}: {}; the update is left out, no weight changed",
                self.step + 1,
                self.what()
            ),
        }
    }
}

impl fmt::Display for NonFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "step {}: {}; lower the learning rate, or look at the targets of this task",
            self.step + 1,
            self.what()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_task_and_place() {
        let task = TaskName::new("mood").unwrap();
        let mut broken = NonFinite {
            step: 6,
            kind: AlarmKind::NonFiniteLoss,
            tasks: vec![task.clone()],
            place: None,
            layer: None,
            value: Some(f64::NAN),
        };
        assert_eq!(broken.what(), "the loss of task `mood` is NaN");
        broken.kind = AlarmKind::NonFiniteGradient;
        broken.place = Some("a.weight".to_owned());
        broken.layer = Some("layer1".to_owned());
        broken.value = None;
        assert_eq!(
            broken.what(),
            "the gradient of `a.weight` (layer `layer1`), from the loss of task `mood` is not finite"
        );
        broken.kind = AlarmKind::NonFiniteWeight;
        broken.tasks.clear();
        assert_eq!(
            broken.what(),
            "a number of `a.weight` (layer `layer1`) is not finite"
        );
        assert!(broken.to_string().starts_with("step 7: "));
    }
}
