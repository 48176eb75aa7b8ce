//! The report of one run.

use super::document::{document, footer};
use super::{cost, curves, gradients, header, notices, scores, task};
use crate::markup::{Markup, tag};
use crate::read::RunRecord;

/// One run as a self-contained HTML file. Sections for which the folder holds nothing are left
/// out, and what is missing or damaged is told.
pub fn run_page(run: &RunRecord) -> String {
    let sections: Vec<(&str, &str, Markup)> = [
        ("scores", "Scores", scores::section(run)),
        ("training", "Training", curves::section(run)),
        (
            "gradients",
            "Gradients of the shared encoder",
            gradients::section(run),
        ),
        ("tasks", "Where each task fails", task::section(run)),
        ("cost", "Cost and setting", cost::section(run)),
    ]
    .into_iter()
    .filter(|(_, _, content)| !content.is_empty())
    .collect();
    let links = sections
        .iter()
        .map(|(id, title, _)| tag("a", &[("href", &format!("#{id}"))], *title));
    let links = tag(
        "nav",
        &[("aria-label", &"Sections")],
        links.collect::<Markup>(),
    );
    let mut body = header::header(run);
    body.push(links);
    body.push(notices::notices(run));
    for (id, title, content) in sections {
        body.push(super::pieces::section(id, title, content));
    }
    body.push(footer(&format!("the folder of the run `{}`", run.name())));
    document(
        &format!("{} – MT-Net run", run.name()),
        tag("main", &[], body),
    )
}
