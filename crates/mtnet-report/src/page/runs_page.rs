//! Several runs beside each other: settings, scores over seeds, curves and cost.

use std::collections::BTreeSet;

use super::document::{document, footer};
use super::pieces::{Cell, figure, legend, number, panels, quiet, section, table};
use super::{comparison, cost, curves, header};
use crate::analysis::seeds_interval;
use crate::chart::{Bar, BarChart, BarGroup, LineChart, Series, Stroke};
use crate::comparison::Comparison;
use crate::format::{duration, grouped, score};
use crate::markup::{Markup, tag};
use crate::read::{RunRecord, Settings};

/// Runs whose settings are equal but for seed, name and places.
struct Method<'a> {
    name: String,
    runs: Vec<&'a RunRecord>,
}

/// Several runs, a comparison, or both, as a self-contained HTML file. Runs that differ in their
/// seed alone are one method; its scores are means with Student's intervals.
pub fn runs_page(runs: &[RunRecord], found: Option<&Comparison>) -> String {
    let title = match found.map(|comparison| comparison.run.as_str()) {
        Some(run) if !run.is_empty() => format!("Comparison on {run}"),
        Some(_) => "Comparison".to_owned(),
        None => format!("{} runs", runs.len()),
    };
    let mut body = tag("header", &[], tag("h1", &[], &title));
    if let Some(found) = found {
        body.push(comparison::sections(found));
    }
    if !runs.is_empty() {
        let methods = methods(runs);
        let tasks = tasks(runs);
        body.push(section("runs", "Runs", run_table(&methods)));
        let differences = differences(&methods);
        if !differences.is_empty() {
            body.push(section(
                "settings",
                "What the methods differ in",
                differences,
            ));
        }
        body.push(section("scores", "Scores", scores(&methods, &tasks)));
        body.push(section("training", "Training", training(&methods, &tasks)));
    }
    body.push(footer("run folders"));
    document(&format!("{title} – MT-Net"), tag("main", &[], body))
}

fn methods(runs: &[RunRecord]) -> Vec<Method<'_>> {
    let mut methods: Vec<Method> = Vec::new();
    for run in runs {
        let same = |method: &&mut Method| {
            let first = method.runs[0];
            match (&first.settings, &run.settings) {
                (Some(a), Some(b)) => first.name() == run.name() && a.method().eq(b.method()),
                _ => false,
            }
        };
        match methods.iter_mut().find(same) {
            Some(method) => method.runs.push(run),
            None => methods.push(Method {
                name: run.name(),
                runs: vec![run],
            }),
        }
    }
    // Methods of one name are told apart by their folders.
    for index in 0..methods.len() {
        let name = methods[index].name.clone();
        if methods.iter().filter(|method| method.name == name).count() > 1 {
            for method in methods.iter_mut().filter(|method| method.name == name) {
                let folder = method.runs[0].folder.file_name();
                let folder = folder.map(|folder| folder.to_string_lossy().into_owned());
                method.name = folder.unwrap_or_else(|| name.clone());
            }
        }
    }
    methods
}

fn tasks(runs: &[RunRecord]) -> Vec<String> {
    let mut tasks = Vec::new();
    for task in runs.iter().flat_map(RunRecord::tasks) {
        if !tasks.contains(&task) {
            tasks.push(task);
        }
    }
    tasks
}

fn run_table(methods: &[Method]) -> Markup {
    let mut rows = Vec::new();
    for method in methods {
        for run in &method.runs {
            let folder = run
                .folder
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            rows.push(vec![
                Cell::Text(method.name.clone()),
                Cell::Text(folder.unwrap_or_default()),
                Cell::from(run.state.name()),
                number(run.seed().map_or("–".to_owned(), |seed| seed.to_string())),
                number(grouped(run.steps_done())),
                number(run.seconds().map_or("–".to_owned(), duration)),
                number(cost::speed(run).map_or("–".to_owned(), |speed| grouped(speed as u64))),
                number(
                    run.start
                        .as_ref()
                        .map_or("–".to_owned(), |start| grouped(start.trained_parameters)),
                ),
            ]);
        }
    }
    let header = [
        "method",
        "folder",
        "state",
        "seed",
        "steps",
        "time",
        "tokens/s",
        "trained parameters",
    ];
    table(&header, 3, rows)
}

fn differences(methods: &[Method]) -> Markup {
    let settings: Option<Vec<&Settings>> = methods
        .iter()
        .map(|method| method.runs[0].settings.as_ref())
        .collect();
    let Some(settings) = settings.filter(|settings| settings.len() > 1) else {
        return Markup::new();
    };
    let keys: BTreeSet<&str> = settings
        .iter()
        .flat_map(|one| one.method().map(|(key, _)| key))
        .collect();
    let rows: Vec<Vec<Cell>> = keys
        .into_iter()
        .filter(|key| {
            settings
                .iter()
                .any(|one| one.get(key) != settings[0].get(key))
        })
        .map(|key| {
            let values = settings
                .iter()
                .map(|one| Cell::from(one.get(key).unwrap_or("–")));
            std::iter::once(Cell::from(key)).chain(values).collect()
        })
        .collect();
    if rows.is_empty() {
        return Markup::new();
    }
    let mut header = vec!["setting"];
    header.extend(methods.iter().map(|method| method.name.as_str()));
    table(&header, header.len(), rows)
}

/// Main scores of a task by run: of the test data where there are any.
fn values(method: &Method, task: &str) -> Vec<f64> {
    let score = |run: &&RunRecord| {
        run.main_score("test", task)
            .or_else(|| run.main_score("dev", task))
    };
    method
        .runs
        .iter()
        .filter_map(score)
        .filter(|score| score.is_finite())
        .collect()
}

fn scores(methods: &[Method], tasks: &[String]) -> Markup {
    let mut rows = Vec::new();
    let mut groups = Vec::new();
    for task in tasks {
        let metric = methods
            .iter()
            .flat_map(|method| &method.runs)
            .find_map(|run| run.main_metric(task));
        let metric = metric.unwrap_or_else(|| "–".to_owned());
        let mut cells = vec![Cell::Text(task.clone()), Cell::Text(metric.clone())];
        let mut bars = Vec::new();
        for (color, method) in methods.iter().enumerate() {
            let values = values(method, task);
            let mean = match values.len() {
                0 => None,
                count => Some(values.iter().sum::<f64>() / count as f64),
            };
            let interval = seeds_interval(&values);
            let text = match &interval {
                Some(interval) => {
                    format!("{} ± {:.4}", score(mean), interval.upper - interval.mean)
                }
                None => score(mean),
            };
            cells.push(number(text.clone()));
            if let Some(mean) = mean {
                bars.push(Bar {
                    name: method.name.clone(),
                    value: mean,
                    interval: interval.map(|interval| (interval.lower, interval.upper)),
                    dots: if values.len() > 1 { values } else { Vec::new() },
                    color,
                    text,
                });
            }
        }
        rows.push(cells);
        groups.push(BarGroup {
            name: format!("{task}, {metric}"),
            bars,
        });
    }
    let mut header = vec!["task", "metric"];
    header.extend(methods.iter().map(|method| method.name.as_str()));
    let mut content = table(&header, 2, rows);
    content.push(quiet(
        "Main metric on the test data (on the development data where there are no test scores): the mean \
         over seeds with its 95 % interval (Student). One seed has no interval.",
    ));
    let chart = BarChart {
        label: "Main scores by task and method".to_owned(),
        include: vec![],
        groups,
    };
    content.push(figure(
        chart.draw(760.0),
        "Scores.",
        "Large points: means. Whiskers: 95 % intervals. Small points: seeds.",
    ));
    content
}

fn training(methods: &[Method], tasks: &[String]) -> Markup {
    let colors: Vec<(String, usize)> = methods
        .iter()
        .map(|method| method.name.clone())
        .zip(0..)
        .collect();
    let mut content = legend(&colors);
    let drawn = tasks.iter().map(|task| {
        let mut chart = LineChart::new(
            format!("Main metric of {task} on the development data"),
            (310.0, 170.0),
        );
        for (color, method) in methods.iter().enumerate() {
            for run in &method.runs {
                let seed = run
                    .seed()
                    .map_or(String::new(), |seed| format!(", seed {seed}"));
                chart.series.push(Series {
                    name: format!("{}{seed}", method.name),
                    color,
                    stroke: Stroke::Solid,
                    points: curves::dev_points(run, task),
                });
            }
        }
        figure(chart.draw(), task, "main metric on the development data")
    });
    content.push(panels(drawn.collect()));
    let states = methods
        .iter()
        .flat_map(|method| &method.runs)
        .filter(|run| !run.state.is_complete());
    let states: Markup = states
        .map(|run| {
            tag(
                "p",
                &[],
                [
                    Markup::from(run.folder.display().to_string()),
                    header::badge(&run.state),
                ],
            )
        })
        .collect();
    content.push(states);
    content
}
