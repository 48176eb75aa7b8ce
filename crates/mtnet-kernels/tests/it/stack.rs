//! The stack gives the hidden rows and the gradients of the same network made of candle operations.

use candle_core::{Result, Tensor};
use mtnet_core::RandomStream;
use mtnet_kernels::{Activation, Mode, Purpose, StackConfig, Wanted};

use crate::stack_network::{Batch, Network, config, with_dropout};
use crate::{flat, var};

const RAGGED: &[usize] = &[1, 2, 17, 200, 31, 16, 7];

fn train() -> Mode {
    Mode::Train(RandomStream::new(17).at(3))
}

/// Largest difference, relative to the largest number (but at least `floor`).
fn apart(found: &[f32], expected: &[f32], floor: f32) -> f32 {
    assert_eq!(found.len(), expected.len());
    let largest = expected
        .iter()
        .fold(floor, |largest, x| largest.max(x.abs()));
    let difference = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
    difference.fold(0.0, f32::max) / largest
}

/// A slope for each number of the hidden rows.
fn slope(rows: usize, hidden: usize) -> Result<Tensor> {
    Ok(var("slope", &[rows, hidden])?.detach())
}

fn check(what: &str, network: &Network, lengths: &[usize], mode: &Mode) -> Result<()> {
    let batch = Batch::new(lengths);
    let (stack, values) = network.stack()?;
    let (input, tables) = (batch.input(), values.embedding_slices());
    let tape = stack.forward(&input, &tables, mode)?;
    let expected = network.plain(&batch, mode)?;
    let rows = apart(tape.hidden(), &flat(&expected)?, 1.0);
    assert!(rows <= 1e-5, "{what}: hidden rows differ by {rows}");

    let slope = slope(batch.offsets.total(), network.config.hidden)?;
    let store = expected.mul(&slope)?.sum_all()?.backward()?;
    let mut gradients = values.zeros();
    stack.backward(&tape, &flat(&slope)?, &mut gradients.all())?;
    // The gradient of a key's bias is 0 but for rounding: all scores of a query move by the same.
    let floor = gradients.layers.iter().fold(1f32, |floor, layer| {
        layer
            .query_bias
            .iter()
            .fold(floor, |floor, x| floor.max(x.abs()))
    });
    for (name, var, found) in network.compare(&gradients) {
        let expected = flat(store.get(var).expect("every variable has a gradient"))?;
        let apart = apart(found, &expected, floor);
        assert!(
            apart <= 1e-4,
            "{what}: gradients of {name} differ by {apart}"
        );
        assert!(
            expected.iter().all(|&x| x == 0.0) || found.iter().any(|&x| x != 0.0),
            "{what}: no gradient of {name}"
        );
    }
    if !mode.is_train() {
        let answers = stack.infer(&input, &tables, Wanted::All)?;
        assert_eq!(answers, tape.hidden(), "{what}: infer differs from forward");
    }
    Ok(())
}

#[test]
fn every_activation_with_dropout_off_and_on() -> Result<()> {
    for activation in [
        Activation::Identity,
        Activation::Gelu,
        Activation::GeluTanh,
        Activation::Relu,
        Activation::Silu,
        Activation::Tanh,
    ] {
        let config = StackConfig {
            activation,
            ..with_dropout(config())
        };
        let network = Network::new(config, 2)?;
        let what = format!("{activation:?}");
        check(&what, &network, RAGGED, &Mode::Eval)?;
        check(&format!("{what} with dropout"), &network, RAGGED, &train())?;
    }
    Ok(())
}

#[test]
fn every_kind_of_embeddings() -> Result<()> {
    for (types, embedding_size, window_radius) in [
        (0, 24, 0),
        (1, 24, 0),
        (2, 24, 0),
        (2, 10, 0),
        (0, 24, 1),
        (2, 10, 2),
    ] {
        let config = StackConfig {
            embedding_size,
            window_radius,
            ..with_dropout(config())
        };
        let network = Network::new(config, types)?;
        let what = format!("{types} types, width {embedding_size}, radius {window_radius}");
        check(&what, &network, RAGGED, &train())?;
        check(&what, &network, RAGGED, &Mode::Eval)?;
    }
    Ok(())
}

#[test]
fn odd_sizes() -> Result<()> {
    for (hidden, heads, inner) in [
        (8, 1, 3),
        (15, 3, 17),
        (33, 1, 40),
        (80, 2, 50),
        (128, 2, 96),
    ] {
        let config = StackConfig {
            hidden,
            heads,
            inner,
            embedding_size: hidden,
            ..with_dropout(config())
        };
        let network = Network::new(config, 2)?;
        for lengths in [&[1][..], &[1, 1], &[100], &[0, 5, 0, 64], RAGGED] {
            let what = format!("hidden {hidden}, {heads} heads, lengths {lengths:?}");
            check(&what, &network, lengths, &train())?;
        }
    }
    Ok(())
}

#[test]
fn texts_of_thousands_of_tokens() -> Result<()> {
    let network = Network::new(config(), 2)?;
    let batch = Batch::new(&[4096, 1, 1023]);
    let (stack, values) = network.stack()?;
    let tables = values.embedding_slices();
    let found = stack.infer(&batch.input(), &tables, Wanted::All)?;
    let expected = flat(&network.plain(&batch, &Mode::Eval)?)?;
    let apart = apart(&found, &expected, 1.0);
    assert!(apart <= 1e-5, "hidden rows differ by {apart}");
    Ok(())
}

#[test]
fn the_embeddings_alone() -> Result<()> {
    let config = StackConfig {
        layers: 0,
        embedding_size: 10,
        ..with_dropout(config())
    };
    check("no layers", &Network::new(config, 2)?, RAGGED, &train())
}

#[test]
fn no_tokens_give_no_rows() -> Result<()> {
    let network = Network::new(config(), 2)?;
    let (stack, values) = network.stack()?;
    for lengths in [&[][..], &[0, 0]] {
        let batch = Batch::new(lengths);
        let tables = values.embedding_slices();
        assert!(
            stack
                .infer(&batch.input(), &tables, Wanted::All)?
                .is_empty()
        );
        let tape = stack.forward(&batch.input(), &tables, &train())?;
        let mut gradients = values.zeros();
        stack.backward(&tape, tape.hidden(), &mut gradients.all())?;
        assert!(gradients.touched[0].is_empty());
    }
    Ok(())
}

#[test]
fn what_does_not_fit_is_named() -> Result<()> {
    let network = Network::new(config(), 2)?;
    let (stack, values) = network.stack()?;
    let mut batch = Batch::new(&[3, 2]);
    let tables = values.embedding_slices();
    let tape = stack.forward(&batch.input(), &tables, &Mode::Eval)?;
    let mut gradients = values.zeros();
    let short = stack.backward(&tape, &[0.0; 3], &mut gradients.all());
    assert!(
        short
            .unwrap_err()
            .to_string()
            .contains("expected a slope of 120")
    );
    gradients.layers[1].output_bias.pop();
    let short = stack.backward(&tape, tape.hidden(), &mut gradients.all());
    let message = short.unwrap_err().to_string();
    assert!(
        message.contains("expected 24 numbers for a gradient of layer 1"),
        "{message}"
    );

    batch.input_ids[4] = 50;
    let message = stack
        .infer(&batch.input(), &tables, Wanted::All)
        .unwrap_err()
        .to_string();
    assert!(message.contains("id 50 lies past the 50 rows"), "{message}");
    batch.input_ids.pop();
    let message = stack
        .infer(&batch.input(), &tables, Wanted::All)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("span 5 tokens but there are 4 input ids"),
        "{message}"
    );

    let bare = mtnet_kernels::Stack::new(config())?;
    let one = Batch::new(&[1]);
    assert!(bare.infer(&one.input(), &tables, Wanted::All).is_err());
    let heads = StackConfig {
        heads: 5,
        ..config()
    };
    assert!(mtnet_kernels::Stack::new(heads).is_err());
    let mut answers_only = mtnet_kernels::Stack::new(config())?;
    answers_only.pack(&values.layer_slices(), &tables, Purpose::default())?;
    let message = answers_only
        .backward(&tape, tape.hidden(), &mut values.zeros().all())
        .unwrap_err()
        .to_string();
    assert!(message.contains("not packed for training"), "{message}");
    Ok(())
}
