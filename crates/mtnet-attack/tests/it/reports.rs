//! The closing table and the view across tasks.

use mtnet_attack::{AttackConfig, Recipe, Status, Summary, cross_task};
use mtnet_heads::Answer;

use crate::victims::{Kind, TEXTS, examples, model, run, shift_goal, task};

#[test]
fn the_table_counts_what_happened() {
    let folder = model(Kind::Window);
    let examples = examples(&folder, "mood", &[1, 8, 9]);
    let config = Recipe::DeepWordBug.config();
    let outcomes = run(&folder, "mood", &examples, &config);
    let summary = Summary::new(&folder.model.tasks()[0], &config, &examples, &outcomes).unwrap();
    let hit: Vec<_> = outcomes
        .iter()
        .filter(|one| one.status == Status::Successful)
        .collect();
    assert!(!hit.is_empty() && summary.skipped == 3);
    assert_eq!(summary.examples, TEXTS.len());
    assert_eq!(
        summary.successful + summary.failed + summary.skipped,
        TEXTS.len()
    );
    assert_eq!(summary.original_accuracy.value, 9.0 / 12.0);
    let under = summary.accuracy_under_attack.unwrap();
    assert_eq!(under.value, (9 - hit.len()) as f64 / 12.0);
    assert!(under.low <= under.value && under.value <= under.high);
    assert_eq!(summary.success_rate.value, hit.len() as f64 / 9.0);
    // The task's own metric, accuracy here, says the same as the counts.
    assert_eq!(summary.metric.as_deref(), Some("accuracy"));
    assert_eq!(summary.clean_metric, Some(9.0 / 12.0));
    assert_eq!(summary.attacked_metric, Some(under.value));
    let shares: f64 = hit
        .iter()
        .map(|one| one.words_changed as f64 / one.words as f64)
        .sum();
    assert!((summary.words_changed.unwrap() - shares / hit.len() as f64).abs() < 1e-12);
    let queries: usize = outcomes
        .iter()
        .filter(|one| one.starts_right)
        .map(|one| one.queries)
        .sum();
    assert!((summary.queries.unwrap() - queries as f64 / 9.0).abs() < 1e-12);
    assert_eq!(summary.gradients, None);
}

#[test]
fn a_reduction_tells_how_many_words_are_left() {
    let folder = model(Kind::Window);
    let examples = examples(&folder, "mood", &[]);
    let config = Recipe::InputReduction.config();
    let outcomes = run(&folder, "mood", &examples, &config);
    let summary = Summary::new(&folder.model.tasks()[0], &config, &examples, &outcomes).unwrap();
    assert_eq!(summary.accuracy_under_attack, None);
    let left: usize = outcomes.iter().map(|one| one.text.countable_left()).sum();
    assert_eq!(summary.words_left, Some(left as f64 / TEXTS.len() as f64));
}

#[test]
fn every_kind_of_task_has_its_metric_under_attack() {
    let folder = model(Kind::Window);
    for (index, name, metric) in [(1, "topics", "micro_f1"), (3, "tags", "entity_f1")] {
        let examples = examples(&folder, name, &[]);
        let config = AttackConfig {
            goal: shift_goal(),
            ..Recipe::DeepWordBug.config()
        };
        let outcomes = run(&folder, name, &examples, &config);
        let summary =
            Summary::new(&folder.model.tasks()[index], &config, &examples, &outcomes).unwrap();
        assert_eq!(summary.metric.as_deref(), Some(metric));
        assert_eq!(summary.clean_metric, Some(1.0));
        assert!(summary.attacked_metric.unwrap() < 1.0, "{summary:?}");
    }
}

#[test]
fn other_tasks_are_asked_about_the_broken_texts() {
    let folder = model(Kind::Window);
    let mut all = examples(&folder, "mood", &[]);
    // Labels of another task on the same texts, as the model answers them.
    for (example, other) in all.iter_mut().zip(examples(&folder, "topics", &[])) {
        example.targets.extend(other.targets);
    }
    let config = Recipe::DeepWordBug.config();
    let outcomes = run(&folder, "mood", &all, &config);
    let broken = outcomes
        .iter()
        .filter(|one| one.status == Status::Successful)
        .count();
    let effects = cross_task(&folder, &task("mood"), &all, &outcomes, 4096).unwrap();
    let names: Vec<&str> = effects.iter().map(|effect| effect.task.as_str()).collect();
    assert_eq!(names, ["topics", "stars", "tags"]);
    assert!(effects.iter().all(|effect| effect.texts == broken));
    let topics = &effects[0];
    let metric = topics.metric.as_ref().expect("there are labels for it");
    assert_eq!(
        (metric.name.as_str(), metric.clean, metric.texts),
        ("micro_f1", 1.0, broken)
    );
    assert_eq!(metric.attacked < 1.0, topics.changed.value > 0.0);
    assert!(effects[1].moved.unwrap() > 0.0 && effects[1].metric.is_none());
    assert!(effects[2].changed_tags.is_some());

    // Nothing was broken, so there is nothing to ask about.
    let untouched: Vec<_> = outcomes
        .into_iter()
        .filter(|one| one.status != Status::Successful)
        .collect();
    assert!(
        untouched
            .iter()
            .all(|one| matches!(one.clean_answer, Answer::Class { .. }))
    );
    assert!(
        cross_task(&folder, &task("mood"), &all, &untouched, 4096)
            .unwrap()
            .is_empty()
    );
}
