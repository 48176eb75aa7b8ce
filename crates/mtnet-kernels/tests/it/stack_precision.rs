//! A stack in bf16 and int8 beside the same in `f32`, and answers for some rows only.

use candle_core::Result;
use mtnet_core::RandomStream;
use mtnet_kernels::{Mode, Precision, Purpose, Stack, StackConfig, Wanted};

use crate::flat;
use crate::stack_network::{Batch, Gradients, Network, Values, config, with_dropout};

const RAGGED: &[usize] = &[1, 2, 17, 200, 31, 16, 7];

/// Cosine of two rows.
fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        let products = a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b));
        products.sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn answers(network: &Network, batch: &Batch, precision: Precision) -> Result<Vec<f32>> {
    let (stack, values) = network.stack_in(precision, false)?;
    stack.infer(&batch.input(), &values.embedding_slices(), Wanted::All)
}

#[test]
fn rounded_rows_point_where_the_exact_ones_do() -> Result<()> {
    for (embedding_size, window_radius) in [(64, 0), (20, 0), (20, 1)] {
        let network = Network::new(
            StackConfig {
                hidden: 64,
                heads: 4,
                inner: 150,
                embedding_size,
                window_radius,
                ..config()
            },
            2,
        )?;
        let batch = Batch::new(RAGGED);
        let exact = answers(&network, &batch, Precision::F32)?;
        for (precision, least) in [(Precision::Bf16, 0.9995), (Precision::Int8, 0.99)] {
            let rounded = answers(&network, &batch, precision)?;
            assert_ne!(rounded, exact);
            let rows = rounded.chunks_exact(64).zip(exact.chunks_exact(64));
            for (row, (rounded, exact)) in rows.enumerate() {
                let cosine = cosine(rounded, exact);
                assert!(cosine > least, "{precision}, row {row}: cosine {cosine}");
            }
        }
    }
    Ok(())
}

/// Hidden rows and all gradients of a training step.
fn step(
    (stack, values): &(Stack, Values),
    batch: &Batch,
    mode: &Mode,
) -> Result<(Vec<f32>, Gradients)> {
    let tape = stack.forward(&batch.input(), &values.embedding_slices(), mode)?;
    let mut stream = RandomStream::new(8);
    let slope: Vec<f32> = tape
        .hidden()
        .iter()
        .map(|_| stream.normal() as f32)
        .collect();
    let mut gradients = values.zeros();
    stack.backward(&tape, &slope, &mut gradients.all())?;
    Ok((tape.hidden().to_vec(), gradients))
}

#[test]
fn gradients_in_bf16_are_those_in_f32_but_for_rounding() -> Result<()> {
    let network = Network::new(with_dropout(config()), 2)?;
    let batch = Batch::new(RAGGED);
    let mode = Mode::Train(RandomStream::new(17));
    let (_, exact) = step(&network.stack_in(Precision::F32, true)?, &batch, &mode)?;
    let (_, rounded) = step(&network.stack_in(Precision::Bf16, true)?, &batch, &mode)?;
    let pairs = network
        .compare(&exact)
        .into_iter()
        .zip(network.compare(&rounded));
    for ((name, var, exact), (_, _, rounded)) in pairs {
        assert_eq!(exact.len(), flat(var)?.len());
        // The gradient of a key's bias is nothing but rounding.
        if name.starts_with("part 3 ") {
            continue;
        }
        let cosine = cosine(exact, rounded);
        assert!(cosine > 0.999, "{name}: cosine {cosine}");
    }
    Ok(())
}

#[test]
fn threads_change_no_bit_in_any_precision() -> Result<()> {
    let network = Network::new(with_dropout(config()), 2)?;
    let mode = Mode::Train(RandomStream::new(17));
    for precision in Precision::ALL {
        let trains = precision != Precision::Int8;
        let built = network.stack_in(precision, trains)?;
        for lengths in [RAGGED, &[23]] {
            let batch = Batch::new(lengths);
            let run = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
                pool.expect("a pool").install(|| -> Result<_> {
                    let (stack, values) = &built;
                    let tables = values.embedding_slices();
                    let rows = stack.infer(&batch.input(), &tables, Wanted::All)?;
                    let mut all = vec![rows];
                    if trains {
                        let (hidden, gradients) = step(&built, &batch, &mode)?;
                        all.push(hidden);
                        for (_, _, gradient) in network.compare(&gradients) {
                            all.push(gradient.to_vec());
                        }
                    }
                    Ok(all)
                })
            };
            let one = run(1)?;
            for threads in 2..=4 {
                assert!(run(threads)? == one, "{precision} with {threads} threads");
            }
        }
    }
    Ok(())
}

#[test]
fn wanted_rows_come_out_as_among_all() -> Result<()> {
    let network = Network::new(config(), 2)?;
    let (hidden, batch) = (network.config.hidden, Batch::new(RAGGED));
    let firsts: Vec<u32> = batch
        .offsets
        .ranges()
        .map(|range| range.start as u32)
        .collect();
    let third: Vec<u32> = (0..batch.offsets.total() as u32).rev().step_by(3).collect();
    let most: Vec<u32> = (3..batch.offsets.total() as u32).collect();
    for precision in Precision::ALL {
        let (stack, values) = network.stack_in(precision, false)?;
        let tables = values.embedding_slices();
        let all = stack.infer(&batch.input(), &tables, Wanted::All)?;
        for wanted in [&firsts[..], &third, &most, &[0, 0], &[]] {
            let found = stack.infer(&batch.input(), &tables, Wanted::Rows(wanted))?;
            assert_eq!(found.len(), all.len());
            for &row in wanted {
                let at = row as usize * hidden..(row as usize + 1) * hidden;
                assert_eq!(found[at.clone()], all[at], "{precision}, row {row}");
            }
        }
        let past = [batch.offsets.total() as u32];
        let error = stack.infer(&batch.input(), &tables, Wanted::Rows(&past));
        let message = error.unwrap_err().to_string();
        assert!(
            message.contains("row 274 is wanted of 274 tokens"),
            "{message}"
        );
    }
    Ok(())
}

#[test]
fn what_int8_cannot_do_is_refused() -> Result<()> {
    let network = Network::new(config(), 2)?;
    let message = match network.stack_in(Precision::Int8, true) {
        Ok(_) => panic!("int8 has no backward pass"),
        Err(error) => error.to_string(),
    };
    assert!(message.contains("int8 is for answers only"), "{message}");

    let config = StackConfig {
        layers: 0,
        inner: 40_000,
        ..config()
    };
    let values = Network::new(config.clone(), 2)?.values()?;
    let mut stack = Stack::new(config)?;
    let purpose = Purpose {
        precision: Precision::Int8,
        for_training: false,
    };
    let packed = stack.pack(&values.layer_slices(), &values.embedding_slices(), purpose);
    let message = packed.unwrap_err().to_string();
    assert!(message.contains("these layers over 40000"), "{message}");
    Ok(())
}
