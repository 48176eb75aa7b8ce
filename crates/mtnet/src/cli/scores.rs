//! The table of scores that a run and an evaluation end with.

use comfy_table::{CellAlignment, Table, presets};
use mtnet::core::TaskName;

use super::format::score;

/// The main score of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The task.
    pub task: TaskName,
    /// Name of the metric.
    pub metric: String,
    /// One score a column; `None` where there is no such data.
    pub scores: Vec<Option<f64>>,
}

/// The rows below `columns`, such as `test`, `dev` and `majority`, in the notation of Markdown.
pub fn table(columns: &[&str], rows: &[Row]) -> Table {
    let mut table = Table::new();
    let header = ["task", "metric"].iter().chain(columns);
    table.load_style(presets::ASCII_MARKDOWN).set_header(header);
    for row in rows {
        let names = [row.task.to_string(), row.metric.clone()];
        table.add_row(
            names
                .into_iter()
                .chain(row.scores.iter().map(|&value| score(value))),
        );
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_can_be_pasted_into_a_document() {
        let rows = [Row {
            task: TaskName::new("intent").unwrap(),
            metric: "accuracy".to_owned(),
            scores: vec![Some(0.95), None, Some(f64::NAN)],
        }];
        let expected = "\
| task   | metric   |   test | dev |  majority |
|--------|----------|--------|-----|-----------|
| intent | accuracy | 0.9500 |   – | undefined |";
        assert_eq!(
            table(&["test", "dev", "majority"], &rows).to_string(),
            expected
        );
    }
}
