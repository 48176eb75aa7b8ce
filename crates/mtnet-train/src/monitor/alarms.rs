//! Alarms on their way out: each kind once a place in so many steps.

use std::collections::BTreeMap;

use mtnet_core::TaskName;
use serde::{Deserialize, Serialize};

use crate::events::{AlarmEvent, AlarmKind};

/// When each kind of alarm was last heard of each place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Heard(BTreeMap<String, u64>);

/// What an alarm is about.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    pub task: Option<TaskName>,
    /// A layer or a tensor.
    pub place: Option<String>,
}

impl About {
    pub fn task(task: &TaskName) -> Self {
        Self {
            task: Some(task.clone()),
            place: None,
        }
    }

    pub fn place(place: &str) -> Self {
        Self {
            task: None,
            place: Some(place.to_owned()),
        }
    }
}

impl Heard {
    /// Adds an alarm to `out`, unless one like it was heard less than `repeat` steps ago.
    pub fn raise(
        &mut self,
        out: &mut Vec<AlarmEvent>,
        (step, repeat): (u64, u64),
        kind: AlarmKind,
        about: About,
        message: String,
    ) {
        let key = format!(
            "{kind:?} {} {}",
            about.task.as_ref().map_or("", TaskName::as_str),
            about.place.as_deref().unwrap_or_default()
        );
        if self.0.get(&key).is_some_and(|&last| step < last + repeat) {
            return;
        }
        self.0.insert(key, step);
        out.push(AlarmEvent {
            step,
            kind,
            task: about.task,
            place: about.place,
            message,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_is_heard_again_after_its_time_and_of_another_place_at_once() {
        let mut heard = Heard::default();
        let mut out = Vec::new();
        for (step, place) in [(3, "a"), (12, "a"), (12, "b"), (13, "a"), (22, "a")] {
            let about = About::place(place);
            let kind = AlarmKind::DeadUnits;
            heard.raise(&mut out, (step, 10), kind, about, String::new());
        }
        let steps: Vec<_> = out.iter().map(|alarm| alarm.step).collect();
        assert_eq!(steps, [3, 12, 13]);
    }
}
