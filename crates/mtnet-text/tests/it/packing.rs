//! Batches: rows, offsets and targets.

use std::collections::BTreeMap;

use mtnet_core::{IGNORED_TAG, InputText, Segment, Target, TargetValues, TaskName};
use mtnet_text::{EncodeOptions, PackItem, Window, batches_by_tokens, pack};

use crate::{TEXTS, tokenizer, with_words};

fn name(task: &str) -> TaskName {
    TaskName::new(task).unwrap()
}

#[test]
fn rows_of_words_and_targets_follow_their_sequences() {
    let tokenizer = tokenizer();
    let options = EncodeOptions {
        max_length: 8,
        windows: true,
        overlap: None,
    };
    let words: Vec<String> = "book a table for two in book a table"
        .split(' ')
        .map(str::to_owned)
        .collect();
    let long = tokenizer
        .encode(
            &InputText::Single(Segment::from_words(&words, " ")),
            &options,
        )
        .unwrap();
    let plain = tokenizer
        .encode(&InputText::Single(Segment::from_text("a table")), &options)
        .unwrap();
    assert!(long.windows.len() > 1);

    let (pos, topic, labels, score) = (name("pos"), name("topic"), name("labels"), name("score"));
    let tags = Target::Tags(vec![0, 1, 2, 3, 4, 5, IGNORED_TAG, 7, 8]);
    let (class, many, numbers) = (
        Target::Class(3),
        Target::MultiLabel(vec![0, 2]),
        Target::Numbers(vec![1.5, f32::NAN]),
    );
    let mut items: Vec<PackItem> = long
        .windows
        .iter()
        .enumerate()
        .map(|(at, window)| PackItem {
            example: 7,
            window,
            first: at == 0,
            targets: vec![(&pos, &tags), (&topic, &class)],
        })
        .collect();
    items.push(PackItem {
        example: 9,
        window: &plain.windows[0],
        first: true,
        targets: vec![(&topic, &class), (&labels, &many), (&score, &numbers)],
    });
    let widths = BTreeMap::from([(labels.clone(), 3), (score.clone(), 2)]);
    let batch = pack(&items, &widths);

    assert_eq!(batch.len(), items.len());
    assert_eq!(batch.offsets.total(), batch.tokens());
    for (sequence, item) in items.iter().enumerate() {
        let range = batch.offsets.range(sequence);
        assert_eq!(batch.input_ids[range.clone()], item.window.input_ids);
        assert_eq!(
            batch.position_ids[range.clone()],
            (0..range.len() as u32).collect::<Vec<_>>()
        );
        assert_eq!(batch.sources[sequence].example, item.example);
        assert_eq!(batch.sources[sequence].first_word, item.window.first_word);
        let rows = &batch.words.rows[batch.words.offsets.range(sequence)];
        assert!(rows.iter().all(|&row| range.contains(&(row as usize))));
    }
    let last = items.len() as u32 - 1;
    assert_eq!(batch.targets[&pos].sequences, (0..last).collect::<Vec<_>>());
    assert_eq!(
        batch.targets[&pos].values,
        TargetValues::Tags(vec![0, 1, 2, 3, 4, 5, IGNORED_TAG, 7, 8])
    );
    assert_eq!(batch.targets[&topic].sequences, [0, last]);
    assert_eq!(
        batch.targets[&topic].values,
        TargetValues::Classes(vec![3, 3])
    );
    assert_eq!(
        batch.targets[&labels].values,
        TargetValues::MultiLabel {
            width: 3,
            values: vec![1.0, 0.0, 1.0]
        }
    );
    let TargetValues::Numbers { width: 2, values } = &batch.targets[&score].values else {
        panic!()
    };
    assert!(values[0] == 1.5 && values[1].is_nan());
}

#[test]
fn ranges_fill_the_budget_and_lose_nothing() {
    assert_eq!(
        batches_by_tokens(&[3, 3, 3, 10, 1], 6),
        [0..2, 2..3, 3..4, 4..5]
    );
    assert_eq!(
        batches_by_tokens(&[], 6),
        Vec::<std::ops::Range<usize>>::new()
    );
    let tokenizer = tokenizer();
    let options = EncodeOptions {
        max_length: 64,
        windows: true,
        overlap: None,
    };
    let lengths: Vec<usize> = TEXTS
        .iter()
        .map(|text| {
            tokenizer
                .encode(&with_words(text), &options)
                .unwrap()
                .tokens()
        })
        .collect();
    let ranges = batches_by_tokens(&lengths, 40);
    assert_eq!(
        ranges.iter().flat_map(Clone::clone).collect::<Vec<_>>(),
        (0..TEXTS.len()).collect::<Vec<_>>()
    );
}

/// A batch of one sequence, of two words at most, with one target.
fn pack_one(target: &Target, width: usize) -> Vec<u32> {
    let window = Window {
        input_ids: vec![1, 2],
        type_ids: vec![0, 0],
        spans: vec![None, None],
        first_word: 1,
        word_tokens: vec![0, 1],
    };
    let task = name("task");
    let item = PackItem {
        example: 0,
        window: &window,
        first: true,
        targets: vec![(&task, target)],
    };
    pack(&[item], &BTreeMap::from([(task.clone(), width)])).targets[&task]
        .sequences
        .clone()
}

#[test]
#[should_panic(expected = "task task: label 2 of 2")]
fn a_label_past_the_width_is_a_bug() {
    pack_one(&Target::MultiLabel(vec![2]), 2);
}

#[test]
#[should_panic(expected = "task task: numbers of a sequence")]
fn numbers_of_another_width_are_a_bug() {
    pack_one(&Target::Numbers(vec![1.0]), 2);
}

#[test]
#[should_panic(expected = "task task: 2 tags for words 1..3")]
fn fewer_tags_than_words_are_a_bug() {
    pack_one(&Target::Tags(vec![0, 1]), 1);
}

#[test]
fn an_empty_batch_and_a_target_without_labels_are_fine() {
    let none = pack(&[], &BTreeMap::new());
    assert!(none.is_empty() && none.targets.is_empty());
    assert_eq!(pack_one(&Target::Tags(vec![0, 1, 2]), 1), [0]);
    assert_eq!(pack_one(&Target::MultiLabel(vec![]), 3), [0]);
}

#[test]
fn passages_hold_the_second_text_and_answers_become_rows() {
    let tokenizer = tokenizer();
    let options = EncodeOptions {
        max_length: 11,
        windows: true,
        overlap: Some(2),
    };
    let context = "book a table for two in book a table for two in";
    let pair = InputText::Pair(Segment::from_text("a table"), Segment::from_text(context));
    let text = tokenizer.encode(&pair, &options).unwrap();
    assert!(text.windows.len() > 1);
    let task = name("where");
    let answer = |words: std::ops::Range<usize>| {
        let starts: Vec<usize> = context.match_indices(' ').map(|(at, _)| at + 1).collect();
        let start = if words.start == 0 {
            0
        } else {
            starts[words.start - 1]
        };
        let end = starts
            .get(words.end - 1)
            .map_or(context.len(), |next| next - 1);
        start..end
    };
    let mut total = 0;
    for words in [0..1, 1..2, 3..4, 3..5, 7..8, 11..12, 0..12] {
        let target = Target::Spans {
            context: context.into(),
            answers: vec![answer(words.clone()), 0..1],
        };
        let items: Vec<PackItem> = (text.windows.iter().enumerate())
            .map(|(at, window)| PackItem {
                example: 0,
                window,
                first: at == 0,
                targets: vec![(&task, &target)],
            })
            .collect();
        let batch = pack(&items, &BTreeMap::new());
        let targets = &batch.targets[&task];
        let TargetValues::Spans { passages, bounds } = &targets.values else {
            panic!()
        };
        assert_eq!(passages, &batch.passages.offsets);
        let mut held = 0;
        for (sequence, &[from, to]) in bounds.iter().enumerate() {
            let range = passages.range(sequence);
            assert_eq!(
                batch.passages.rows[range.start] as usize,
                batch.offsets.range(sequence).start
            );
            let bytes = &batch.passages.bytes[range];
            assert_eq!(from == 0, to == 0);
            if from > 0 {
                held += 1;
                let found = bytes[from as usize][0] as usize..bytes[to as usize][1] as usize;
                assert_eq!(found, answer(words.clone()));
            } else {
                // Not all of it is here.
                let (first, last) = (bytes[1][0] as usize, bytes[bytes.len() - 1][1] as usize);
                let whole = answer(words.clone());
                assert!(whole.start < first || whole.end > last);
            }
        }
        assert!(held == 0 || words.len() < 12, "{words:?}");
        total += held;
    }
    // One window holds what lies at its edge, two what they share.
    assert!(total > 2, "{total}");
}
