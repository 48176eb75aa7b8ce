//! Several calls, several tasks, frozen parts, rows without a slope, and any number of threads.

use candle_core::Result;
use mtnet_core::RandomStream;
use mtnet_kernels::{LayerParts, Mode, StackConfig};

use crate::stack_network::{Batch, Gradients, Network, config, with_dropout};

fn network() -> Result<Network> {
    let config = StackConfig {
        layers: 3,
        embedding_size: 10,
        window_radius: 1,
        ..with_dropout(config())
    };
    Network::new(config, 2)
}

fn batch() -> Batch {
    Batch::new(&[9, 1, 60, 17, 25, 3])
}

fn mode() -> Mode {
    Mode::Train(RandomStream::new(8))
}

/// Seeded slopes `(tokens, hidden)`, 0 in the rows of tokens that `has` refuses.
fn slope(batch: &Batch, hidden: usize, seed: u64, has: impl Fn(usize) -> bool) -> Vec<f32> {
    let mut stream = RandomStream::new(seed).child("slope");
    let mut slope: Vec<f32> = (0..batch.offsets.total() * hidden)
        .map(|_| stream.normal() as f32)
        .collect();
    for (token, row) in slope.chunks_exact_mut(hidden).enumerate() {
        if !has(token) {
            row.fill(0.0);
        }
    }
    slope
}

/// All numbers of the gradients.
fn numbers(network: &Network, gradients: &Gradients) -> Vec<f32> {
    let all = network.compare(gradients);
    all.iter()
        .flat_map(|(_, _, values)| values.iter().copied())
        .collect()
}

fn assert_close(what: &str, found: &[f32], expected: &[f32]) {
    let largest = expected
        .iter()
        .fold(1f32, |largest, x| largest.max(x.abs()));
    for (index, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!(
            (a - b).abs() <= 1e-5 * largest,
            "{what}: number {index} is {a} instead of {b}"
        );
    }
}

#[test]
fn several_calls_add_up() -> Result<()> {
    let (network, batch) = (network()?, batch());
    let (stack, values) = network.stack()?;
    let tape = stack.forward(&batch.input(), &values.embedding_slices(), &mode())?;
    let hidden = network.config.hidden;
    let (first, second) = (
        slope(&batch, hidden, 1, |_| true),
        slope(&batch, hidden, 2, |_| true),
    );
    let both: Vec<f32> = first.iter().zip(&second).map(|(a, b)| a + b).collect();
    let (mut one, mut two) = (values.zeros(), values.zeros());
    stack.backward(&tape, &both, &mut one.all())?;
    stack.backward(&tape, &first, &mut two.all())?;
    stack.backward(&tape, &second, &mut two.all())?;
    assert_close(
        "two calls",
        &numbers(&network, &two),
        &numbers(&network, &one),
    );
    assert_eq!(one.touched, two.touched);
    Ok(())
}

#[test]
fn touched_rows_are_those_of_the_batch() -> Result<()> {
    let (network, batch) = (network()?, batch());
    let (stack, values) = network.stack()?;
    let tape = stack.forward(&batch.input(), &values.embedding_slices(), &mode())?;
    let mut gradients = values.zeros();
    let slope = slope(&batch, network.config.hidden, 1, |_| true);
    stack.backward(&tape, &slope, &mut gradients.all())?;
    let mut ids = batch.input_ids.clone();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(gradients.touched[0], ids);
    assert_eq!(gradients.touched[1], (2..62).collect::<Vec<_>>());
    assert_eq!(gradients.touched[2], [0, 1]);
    for (row, values) in gradients.embeddings.words.chunks_exact(10).enumerate() {
        let set = values.iter().any(|&x| x != 0.0);
        assert_eq!(set, ids.contains(&(row as u32)), "row {row}");
    }
    Ok(())
}

#[test]
fn tasks_together_give_what_each_gives_alone() -> Result<()> {
    let (network, batch) = (network()?, batch());
    let (stack, values) = network.stack()?;
    let tape = stack.forward(&batch.input(), &values.embedding_slices(), &mode())?;
    let hidden = network.config.hidden;
    let first = |token| batch.offsets.as_slice().contains(&(token as u32));
    let in_sequence = |sequence: usize| {
        let range = batch.offsets.range(sequence);
        move |token| range.contains(&token)
    };
    let every = [
        // On all tokens, on the first of each text, on one text, on one token, on none.
        vec![
            slope(&batch, hidden, 1, |_| true),
            slope(&batch, hidden, 2, |_| true),
        ],
        vec![
            slope(&batch, hidden, 3, first),
            slope(&batch, hidden, 4, in_sequence(2)),
            slope(&batch, hidden, 5, |token| token == 30),
            slope(&batch, hidden, 6, |_| false),
        ],
        vec![
            slope(&batch, hidden, 7, |_| true),
            slope(&batch, hidden, 8, first),
        ],
        vec![
            slope(&batch, hidden, 9, in_sequence(0)),
            slope(&batch, hidden, 10, in_sequence(4)),
        ],
    ];
    for (number, slopes) in every.iter().enumerate() {
        let mut together: Vec<Gradients> = slopes.iter().map(|_| values.zeros()).collect();
        let slices: Vec<&[f32]> = slopes.iter().map(|slope| &**slope).collect();
        let mut all: Vec<_> = together.iter_mut().map(Gradients::all).collect();
        stack.backward_many(&tape, &slices, &mut all)?;
        drop(all);
        for (task, (slope, together)) in slopes.iter().zip(&together).enumerate() {
            let mut alone = values.zeros();
            stack.backward(&tape, slope, &mut alone.all())?;
            let what = format!("task {task} of set {number}");
            assert_close(
                &what,
                &numbers(&network, together),
                &numbers(&network, &alone),
            );
        }
    }
    Ok(())
}

/// Slopes that are 0 in most rows go by another path: it must give what adding them to slopes of
/// all rows changes.
#[test]
fn rows_without_a_slope_change_nothing() -> Result<()> {
    let (network, batch) = (network()?, batch());
    let (stack, values) = network.stack()?;
    let tape = stack.forward(&batch.input(), &values.embedding_slices(), &mode())?;
    let hidden = network.config.hidden;
    let full = slope(&batch, hidden, 1, |_| true);
    let sparse = slope(&batch, hidden, 2, |token| token % 7 == 3);
    let sum: Vec<f32> = full.iter().zip(&sparse).map(|(a, b)| a + b).collect();
    let mut gradients = [values.zeros(), values.zeros(), values.zeros()];
    for (slope, gradients) in [&full, &sum, &sparse].into_iter().zip(&mut gradients) {
        stack.backward(&tape, slope, &mut gradients.all())?;
    }
    let [full, sum, sparse] = gradients.map(|gradients| numbers(&network, &gradients));
    let difference: Vec<f32> = sum.iter().zip(&full).map(|(a, b)| a - b).collect();
    assert_close("sparse", &sparse, &difference);
    assert!(sparse.iter().any(|&x| x.abs() > 0.1));
    Ok(())
}

#[test]
fn frozen_parts_get_nothing_and_the_others_the_same() -> Result<()> {
    let (network, batch) = (network()?, batch());
    let (stack, values) = network.stack()?;
    let tape = stack.forward(&batch.input(), &values.embedding_slices(), &mode())?;
    let slope = slope(&batch, network.config.hidden, 1, |_| true);
    let mut full = values.zeros();
    stack.backward(&tape, &slope, &mut full.all())?;

    // From the middle layer up, and there only one part.
    let mut some = values.zeros();
    {
        let mut to = some.all();
        to.layers[0] = LayerParts::default();
        to.layers[1] = LayerParts {
            key_weight: to.layers[1].key_weight.take(),
            ..LayerParts::default()
        };
        to.embeddings = Default::default();
        stack.backward(&tape, &slope, &mut to)?;
    }
    assert_eq!(some.layers[2], full.layers[2]);
    assert_eq!(some.layers[1].key_weight, full.layers[1].key_weight);
    let zero = |values: &Vec<f32>| values.iter().all(|&x| x == 0.0);
    assert!(some.layers[0].as_ref().into_array().into_iter().all(zero));
    let set = some.layers[1]
        .as_ref()
        .into_array()
        .into_iter()
        .filter(|values| !zero(values));
    assert_eq!(set.count(), 1);
    assert!(zero(&some.embeddings.words) && zero(&some.embeddings.norm_bias));
    assert!(some.touched.iter().all(Vec::is_empty));

    // Only the top of a layer.
    let mut top = values.zeros();
    {
        let mut to = top.all();
        let mut parts = std::mem::take(&mut to.layers[2]);
        to.layers[..2].fill_with(LayerParts::default);
        to.layers[2].intermediate_weight = parts.intermediate_weight.take();
        to.embeddings = Default::default();
        stack.backward(&tape, &slope, &mut to)?;
    }
    let (found, expected) = (&top.layers[2], &full.layers[2]);
    assert_eq!(found.intermediate_weight, expected.intermediate_weight);
    assert!(zero(&found.output_weight) && zero(&found.attention_norm_bias));

    // What is written over shows nothing of before, also in layers that the pass does not reach.
    let mut over = values.zeros();
    stack.backward(&tape, &slope, &mut over.all_over())?;
    assert_eq!(over.layers, full.layers);
    assert_eq!(over.embeddings.norm_weight, full.embeddings.norm_weight);
    assert_eq!(over.embeddings.projection, full.embeddings.projection);

    // Only a table.
    let mut table = values.zeros();
    {
        let mut to = table.all();
        to.layers
            .iter_mut()
            .for_each(|layer| *layer = LayerParts::default());
        let words = to.embeddings.words.take();
        to.embeddings = Default::default();
        to.embeddings.words = words;
        stack.backward(&tape, &slope, &mut to)?;
    }
    assert_eq!(table.embeddings.words, full.embeddings.words);
    assert!(zero(&table.embeddings.positions));
    assert!(
        table
            .layers
            .iter()
            .all(|layer| layer.as_ref().into_array().into_iter().all(zero))
    );
    Ok(())
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() -> Result<()> {
    let network = network()?;
    let batch = Batch::new(&(0..30).map(|i| 1 + i * 11 % 67).collect::<Vec<_>>());
    let hidden = network.config.hidden;
    let slopes = [
        slope(&batch, hidden, 1, |_| true),
        slope(&batch, hidden, 2, |token| token % 2 == 0),
    ];
    let run = || -> Result<Vec<u32>> {
        let (stack, values) = network.stack()?;
        let tape = stack.forward(&batch.input(), &values.embedding_slices(), &mode())?;
        let mut gradients = [values.zeros(), values.zeros()];
        let mut all: Vec<_> = gradients.iter_mut().map(Gradients::all).collect();
        stack.backward_many(&tape, &[&slopes[0], &slopes[1]], &mut all)?;
        drop(all);
        let mut found = tape.hidden().to_vec();
        for gradients in &gradients {
            found.extend(numbers(&network, gradients));
        }
        Ok(found.iter().map(|x| x.to_bits()).collect())
    };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads start").install(run)
    };
    let one = on(1)?;
    for threads in 2..=4 {
        assert!(
            on(threads)? == one,
            "{threads} threads gave other bits than one"
        );
    }
    Ok(())
}

#[test]
fn memory_is_used_again_without_a_trace() -> Result<()> {
    let network = network()?;
    let (stack, values) = network.stack()?;
    let run = |lengths: &[usize]| -> Result<Vec<f32>> {
        let batch = Batch::new(lengths);
        let tape = stack.forward(&batch.input(), &values.embedding_slices(), &mode())?;
        let mut gradients = values.zeros();
        let slope = slope(&batch, network.config.hidden, 1, |_| true);
        stack.backward(&tape, &slope, &mut gradients.all())?;
        Ok(numbers(&network, &gradients))
    };
    let lengths = [5, 40, 13];
    let first = run(&lengths)?;
    run(&[120, 7, 64, 1])?;
    run(&[2])?;
    assert!(run(&lengths)? == first);
    Ok(())
}
