//! What the tagger learns.

use mtnet_baselines::{Baseline, Examples, Options, PerceptronOptions, PerceptronTagger};
use mtnet_core::{IGNORED_TAG, InputText, Segment, Target, TargetKind};

/// A name follows `play` and stands before nothing else; its words are in no list.
fn sentences() -> Vec<(Vec<&'static str>, Vec<u32>)> {
    [
        ("play Adele", vec![0, 1]),
        ("play some Bach now", vec![0, 0, 1, 0]),
        ("book a table", vec![0, 0, 0]),
        ("play Miles Davis", vec![0, 1, 2]),
        ("book two seats for Ella", vec![0, 0, 0, 0, 1]),
        ("play Nina Simone now", vec![0, 1, 2, 0]),
    ]
    .map(|(text, tags)| (text.split(' ').collect(), tags))
    .to_vec()
}

fn fit(sentences: &[(Vec<&str>, Vec<u32>)]) -> PerceptronTagger {
    let borrowed: Vec<(Vec<&str>, &[u32])> = sentences
        .iter()
        .map(|(words, tags)| (words.clone(), tags.as_slice()))
        .collect();
    PerceptronTagger::fit(&borrowed, 3, PerceptronOptions::default(), |_| true)
}

#[test]
fn what_was_learned_holds_for_new_words() {
    let tagger = fit(&sentences());
    for (words, tags) in sentences() {
        assert_eq!(tagger.tag(&words), tags, "{words:?}");
    }
    assert_eq!(tagger.tag(&["play", "Ornette", "Coleman"]), [0, 1, 2]);
    assert_eq!(tagger.tag(&[]), Vec::<u32>::new());
    assert_eq!(tagger.parameters() % 3, 0);
}

#[test]
fn words_without_a_tag_teach_nothing() {
    let mut masked = sentences();
    for (_, tags) in &mut masked {
        tags.fill(IGNORED_TAG);
    }
    assert_eq!(fit(&masked).tag(&["play", "Adele"]), [0, 0]);
}

#[test]
fn the_best_epoch_is_chosen_and_named() {
    let data: Vec<(InputText, Target)> = sentences()
        .into_iter()
        .map(|(words, tags)| {
            (
                InputText::Single(Segment::from_words(&words, " ")),
                Target::Tags(tags),
            )
        })
        .collect();
    let examples = Examples::new(data.iter().map(|(text, target)| (text, target)));
    let calls = std::cell::Cell::new(0);
    let score = |_: &[_]| {
        calls.set(calls.get() + 1);
        Some(if calls.get() == 3 { 1.0 } else { 0.0 })
    };
    let baseline = Baseline::fit(
        TargetKind::Tags,
        3,
        &examples,
        &examples,
        Options::default(),
        score,
    )
    .unwrap();
    assert_eq!((calls.get(), baseline.setting()), (10, "epoch 3"));
    assert!(baseline.parameters() > 0);
}
