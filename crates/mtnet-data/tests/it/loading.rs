//! The corpus, batches, and the loader's promise: from any position on, the same batches.

use std::collections::BTreeMap;
use std::sync::Arc;

use mtnet_core::{InputText, PackedBatch, RandomStream, Segment, Target, TargetValues, TaskName};
use mtnet_data::{
    BatchSize, Corpus, DataError, EpochPlan, LoadedBatch, Loader, LoaderPosition, SamplerConfig,
    Strategy, sampling_groups, sequential_batches,
};
use mtnet_text::{EncodeOptions, EncodedText, TextTokenizer, WordPieceConfig, train_wordpiece};

use crate::support::task;

fn tokenizer() -> TextTokenizer {
    let config = WordPieceConfig {
        min_frequency: 1,
        ..WordPieceConfig::default()
    };
    train_wordpiece(["a b c d e f g h i j"].into_iter(), &config, &[]).unwrap()
}

/// Texts of this many one-letter words, in windows of at most 6 words.
fn encoded(words: &[usize]) -> Vec<EncodedText> {
    let tokenizer = tokenizer();
    let options = EncodeOptions {
        max_length: 8,
        windows: true,
        overlap: None,
    };
    words
        .iter()
        .map(|&count| {
            let letters = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
            let words: Vec<&str> = letters.into_iter().cycle().take(count).collect();
            let text = InputText::Single(Segment::from_words(&words, " "));
            tokenizer.encode(&text, &options).unwrap()
        })
        .collect()
}

fn tagged(count: usize, first: u32) -> Target {
    Target::Tags((first..first + count as u32).collect())
}

/// Twelve examples: all tagged, every second with a class, one in three long.
fn corpus() -> Corpus {
    let sizes: Vec<usize> = (0..12)
        .map(|n| if n % 3 == 0 { 14 } else { 2 + n % 4 })
        .collect();
    let targets = sizes
        .iter()
        .enumerate()
        .map(|(example, &size)| {
            let mut targets = BTreeMap::from([(task("tags"), tagged(size, example as u32 * 100))]);
            if example % 2 == 0 {
                targets.insert(task("class"), Target::Class(example as u32));
            }
            targets
        })
        .collect();
    Corpus::new(encoded(&sizes), targets, BTreeMap::new()).unwrap()
}

fn plan(corpus: &Arc<Corpus>, batch: BatchSize) -> EpochPlan {
    EpochPlan {
        corpus: Arc::clone(corpus),
        groups: sampling_groups(corpus.targets()),
        sampler: SamplerConfig::default(),
        batch,
        order: RandomStream::new(3).child("order"),
        epochs: 3,
    }
}

fn run(plan: &EpochPlan, from: LoaderPosition) -> Vec<LoadedBatch> {
    Loader::start(plan.clone(), from, 2).unwrap().collect()
}

fn classes(batch: &PackedBatch) -> Vec<u32> {
    match batch
        .targets
        .get(&task("class"))
        .map(|targets| &targets.values)
    {
        Some(TargetValues::Classes(classes)) => classes.clone(),
        _ => Vec::new(),
    }
}

#[test]
fn an_epoch_holds_every_window_and_target_once() {
    let corpus = Arc::new(corpus());
    let plan = plan(&corpus, BatchSize::Tokens(20));
    let batches = run(&plan, LoaderPosition::default());
    assert_eq!(batches.len(), plan.total_batches());
    for epoch in 0..3 {
        let epoch: Vec<&LoadedBatch> = batches
            .iter()
            .filter(|b| b.position.epoch == epoch)
            .collect();
        let windows: usize = corpus.texts().iter().map(|text| text.windows.len()).sum();
        assert_eq!(epoch.iter().map(|b| b.batch.len()).sum::<usize>(), windows);
        let mut sources: Vec<_> = epoch.iter().flat_map(|b| b.batch.sources.clone()).collect();
        // Windows of an example follow each other.
        for pair in sources
            .windows(2)
            .filter(|pair| pair[0].example == pair[1].example)
        {
            assert!(pair[0].first_word < pair[1].first_word);
        }
        sources.sort_unstable();
        sources.dedup();
        assert_eq!(sources.len(), windows);
        let mut classes: Vec<u32> = epoch.iter().flat_map(|b| classes(&b.batch)).collect();
        classes.sort_unstable();
        assert_eq!(classes, [0, 2, 4, 6, 8, 10]);
        assert!(epoch.iter().all(|b| b.batch.tokens() <= 20));
        let ends: Vec<bool> = epoch.iter().map(|b| b.ends_epoch).collect();
        assert_eq!(ends.iter().filter(|end| **end).count(), 1);
        assert_eq!(ends.last(), Some(&true));
    }
}

#[test]
fn tags_go_with_the_words_of_each_window() {
    let corpus = corpus();
    let all: Vec<usize> = (0..corpus.len()).collect();
    for batch in sequential_batches(&corpus, &all, 30) {
        let Some(TargetValues::Tags(tags)) = batch.targets.get(&task("tags")).map(|t| &t.values)
        else {
            panic!("tags expected");
        };
        let expected: Vec<u32> = batch
            .sources
            .iter()
            .zip(batch.words.offsets.ranges())
            .flat_map(|(source, words)| {
                let first = source.example as u32 * 100 + source.first_word as u32;
                first..first + words.len() as u32
            })
            .collect();
        assert_eq!(tags, &expected);
    }
}

#[test]
fn sequential_batches_keep_the_order_given() {
    let corpus = corpus();
    let order = [5, 0, 7];
    let batches: Vec<PackedBatch> = sequential_batches(&corpus, &order, 12).collect();
    let mut examples: Vec<usize> = batches
        .iter()
        .flat_map(|b| b.sources.iter().map(|s| s.example))
        .collect();
    examples.dedup();
    assert_eq!(examples, order);
    assert_eq!(sequential_batches(&corpus, &[], 12).len(), 0);
}

#[test]
fn going_on_from_any_position_gives_the_same_batches() {
    let corpus = Arc::new(corpus());
    let sampler = SamplerConfig {
        strategy: Strategy::Temperature,
        anneal: true,
        examples_per_epoch: Some(9),
        ..SamplerConfig::default()
    };
    for batch in [BatchSize::Tokens(24), BatchSize::Examples(4)] {
        let plan = EpochPlan {
            sampler: sampler.clone(),
            ..plan(&corpus, batch)
        };
        let whole = run(&plan, LoaderPosition::default());
        for (number, loaded) in whole.iter().enumerate() {
            assert_eq!(run(&plan, loaded.position), whole[number..]);
            assert_eq!(run(&plan, loaded.next), whole[number + 1..]);
        }
        let json = serde_json::to_string(&whole[3].next).unwrap();
        let position: LoaderPosition = serde_json::from_str(&json).unwrap();
        assert_eq!(run(&plan, position), whole[4..]);
    }
}

#[test]
fn the_loader_knows_where_it_is() {
    let corpus = Arc::new(corpus());
    let plan = plan(&corpus, BatchSize::Examples(5));
    assert_eq!((plan.batches(0), plan.total_batches()), (3, 9));
    let mut loader = Loader::start(plan.clone(), LoaderPosition::default(), 4).unwrap();
    for _ in 0..3 {
        assert_eq!(loader.position().epoch, 0);
        loader.next().unwrap();
    }
    let second = LoaderPosition { epoch: 1, batch: 0 };
    assert_eq!(loader.position(), second);
    // Dropped with batches still waiting.
    drop(loader);
    let end = LoaderPosition { epoch: 3, batch: 0 };
    assert_eq!(Loader::start(plan.clone(), end, 1).unwrap().count(), 0);
    for (epoch, batch) in [(0, 3), (3, 1), (4, 0)] {
        let error = Loader::start(plan.clone(), LoaderPosition { epoch, batch }, 1).unwrap_err();
        assert!(matches!(error, DataError::Position { .. }), "{error}");
    }
    let error = Loader::start(plan, LoaderPosition { epoch: 0, batch: 3 }, 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot go on at epoch 0, batch 3 (both from 0): the run has 3 epochs, this one of 3 batches; data, sampler or batch size must have changed since the position was saved"
    );
}

#[test]
fn examples_are_batched_with_all_their_windows() {
    let corpus = Arc::new(corpus());
    let plan = plan(&corpus, BatchSize::Examples(5));
    let sizes: Vec<usize> = run(&plan, LoaderPosition::default())
        .iter()
        .map(|loaded| {
            let mut examples: Vec<usize> = loaded.batch.sources.iter().map(|s| s.example).collect();
            examples.dedup();
            examples.len()
        })
        .collect();
    assert_eq!(sizes, [5, 5, 2].repeat(3));
}

#[test]
fn an_empty_pool_has_no_batches() {
    let corpus = Arc::new(Corpus::new(Vec::new(), Vec::new(), BTreeMap::new()).unwrap());
    assert!(corpus.is_empty());
    assert_eq!(
        run(
            &plan(&corpus, BatchSize::Tokens(8)),
            LoaderPosition::default()
        ),
        []
    );
}

#[test]
fn texts_and_targets_that_do_not_fit_are_refused() {
    let check = |texts: &[usize],
                 targets: Vec<Vec<(&str, Target)>>,
                 widths: &[(&str, usize)],
                 expected: &str| {
        let targets = targets
            .into_iter()
            .map(|targets| {
                targets
                    .into_iter()
                    .map(|(name, target)| (task(name), target))
                    .collect()
            })
            .collect();
        let widths: BTreeMap<TaskName, usize> = widths
            .iter()
            .map(|&(name, width)| (task(name), width))
            .collect();
        let error = Corpus::new(encoded(texts), targets, widths).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    check(
        &[2, 2],
        vec![vec![]],
        &[],
        "example 1: 2 encoded texts but 1 target maps",
    );
    check(
        &[2, 9],
        vec![vec![], vec![("t", tagged(8, 0))]],
        &[],
        "example 1: task `t`: 8 values, expected 9",
    );
    check(
        &[1, 1],
        vec![vec![("t", Target::Class(0))], vec![("t", tagged(1, 0))]],
        &[],
        "example 1: task `t` has tags here and a class before",
    );
    check(
        &[1],
        vec![vec![("t", Target::MultiLabel(vec![0, 3]))]],
        &[("t", 3)],
        "example 0: task `t`: label 3 of 3",
    );
    check(
        &[1],
        vec![vec![("t", Target::Numbers(vec![0.0]))]],
        &[("t", 2)],
        "example 0: task `t`: 1 value, expected 2",
    );
    check(
        &[1],
        vec![vec![("t", Target::Numbers(vec![0.0]))]],
        &[],
        "example 0: task `t`: its width is not known",
    );
}
