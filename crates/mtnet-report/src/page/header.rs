//! Name, state and setting of a run in two lines.

use crate::format::{duration, grouped};
use crate::markup::{Markup, tag};
use crate::read::{RunRecord, RunState};

/// The head of a run's page.
pub fn header(run: &RunRecord) -> Markup {
    let title = tag("h1", &[], [Markup::from(run.name()), badge(&run.state)]);
    let lede = tag("p", &[("class", &"lede")], summary(run));
    tag("header", &[], [title, lede])
}

/// The state of a run in its colour.
pub fn badge(state: &RunState) -> Markup {
    let tone = match state {
        RunState::Finished | RunState::StoppedEarly => "good",
        RunState::Diverged | RunState::Failed => "bad",
        _ => "warn",
    };
    tag("span", &[("class", &format!("state {tone}"))], state.name())
}

/// One sentence on what was trained and how far.
fn summary(run: &RunRecord) -> String {
    let mut parts = Vec::new();
    match run.tasks().len() {
        0 => {}
        1 => parts.push("one task".to_owned()),
        count => parts.push(format!("{count} tasks")),
    }
    if let Some(settings) = &run.settings {
        let encoder = settings
            .get("encoder.preset")
            .or_else(|| settings.get("encoder.from"));
        if let Some(encoder) = encoder {
            // A folder is named by its last part.
            let name = encoder.trim_end_matches('/').rsplit('/').next();
            parts.push(format!("encoder {}", name.unwrap_or(encoder)));
        }
        if let Some(method) = settings.get("balance.method") {
            parts.push(format!("balance {method}"));
        }
    }
    if let Some(seed) = run.seed() {
        parts.push(format!("seed {seed}"));
    }
    let (done, total) = (run.steps_done(), run.total_steps());
    parts.push(match total {
        0 => format!("{} steps", grouped(done)),
        _ if done == total => format!("all {} steps", grouped(total)),
        _ => format!("{} of {} steps", grouped(done), grouped(total)),
    });
    if let Some(seconds) = run.seconds() {
        parts.push(duration(seconds));
    }
    if let Some(best) = run.best_step() {
        parts.push(format!("weights of step {}", grouped(best)));
    }
    parts.join(" · ")
}
