//! Where a task fails: confusions, entity errors, calibration, lengths, labels, mistakes.

use super::mistakes::mistakes;
use super::pieces::{Cell, figure, folded, number, parts_legend, quiet, table};
use crate::analysis::{
    ErrorClass, LabelScores, confusion, entity_errors, label_scores, length_scores, reliability,
};
use crate::chart::{
    Bar, BarChart, BarGroup, StackedBars, StackedRow, confusion_map, reliability_diagram, scatter,
};
use crate::format::grouped;
use crate::markup::{Markup, tag};
use crate::predictions::{Outcome, Prediction};
use crate::read::RunRecord;

/// A part a task, where the folder holds predictions.
pub fn section(run: &RunRecord) -> Markup {
    let of = |split: &str| run.predictions.iter().find(|p| p.split == split);
    let (test, dev) = (of("test"), of("dev"));
    let mut section = Markup::new();
    let Some(shown) = test.or(dev) else {
        return match run.state.is_complete() {
            true => quiet(
                "The run kept no predictions (`train.save_predictions = false`, or an older version): \
                 confusions, calibration and mistakes cannot be shown.",
            ),
            false => section,
        };
    };
    section.push(quiet(match (test, dev) {
        (Some(_), Some(_)) => {
            "Figures are of the test data. Mistakes are told from the development data: who reads \
             test mistakes and then changes the run selects on the test data."
        }
        (Some(_), None) => "All of the test data.",
        _ => "All of the development data.",
    }));
    for task in run.tasks() {
        let (Some(predictions), Some(columns)) =
            (shown.tasks.get(&task), shown.header.columns.get(&task))
        else {
            continue;
        };
        section.push(tag("h3", &[], &task));
        section.push(figures(run, &task, columns, predictions));
        let told = dev
            .filter(|dev| dev.tasks.contains_key(&task))
            .unwrap_or(shown);
        section.push(mistakes(&task, told));
    }
    section
}

fn figures(run: &RunRecord, task: &str, columns: &[String], predictions: &[Prediction]) -> Markup {
    let mut pair = Markup::new();
    let count = grouped(predictions.len() as u64);
    if let Some(confusion) = confusion(columns, predictions) {
        let left_out = match confusion.left_out {
            0 => String::new(),
            count => format!(" {count} classes with fewer errors are summed up."),
        };
        let words = format!(
            "{count} examples; a row is a true class, colours are shares of its row.{left_out}"
        );
        pair.push(figure(
            confusion_map(&confusion, task, 470.0),
            "Confusions.",
            &words,
        ));
    }
    if let Some(errors) = entity_errors(columns, predictions) {
        pair.push(entities(task, &errors));
    }
    if let Some(drawing) = scatter(&number_pairs(predictions), task, (430.0, 300.0)) {
        pair.push(figure(
            drawing,
            "Answers against the truth.",
            &format!("{count} examples."),
        ));
    }
    if let Some(reliability) = reliability(columns, predictions) {
        let words = format!(
            "Expected calibration error {:.4}, largest gap {:.4}, in ten bins. Bars on the dashed line \
             would be confidence that is deserved; grey bars count answers.{}",
            reliability.expected_calibration_error(),
            reliability.maximum_calibration_error(),
            calibrated(run, task)
        );
        let drawing = reliability_diagram(&reliability, task, (430.0, 300.0));
        pair.push(figure(drawing, "Reliability.", &words));
    }
    pair.push(by_length(task, columns, predictions));
    let labels = label_scores(columns, predictions);
    pair.push(by_label(task, &labels));
    let mut all = tag("div", &[("class", &"pair")], pair);
    if let Some(confusion) = confusion(columns, predictions).filter(|c| !c.commonest.is_empty()) {
        let rows = confusion.commonest.iter();
        let rows = rows.map(|(truth, answer, count)| {
            vec![
                Cell::from(truth.as_str()),
                Cell::from(answer.as_str()),
                number(grouped(*count)),
            ]
        });
        all.push(folded(
            "Commonest confusions",
            table(&["true", "answered", "times"], 2, rows.collect()),
        ));
    }
    all.push(label_table(&labels));
    all
}

/// What the temperature of a task did, where it has one.
fn calibrated(run: &RunRecord, task: &str) -> String {
    let results = run.results.as_ref();
    let Some(found) = results.and_then(|results| results.calibration.get(task)) else {
        return String::new();
    };
    let (split, scores) = match found.test {
        Some(test) => ("test", test),
        None => ("development", found.dev),
    };
    format!(
        " Probabilities are calibrated: scores are divided by {:.3}, fitted on the development data. The \
         error of the most probable answers to the {split} data was {:.4} without it and is {:.4} with it.",
        found.temperature,
        scores.before.expected_calibration_error,
        scores.after.expected_calibration_error
    )
}

fn entities(task: &str, errors: &crate::analysis::EntityErrors) -> Markup {
    let parts: Vec<String> = ErrorClass::ALL
        .map(|class| class.name().to_owned())
        .to_vec();
    let total = StackedRow {
        name: "all".to_owned(),
        parts: ErrorClass::ALL.map(|class| errors.total(class)).to_vec(),
    };
    let mut rows: Vec<StackedRow> = errors
        .labels
        .iter()
        .map(|(label, classes)| StackedRow {
            name: label.clone(),
            parts: ErrorClass::ALL
                .map(|class| classes.get(&class).copied().unwrap_or(0))
                .to_vec(),
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.parts[1..].iter().sum::<u64>()));
    rows.truncate(17);
    rows.insert(0, total);
    let cells = rows.iter().map(|row| {
        let mut cells = vec![Cell::Text(row.name.clone())];
        cells.extend(row.parts.iter().map(|count| number(grouped(*count))));
        cells
    });
    let mut header = vec!["entity"];
    header.extend(ErrorClass::ALL.map(ErrorClass::name));
    let counts = folded("Counts", table(&header, 1, cells.collect()));
    let drawing = StackedBars {
        label: format!("Entities of {task} by what became of them"),
        parts: parts.clone(),
        rows,
    };
    let words = "Each entity once; the labels with the most errors come first.";
    figure(
        [parts_legend(&parts), drawing.draw(470.0), counts].into(),
        "Entities.",
        words,
    )
}

fn number_pairs(predictions: &[Prediction]) -> Vec<(f64, f64)> {
    let mut pairs = Vec::new();
    for prediction in predictions {
        if let Outcome::Numbers { truth, answer } = &prediction.outcome {
            let known = truth.iter().zip(answer);
            pairs.extend(known.filter_map(|(truth, answer)| Some(((*truth)?, *answer))));
        }
    }
    pairs
}

fn by_length(task: &str, columns: &[String], predictions: &[Prediction]) -> Markup {
    let Some(scores) = length_scores(columns, predictions) else {
        return Markup::new();
    };
    let bars = scores.buckets.iter().map(|bucket| Bar {
        name: match bucket.shortest == bucket.longest {
            true => format!("{} tokens", bucket.longest),
            false => format!("{}–{} tokens", bucket.shortest, bucket.longest),
        },
        value: bucket.score,
        interval: bucket
            .interval
            .map(|interval| (interval.lower, interval.upper)),
        dots: Vec::new(),
        color: 5,
        text: format!("{:.3}   n = {}", bucket.score, bucket.count),
    });
    let has_interval = scores
        .buckets
        .iter()
        .any(|bucket| bucket.interval.is_some());
    let chart = BarChart {
        label: format!("{} of {task} by length of the text", scores.metric),
        include: vec![0.0],
        groups: vec![BarGroup {
            name: String::new(),
            bars: bars.collect(),
        }],
    };
    let words = match has_interval {
        true => format!("{} with 95 % intervals (Wilson).", scores.metric),
        false => format!("{}.", scores.metric),
    };
    figure(chart.draw(470.0), "By length.", &words)
}

/// The frequent labels that are answered worst, where there are enough labels to choose from.
fn by_label(task: &str, labels: &[LabelScores]) -> Markup {
    if labels.is_empty() {
        return Markup::new();
    }
    let mut shown: Vec<&LabelScores> = labels.iter().take(40).collect();
    shown.sort_by(|a, b| a.scores.f1.total_cmp(&b.scores.f1));
    shown.truncate(12);
    let bars = shown.iter().map(|label| Bar {
        name: label.label.clone(),
        value: label.scores.f1,
        interval: None,
        dots: Vec::new(),
        color: 3,
        text: format!("{:.3}   n = {}", label.scores.f1, label.scores.support),
    });
    let chart = BarChart {
        label: format!("F1 of {task} by label"),
        include: vec![0.0, 1.0],
        groups: vec![BarGroup {
            name: String::new(),
            bars: bars.collect(),
        }],
    };
    let words = match labels.len() > shown.len() {
        true => format!(
            "F1 of the {} worst among the most frequent labels.",
            shown.len()
        ),
        false => "F1 of each label, the worst first.".to_owned(),
    };
    figure(chart.draw(470.0), "By label.", &words)
}

fn label_table(labels: &[LabelScores]) -> Markup {
    if labels.is_empty() {
        return Markup::new();
    }
    let rows = labels.iter().map(|label| {
        let mut cells = vec![Cell::Text(label.label.clone())];
        let scores = &label.scores;
        cells.extend(
            [scores.precision, scores.recall, scores.f1].map(|score| number(format!("{score:.4}"))),
        );
        cells.push(number(grouped(scores.support)));
        cells
    });
    let header = ["label", "precision", "recall", "F1", "examples"];
    folded("Every label", table(&header, 1, rows.collect()))
}
