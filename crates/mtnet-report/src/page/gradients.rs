//! How the tasks' gradients of the shared encoder got on with each other.

use super::pieces::{Cell, figure, folded, legend, number, panels, table};
use crate::chart::{LineChart, Series, Stroke, TimeMap};
use crate::markup::Markup;
use crate::read::{RunRecord, TaskGradient};

/// Cosines over time, norms, weights and shares.
pub fn section(run: &RunRecord) -> Markup {
    let mut section = Markup::new();
    let tasks = run.tasks();
    if run.balance.is_empty() && run.mean_balance().is_none() {
        return section;
    }
    let map = cosines(run);
    if !map.rows.is_empty() {
        let words = "Cosine of each pair of tasks’ gradients: blue pairs pull the shared encoder the \
                     same way, red ones apart.";
        section.push(figure(map.draw(760.0), "Do the tasks agree?", words));
    }
    let colors: Vec<(String, usize)> = tasks.iter().cloned().zip(0..).collect();
    let panel =
        |title: &str, words: &str, is_log: bool, of: &dyn Fn(&TaskGradient) -> Option<f64>| {
            let mut chart = LineChart::new(format!("{title} {words}"), (310.0, 170.0));
            chart.is_log = is_log;
            for (color, task) in tasks.iter().enumerate() {
                let points = run.balance.iter().filter_map(|balance| {
                    Some((balance.step as f64, of(balance.tasks.get(task)?)?))
                });
                chart.series.push(Series {
                    name: task.clone(),
                    color,
                    stroke: Stroke::Solid,
                    points: points.collect(),
                });
            }
            match chart.has_values() {
                true => figure(chart.draw(), title, words),
                false => Markup::new(),
            }
        };
    section.push(legend(&colors));
    section.push(panels(
        [
            panel(
                "Norm.",
                "2-norm of a task’s unweighted gradient",
                true,
                &|task| Some(task.gradient_norm),
            ),
            panel(
                "Weight.",
                "what the balancing method gave the task",
                false,
                &|task| task.weight,
            ),
            panel(
                "Share.",
                "part of the combined gradient that is the task’s",
                false,
                &|task| task.share,
            ),
        ]
        .into(),
    ));
    section.push(means(run, &tasks));
    section
}

/// The cosines of all pairs, in the order that the log has them in.
pub fn cosines(run: &RunRecord) -> TimeMap {
    let mut pairs: Vec<&[String; 2]> = Vec::new();
    for pair in run.balance.iter().flat_map(|balance| &balance.pairs) {
        if !pairs.contains(&&pair.tasks) {
            pairs.push(&pair.tasks);
        }
    }
    let rows = pairs.into_iter().map(|tasks| {
        let cosines = run.balance.iter().map(|balance| {
            let found = balance.pairs.iter().find(|pair| pair.tasks == *tasks);
            found.map_or(f64::NAN, |pair| pair.cosine)
        });
        (format!("{} · {}", tasks[0], tasks[1]), cosines.collect())
    });
    TimeMap {
        label: "Cosines of pairs of tasks’ gradients over steps".to_owned(),
        steps: run.balance.iter().map(|balance| balance.step).collect(),
        rows: rows.collect(),
    }
}

fn means(run: &RunRecord, tasks: &[String]) -> Markup {
    let Some(balance) = run.mean_balance() else {
        return Markup::new();
    };
    let optional = |value: Option<f64>, digits: usize| match value {
        Some(value) => format!("{value:.digits$}"),
        None => "–".to_owned(),
    };
    let rows = tasks.iter().filter_map(|task| {
        let stats = balance.tasks.get(task)?;
        Some(vec![
            Cell::Text(task.clone()),
            number(format!("{:.4}", stats.gradient_norm)),
            number(optional(stats.weight, 3)),
            number(
                stats
                    .share
                    .map_or("–".to_owned(), |share| format!("{:.1} %", 100.0 * share)),
            ),
        ])
    });
    let mut content = table(
        &["task", "gradient norm", "weight", "share"],
        1,
        rows.collect(),
    );
    let rows = balance.pairs.iter().map(|pair| {
        vec![
            Cell::Text(pair.tasks.join(" · ")),
            number(format!("{:+.3}", pair.cosine)),
            number(format!("{:.0} %", 100.0 * pair.conflict_rate)),
        ]
    });
    content.push(table(
        &["pair", "cosine", "looks in conflict"],
        1,
        rows.collect(),
    ));
    let looks = format!("Means over {} looks as tables", balance.samples);
    folded(&looks, content)
}
