//! Results as a table for readers and as JSON for programs.

use std::fmt;

use serde_json::{Value, json};

use super::Verdict;

/// One test with its result.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number.
    pub name: &'static str,
    /// What it holds.
    pub promise: &'static str,
    /// The tier that was run.
    pub tier: &'static str,
    /// How long it took.
    pub seconds: f64,
    /// What came of it.
    pub verdict: Verdict,
}

impl Row {
    fn words(&self) -> (&'static str, &str) {
        match &self.verdict {
            Verdict::Passed(figure) => ("passed", figure),
            Verdict::Failed(reason) => ("FAILED", reason),
            Verdict::Absent(reason) => ("not measured", reason),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (result, figure) = self.words();
        write!(
            f,
            "reliability {}: {result} in {:.1} s: {figure}",
            self.name, self.seconds
        )
    }
}

/// Promise, test, number, result and tier, in Markdown.
pub fn markdown(rows: &[Row]) -> String {
    let mut text =
        "| test | promise | measured | result | tier | seconds |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for row in rows {
        let (result, figure) = row.words();
        // A failure may be long and has been printed already.
        let figure = figure
            .lines()
            .next()
            .unwrap_or_default()
            .replace('|', "\\|");
        text.push_str(&format!(
            "| {} | {} | {figure} | {result} | {} | {:.0} |\n",
            row.name, row.promise, row.tier, row.seconds
        ));
    }
    text
}

/// The same as JSON.
pub fn json(rows: &[Row]) -> Value {
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            let (result, figure) = row.words();
            json!({
                "test": row.name,
                "promise": row.promise,
                "measured": figure,
                "result": result,
                "tier": row.tier,
                "seconds": row.seconds,
            })
        })
        .collect();
    json!({ "tests": rows })
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn a_row_is_one_line_of_the_table() {
        let row = Row {
            name: "R12",
            promise: "bits",
            tier: "quick",
            seconds: 1.25,
            verdict: Verdict::Failed("a | b\nc".to_owned()),
        };
        let text = markdown(std::slice::from_ref(&row));
        assert!(
            text.ends_with("| R12 | bits | a \\| b | FAILED | quick | 1 |\n"),
            "{text}"
        );
        assert_eq!(json(&[row])["tests"][0]["result"], "FAILED");
    }
}
