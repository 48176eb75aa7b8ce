//! What is refused, and choices that have nothing to go by.

use mtnet_baselines::{Baseline, BaselineError, Examples, Options};
use mtnet_core::{InputText, Segment, Target, TargetKind};

fn single(text: &str) -> InputText {
    InputText::Single(Segment::from_text(text))
}

#[track_caller]
fn refused(kind: TargetKind, texts: &[InputText], targets: &[Target]) -> BaselineError {
    let examples = Examples::new(texts.iter().zip(targets));
    Baseline::fit(kind, 2, &examples, &examples, Options::default(), |_| None).unwrap_err()
}

#[test]
fn what_cannot_be_learned_says_where() {
    let texts = [single("a b"), single("c")];
    assert_eq!(
        refused(TargetKind::Label, &[], &[]),
        BaselineError::NoExamples
    );
    let error = refused(
        TargetKind::Label,
        &texts,
        &[Target::Class(0), Target::Tags(vec![0])],
    );
    assert_eq!(
        error.to_string(),
        "example 1 has tags as its target, expected one class"
    );
    let error = refused(
        TargetKind::Tags,
        &texts,
        &[Target::Tags(vec![0]), Target::Tags(vec![0])],
    );
    assert_eq!(error, BaselineError::NoWords { example: 0 });
    let tokens = [InputText::Single(Segment::from_words(&["a", "b"], " "))];
    let error = refused(TargetKind::Tags, &tokens, &[Target::Tags(vec![0])]);
    assert_eq!(
        error,
        BaselineError::Tags {
            example: 0,
            tags: 1,
            words: 2
        }
    );
    let error = refused(TargetKind::Label, &[single("")], &[Target::Class(0)]);
    assert_eq!(error, BaselineError::NoTerms { min_documents: 1 });
}

#[test]
fn pairs_and_missing_numbers_are_learned() {
    let pair = |a: &str, b: &str| InputText::Pair(Segment::from_text(a), Segment::from_text(b));
    let texts = [
        pair("a cat sat", "a cat sat"),
        pair("one dog", "no fish"),
        pair("x y", "x y"),
        pair("u", "v"),
    ];
    let targets = [vec![5.0], vec![0.0], vec![5.0], vec![f32::NAN]].map(Target::Numbers);
    let examples = Examples::new(texts.iter().zip(&targets));
    let fitted = Baseline::fit(
        TargetKind::Numbers,
        1,
        &examples,
        &Examples::default(),
        Options::default(),
        |_| None,
    );
    let baseline = fitted.unwrap();
    assert_eq!(baseline.setting(), "penalty 1");
    let answer = |text: &InputText| match &baseline.predict(&[text]).unwrap()[0].answer {
        Target::Numbers(numbers) => numbers[0],
        other => panic!("{other:?}"),
    };
    assert!(answer(&pair("a dog sat", "a dog sat")) > answer(&pair("a dog", "no cat")));
}

#[test]
fn labels_hold_from_the_threshold() {
    let texts = ["red apple", "red car", "green apple", "green car"].map(single);
    let targets = [vec![0, 1], vec![0], vec![1], vec![]].map(Target::MultiLabel);
    let examples = Examples::new(texts.iter().zip(&targets));
    let fit = |threshold| {
        let options = Options {
            threshold,
            logistic_penalties: vec![0.01],
            ..Options::default()
        };
        Baseline::fit(TargetKind::Labels, 2, &examples, &examples, options, |_| {
            Some(1.0)
        })
        .unwrap()
    };
    for (text, target) in texts.iter().zip(&targets) {
        assert_eq!(&fit(0.5).predict(&[text]).unwrap()[0].answer, target);
    }
    let all = &fit(0.0).predict(&[&texts[3]]).unwrap()[0].answer;
    assert_eq!(all, &Target::MultiLabel(vec![0, 1]));
}
