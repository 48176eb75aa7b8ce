//! Progress, the table of tasks, alarms, and the line of keys.

use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::style::{Color, Style, Stylize as _};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Gauge, Paragraph, Row, Table, Wrap};

use super::app::App;
use super::curves::{color, frame_of};
use crate::format::{duration, grouped, number};
use crate::read::RunState;

/// Name, state and stage of the run.
pub fn title(frame: &mut Frame, area: Rect, app: &App) {
    let run = &app.run;
    let tone = match run.state {
        RunState::Finished | RunState::StoppedEarly => Color::Green,
        RunState::Diverged | RunState::Failed => Color::Red,
        _ => Color::Yellow,
    };
    let mut spans = vec![
        Span::from(run.name()).bold(),
        Span::raw("  "),
        Span::styled(format!("● {}", run.state.name()), Style::new().fg(tone)),
    ];
    if let Some(seed) = run.seed() {
        spans.push(Span::from(format!("  seed {seed}")).dark_gray());
    }
    if let Some(start) = &run.start {
        let words = format!("  {} trained parameters", grouped(start.trained_parameters));
        spans.push(Span::from(words).dark_gray());
    }
    if !app.stage.is_empty() && !run.state.is_complete() {
        spans.push(Span::from(format!("  {}", app.stage)).italic());
    }
    frame.render_widget(Line::from(spans), area);
}

/// Steps, time and what is left.
pub fn progress(frame: &mut Frame, area: Rect, app: &App) {
    let run = &app.run;
    let mut words = format!(
        "{}/{} steps",
        grouped(run.steps_done()),
        grouped(run.total_steps())
    );
    if let Some(step) = run.steps.last() {
        words.push_str(&format!("  epoch {:.2}", step.epoch));
    }
    if let Some(seconds) = run.seconds() {
        words.push_str(&format!("  {}", duration(seconds)));
    }
    if let Some(left) = app.seconds_left() {
        words.push_str(&format!("  ETA {}", duration(left)));
    }
    let speed = run
        .steps
        .last()
        .map(|step| step.tokens_per_second)
        .filter(|speed| speed.is_finite());
    if let Some(speed) = speed {
        words.push_str(&format!("  {} tokens/s", grouped(speed.max(0.0) as u64)));
    }
    let gauge = Gauge::default()
        .gauge_style(Style::new().fg(Color::Blue).bg(Color::Black))
        .ratio(app.progress())
        .label(Span::styled(words, Style::new().fg(Color::White)));
    frame.render_widget(gauge, area);
}

/// Loss and score of each task in its colour.
pub fn tasks(frame: &mut Frame, area: Rect, app: &App) {
    let run = &app.run;
    let rows = run.tasks().into_iter().enumerate().map(|(index, task)| {
        let loss = run
            .steps
            .iter()
            .rev()
            .find_map(|step| step.task_losses.get(&task))
            .copied();
        let metric = run.main_metric(&task);
        let of_dev = run.evaluations.iter().rev().filter(|e| e.split == "dev");
        let mut of_task =
            of_dev.filter_map(|e| e.metrics.get(&task)?.get(metric.as_ref()?).copied());
        let now = of_task.next();
        let test = run
            .results
            .as_ref()
            .and_then(|_| run.main_score("test", &task));
        Row::new([
            Line::from(format!("● {task}")).style(Style::new().fg(color(index))),
            Line::from(loss.map_or("–".to_owned(), number)).right_aligned(),
            Line::from(short(now)).right_aligned(),
            Line::from(short(test)).right_aligned(),
            Line::from(metric.unwrap_or_default()).dark_gray(),
        ])
    });
    let widths = [
        Constraint::Fill(1),
        Constraint::Length(7),
        Constraint::Length(6),
        Constraint::Length(6),
        Constraint::Length(9),
    ];
    let heads = ["task", "loss", "dev", "test", "metric"]
        .into_iter()
        .enumerate();
    let heads = heads.map(|(column, head)| match column {
        1..4 => Line::from(head).right_aligned(),
        _ => Line::from(head),
    });
    let table = Table::new(rows, widths)
        .header(Row::new(heads).dark_gray())
        .block(frame_of(Line::from(" tasks ".bold())));
    frame.render_widget(table, area);
}

/// A score, or a dash where there is none.
fn short(score: Option<f64>) -> String {
    match score {
        Some(score) if score.is_finite() => format!("{score:.4}"),
        _ => "–".to_owned(),
    }
}

/// Alarms, damage and messages, the newest first.
pub fn alarms(frame: &mut Frame, area: Rect, app: &App) {
    let run = &app.run;
    let mut lines: Vec<Line> = Vec::new();
    for note in run.notes.iter().rev() {
        lines.push(Line::from(note.clone()).yellow());
    }
    for damage in run.damaged.iter().rev().take(3) {
        lines.push(
            Line::from(format!(
                "metrics.jsonl:{} left out: {}",
                damage.line, damage.reason
            ))
            .yellow(),
        );
    }
    for alarm in run.alarms.iter().rev().take(20) {
        let step = Span::from(format!("step {}: ", grouped(alarm.step))).dark_gray();
        lines.push(Line::from(vec![
            step,
            Span::from(alarm.message.clone()).red(),
        ]));
    }
    // The trainer tells its alarms as messages too.
    let is_alarm = |message: &&String| run.alarms.iter().any(|alarm| alarm.message == **message);
    for message in app
        .messages
        .iter()
        .rev()
        .filter(|message| !is_alarm(message))
    {
        lines.push(Line::from(message.clone()));
    }
    if lines.is_empty() {
        lines.push(Line::from("none").dark_gray());
    }
    let block = frame_of(Line::from(
        format!(" alarms ({}) ", run.alarms.len()).bold(),
    ));
    frame.render_widget(
        Paragraph::new(lines).wrap(Wrap { trim: true }).block(block),
        area,
    );
}

/// The keys.
pub fn keys(frame: &mut Frame, area: Rect) {
    let line = Line::from(" ←/→ curves   z last quarter   q quit ").dark_gray();
    frame.render_widget(line, area);
}
