//! Curves over the steps: scores, losses, learning rate, gradient, speed.

use super::pieces::{Cell, figure, folded, legend, number, panels, table};
use crate::chart::{LineChart, Series, Stroke};
use crate::format::{self, grouped};
use crate::markup::Markup;
use crate::read::{RunRecord, Step};

/// The size of a small panel.
const PANEL: (f64, f64) = (310.0, 170.0);

/// All curves of a run.
pub fn section(run: &RunRecord) -> Markup {
    let mut section = Markup::new();
    if run.steps.is_empty() && run.evaluations.is_empty() {
        return section;
    }
    let tasks = run.tasks();
    let colors: Vec<(String, usize)> = tasks.iter().cloned().zip(0..).collect();
    let scores = scores(run, &tasks);
    if scores.has_values() {
        section.push(legend(&colors));
        let words = "Main metric of each task on the development data. The dotted line marks the \
                     step whose weights were taken.";
        section.push(figure(scores.draw(), "Scores.", words));
        section.push(folded("Scores as a table", score_table(run, &tasks)));
    }
    let losses = tasks.iter().enumerate().map(|(color, task)| {
        let chart = losses(run, task, color);
        figure(
            chart.draw(),
            task,
            "loss: line on training batches, dots on the development data",
        )
    });
    let mut all: Markup = losses.collect();
    all.push(of_the_run(run));
    section.push(panels(all));
    section
}

/// What all tasks share: learning rate, gradient, total loss, speed.
fn of_the_run(run: &RunRecord) -> Markup {
    [
        (
            "Learning rate.",
            "of the encoder’s top layer",
            false,
            column(run, |step| step.learning_rate),
        ),
        (
            "Gradient.",
            "2-norm before clipping",
            true,
            column(run, |step| step.grad_norm),
        ),
        (
            "Total loss.",
            "what was minimised",
            true,
            column(run, |step| step.loss),
        ),
        (
            "Speed.",
            "tokens a second between two lines of the log",
            false,
            column(run, |step| step.tokens_per_second),
        ),
    ]
    .into_iter()
    .map(|(title, words, is_log, points)| {
        let mut chart = LineChart::new(format!("{title} {words}"), PANEL);
        chart.is_log = is_log && points.iter().all(|point| point.1.is_nan() || point.1 > 0.0);
        chart.include = if chart.is_log { vec![] } else { vec![0.0] };
        chart.series.push(Series {
            name: title.trim_end_matches('.').to_owned(),
            color: 7,
            stroke: Stroke::Solid,
            points,
        });
        figure(chart.draw(), title, words)
    })
    .collect()
}

/// Main metrics of all tasks on the development data, on one axis.
pub fn scores(run: &RunRecord, tasks: &[String]) -> LineChart {
    let mut chart = LineChart::new(
        "Main metric of each task on the development data over steps",
        (720.0, 260.0),
    );
    chart.mark = run
        .best_step()
        .map(|step| (step as f64, "selected weights".to_owned()));
    for (color, task) in tasks.iter().enumerate() {
        chart.series.push(Series {
            name: task.clone(),
            color,
            stroke: Stroke::Dotted,
            points: dev_points(run, task),
        });
    }
    chart
}

/// Step and main score of each evaluation on the development data.
pub fn dev_points(run: &RunRecord, task: &str) -> Vec<(f64, f64)> {
    let Some(metric) = run.main_metric(task) else {
        return Vec::new();
    };
    let of_dev = run.evaluations.iter().filter(|e| e.split == "dev");
    of_dev
        .filter_map(|e| Some((e.step as f64, *e.metrics.get(task)?.get(&metric)?)))
        .collect()
}

fn losses(run: &RunRecord, task: &str, color: usize) -> LineChart {
    let mut chart = LineChart::new(format!("Loss of {task} over steps"), PANEL);
    let train = run.steps.iter().filter_map(|step| {
        let loss = step.task_losses.get(task)?;
        Some((step.step as f64, *loss))
    });
    let of_dev = run.evaluations.iter().filter(|e| e.split == "dev");
    let dev = of_dev.filter_map(|e| Some((e.step as f64, *e.metrics.get(task)?.get("loss")?)));
    let (train, dev): (Vec<_>, Vec<_>) = (train.collect(), dev.collect());
    chart.is_log = train
        .iter()
        .chain(&dev)
        .all(|point| point.1.is_nan() || point.1 > 0.0);
    chart.mark = run
        .best_step()
        .map(|step| (step as f64, "selected weights".to_owned()));
    chart.series.push(Series {
        name: format!("{task}, training"),
        color,
        stroke: Stroke::Faint,
        points: train,
    });
    chart.series.push(Series {
        name: format!("{task}, development"),
        color,
        stroke: Stroke::Dotted,
        points: dev,
    });
    chart
}

fn column(run: &RunRecord, of: impl Fn(&Step) -> f64) -> Vec<(f64, f64)> {
    run.steps
        .iter()
        .map(|step| (step.step as f64, of(step)))
        .collect()
}

fn score_table(run: &RunRecord, tasks: &[String]) -> Markup {
    let mut header = vec!["step", "selection"];
    header.extend(tasks.iter().map(String::as_str));
    let of_dev = run.evaluations.iter().filter(|e| e.split == "dev");
    let rows = of_dev.map(|e| {
        let selection = format::score(e.selection);
        let mut cells = vec![
            number(grouped(e.step)),
            match e.is_best {
                true => Cell::Marked(selection, "best"),
                false => number(selection),
            },
        ];
        cells.extend(tasks.iter().map(|task| {
            let metric = run.main_metric(task).unwrap_or_default();
            number(format::score(
                e.metrics
                    .get(task)
                    .and_then(|scores| scores.get(&metric))
                    .copied(),
            ))
        }));
        cells
    });
    table(&header, 0, rows.collect())
}
