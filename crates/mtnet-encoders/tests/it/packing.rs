//! A text alone and in a batch has the same hidden rows.

use candle_core::Tensor;
use mtnet_kernels::Mode;

use crate::support::{build, every_spec, input, largest_difference};

#[test]
fn a_sequence_alone_is_what_it_is_in_a_batch() {
    let sequences: Vec<Vec<u32>> = vec![
        (5..25).collect(),
        vec![7],
        (30..47).rev().collect(),
        vec![9, 9, 9],
    ];
    for (name, spec) in every_spec() {
        let (encoder, _) = build(&spec, 3);
        let together = encoder
            .forward(&input(&sequences, None), &Mode::Eval)
            .unwrap();
        assert_eq!(together.dims(), [41, encoder.hidden_size()]);
        let alone: Vec<Tensor> = sequences
            .iter()
            .map(|sequence| {
                let input = input(std::slice::from_ref(sequence), None);
                encoder.forward(&input, &Mode::Eval).unwrap()
            })
            .collect();
        let alone = Tensor::cat(&alone, 0).unwrap();
        let difference = largest_difference(&together, &alone);
        assert!(difference < 1e-5, "{name}: {difference}");
    }
}

#[test]
fn a_sequence_longer_than_the_encoder_reads_is_refused() {
    for (name, spec) in every_spec() {
        let (encoder, _) = build(&spec, 3);
        let longest = vec![5; encoder.max_length()];
        assert!(
            encoder
                .forward(&input(&[longest], None), &Mode::Eval)
                .is_ok(),
            "{name}"
        );
        let longer = vec![5; encoder.max_length() + 1];
        let error = encoder
            .forward(&input(&[longer], None), &Mode::Eval)
            .unwrap_err();
        assert!(error.to_string().contains("expected at most"), "{error}");
    }
}

#[test]
fn segments_are_told_apart_where_the_family_knows_them() {
    let sequence = vec![vec![5, 6, 7, 8]];
    let pair = [vec![0, 0, 1, 1]];
    for (name, spec) in every_spec() {
        let (encoder, _) = build(&spec, 3);
        let single = encoder
            .forward(&input(&sequence, None), &Mode::Eval)
            .unwrap();
        let pair = encoder
            .forward(&input(&sequence, Some(&pair)), &Mode::Eval)
            .unwrap();
        let blind = ["roberta", "xlm-roberta", "distilbert"].contains(&name.as_str());
        assert_eq!(largest_difference(&single, &pair) == 0.0, blind, "{name}");
    }
}
