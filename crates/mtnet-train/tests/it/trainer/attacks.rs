//! What adversarial training stands on: the slope at the input is that of the loss, for every kind
//! of encoder and head.

use candle_core::{DType, Device, Tensor};
use mtnet_kernels::{Mode, Pooling};
use mtnet_model::BatchPass;

use super::combinations::{batch, encoders, model, windows};

fn loss(pass: &BatchPass<'_>, task: usize) -> Tensor {
    pass.losses().unwrap()[task].as_ref().unwrap().mean.clone()
}

fn value(loss: &Tensor) -> f64 {
    f64::from(loss.to_scalar::<f32>().unwrap())
}

#[test]
fn a_step_along_the_slope_at_the_input_raises_the_loss_of_every_head() {
    for (name, config) in encoders() {
        let model = model(&config, Pooling::Mean);
        let windows = windows();
        let batch = batch(&windows);
        let shape = (batch.tokens(), model.encoder().embedding_size());
        let zero = Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
        for task in 0..4 {
            let pass = model.pass_shifted(&batch, &Mode::Eval, &zero).unwrap();
            let plain = model.pass(&batch, &Mode::Eval).unwrap();
            let before = loss(&pass, task);
            assert!(
                (value(&before) - value(&loss(&plain, task))).abs() < 1e-5,
                "{name}"
            );
            let mut store = before.backward().unwrap();
            let slope = pass.take_slope(&mut store).unwrap();
            let gradient = pass.slope_at_input(&slope).unwrap();
            let squares = value(&gradient.sqr().unwrap().sum_all().unwrap());
            assert!(squares > 0.0, "{name}, task {task}");
            // The central difference along the gradient is its length.
            let length = 2e-3 / squares.sqrt();
            let at = |factor: f64| {
                let shift = (&gradient * (factor * length)).unwrap();
                let moved = model.pass_shifted(&batch, &Mode::Eval, &shift).unwrap();
                value(&loss(&moved, task))
            };
            let found = (at(1.0) - at(-1.0)) / 2.0;
            let expected = length * squares;
            let noise = 1e-6 * value(&before).abs().max(1.0);
            assert!(
                (found - expected).abs() < 0.1 * expected + noise,
                "{name}, task {task}: {found}, expected {expected}"
            );
        }
    }
}
