//! Progress as one JSON object a line: the events of `metrics.jsonl`, with stages and messages.

use std::io::Write;

use mtnet::train::events::{EvaluationEvent, Event, StepEvent};
use mtnet::train::trainer::Progress;
use serde::Serialize;
use serde_json::json;

/// Writes JSON lines. A writer that fails ends nothing.
#[derive(Debug)]
pub struct Json<W> {
    out: W,
}

impl<W: Write> Json<W> {
    /// Lines into `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    fn line(&mut self, value: &impl Serialize) {
        if let Ok(text) = serde_json::to_string(value) {
            let _ = writeln!(self.out, "{text}");
        }
    }
}

impl<W: Write> Progress for Json<W> {
    fn stage(&mut self, message: &str) {
        self.line(&json!({ "event": "stage", "message": message }));
    }

    fn step(&mut self, event: &StepEvent, total_steps: u64) {
        let mut value = serde_json::to_value(Event::from(event.clone())).unwrap_or_default();
        value["total_steps"] = total_steps.into();
        self.line(&value);
    }

    fn evaluation(&mut self, event: &EvaluationEvent) {
        self.line(&Event::from(event.clone()));
    }

    fn message(&mut self, text: &str) {
        self.line(&json!({ "event": "message", "message": text }));
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::tests::{evaluation, step};
    use super::*;

    #[test]
    fn every_line_is_an_event() {
        let mut json = Json::new(Vec::new());
        json.stage("training");
        json.step(&step(20), 1200);
        json.evaluation(&evaluation());
        let text = String::from_utf8(json.out).unwrap();
        let events: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let names: Vec<&str> = events
            .iter()
            .map(|event| event["event"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["stage", "step", "evaluation"]);
        assert_eq!(
            (&events[1]["step"], &events[1]["total_steps"]),
            (&json!(20), &json!(1200))
        );
        // JSON has no NaN.
        assert_eq!(events[2]["metrics"]["slots"]["entity_f1"], json!(null));
    }
}
