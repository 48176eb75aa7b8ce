//! What a comparison proposes where a task loses, with what speaks for it and what came of it.

use super::pieces::{Cell, number, quiet, table};
use crate::comparison::{Advice, Proposal, Tried};
use crate::format::signed;
use crate::markup::{Markup, tag};

/// The section of it.
pub fn content(advice: &Advice) -> Markup {
    let mut content = Markup::new();
    content.push(tag("p", &[], &advice.sentence));
    if !advice.losing.is_empty() {
        let items = advice.losing.iter().map(|task| tag("li", &[], task));
        content.push(tag("ul", &[], items.collect::<Markup>()));
    }
    if advice.proposals.is_empty() {
        return content;
    }
    let header = [
        "proposal",
        "settings",
        "what speaks for it",
        "support",
        "dev gain",
        "test gain",
    ];
    let rows = advice.proposals.iter().map(row).collect();
    content.push(table(&header, 3, rows));
    content.push(quiet(
        "Support: the share of observations that speak for a proposal. Gains: mean relative gain over the \
         multi-task run, in percent. Chosen is the best on the development data; it paid where the interval \
         of its test gain lies above zero.",
    ));
    content
}

fn row(proposal: &Proposal) -> Vec<Cell> {
    let name = match proposal.is_chosen {
        true => Cell::Text(format!("{} (chosen)", proposal.name)),
        false => Cell::Text(proposal.name.clone()),
    };
    let (dev, test) = match &proposal.tried {
        Tried::No => (number("–"), number("not tried")),
        Tried::LeftOut(reason) => (number("–"), Cell::Text(reason.clone())),
        Tried::Yes {
            dev_gain,
            test_gain,
        } => {
            let value = format!("{} %", signed(test_gain.value));
            let test = match test_gain.ends {
                Some((low, high)) => format!("{value} [{}, {}]", signed(low), signed(high)),
                None => value,
            };
            let class = match test_gain.ends {
                Some((low, _)) if low > 0.0 => "gained",
                Some((_, high)) if high < 0.0 => "lost",
                _ => "",
            };
            let dev = match dev_gain.is_finite() {
                true => format!("{} %", signed(*dev_gain)),
                false => "–".to_owned(),
            };
            (number(dev), Cell::Marked(test, class))
        }
    };
    vec![
        name,
        Cell::Text(proposal.changes.join("; ")),
        Cell::Text(proposal.evidence.join(" ")),
        number(format!("{:.0} %", 100.0 * proposal.support)),
        dev,
        test,
    ]
}
