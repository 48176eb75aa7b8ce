//! What a reader must know before any number: a run without an end, alarms, damaged files.

use crate::format::grouped;
use crate::markup::{Markup, tag};
use crate::read::{Alarm, RunRecord, RunState};

/// The notices of a run; nothing where all is well.
pub fn notices(run: &RunRecord) -> Markup {
    let mut all = Markup::new();
    if let Some((words, is_bad)) = about_state(run) {
        let class = if is_bad { "notice bad" } else { "notice" };
        all.push(tag(
            "p",
            &[("class", &class), ("role", &"status")],
            Markup::prose(&words),
        ));
    }
    let damage = damage(run);
    if !damage.is_empty() {
        all.push(list("Not everything in the folder could be read:", damage));
    }
    let alarms = alarms(&run.alarms);
    if !alarms.is_empty() {
        all.push(list("Alarms:", alarms));
    }
    all
}

fn about_state(run: &RunRecord) -> Option<(String, bool)> {
    let (done, total) = (grouped(run.steps_done()), grouped(run.total_steps()));
    let so_far = match run.steps_done() {
        0 => "It has done no step yet".to_owned(),
        _ if run.total_steps() > 0 => format!("It has done {done} of {total} steps"),
        _ => format!("It has done {done} steps"),
    };
    Some(match run.state {
        RunState::Finished | RunState::StoppedEarly => return None,
        RunState::Running => (
            format!("The run is going on. {so_far}; this page shows them."),
            false,
        ),
        RunState::Unfinished => (
            format!(
                "The run has no end, and no process works on it. {so_far}. `mtnet train --resume` \
                 goes on from its newest checkpoint."
            ),
            false,
        ),
        RunState::Interrupted => (
            format!("The run was interrupted. {so_far}; `mtnet train --resume` goes on."),
            false,
        ),
        RunState::Diverged => (
            format!(
                "The run diverged: a loss or gradient was no number. {so_far}. Lower the learning rate."
            ),
            true,
        ),
        RunState::Failed => (format!("The run ended by an error. {so_far}."), true),
    })
}

fn damage(run: &RunRecord) -> Vec<String> {
    let mut damage = run.notes.clone();
    damage.extend(lines("metrics.jsonl", &run.damaged));
    for predictions in &run.predictions {
        let name = crate::predictions::Predictions::file_name(&predictions.split);
        damage.extend(lines(&name, &predictions.damaged));
    }
    damage
}

fn lines(file: &str, damaged: &[crate::read::DamagedLine]) -> Vec<String> {
    let mut told: Vec<String> = damaged
        .iter()
        .take(5)
        .map(|damage| format!("{file}:{}: left out ({})", damage.line, damage.reason))
        .collect();
    if damaged.len() > told.len() {
        told.push(format!(
            "{file}: {} more lines left out",
            damaged.len() - told.len()
        ));
    }
    told
}

/// Each kind of alarm for each task once, with how often and when.
pub fn alarms(alarms: &[Alarm]) -> Vec<String> {
    let mut kinds: Vec<(&Alarm, usize, u64)> = Vec::new();
    for alarm in alarms {
        // Conflicts name two tasks, and in their message alone: each is told.
        let is_same = |other: &Alarm| {
            (&other.kind, &other.task) == (&alarm.kind, &alarm.task)
                && alarm.kind != "tasks_conflict"
        };
        match kinds.iter_mut().find(|(first, _, _)| is_same(first)) {
            Some((_, count, last)) => (*count, *last) = (*count + 1, alarm.step),
            None => kinds.push((alarm, 1, alarm.step)),
        }
    }
    let tell = |(first, count, last): (&Alarm, usize, u64)| match count {
        1 => format!("step {}: {}", grouped(first.step), first.message),
        _ => format!(
            "step {} (and {} times more, last at step {}): {}",
            grouped(first.step),
            count - 1,
            grouped(last),
            first.message
        ),
    };
    kinds.into_iter().map(tell).collect()
}

fn list(title: &str, items: Vec<String>) -> Markup {
    let items = items.iter().map(|item| tag("li", &[], Markup::prose(item)));
    let items = tag("ul", &[], items.collect::<Markup>());
    tag("div", &[("class", &"notice")], [Markup::from(title), items])
}
