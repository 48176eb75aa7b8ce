//! The worst mistakes of a task, with their texts.

use super::pieces::quiet;
use crate::analysis::worst_mistakes;
use crate::format::clipped;
use crate::markup::{Markup, tag};
use crate::predictions::Predictions;

/// How many are told.
const MISTAKES: usize = 6;

/// A list of mistakes, open from the start.
pub fn mistakes(task: &str, predictions: &Predictions) -> Markup {
    let (Some(of_task), Some(columns)) = (
        predictions.tasks.get(task),
        predictions.header.columns.get(task),
    ) else {
        return Markup::new();
    };
    let worst = worst_mistakes(columns, of_task, MISTAKES);
    if worst.is_empty() {
        return quiet("No mistake on the data that mistakes are told from.");
    }
    let items = worst.iter().map(|mistake| {
        let prediction = mistake.prediction;
        let mut text = marked(&prediction.text, &mistake.marks);
        if let Some(pair) = &prediction.text_pair {
            text.push(" ‖ ").push(clipped(pair, 300));
        }
        let said = [
            Markup::from("right: "),
            tag("b", &[], clipped(&mistake.truth, 300)),
            Markup::from(" · answered: "),
            tag("b", &[], clipped(&mistake.answer, 300)),
            Markup::from(format!(" · {} · ", mistake.weight)),
            tag(
                "span",
                &[("class", &"where")],
                format!(
                    "{} {}, line {}",
                    prediction.dataset, predictions.split, prediction.line
                ),
            ),
        ];
        tag(
            "li",
            &[],
            [
                tag("span", &[("class", &"text")], text),
                tag("span", &[("class", &"said")], said),
            ],
        )
    });
    let list = tag("ol", &[("class", &"mistakes")], items.collect::<Markup>());
    let summary = format!("Worst mistakes of {task}");
    tag(
        "details",
        &[("open", &"")],
        [tag("summary", &[], summary), list],
    )
}

/// A text with some of its bytes marked; a long one is cut behind its beginning.
fn marked(text: &str, marks: &[[usize; 2]]) -> Markup {
    const MOST: usize = 400;
    let mut markup = Markup::new();
    let mut from = 0;
    for [start, end] in marks {
        if *start >= MOST {
            break;
        }
        markup.push(&text[from..*start]);
        markup.push(tag("mark", &[], &text[*start..*end]));
        from = *end;
    }
    markup.push(clipped(&text[from..], MOST.saturating_sub(from).max(20)));
    markup
}
