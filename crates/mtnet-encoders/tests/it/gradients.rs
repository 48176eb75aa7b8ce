//! No parameter is left out of training, and none belongs to no layer.

use candle_core::{Device, Tensor};
use mtnet_core::RandomStream;
use mtnet_encoders::EncoderConfig;
use mtnet_kernels::Mode;

use crate::support::{build, every_spec, input, norm};

#[test]
fn every_parameter_receives_a_gradient() {
    let sequences = [vec![5, 6, 7, 8], vec![9, 10]];
    let types = [vec![0, 0, 1, 1], vec![0, 0]];
    for (name, spec) in every_spec() {
        let (encoder, store) = build(&spec, 5);
        let mode = Mode::Train(RandomStream::new(1));
        let hidden = encoder
            .forward(&input(&sequences, Some(&types)), &mode)
            .unwrap();
        // The sum of a norm's squares is constant: a random direction is not.
        let mut stream = RandomStream::new(2);
        let direction: Vec<f32> = (0..hidden.elem_count())
            .map(|_| stream.normal() as f32)
            .collect();
        let direction = Tensor::from_vec(direction, hidden.dims(), &Device::Cpu).unwrap();
        let loss = (hidden * direction).unwrap().sum_all().unwrap();
        let gradients = loss.backward().unwrap();
        for (parameter, var) in store.vars() {
            let gradient = gradients.get(&var);
            assert!(gradient.is_some(), "{name}: {parameter} has no gradient");
            // Attention does not depend on a constant added to all keys.
            let no_effect = parameter.ends_with("key.bias") || parameter.ends_with("k_lin.bias");
            assert!(
                no_effect || gradient.is_some_and(|gradient| norm(gradient) > 0.0),
                "{name}: the gradient of {parameter} is zero"
            );
        }
    }
}

#[test]
fn every_parameter_belongs_to_a_layer_and_is_listed_with_its_shape() {
    for (name, spec) in every_spec() {
        let (encoder, store) = build(&spec, 5);
        let listed: Vec<_> = spec.parameters().unwrap().into_iter().collect();
        let made: Vec<_> = store
            .vars()
            .into_iter()
            .map(|(parameter, var)| (parameter, var.dims().to_vec()))
            .collect();
        assert_eq!(listed, made, "{name}");
        let mut layers: Vec<_> = listed
            .iter()
            .map(|(parameter, _)| encoder.layer_of(parameter).unwrap())
            .collect();
        layers.sort_unstable();
        layers.dedup();
        assert_eq!(layers, (0..=encoder.layers()).collect::<Vec<_>>(), "{name}");
        assert_eq!(encoder.layer_of("heads.topic.weight"), None);
        assert_eq!(encoder.layer_of("encoder.layer.x.output.weight"), None);
    }
}

#[test]
fn freezing_goes_from_the_bottom() {
    let (_, spec) = every_spec().swap_remove(0);
    let frozen = |config: EncoderConfig| -> usize {
        let parameters = spec.parameters().unwrap();
        let frozen = parameters
            .keys()
            .filter(|parameter| config.is_frozen(&spec, parameter));
        frozen.count()
    };
    let layers = |freeze_layers| EncoderConfig {
        freeze_layers,
        ..EncoderConfig::default()
    };
    assert_eq!(frozen(layers(None)), 0);
    assert_eq!(frozen(layers(Some(0))), 5);
    assert_eq!(frozen(layers(Some(1))), 5 + 16);
    assert_eq!(frozen(layers(Some(2))), 37);
    let whole = EncoderConfig {
        freeze: true,
        ..EncoderConfig::default()
    };
    assert_eq!(frozen(whole.clone()), 37);
    assert!(!whole.is_frozen(&spec, "heads.topic.weight"));
}
