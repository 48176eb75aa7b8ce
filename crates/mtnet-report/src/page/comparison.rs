//! What `mtnet compare` found: scores, differences, sentences and cost.

use super::pieces::{Cell, figure, number, quiet, section, table};
use crate::chart::{Bar, BarChart, BarGroup};
use crate::comparison::{ComparedTask, Comparison, Estimate, Gain};
use crate::format::{duration, grouped, score, signed};
use crate::markup::{Markup, tag};

/// All sections of a comparison.
pub fn sections(comparison: &Comparison) -> Markup {
    let mut all = Markup::new();
    if let Some(protocol) = &comparison.protocol {
        all.push(tag("p", &[("class", &"lede")], protocol));
    }
    if !comparison.verdicts.is_empty() {
        let items = comparison.verdicts.iter().map(|verdict| {
            let (word, class) = match verdict.gain {
                Gain::Gained => ("gained", "gained"),
                Gain::Lost => ("lost", "lost"),
                Gain::NoDifference => ("no difference shown", "quiet"),
            };
            let word = tag("b", &[("class", &class)], word);
            tag(
                "li",
                &[],
                [
                    Markup::from(format!("{}: ", verdict.task)),
                    word,
                    Markup::from(format!(". {}", verdict.text)),
                ],
            )
        });
        let list = tag("ul", &[], items.collect::<Markup>());
        all.push(section("verdict", "Does sharing help?", list));
    }
    all.push(section(
        "compared",
        "Scores of the methods",
        scores(comparison),
    ));
    let deltas = deltas(comparison);
    if !deltas.is_empty() {
        all.push(section("differences", "Differences", deltas));
    }
    let cost = cost(comparison);
    if !cost.is_empty() {
        all.push(section("method-cost", "Cost of the methods", cost));
    }
    all
}

fn scores(comparison: &Comparison) -> Markup {
    let mut rows = Vec::new();
    let mut groups = Vec::new();
    for task in &comparison.tasks {
        let mut cells = vec![
            Cell::Text(task.name.clone()),
            Cell::Text(task.metric.clone()),
        ];
        let best = best(comparison, task);
        let mut bars = Vec::new();
        for (color, method) in comparison.methods.iter().enumerate() {
            let Some(cell) = comparison.cell(&task.name, &method.name) else {
                cells.push(number("–"));
                continue;
            };
            let text = with_interval(&cell.score, &score(Some(cell.score.value)));
            cells.push(match best == Some(cell.score.value) {
                true => Cell::Marked(text.clone(), "best"),
                false => number(text.clone()),
            });
            bars.push(Bar {
                name: method.name.clone(),
                value: cell.score.value,
                interval: cell.score.interval(),
                dots: cell.seeds.iter().map(|seed| seed.score).collect(),
                color,
                text,
            });
        }
        rows.push(cells);
        let arrow = if task.lower_is_better {
            ", lower is better"
        } else {
            ""
        };
        groups.push(BarGroup {
            name: format!("{}, {}{arrow}", task.name, task.metric),
            bars,
        });
    }
    let mut header = vec!["task", "metric"];
    header.extend(comparison.methods.iter().map(|method| method.name.as_str()));
    let mut content = table(&header, 2, rows);
    content.push(quiet(&format!(
        "Mean over the seeds with the {:.0} % interval; the best of a row is bold.",
        100.0 * comparison.level
    )));
    let chart = BarChart {
        label: "Scores by task and method with intervals".to_owned(),
        include: vec![],
        groups,
    };
    let words = "Large points: means. Whiskers: intervals. Small points: single seeds.";
    content.push(figure(chart.draw(760.0), "Scores.", words));
    content
}

fn best(comparison: &Comparison, task: &ComparedTask) -> Option<f64> {
    let of_task = comparison
        .cells
        .iter()
        .filter(|cell| cell.task == task.name);
    let values = of_task
        .map(|cell| cell.score.value)
        .filter(|value| value.is_finite());
    match task.lower_is_better {
        true => values.reduce(f64::min),
        false => values.reduce(f64::max),
    }
}

fn deltas(comparison: &Comparison) -> Markup {
    let mut groups = Vec::new();
    let mut rows = Vec::new();
    let mut add =
        |name: String, method: &str, color: usize, delta: &Estimate, lower_is_better: bool| {
            let text = with_interval_of(delta);
            let gain = if lower_is_better {
                -delta.value
            } else {
                delta.value
            };
            let is_clear = delta
                .interval()
                .is_some_and(|(low, high)| low > 0.0 || high < 0.0);
            let class = match (is_clear, gain > 0.0) {
                (true, true) => "gained",
                (true, false) => "lost",
                (false, _) => "",
            };
            rows.push(vec![
                Cell::Text(name.clone()),
                Cell::from(method),
                Cell::Marked(text.clone(), class),
            ]);
            let bar = Bar {
                name: method.to_owned(),
                value: delta.value,
                interval: delta.interval(),
                dots: Vec::new(),
                color,
                text: signed(delta.value),
            };
            let group = groups
                .iter_mut()
                .find(|group: &&mut BarGroup| group.name == name);
            match group {
                Some(group) => group.bars.push(bar),
                None => groups.push(BarGroup {
                    name,
                    bars: vec![bar],
                }),
            }
        };
    for task in &comparison.tasks {
        for (color, method) in comparison.methods.iter().enumerate() {
            let delta = comparison
                .cell(&task.name, &method.name)
                .and_then(|cell| cell.delta.as_ref());
            if let Some(delta) = delta {
                let arrow = if task.lower_is_better {
                    " (lower is better)"
                } else {
                    ""
                };
                add(
                    format!("{}{arrow}", task.name),
                    &method.name,
                    color,
                    delta,
                    task.lower_is_better,
                );
            }
        }
    }
    for overall in &comparison.delta_m {
        let color = comparison
            .methods
            .iter()
            .position(|method| method.name == overall.method);
        add(
            "Δm over all tasks".to_owned(),
            &overall.method,
            color.unwrap_or(7),
            &overall.delta,
            false,
        );
    }
    if groups.is_empty() {
        return Markup::new();
    }
    let chart = BarChart {
        label: "Differences to the baseline with intervals".to_owned(),
        include: vec![0.0],
        groups,
    };
    let baseline = comparison.baseline.as_deref().unwrap_or("the baseline");
    let words =
        format!("Difference to {baseline}. An interval that holds zero shows no difference.");
    let drawing = figure(chart.draw(760.0), "Differences.", &words);
    [drawing, table(&["task", "method", "difference"], 2, rows)].into()
}

fn cost(comparison: &Comparison) -> Markup {
    let has_cost = |method: &&crate::comparison::ComparedMethod| {
        method.parameters.is_some()
            || method.training_seconds.is_some()
            || method.inference_seconds.is_some()
    };
    if comparison.methods.iter().filter(has_cost).count() == 0 {
        return Markup::new();
    }
    let dash = || "–".to_owned();
    let rows = comparison.methods.iter().map(|method| {
        vec![
            Cell::Text(method.name.clone()),
            number(method.parameters.map_or_else(dash, grouped)),
            number(method.training_seconds.map_or_else(dash, duration)),
            number(
                method
                    .inference_seconds
                    .map_or_else(dash, |seconds| format!("{seconds:.2} s")),
            ),
        ]
    });
    let header = [
        "method",
        "parameters",
        "training, all tasks",
        "all answers for 1,000 texts",
    ];
    table(&header, 1, rows.collect())
}

fn with_interval(estimate: &Estimate, value: &str) -> String {
    match estimate.interval() {
        Some((low, high)) => format!("{value} [{low:.4}, {high:.4}]"),
        None => value.to_owned(),
    }
}

fn with_interval_of(delta: &Estimate) -> String {
    match delta.interval() {
        Some((low, high)) => format!(
            "{} [{}, {}]",
            signed(delta.value),
            signed(low),
            signed(high)
        ),
        None => signed(delta.value),
    }
}
