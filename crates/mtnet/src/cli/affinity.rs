//! `affinity`: which tasks help each other, and which to train together.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use mtnet::core::TaskName;
use mtnet::heads::HeadRegistry;
use mtnet::train::run_file::RunFile;
use mtnet::train::trainer::{AffinityOptions, AffinityReport, NamedGrouping, measure_affinity};

use super::format::grouped;
use super::gradients::{cosines, matrix};
use super::output::Output;
use super::progress;

/// Arguments of `affinity`.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The run file.
    #[arg(value_name = "RUN.toml")]
    run_file: PathBuf,
    /// Settings to change, such as train.learning_rate=3e-5.
    #[arg(value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// Optimizer steps to train and measure for; by default those of the run.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    steps: Option<u64>,
    /// Steps from one measurement to the next.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
}

/// Measures and prints matrices and a proposal.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let registry = HeadRegistry::default();
    let run = RunFile::load(&args.run_file, &args.overrides)?;
    run.check_files()?;
    run.check_heads(&registry)?;
    let mut listener = progress::listener(output, Default::default(), None)?;
    let options = AffinityOptions {
        steps: args.steps,
        every: args.every,
    };
    let report = measure_affinity(&run, options, &registry, listener.as_mut());
    drop(listener);
    let report = report?;
    if output.is_json() {
        return Ok(output.json(&serde_json::json!({ "event": "affinity", "affinity": report }))?);
    }
    Ok(output.line(text(&report))?)
}

fn text(report: &AffinityReport) -> String {
    let names: Vec<&TaskName> = report.tasks.iter().collect();
    let position = |name: &TaskName| report.tasks.iter().position(|task| task == name);
    let cell = |row: &TaskName, column: &TaskName| {
        let value = position(row)
            .zip(position(column))
            .and_then(|(row, column)| report.affinity[row][column]);
        value.map_or_else(
            || "–".to_owned(),
            |value| format!("{:+.2} %", 100.0 * value),
        )
    };
    let groupings: String = report
        .groupings
        .iter()
        .map(|grouping| format!("\n  {:+.2} %  {}", 100.0 * grouping.gain, groups(grouping)))
        .collect();
    format!(
        "What a step for the task on the left takes off the loss of the one above ({} \
         measurements):\n{}\n\nCosines of their gradients (share of measurements in \
         conflict):\n{}\n\nGroupings, by what their members give each other:{groupings}\n\n\
         Proposal: train {}.",
        grouped(report.measurements),
        matrix("", &names, cell),
        cosines(&names, &report.cosines),
        match report.proposal.groups.len() {
            1 => "all tasks together".to_owned(),
            _ => format!("{} apart", groups(&report.proposal)),
        }
    )
}

fn groups(grouping: &NamedGrouping) -> String {
    let group = |group: &Vec<TaskName>| {
        let names: Vec<&str> = group.iter().map(TaskName::as_str).collect();
        format!("[{}]", names.join(", "))
    };
    let groups: Vec<String> = grouping.groups.iter().map(group).collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_what_to_train_together() {
        let tasks = ["intent", "slots"]
            .map(|name| TaskName::new(name).unwrap())
            .to_vec();
        let apart = NamedGrouping {
            groups: tasks.iter().map(|task| vec![task.clone()]).collect(),
            gain: 0.0,
        };
        let together = NamedGrouping {
            groups: vec![tasks.clone()],
            gain: -0.03,
        };
        let report = AffinityReport {
            affinity: vec![vec![Some(0.05), Some(-0.02)], vec![None, Some(0.01)]],
            cosines: Vec::new(),
            measurements: 3,
            groupings: vec![together, apart.clone()],
            proposal: apart,
            tasks,
        };
        let text = text(&report);
        assert!(text.contains("| intent | +5.00 % | -2.00 % |"), "{text}");
        assert!(
            text.contains("\n  -3.00 %  [intent, slots]\n  +0.00 %  [intent] [slots]"),
            "{text}"
        );
        assert!(
            text.ends_with("Proposal: train [intent] [slots] apart."),
            "{text}"
        );
    }
}
