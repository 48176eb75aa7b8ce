//! The closing table.

use comfy_table::{CellAlignment, Table, presets};
use mtnet::attack::{CrossTaskEffect, Share, Summary};

use super::Attack;
use crate::cli::format::score;

/// A row a recipe and task, the rules they kept, and what became of other tasks.
pub fn text(attacks: &[Attack]) -> String {
    let mut text = results(attacks).to_string();
    let mut told: Vec<&str> = Vec::new();
    text.push_str("\n\nConstraints:");
    for Attack { config, .. } in attacks {
        if told.contains(&config.name.as_str()) {
            continue;
        }
        told.push(&config.name);
        text.push_str(&format!("\n  {}: {}", config.name, config.constraints));
        if let Some(max) = config.max_queries {
            text.push_str(&format!(", at most {max} queries"));
        }
    }
    for Attack { summary, .. } in attacks {
        if let (Some(left), Some(words)) = (summary.words_left, summary.words) {
            text.push_str(&format!(
                "\n\n{} on {}: {words:.1} words an example, {left:.1} left with the same answer",
                summary.recipe, summary.task
            ));
        }
    }
    if attacks.iter().any(|attack| !attack.cross_task.is_empty()) {
        text.push_str("\n\nTexts that broke one task, asked of the others:\n");
        text.push_str(&across(attacks).to_string());
    }
    text
}

fn results(attacks: &[Attack]) -> Table {
    let header = [
        "task",
        "recipe",
        "successful",
        "failed",
        "skipped",
        "accuracy",
        "under attack",
        "95 %",
        "success rate",
        "words changed",
        "queries",
        "words",
        "metric",
        "clean",
        "attacked",
    ];
    let mut table = new(&header);
    for Attack { summary, .. } in attacks {
        table.add_row(row(summary));
    }
    right(&mut table, 2);
    table
}

fn row(summary: &Summary) -> Vec<String> {
    let under = summary.accuracy_under_attack;
    vec![
        summary.task.to_string(),
        summary.recipe.clone(),
        summary.successful.to_string(),
        summary.failed.to_string(),
        summary.skipped.to_string(),
        percent(Some(summary.original_accuracy.value)),
        percent(under.map(|share| share.value)),
        under.map_or_else(dash, interval),
        percent(Some(summary.success_rate.value)),
        percent(summary.words_changed),
        summary
            .queries
            .map_or_else(dash, |mean| format!("{mean:.1}")),
        summary.words.map_or_else(dash, |mean| format!("{mean:.1}")),
        summary.metric.clone().unwrap_or_else(dash),
        score(summary.clean_metric),
        score(summary.attacked_metric),
    ]
}

fn across(attacks: &[Attack]) -> Table {
    let header = [
        "attacked",
        "recipe",
        "task",
        "texts",
        "changed",
        "95 %",
        "tags changed",
        "moved",
        "metric",
        "clean",
        "attacked",
    ];
    let mut table = new(&header);
    for attack in attacks {
        for effect in &attack.cross_task {
            table.add_row(effect_row(&attack.summary, effect));
        }
    }
    right(&mut table, 3);
    table
}

fn effect_row(summary: &Summary, effect: &CrossTaskEffect) -> Vec<String> {
    let metric = effect.metric.as_ref();
    vec![
        summary.task.to_string(),
        summary.recipe.clone(),
        effect.task.to_string(),
        effect.texts.to_string(),
        percent(Some(effect.changed.value)),
        interval(effect.changed),
        percent(effect.changed_tags),
        score(effect.moved),
        metric.map_or_else(dash, |metric| metric.name.clone()),
        score(metric.map(|metric| metric.clean)),
        score(metric.map(|metric| metric.attacked)),
    ]
}

fn new(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(header);
    table
}

fn right(table: &mut Table, names: usize) {
    for column in table.column_iter_mut().skip(names) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

fn percent(share: Option<f64>) -> String {
    match share {
        Some(share) if share.is_finite() => format!("{:.1} %", 100.0 * share),
        _ => dash(),
    }
}

fn interval(share: Share) -> String {
    format!("{:.1}–{:.1}", 100.0 * share.low, 100.0 * share.high)
}

fn dash() -> String {
    "–".to_owned()
}
