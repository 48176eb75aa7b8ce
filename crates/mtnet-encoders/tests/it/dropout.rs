//! Dropout is seeded, off in answers, and everywhere the configuration asks for it.

use candle_core::Tensor;
use mtnet_core::RandomStream;
use mtnet_encoders::EncoderSpec;
use mtnet_kernels::Mode;

use crate::support::{build, every_spec, input, largest_difference};

fn forward(spec: &EncoderSpec, mode: &Mode) -> Tensor {
    let (encoder, _) = build(spec, 4);
    let sequences = [(5..25).collect(), vec![7, 8, 9]];
    encoder.forward(&input(&sequences, None), mode).unwrap()
}

/// The specification with these probabilities for layers, attention and embeddings.
fn with_dropout(spec: &EncoderSpec, hidden: f64, attention: f64, embedding: f64) -> EncoderSpec {
    let mut spec = spec.clone();
    match &mut spec {
        EncoderSpec::Transformer(spec) => {
            spec.hidden_dropout = hidden;
            spec.attention_dropout = attention;
            spec.embedding_dropout = embedding;
        }
        EncoderSpec::MtNet(spec) => {
            spec.hidden_dropout_prob = hidden;
            spec.embedding_dropout_prob = embedding;
        }
        other => panic!("no dropout known for {other:?}"),
    }
    spec
}

#[test]
fn the_stream_decides_what_is_dropped() {
    let mode = |seed| Mode::Train(RandomStream::new(seed));
    for (name, spec) in every_spec() {
        let first = forward(&spec, &mode(1));
        assert_eq!(largest_difference(&first, &forward(&spec, &mode(1))), 0.0);
        assert!(
            largest_difference(&first, &forward(&spec, &mode(2))) > 1e-3,
            "{name}"
        );
        assert!(
            largest_difference(&first, &forward(&spec, &Mode::Eval)) > 1e-3,
            "{name}"
        );
    }
}

#[test]
fn each_probability_has_its_place() {
    let train = Mode::Train(RandomStream::new(1));
    for (name, spec) in every_spec() {
        let none = with_dropout(&spec, 0.0, 0.0, 0.0);
        let plain = forward(&none, &Mode::Eval);
        assert_eq!(largest_difference(&plain, &forward(&none, &train)), 0.0);
        let attention = matches!(spec, EncoderSpec::Transformer(_));
        for (probabilities, has_effect) in [
            ((0.5, 0.0, 0.0), true),
            ((0.0, 0.5, 0.0), attention),
            ((0.0, 0.0, 0.5), true),
        ] {
            let (hidden, attention, embedding) = probabilities;
            let dropped = with_dropout(&spec, hidden, attention, embedding);
            let difference = largest_difference(&plain, &forward(&dropped, &train));
            assert_eq!(difference > 0.0, has_effect, "{name}: {probabilities:?}");
            // Answers take no notice of it.
            let eval = forward(&dropped, &Mode::Eval);
            assert_eq!(largest_difference(&plain, &eval), 0.0, "{name}");
        }
    }
}
