//! Tables of how the tasks' gradients get on with each other.

use comfy_table::{CellAlignment, Table, presets};
use mtnet::core::TaskName;
use mtnet::train::events::{BalanceSummary, PairGradientStats};

use super::format::grouped;

/// Norm, weight and share of each task, and the cosine of each pair.
pub fn tables(summary: &BalanceSummary) -> String {
    let mut tasks = plain(["task", "gradient norm", "weight", "share of step"].map(str::to_owned));
    for (name, stats) in &summary.tasks {
        let number = |value: Option<f64>, digits: usize| match value {
            Some(value) => format!("{value:.digits$}"),
            None => "–".to_owned(),
        };
        tasks.add_row([
            name.to_string(),
            format!("{:.4}", stats.gradient_norm),
            number(stats.weight, 3),
            stats
                .share
                .map_or_else(|| "–".to_owned(), |share| format!("{:.0} %", 100.0 * share)),
        ]);
    }
    let names: Vec<&TaskName> = summary.tasks.keys().collect();
    format!(
        "Gradients of the shared encoder, means of {} looks:\n{}\n\nCosines (share of looks in \
         conflict):\n{}",
        grouped(summary.samples),
        aligned(tasks),
        cosines(&names, &summary.pairs)
    )
}

/// The cosines as a triangle, with the share of conflicts.
pub fn cosines(names: &[&TaskName], pairs: &[PairGradientStats]) -> Table {
    let cell = |one: &TaskName, other: &TaskName| {
        let of_both = |pair: &&PairGradientStats| {
            pair.tasks.contains(one) && pair.tasks.contains(other) && one != other
        };
        match pairs.iter().find(of_both) {
            Some(pair) => format!("{:+.3} ({:.0} %)", pair.cosine, 100.0 * pair.conflict_rate),
            None if one == other => "1".to_owned(),
            None => "–".to_owned(),
        }
    };
    matrix("", names, cell)
}

/// A square table of tasks by tasks.
pub fn matrix(
    corner: &str,
    names: &[&TaskName],
    cell: impl Fn(&TaskName, &TaskName) -> String,
) -> Table {
    let header = std::iter::once(corner.to_owned()).chain(names.iter().map(|n| n.to_string()));
    let mut table = plain(header);
    for row in names {
        let cells = names.iter().map(|column| cell(row, column));
        table.add_row(std::iter::once(row.to_string()).chain(cells));
    }
    aligned(table)
}

fn plain(header: impl IntoIterator<Item = String>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(header);
    table
}

fn aligned(mut table: Table) -> Table {
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use mtnet::train::events::TaskGradientStats;

    use super::*;

    #[test]
    fn tables_show_norms_shares_and_cosines() {
        let names = ["intent", "topic"].map(|name| TaskName::new(name).unwrap());
        let stats = |share| TaskGradientStats {
            samples: 12,
            gradient_norm: 0.5,
            weight: Some(0.5),
            share: Some(share),
        };
        let summary = BalanceSummary {
            samples: 12,
            tasks: BTreeMap::from([
                (names[0].clone(), stats(0.9)),
                (names[1].clone(), stats(0.1)),
            ]),
            pairs: vec![PairGradientStats {
                tasks: names,
                samples: 12,
                cosine: -0.125,
                conflict_rate: 0.75,
            }],
            layers: BTreeMap::new(),
        };
        let expected = "\
Gradients of the shared encoder, means of 12 looks:
| task   | gradient norm | weight | share of step |
|--------|---------------|--------|---------------|
| intent |        0.5000 |  0.500 |          90 % |
| topic  |        0.5000 |  0.500 |          10 % |

Cosines (share of looks in conflict):
|        |        intent |         topic |
|--------|---------------|---------------|
| intent |             1 | -0.125 (75 %) |
| topic  | -0.125 (75 %) |             1 |";
        assert_eq!(tables(&summary), expected);
    }
}
