//! What `mtnet compare` found: scores, differences, sentences and cost.

use super::pieces::{Cell, figure, number, quiet, section, table};
use crate::chart::{Bar, BarChart, BarGroup};
use crate::comparison::{ComparedMethod, ComparedTask, Comparison, Gain, Interval};
use crate::format::{duration, grouped, score, signed};
use crate::markup::{Markup, tag};

/// All sections of a comparison.
pub fn sections(comparison: &Comparison) -> Markup {
    let mut all = Markup::new();
    all.push(tag("p", &[("class", &"lede")], &comparison.protocol));
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
                    Markup::from(format!(". {}", verdict.sentence)),
                ],
            )
        });
        let list = tag("ul", &[], items.collect::<Markup>());
        let overall = tag("p", &[], &comparison.overall);
        all.push(section(
            "verdict",
            "Does sharing help?",
            [overall, list].into(),
        ));
    }
    all.push(section(
        "compared",
        "Scores of the methods",
        scores(comparison),
    ));
    let gains = gains(comparison);
    if !gains.is_empty() {
        all.push(section("gains", "Gains over single-task models", gains));
    }
    if let Some(advice) = &comparison.advice {
        all.push(section(
            "advice",
            "Where a task loses",
            super::advice::content(advice),
        ));
    }
    all.push(section(
        "method-cost",
        "Cost of the methods",
        cost(comparison),
    ));
    all
}

fn scores(comparison: &Comparison) -> Markup {
    let mut rows = Vec::new();
    let mut groups = Vec::new();
    for task in &comparison.tasks {
        let mut cells = vec![
            Cell::Text(task.name.clone()),
            Cell::Text(format!("{} ({})", task.metric, task.split)),
            number(grouped(task.examples)),
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
                interval: cell.score.ends,
                dots: cell.seeds.clone(),
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
    let mut header = vec!["task", "metric", "examples"];
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

/// Gains over the single-task models by task, and the mean relative gain of all tasks.
fn gains(comparison: &Comparison) -> Markup {
    let (mut groups, mut rows) = (Vec::new(), Vec::new());
    for task in &comparison.tasks {
        let mut bars = Vec::new();
        for (color, method) in comparison.methods.iter().enumerate() {
            let cell = comparison.cell(&task.name, &method.name);
            if let Some(gain) = cell.and_then(|cell| cell.gain.as_ref()) {
                rows.push(row(&task.name, &method.name, gain, signed));
                bars.push(bar(&method.name, color, gain, signed(gain.value)));
            }
        }
        if !bars.is_empty() {
            groups.push(BarGroup {
                name: format!("{}, {}", task.name, task.metric),
                bars,
            });
        }
    }
    let percent = |number: f64| format!("{} %", signed(number));
    let mut overall = Vec::new();
    for delta in &comparison.delta_m {
        let of_method = |method: &ComparedMethod| method.name == delta.method;
        let color = comparison.methods.iter().position(of_method);
        rows.push(row("Δm, all tasks", &delta.method, &delta.delta, percent));
        let text = percent(delta.delta.value);
        overall.push(bar(&delta.method, color.unwrap_or(7), &delta.delta, text));
    }
    let mut content = Markup::new();
    let draw = |label: &str, groups: Vec<BarGroup>| {
        let chart = BarChart {
            label: label.to_owned(),
            include: vec![0.0],
            groups,
        };
        chart.draw(760.0)
    };
    if !groups.is_empty() {
        let words = "Gain over the single-task models of the same seeds, counted upwards for the \
                     better method. An interval that holds zero shows no difference.";
        let drawing = draw("Gains by task and method with intervals", groups);
        content.push(figure(drawing, "Gains.", words));
    }
    if !overall.is_empty() {
        let words =
            "Mean over the tasks of the gain relative to the single-task score, in percent.";
        let all = BarGroup {
            name: String::new(),
            bars: overall,
        };
        let drawing = draw(
            "Mean relative gain of each method with its interval",
            vec![all],
        );
        content.push(figure(drawing, "Δm.", words));
    }
    if !rows.is_empty() {
        content.push(table(&["task", "method", "gain"], 2, rows));
    }
    content
}

fn row(task: &str, method: &str, gain: &Interval, text: impl Fn(f64) -> String) -> Vec<Cell> {
    let class = match gain.ends {
        Some((low, _)) if low > 0.0 => "gained",
        Some((_, high)) if high < 0.0 => "lost",
        _ => "",
    };
    let words = match gain.ends {
        Some((low, high)) => format!("{} [{}, {}]", text(gain.value), text(low), text(high)),
        None => text(gain.value),
    };
    vec![
        Cell::from(task),
        Cell::from(method),
        Cell::Marked(words, class),
    ]
}

fn bar(method: &str, color: usize, gain: &Interval, text: String) -> Bar {
    Bar {
        name: method.to_owned(),
        value: gain.value,
        interval: gain.ends,
        dots: Vec::new(),
        color,
        text,
    }
}

fn cost(comparison: &Comparison) -> Markup {
    let rows = comparison.methods.iter().map(|method| {
        let inference = method.inference_seconds;
        vec![
            Cell::Text(method.name.clone()),
            Cell::Text(method.about.clone()),
            number(grouped(method.models as u64)),
            number(grouped(method.parameters)),
            number(duration(method.training_seconds)),
            number(inference.map_or("–".to_owned(), |seconds| format!("{seconds:.2} s"))),
        ]
    });
    let header = [
        "method",
        "what it is",
        "models",
        "parameters",
        "training",
        "1,000 texts, all tasks",
    ];
    table(&header, 2, rows.collect())
}

fn with_interval(estimate: &Interval, value: &str) -> String {
    match estimate.ends {
        Some((low, high)) => format!("{value} [{low:.4}, {high:.4}]"),
        None => value.to_owned(),
    }
}
