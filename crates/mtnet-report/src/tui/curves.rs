//! The curves of all tasks on one axis.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::text::Line;
use ratatui::widgets::{Axis, Block, BorderType, Chart, Dataset, GraphType, Padding, Paragraph};

use super::app::{App, Pane};
use crate::chart::extent;
use crate::format::grouped;

/// Colours of the tasks, told apart on dark and on light terminals.
const COLORS: [Color; 8] = [
    Color::Cyan,
    Color::Yellow,
    Color::Green,
    Color::Magenta,
    Color::Red,
    Color::Blue,
    Color::LightYellow,
    Color::Gray,
];

/// The colour of a task.
pub fn color(task: usize) -> Color {
    COLORS[task % COLORS.len()]
}

/// Draws the curves of the chosen pane.
pub fn draw(frame: &mut Frame, area: Rect, app: &App) {
    let block = frame_of(Line::from(tabs(app)));
    let all: Vec<Vec<(f64, f64)>> = app
        .run
        .tasks()
        .iter()
        .map(|task| points(app, task))
        .collect();
    let last = all
        .iter()
        .flatten()
        .map(|point| point.0)
        .fold(0.0, f64::max);
    let from = if app.is_zoomed { 0.75 * last } else { 0.0 };
    let all: Vec<Vec<(f64, f64)>> = all
        .into_iter()
        .map(|points| {
            points
                .into_iter()
                .filter(|point| point.0 >= from && point.1.is_finite())
                .collect()
        })
        .collect();
    let Some((low, high)) = extent(all.iter().flatten().map(|point| point.1)) else {
        frame.render_widget(Paragraph::new("nothing yet").block(block), area);
        return;
    };
    let margin = if high > low {
        0.04 * (high - low)
    } else {
        0.05 * high.abs().max(0.1)
    };
    let (low, high) = (low - margin, high + margin);
    let datasets = all.iter().enumerate().map(|(task, points)| {
        // A single value would be no line.
        let kind = if points.len() < 2 {
            GraphType::Scatter
        } else {
            GraphType::Line
        };
        Dataset::default()
            .marker(Marker::Braille)
            .graph_type(kind)
            .style(Style::new().fg(color(task)))
            .data(points)
    });
    let x = Axis::default()
        .style(Style::new().fg(Color::DarkGray))
        .bounds([from, last.max(from + 1.0)])
        .labels([grouped(from as u64), grouped(last as u64)]);
    let y = Axis::default()
        .style(Style::new().fg(Color::DarkGray))
        .bounds([low, high])
        .labels([low, (low + high) / 2.0, high].map(|value| format!("{value:>7.3}")));
    let chart = Chart::new(datasets.collect())
        .block(block)
        .x_axis(x)
        .y_axis(y)
        .legend_position(None);
    frame.render_widget(chart, area);
}

/// A quiet border with a title.
pub fn frame_of(title: Line<'static>) -> Block<'static> {
    Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(Style::new().fg(Color::DarkGray))
        .padding(Padding::horizontal(1))
        .title(title)
}

fn tabs(app: &App) -> Vec<ratatui::text::Span<'static>> {
    use ratatui::style::Stylize as _;
    let mut spans = Vec::new();
    for pane in Pane::ALL {
        let name = format!(" {} ", pane.name());
        spans.push(match pane == app.pane {
            true => name.bold().reversed(),
            false => name.dark_gray(),
        });
    }
    if app.is_zoomed {
        spans.push(" last quarter ".italic());
    }
    spans
}

/// Step and value of a task in the chosen pane.
fn points(app: &App, task: &str) -> Vec<(f64, f64)> {
    let run = &app.run;
    match app.pane {
        Pane::Scores => {
            let Some(metric) = run.main_metric(task) else {
                return Vec::new();
            };
            let of_dev = run.evaluations.iter().filter(|e| e.split == "dev");
            of_dev
                .filter_map(|e| Some((e.step as f64, *e.metrics.get(task)?.get(&metric)?)))
                .collect()
        }
        Pane::Losses => {
            let steps = run.steps.iter();
            steps
                .filter_map(|step| Some((step.step as f64, *step.task_losses.get(task)?)))
                .collect()
        }
        Pane::Weights => {
            let steps = run.steps.iter();
            steps
                .filter_map(|step| Some((step.step as f64, *step.task_weights.get(task)?)))
                .collect()
        }
        Pane::Norms => {
            let looks = run.balance.iter();
            looks
                .filter_map(|look| Some((look.step as f64, look.tasks.get(task)?.gradient_norm)))
                .collect()
        }
    }
}
