//! What is asked of the model: draws, batches, budgets and the rule to skip.

use mtnet_attack::{AttackOptions, AttackOutcome, Recipe, Status, attack};

use crate::victims::{Kind, examples, model, run, task};

/// What was found, without scores, whose last bits depend on where a text stands in a batch.
fn found(outcomes: &[AttackOutcome]) -> Vec<(Status, usize, &str)> {
    outcomes
        .iter()
        .map(|one| (one.status, one.queries, one.attacked_text.as_str()))
        .collect()
}

fn bytes(outcomes: &[AttackOutcome]) -> String {
    serde_json::to_string(outcomes).unwrap()
}

#[test]
fn results_are_a_function_of_the_seed_and_not_of_the_batches() {
    for kind in [Kind::Window, Kind::Transformer] {
        let folder = model(kind);
        let examples = examples(&folder, "mood", &[]);
        let config = Recipe::DeepWordBug.config();
        let run = |seed, lanes, batch_tokens| {
            let options = AttackOptions {
                lanes,
                batch_tokens,
                ..AttackOptions::new(task("mood"), seed)
            };
            attack(&folder, &examples, &config, &options).unwrap()
        };
        let first = run(1, 32, 4096);
        assert!(first.iter().any(|one| one.status == Status::Successful));
        assert_eq!(bytes(&run(1, 32, 4096)), bytes(&first));
        assert_eq!(found(&run(1, 5, 4096)), found(&first));
        assert_eq!(found(&run(1, 1, 64)), found(&first));
        assert_ne!(found(&run(2, 32, 4096)), found(&first));
    }
}

#[test]
fn a_part_of_the_examples_is_attacked_as_in_the_whole() {
    let folder = model(Kind::Window);
    let examples = examples(&folder, "mood", &[]);
    let config = Recipe::Keyboard.config();
    let all = run(&folder, "mood", &examples, &config);
    let some = run(&folder, "mood", &examples[4..7], &config);
    assert_eq!(found(&all[4..7]), found(&some));
}

#[test]
fn no_example_asks_more_than_its_budget() {
    let folder = model(Kind::Window);
    let examples = examples(&folder, "mood", &[]);
    for recipe in [
        Recipe::DeepWordBug,
        Recipe::Checklist,
        Recipe::HotFlip,
        Recipe::InputReduction,
    ] {
        let mut config = recipe.config();
        let free = run(&folder, "mood", &examples, &config);
        for max in [1, 2, 3, 7, 16, 40] {
            config.max_queries = Some(max);
            for (outcome, free) in run(&folder, "mood", &examples, &config).iter().zip(&free) {
                // A budget cuts a search off; before that it changes nothing.
                assert_eq!(outcome.queries, free.queries.min(max), "{recipe} {max}");
                if free.queries <= max {
                    assert_eq!(outcome.attacked_text, free.attacked_text);
                    assert_eq!(outcome.status, free.status);
                }
            }
        }
    }
}

#[test]
fn what_the_budget_cuts_off_is_not_lost() {
    let folder = model(Kind::Window);
    let examples = examples(&folder, "mood", &[]);
    let mut config = Recipe::DeepWordBug.config();
    for free in run(&folder, "mood", &examples, &config) {
        if free.status == Status::Successful {
            // The last question allowed is the one that succeeds or comes just before it.
            config.max_queries = Some(free.queries);
            let outcomes = run(&folder, "mood", &examples, &config);
            let same = outcomes.iter().find(|one| one.index == free.index).unwrap();
            assert_eq!(same.status, Status::Successful);
        }
    }
}

#[test]
fn wrong_clean_answers_are_skipped_after_one_question() {
    let folder = model(Kind::Window);
    let examples = examples(&folder, "mood", &[2, 5]);
    for outcome in run(&folder, "mood", &examples, &Recipe::DeepWordBug.config()) {
        let wrong = [2, 5].contains(&outcome.index);
        assert_eq!(outcome.status == Status::Skipped, wrong);
        assert_eq!(outcome.starts_right, !wrong);
        if wrong {
            assert_eq!((outcome.queries, outcome.words_changed), (1, 0));
            assert_eq!(outcome.attacked_text, outcome.clean_text);
        }
    }
}
