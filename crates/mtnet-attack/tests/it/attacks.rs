//! What holds of every attack: constraints, words in their places, answers of every kind.

use std::sync::Arc;

use mtnet_attack::{
    AttackConfig, AttackError, AttackOptions, AttackOutcome, Constraints, GoalConfig, Recipe,
    Status, SynonymTable, TransformationConfig, attack, is_stop_word, levenshtein,
};
use mtnet_core::{InputText, Segment};
use mtnet_heads::Answer;

use crate::victims::{Kind, TEXTS, examples, model, run, shift_goal, task};

#[test]
fn every_recipe_keeps_its_constraints_and_success_means_another_answer() {
    let folder = model(Kind::Window);
    let examples = examples(&folder, "mood", &[]);
    let table = "film\tmovie\tpicture\ngreat\tfine\tdecent\nterrible\tpoor\nlovely\tnice\nslow\tlate\n\
                 wonderful\tfine\nboring\tdull\nhorrible\tawful\nordinary\tplain\nquickly\tsoon";
    for recipe in Recipe::ALL {
        let config = recipe.config();
        let mut options = AttackOptions::new(task("mood"), 5);
        options.synonyms = Some(Arc::new(SynonymTable::parse(table).unwrap()));
        let outcomes = attack(&folder, &examples, &config, &options).unwrap();
        assert_eq!(outcomes.len(), TEXTS.len());
        for outcome in &outcomes {
            check_constraints(&config, outcome);
            let other = label(&outcome.attacked_answer) != label(&outcome.clean_answer);
            let reduces = matches!(config.goal, GoalConfig::InputReduction { .. });
            assert_eq!(
                outcome.status == Status::Successful && !reduces,
                other,
                "{outcome:?}"
            );
        }
        let changed = outcomes.iter().filter(|one| one.words_changed > 0).count();
        // A tokenizer that lowers case and drops what is invisible sees nothing of these two.
        let invisible = matches!(recipe, Recipe::Case | Recipe::ZeroWidth);
        assert_eq!(changed > 0, !invisible, "{recipe}");
    }
}

fn label(answer: &Answer) -> u32 {
    match answer {
        Answer::Class { label, .. } => *label,
        other => panic!("{other:?}"),
    }
}

fn check_constraints(config: &AttackConfig, outcome: &AttackOutcome) {
    let rules = &config.constraints;
    let text = &outcome.text;
    let changed: Vec<&str> = text
        .modified()
        .map(|index| text.original_word(index))
        .collect();
    assert_eq!(outcome.words_changed, changed.len());
    assert_eq!(
        outcome.distance,
        levenshtein(&outcome.clean_text, &outcome.attacked_text)
    );
    for word in &changed {
        assert!(!(rules.keep_stop_words && is_stop_word(word)), "{word}");
        assert!(
            !(rules.keep_numbers && word.contains(char::is_numeric)),
            "{word}"
        );
        assert!(
            word.chars().count() >= rules.min_word_length.unwrap_or(0),
            "{word}"
        );
    }
    assert!(changed.len() <= rules.max_words.unwrap_or(usize::MAX));
    assert!(outcome.distance <= rules.max_distance.unwrap_or(usize::MAX));
    if let Some(share) = rules.max_words_share {
        let limit = (share * outcome.words as f64).floor().max(1.0);
        assert!(changed.len() as f64 <= limit, "{outcome:?}");
    }
}

#[test]
fn input_reduction_keeps_the_answer_and_only_leaves_words_out() {
    let folder = model(Kind::Window);
    let examples = examples(&folder, "mood", &[]);
    let outcomes = run(&folder, "mood", &examples, &Recipe::InputReduction.config());
    assert!(outcomes.iter().any(|one| one.status == Status::Successful));
    for outcome in outcomes {
        assert_eq!(
            label(&outcome.attacked_answer),
            label(&outcome.clean_answer)
        );
        let left = outcome.text.countable_left();
        assert_eq!(
            outcome.status == Status::Successful,
            left <= 1,
            "{outcome:?}"
        );
        assert!(
            outcome
                .text
                .present()
                .all(|index| !outcome.text.is_modified(index))
        );
    }
}

#[test]
fn tags_stay_with_their_words() {
    let folder = model(Kind::Window);
    let examples = examples(&folder, "tags", &[]);
    for recipe in [
        Recipe::DeepWordBug,
        Recipe::TextBuggerCharacters,
        Recipe::Checklist,
        Recipe::HotFlip,
    ] {
        let outcomes = run(&folder, "tags", &examples, &recipe.config());
        assert!(
            outcomes.iter().any(|one| one.status == Status::Successful),
            "{recipe}"
        );
        for outcome in outcomes {
            let words = |text: &str| text.split(' ').count();
            assert_eq!(words(&outcome.attacked_text), words(&outcome.clean_text));
            let count = |answer: &Answer| match answer {
                Answer::Tags { tags, .. } => tags.len(),
                other => panic!("{other:?}"),
            };
            assert_eq!(
                count(&outcome.attacked_answer),
                count(&outcome.clean_answer)
            );
        }
    }
    let options = AttackOptions::new(task("tags"), 5);
    let config = AttackConfig {
        transformations: vec![TransformationConfig::Deletion {}],
        ..Recipe::DeepWordBug.config()
    };
    let error = attack(&folder, &examples, &config, &options).unwrap_err();
    assert!(
        error.to_string().contains("keeps each word in its place"),
        "{error}"
    );
}

#[test]
fn every_kind_of_answer_can_be_broken() {
    let folder = model(Kind::Window);
    for name in ["mood", "topics", "stars", "tags"] {
        let examples = examples(&folder, name, &[]);
        for recipe in [Recipe::DeepWordBug, Recipe::HotFlip] {
            let config = AttackConfig {
                goal: shift_goal(),
                ..recipe.config()
            };
            let outcomes = run(&folder, name, &examples, &config);
            let broken: Vec<_> = outcomes
                .iter()
                .filter(|one| one.status == Status::Successful)
                .collect();
            assert!(!broken.is_empty(), "{name} {recipe}");
            assert!(
                broken
                    .iter()
                    .all(|one| one.attacked_score > one.clean_score),
                "{name}"
            );
        }
    }
}

#[test]
fn a_targeted_attack_ends_at_its_label() {
    let folder = model(Kind::Window);
    let examples = examples(&folder, "mood", &[]);
    let mut config = Recipe::HotFlip.config();
    config.goal = GoalConfig::Targeted {
        label: "good".to_owned(),
    };
    let outcomes = run(&folder, "mood", &examples, &config);
    assert!(outcomes.iter().any(|one| one.status == Status::Successful));
    for outcome in &outcomes {
        // 2 is `good`: there already, or brought there.
        let there = label(&outcome.clean_answer) == 2;
        assert_eq!(outcome.status == Status::Skipped, there);
        assert!(outcome.starts_right);
        let brought = label(&outcome.attacked_answer) == 2 && !there;
        assert_eq!(outcome.status == Status::Successful, brought);
    }
    config.goal = GoalConfig::Targeted {
        label: "great".to_owned(),
    };
    let error = attack(
        &folder,
        &examples,
        &config,
        &AttackOptions::new(task("mood"), 5),
    )
    .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("no label `great` to aim at; it has bad, fair, good"),
        "{error}"
    );
}

#[test]
fn what_does_not_fit_is_told_with_its_remedy() {
    let folder = model(Kind::Window);
    let examples = examples(&folder, "stars", &[]);
    let options = AttackOptions::new(task("stars"), 5);
    let refused = |config: &AttackConfig| -> String {
        attack(&folder, &examples, config, &options)
            .unwrap_err()
            .to_string()
    };
    let deepwordbug = Recipe::DeepWordBug.config();
    assert!(refused(&deepwordbug).contains("set `shift` of the goal"));
    assert!(refused(&Recipe::InputReduction.config()).contains("needs one label a text"));
    assert!(refused(&Recipe::Synonyms.config()).contains("--synonyms FILE"));
    let none = AttackConfig {
        max_queries: Some(0),
        ..deepwordbug.clone()
    };
    assert!(refused(&none).contains("`max_queries` is 0"));
    let none = AttackConfig {
        transformations: vec![],
        ..deepwordbug.clone()
    };
    assert!(refused(&none).contains("it has no transformation"));
    let share = Constraints {
        max_words_share: Some(-0.1),
        ..Constraints::default()
    };
    let share = AttackConfig {
        constraints: share,
        ..deepwordbug
    };
    assert!(refused(&share).contains("`max_words_share` is -0.1"));
    let options = AttackOptions::new(task("nothing"), 5);
    let error = attack(&folder, &examples, &Recipe::Case.config(), &options).unwrap_err();
    assert!(matches!(error, AttackError::Model(_)), "{error}");
}

#[test]
fn texts_without_anything_to_change_end_at_once() {
    let folder = model(Kind::Window);
    let mut examples = examples(&folder, "mood", &[]);
    examples.truncate(3);
    for (example, text) in examples.iter_mut().zip(["the", "!!!", "film"]) {
        example.input = InputText::Single(Segment::from_text(text));
    }
    for recipe in [
        Recipe::DeepWordBug,
        Recipe::HotFlip,
        Recipe::InputReduction,
        Recipe::Keyboard,
    ] {
        for outcome in run(&folder, "mood", &examples, &recipe.config()) {
            assert!(
                outcome.queries >= 1 && !outcome.attacked_text.is_empty(),
                "{outcome:?}"
            );
        }
    }
}
