//! A pass with its own way back computes what the graph computes.

use std::sync::Arc;

use candle_core::{Device, Tensor};
use mtnet_core::RandomStream;
use mtnet_encoders::{Encoder, EncoderPass, Slope};
use mtnet_kernels::{GradientBuffer, GradientLayout, GradientView, Mode, ParamStore, Wanted};

use crate::support::{build, every_spec, input, largest_difference, norm, numbers};

fn slope_like(hidden: &Tensor, seed: u64) -> Tensor {
    let mut stream = RandomStream::new(seed);
    let values: Vec<f32> = (0..hidden.elem_count())
        .map(|_| stream.normal() as f32)
        .collect();
    Tensor::from_vec(values, hidden.dims(), &Device::Cpu).unwrap()
}

fn backward(pass: &dyn EncoderPass, store: &ParamStore, seeds: &[u64]) -> Vec<GradientBuffer> {
    let layout = Arc::new(GradientLayout::new(store.trainable()));
    let slopes: Vec<Tensor> = seeds
        .iter()
        .map(|&seed| slope_like(pass.hidden(), seed))
        .collect();
    let mut buffers = vec![GradientBuffer::new(&layout); seeds.len()];
    let mut terms: Vec<Slope<'_>> = slopes
        .iter()
        .zip(&mut buffers)
        .map(|(slope, into)| Slope { slope, into })
        .collect();
    pass.backward(&mut terms).unwrap();
    buffers
}

fn gradient(buffer: &GradientBuffer, name: &str) -> Option<Tensor> {
    let index = buffer.layout().position(name)?;
    let shape = buffer.layout().entries()[index].variable.shape().clone();
    match buffer.view(index)? {
        GradientView::Host(values, _) => {
            Some(Tensor::from_slice(values, shape, &Device::Cpu).unwrap())
        }
        GradientView::Device(tensor) => Some(tensor.clone()),
    }
}

fn batch() -> mtnet_encoders::EncoderInput {
    let sequences = [vec![5, 6, 7, 8], vec![9], (10..33).collect(), vec![5, 5, 6]];
    let types = [vec![0, 0, 1, 1], vec![0], vec![0; 23], vec![0, 1, 1]];
    input(&sequences, Some(&types))
}

#[test]
fn hidden_rows_and_gradients_are_those_of_the_graph() {
    for (name, spec) in every_spec() {
        let (encoder, store) = build(&spec, 5);
        for mode in [Mode::Eval, Mode::Train(RandomStream::new(1))] {
            let input = batch();
            let graph = encoder.forward(&input, &mode).unwrap();
            let pass = encoder.pass(&input, &mode).unwrap();
            let difference = largest_difference(&graph, pass.hidden());
            assert!(difference < 2e-5, "{name}: {difference}");
            let buffers = backward(pass.as_ref(), &store, &[2, 3]);
            for (buffer, seed) in buffers.iter().zip([2, 3]) {
                let loss = (&graph * slope_like(&graph, seed)).unwrap();
                let expected = loss.sum_all().unwrap().backward().unwrap();
                for (parameter, var) in store.vars() {
                    let expected = expected.get(&var).unwrap();
                    let found = gradient(buffer, &parameter);
                    let found = found.unwrap_or_else(|| panic!("{name}: none for {parameter}"));
                    // The gradient of a key's bias is nothing but rounding.
                    let bound = 1e-4 * norm(expected).max(1.0);
                    let difference = norm(&(found - expected).unwrap());
                    assert!(
                        difference < bound,
                        "{name}: {parameter} differs by {difference}"
                    );
                }
            }
        }
        let answers = encoder.encode(&batch(), Wanted::All).unwrap();
        let graph = encoder.forward(&batch(), &Mode::Eval).unwrap();
        assert!(largest_difference(&graph, &answers) < 2e-5, "{name}");
        assert!(!answers.track_op(), "{name}: an answer needs no graph");
    }
}

#[test]
fn frozen_parameters_get_nothing() {
    let (_, spec) = every_spec().swap_remove(0);
    let store = ParamStore::new(RandomStream::new(5), &Device::Cpu)
        .freeze(|name| name.starts_with("embeddings.") || name.contains("layer.0."));
    let encoder = mtnet_encoders::build_encoder(&spec, store.builder()).unwrap();
    let pass = encoder.pass(&batch(), &Mode::Eval).unwrap();
    let buffers = backward(pass.as_ref(), &store, &[2]);
    let trained = store.trainable();
    assert!(trained.len() < store.vars().len());
    for (name, _) in &trained {
        assert!(gradient(&buffers[0], name).is_some(), "{name}");
    }
    let (whole, full) = build(&spec, 5);
    let all = whole.pass(&batch(), &Mode::Eval).unwrap();
    let expected = backward(all.as_ref(), &full, &[2]);
    for (name, _) in &trained {
        let found = gradient(&buffers[0], name).unwrap();
        let expected = gradient(&expected[0], name).unwrap();
        assert_eq!(numbers(&found), numbers(&expected), "{name}");
    }
}

#[test]
fn changed_weights_are_laid_out_anew() {
    for (name, spec) in every_spec() {
        let (encoder, store) = build(&spec, 5);
        let before = encoder.encode(&batch(), Wanted::All).unwrap();
        encoder.pass(&batch(), &Mode::Eval).unwrap();
        for (_, var) in store.vars() {
            var.set(&(var.as_detached_tensor() * 1.1).unwrap()).unwrap();
        }
        encoder.weights_changed();
        let graph = encoder.forward(&batch(), &Mode::Eval).unwrap();
        assert!(largest_difference(&graph, &before) > 1e-3, "{name}");
        let pass = encoder.pass(&batch(), &Mode::Eval).unwrap();
        assert!(largest_difference(&graph, pass.hidden()) < 5e-5, "{name}");
        let answers = encoder.encode(&batch(), Wanted::All).unwrap();
        assert!(largest_difference(&graph, &answers) < 5e-5, "{name}");
    }
}

#[test]
fn a_slope_of_another_shape_is_refused() {
    let (encoder, store) = build(&every_spec().swap_remove(0).1, 5);
    let pass: Box<dyn EncoderPass> =
        Encoder::pass(encoder.as_ref(), &batch(), &Mode::Eval).unwrap();
    let layout = Arc::new(GradientLayout::new(store.trainable()));
    let mut into = GradientBuffer::new(&layout);
    let slope = pass.hidden().narrow(0, 0, 2).unwrap();
    let term = Slope {
        slope: &slope,
        into: &mut into,
    };
    let error = pass.backward(&mut [term]).unwrap_err().to_string();
    assert!(error.contains("a slope of shape [2, "), "{error}");
}

#[test]
fn a_shift_of_the_embeddings_moves_both_ways_alike() {
    for (name, spec) in every_spec() {
        let (encoder, _) = build(&spec, 5);
        for mode in [Mode::Eval, Mode::Train(RandomStream::new(1))] {
            let tokens = batch().tokens();
            let shape = (tokens, encoder.embedding_size());
            let values = Tensor::zeros(shape, candle_core::DType::F32, &Device::Cpu).unwrap();
            let shift = (slope_like(&values, 9) * 0.01).unwrap();
            let input = batch().shifted(&shift).unwrap();
            let graph = encoder.forward(&input, &mode).unwrap();
            let pass = encoder.pass(&input, &mode).unwrap();
            assert!(largest_difference(&graph, pass.hidden()) < 2e-5, "{name}");
            let plain = encoder.forward(&batch(), &mode).unwrap();
            assert!(
                largest_difference(&graph, &plain) > 1e-5,
                "{name}: no effect"
            );

            let slope = slope_like(&graph, 4);
            let loss = (&graph * &slope).unwrap().sum_all().unwrap();
            let mut store = loss.backward().unwrap();
            let expected = store.remove(input.shift.as_ref().unwrap()).unwrap();
            let found = pass.slope_at_input(&slope).unwrap();
            assert_eq!(found.dims(), expected.dims());
            let apart = norm(&(&found - &expected).unwrap());
            assert!(apart < 1e-4 * norm(&expected).max(1.0), "{name}: {apart}");
            assert!(norm(&expected) > 0.0, "{name}");
        }
    }
}

#[test]
fn layers_are_left_out_of_training_alike() {
    let layer_drop = 0.5;
    for (name, mut spec) in every_spec() {
        match &mut spec {
            mtnet_encoders::EncoderSpec::Transformer(spec) => spec.layer_drop = layer_drop,
            mtnet_encoders::EncoderSpec::MtNet(spec) => spec.layer_drop_prob = layer_drop,
            _ => unreachable!("there are two kinds"),
        }
        let again = mtnet_encoders::EncoderSpec::from_config_json(&spec.config_json()).unwrap();
        assert_eq!(again.config_json(), spec.config_json(), "{name}");
        let (encoder, store) = build(&spec, 5);
        let mut silent = 0;
        for seed in 0..12 {
            let (mode, input) = (Mode::Train(RandomStream::new(seed)), batch());
            let graph = encoder.forward(&input, &mode).unwrap();
            let pass = encoder.pass(&input, &mode).unwrap();
            assert!(largest_difference(&graph, pass.hidden()) < 2e-5, "{name}");
            let buffer = backward(pass.as_ref(), &store, &[2]).remove(0);
            let loss = (&graph * slope_like(&graph, 2)).unwrap();
            let expected = loss.sum_all().unwrap().backward().unwrap();
            for (parameter, var) in store.vars() {
                let found = gradient(&buffer, &parameter);
                let found = found.filter(|found| norm(found) > 0.0);
                let Some(expected) = expected.get(&var) else {
                    silent += 1;
                    assert!(found.is_none(), "{name}: {parameter}");
                    continue;
                };
                let bound = 1e-4 * norm(expected).max(1.0);
                let apart = match found {
                    Some(found) => norm(&(found - expected).unwrap()),
                    None => norm(expected),
                };
                assert!(apart < bound, "{name}: {parameter} differs by {apart}");
            }
        }
        let plain = encoder.forward(&batch(), &Mode::Eval).unwrap();
        let whole = encoder.pass(&batch(), &Mode::Eval).unwrap();
        assert!(largest_difference(&plain, whole.hidden()) < 2e-5, "{name}");
        assert!(silent > 0, "{name}: no layer was ever left out");
    }
}
