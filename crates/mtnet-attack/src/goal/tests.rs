//! Goals on answers written by hand.

use mtnet_core::{IGNORED_TAG, InputText, Segment, Target, TaskName};
use mtnet_heads::{Answer, HeadConfig, TaskSpec};

use super::{Goal, GoalConfig, TaggingMeasure};
use crate::AttackedText;

fn spec(head: &str, labels: &[&str]) -> TaskSpec {
    let name = TaskName::new("x").unwrap();
    TaskSpec::new(name, head.parse::<HeadConfig>().unwrap(), labels.to_vec())
}

fn text() -> AttackedText {
    AttackedText::new(&InputText::Single(Segment::from_text("a good film")))
}

fn class(label: u32, probabilities: &[f32]) -> Answer {
    Answer::Class {
        label,
        probabilities: probabilities.to_vec(),
    }
}

fn tags(tags: &[u32], probabilities: &[f32]) -> Answer {
    Answer::Tags {
        tags: tags.to_vec(),
        probabilities: probabilities.to_vec(),
    }
}

#[track_caller]
fn check(goal: &dyn Goal, answer: &Answer, score: f64, succeeded: bool) {
    let verdict = goal.judge(&text(), answer);
    assert!((verdict.score - score).abs() < 1e-6, "{verdict:?}");
    assert_eq!(verdict.succeeded, succeeded);
}

#[test]
fn one_label() {
    let spec = spec("classification", &["a", "b", "c"]);
    let right = class(1, &[0.25, 0.5, 0.25]);
    let wrong = class(2, &[0.25, 0.125, 0.625]);
    let build = |config: GoalConfig, clean| config.build(&spec, &Target::Class(1), clean).unwrap();

    let goal = build(GoalConfig::default(), &right);
    assert!(goal.starts_right() && goal.steer().raise);
    check(goal.as_ref(), &right, 0.5, false);
    check(goal.as_ref(), &wrong, 0.875, true);
    assert!(!build(GoalConfig::default(), &wrong).starts_right());

    let aim = |label: &str| GoalConfig::Targeted {
        label: label.to_owned(),
    };
    let goal = build(aim("c"), &right);
    assert!(goal.starts_right() && !goal.steer().raise);
    check(goal.as_ref(), &right, 0.25, false);
    check(goal.as_ref(), &wrong, 0.625, true);
    check(build(aim("a"), &right).as_ref(), &wrong, 0.25, false);
}

#[test]
fn a_model_that_is_all_but_sure_still_says_how_sure() {
    let spec = spec("classification", &["a", "b", "c"]);
    // 1 − p is 0 in all of these.
    let answer = |other: f32| class(1, &[other, 1.0, 3e-9]);
    let goal = GoalConfig::default()
        .build(&spec, &Target::Class(1), &answer(1e-9))
        .unwrap();
    for (other, score) in [(1e-9, 4e-9), (5e-9, 8e-9)] {
        let verdict = goal.judge(&text(), &answer(other));
        assert!((verdict.score / score - 1.0).abs() < 1e-6, "{verdict:?}");
        assert!(verdict.rounding < 1e-12);
    }
}

#[test]
fn a_set_of_labels() {
    let spec = spec("multi-label", &["a", "b", "c"]);
    let answer = |labels: &[u32], probabilities: &[f32]| Answer::Labels {
        labels: labels.to_vec(),
        probabilities: probabilities.to_vec(),
    };
    let right = answer(&[0, 2], &[0.75, 0.25, 0.875]);
    let target = Target::MultiLabel(vec![0, 2]);
    let goal = GoalConfig::default().build(&spec, &target, &right).unwrap();
    assert!(goal.starts_right());
    check(goal.as_ref(), &right, 0.25, false);
    check(
        goal.as_ref(),
        &answer(&[0, 1, 2], &[0.75, 0.625, 0.875]),
        0.625,
        true,
    );
    check(
        goal.as_ref(),
        &answer(&[0], &[0.75, 0.25, 0.125]),
        0.875,
        true,
    );
}

#[test]
fn numbers_have_to_move_by_the_shift() {
    let spec = spec("regression", &["stars", "length"]);
    let answer = |values: &[f32]| Answer::Numbers {
        values: values.to_vec(),
    };
    let config = GoalConfig::Untargeted {
        shift: Some(2.0),
        measure: None,
        damage: 0.0,
    };
    let clean = answer(&[3.0, 5.0]);
    let build = |truth: &[f32]| {
        config
            .build(&spec, &Target::Numbers(truth.to_vec()), &clean)
            .unwrap()
    };
    let goal = build(&[4.0, f32::NAN]);
    assert!(goal.starts_right());
    check(goal.as_ref(), &answer(&[3.0, 4.0]), 0.5, false);
    check(goal.as_ref(), &answer(&[2.0, 9.0]), 2.0, true);
    assert!(!build(&[5.0, 5.0]).starts_right());
}

#[test]
fn tags_are_broken_by_entities_or_by_words() {
    let spec = spec("token-classification", &["O", "B-x", "I-x"]);
    let truth = [0, 1, 2, IGNORED_TAG, 1];
    let build = |measure, damage, clean: &Answer| {
        let config = GoalConfig::Untargeted {
            shift: None,
            measure,
            damage,
        };
        config
            .build(&spec, &Target::Tags(truth.to_vec()), clean)
            .unwrap()
    };
    // The ignored word may be tagged as it likes.
    let right = tags(&[0, 1, 2, 1, 1], &[0.5; 5]);
    // One entity of two is lost: precision 1/1, recall 1/2, F1 2/3; one word of four is wrong.
    let lost = tags(&[0, 1, 2, 0, 0], &[0.5; 5]);
    let goal = build(None, 0.0, &right);
    assert!(goal.starts_right());
    check(goal.as_ref(), &right, 0.5, false);
    check(goal.as_ref(), &lost, (3.0 * 0.5 + 1.0) / 4.0, true);
    check(build(None, 0.3, &right).as_ref(), &lost, 0.625, true);
    check(build(None, 0.4, &right).as_ref(), &lost, 0.625, false);
    let words = Some(TaggingMeasure::WrongTags);
    check(build(words, 0.25, &right).as_ref(), &lost, 0.625, true);
    check(build(words, 0.3, &right).as_ref(), &lost, 0.625, false);
    assert!(!build(None, 0.0, &lost).starts_right());
    assert!(build(None, 0.4, &lost).starts_right());
}

#[test]
fn a_reduction_goes_on_as_long_as_the_answer_stays() {
    let spec = spec("classification", &["a", "b"]);
    let config = GoalConfig::InputReduction { max_words: 1 };
    let right = class(0, &[0.75, 0.25]);
    let goal = config.build(&spec, &Target::Class(0), &right).unwrap();
    let shorter = text().delete(0);
    let verdict = goal.judge(&shorter, &right);
    assert_eq!(
        (verdict.score, verdict.succeeded, verdict.feasible),
        (1.75, false, true)
    );
    let verdict = goal.judge(&shorter.delete(1), &right);
    assert_eq!(
        (verdict.score, verdict.succeeded, verdict.feasible),
        (2.75, true, true)
    );
    let verdict = goal.judge(&shorter, &class(1, &[0.25, 0.75]));
    assert!(!verdict.feasible && !verdict.succeeded);
}

#[test]
fn settings_that_cannot_be_are_told() {
    let config = GoalConfig::Untargeted {
        shift: Some(-1.0),
        measure: None,
        damage: 2.0,
    };
    let numbers = Answer::Numbers { values: vec![0.0] };
    let error = config.build(
        &spec("regression", &["x"]),
        &Target::Numbers(vec![0.0]),
        &numbers,
    );
    assert!(error.unwrap_err().to_string().contains("`shift` is -1"));
    let spec = spec("token-classification", &["O", "B-x", "I-x"]);
    let error = config.build(&spec, &Target::Tags(vec![0]), &tags(&[0], &[1.0]));
    assert!(error.unwrap_err().to_string().contains("`damage` is 2"));
}
