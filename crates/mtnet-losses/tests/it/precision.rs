//! The type that losses are computed and returned in.

use candle_core::{DType, Device, Tensor};
use mtnet_losses::{
    BinaryCrossEntropy, CrfReduction, CrossEntropy, DenseTargets, LinearChainCrf, LossError,
    Reduction, binary_cross_entropy_with_logits, cross_entropy, squared_error, symmetric_kl,
};

use crate::support::{entries, matrix};

#[test]
fn half_precision_is_computed_in_f32_and_gets_its_gradient_back() -> Result<(), LossError> {
    for (given, computed) in [
        (DType::F64, DType::F64),
        (DType::F32, DType::F32),
        (DType::BF16, DType::F32),
        (DType::F16, DType::F32),
    ] {
        let logits = matrix(&[&[1., -2.], &[0.5, 3.]], given);
        let other = matrix(&[&[0., 1.], &[1., 0.]], given);
        let targets = DenseTargets::new(&[0f32, 1., 1., 1.], 2)?;
        let ends = Tensor::zeros(2, DType::F32, &Device::Cpu)?;
        let crf = LinearChainCrf::new(&other, &ends, &ends)?;
        let bce = BinaryCrossEntropy::default();
        for loss in [
            cross_entropy(&logits, &[0, 1], &CrossEntropy::default(), Reduction::Mean)?,
            binary_cross_entropy_with_logits(&logits, &targets, &bce, Reduction::Mean)?,
            squared_error(&logits, &targets, Reduction::Mean)?,
            symmetric_kl(&logits, &other, Reduction::Mean)?,
            crf.negative_log_likelihood(&logits, &[0, 2], &[0, 1], CrfReduction::Sum)?,
        ] {
            assert_eq!(loss.dtype(), computed);
            let gradients = loss.backward()?;
            let gradient = gradients.get(&logits).expect("a gradient");
            assert_eq!(gradient.dtype(), given);
            assert!(entries(gradient).iter().any(|entry| *entry != 0.));
        }
    }
    Ok(())
}
