//! What the run scored, beside the commonest answer.

use super::pieces::{Cell, folded, number, quiet, table};
use crate::chart::{Bar, BarChart, BarGroup};
use crate::format::score;
use crate::markup::{Markup, tag};
use crate::read::RunRecord;

/// The table of scores.
pub fn section(run: &RunRecord) -> Markup {
    let tasks = run.tasks();
    let has = |split: &str| run.scores(split).is_some();
    if tasks.is_empty() || !(has("dev") || has("test")) {
        return Markup::new();
    }
    let majority = |task: &str, metric: &str| {
        let results = run.results.as_ref()?;
        results.majority.get(task)?.get(metric).copied()
    };
    let rows = tasks.iter().map(|task| {
        let metric = run.main_metric(task).unwrap_or_else(|| "–".to_owned());
        vec![
            Cell::Text(task.clone()),
            Cell::Text(metric.clone()),
            Cell::Marked(score(run.main_score("test", task)), "best"),
            number(score(run.main_score("dev", task))),
            number(score(majority(task, &metric))),
        ]
    });
    let header = ["task", "metric", "test", "dev", "majority"];
    let mut section = table(&header, 2, rows.collect());
    section.push(quiet(match run.state.is_complete() {
        true => {
            "The development data selected the weights; the test data was scored once, with them. \
             `majority` is what always answering the commonest label would score."
        }
        false => "Scores so far on the development data; the test data is scored at the end alone.",
    }));
    if let Some(bars) = bars(run, &tasks) {
        section = tag(
            "div",
            &[("class", &"pair")],
            [tag("div", &[], section), bars],
        );
    }
    section.push(all_metrics(run, &tasks));
    section
}

/// Scores of tasks whose metric is a share, where there is a floor to see them above.
fn bars(run: &RunRecord, tasks: &[String]) -> Option<Markup> {
    let results = run.results.as_ref()?;
    let mut group = Vec::new();
    for (color, task) in tasks.iter().enumerate() {
        let metric = run.main_metric(task)?;
        let value = run
            .main_score("test", task)
            .or_else(|| run.main_score("dev", task))?;
        let floor = results
            .majority
            .get(task)
            .and_then(|scores| scores.get(&metric));
        let is_share = (0.0..=1.0).contains(&value);
        if is_share && value.is_finite() {
            group.push(Bar {
                name: task.clone(),
                value,
                interval: None,
                dots: floor
                    .copied()
                    .into_iter()
                    .filter(|floor| floor.is_finite())
                    .collect(),
                color,
                text: format!("{value:.4}"),
            });
        }
    }
    if group.len() < 2 {
        return None;
    }
    let chart = BarChart {
        label: "Main score of each task with the score of the commonest answer".to_owned(),
        include: vec![0.0, 1.0],
        groups: vec![BarGroup {
            name: String::new(),
            bars: group,
        }],
    };
    let words = "Bars: the run. Dots: the commonest answer.";
    Some(super::pieces::figure(
        chart.draw(470.0),
        "Main score of each task.",
        words,
    ))
}

fn all_metrics(run: &RunRecord, tasks: &[String]) -> Markup {
    let mut rows = Vec::new();
    for task in tasks {
        let of = |split: &str| run.scores(split).and_then(|scores| scores.get(task));
        let (test, dev) = (of("test"), of("dev"));
        let names = test.or(dev).map(|scores| scores.keys());
        for name in names.into_iter().flatten() {
            let value = |scores: Option<&std::collections::BTreeMap<String, f64>>| {
                score(scores.and_then(|scores| scores.get(name)).copied())
            };
            rows.push(vec![
                Cell::Text(task.clone()),
                Cell::Text(name.clone()),
                number(value(test)),
                number(value(dev)),
            ]);
        }
    }
    folded(
        "All metrics",
        table(&["task", "metric", "test", "dev"], 2, rows),
    )
}
