//! The numerical pieces that several losses share.

use candle_core::{D, DType, Result, Shape, Tensor};

use crate::LossError;

/// Logarithm of the softmax over the last dimension, `z - log Σ exp z`, in nats; any rank.
///
/// Carries gradients, and is exact for finite logits of any size: the maximum is
/// subtracted first, as a constant.
///
/// # Errors
/// If a tensor operation fails, as on a scalar.
pub fn log_softmax(logits: &Tensor) -> Result<Tensor> {
    let NormalisedLogits {
        shifted,
        log_normaliser,
    } = normalise(logits)?;
    shifted.broadcast_sub(&log_normaliser)
}

/// Logits minus their row's maximum, and the logarithm of what their exponentials sum to.
///
/// `log_softmax = shifted - log_normaliser`; losses that need only some of its columns read
/// those before subtracting.
pub(crate) struct NormalisedLogits {
    /// `(…, classes)`, none above 0.
    pub(crate) shifted: Tensor,
    /// `(…, 1)`, none below 0.
    pub(crate) log_normaliser: Tensor,
}

pub(crate) fn normalise(logits: &Tensor) -> Result<NormalisedLogits> {
    // The shift cancels out of the result, so its gradient is zero: left out of the graph.
    let shifted = logits.broadcast_sub(&logits.detach().max_keepdim(D::Minus1)?)?;
    let log_normaliser = shifted.exp()?.sum_keepdim(D::Minus1)?.log()?;
    Ok(NormalisedLogits {
        shifted,
        log_normaliser,
    })
}

/// `(log(1 + e^x), log(1 + e^-x))`, the losses of a wrong and of a right yes at logit `x`.
///
/// As `max(±x, 0) + log1p(e^-|x|)`; outside the graph.
pub(crate) fn softplus_pair(logits: &Tensor) -> Result<(Tensor, Tensor)> {
    let logits = logits.detach();
    let tail = log1p(&logits.abs()?.neg()?.exp()?)?;
    Ok((
        logits.relu()?.add(&tail)?,
        logits.neg()?.relu()?.add(&tail)?,
    ))
}

/// `log(1 + x)` for `x ≥ 0`, accurate for small `x` too; outside the graph.
///
/// With `w` the rounded `1 + x`, `log(w) · x / (w - 1)` makes up for the rounding (W. Kahan;
/// Goldberg 1991, theorem 4).
fn log1p(x: &Tensor) -> Result<Tensor> {
    let x = x.detach();
    let sum = (&x + 1.)?;
    let kept = (&sum - 1.)?;
    let vanished = kept.eq(&kept.zeros_like()?)?;
    vanished.where_cond(&x, &sum.log()?.mul(&x)?.div(&kept)?)
}

/// Predictions `(rows, columns)` as the losses compute on them: contiguous, `f64` or `f32`.
pub(crate) fn as_matrix(
    what: &'static str,
    predictions: &Tensor,
) -> std::result::Result<Tensor, LossError> {
    if predictions.rank() != 2 {
        return Err(LossError::Shape {
            what,
            found: predictions.dims().to_vec(),
            expected: "(rows, columns)".to_owned(),
        });
    }
    as_float(what, predictions)
}

/// `tensor` in the precision of the losses: contiguous, `f64` or else `f32`.
pub(crate) fn as_float(
    what: &'static str,
    tensor: &Tensor,
) -> std::result::Result<Tensor, LossError> {
    let tensor = tensor.contiguous()?;
    match tensor.dtype() {
        DType::F64 | DType::F32 => Ok(tensor),
        DType::BF16 | DType::F16 => Ok(tensor.to_dtype(DType::F32)?),
        found => Err(LossError::NotFloat { what, found }),
    }
}

/// Numbers as a tensor of the type and on the device of `like`, outside the graph.
pub(crate) fn constant(
    values: impl Iterator<Item = f64>,
    shape: impl Into<Shape>,
    like: &Tensor,
) -> Result<Tensor> {
    let device = like.device();
    match like.dtype() {
        DType::F64 => Tensor::from_vec(values.collect::<Vec<f64>>(), shape.into(), device),
        // Narrowed here, for some devices know no `f64`.
        dtype => {
            let narrowed: Vec<f32> = values.map(|value| value as f32).collect();
            Tensor::from_vec(narrowed, shape.into(), device)?.to_dtype(dtype)
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::{log1p, softplus_pair};

    #[test]
    fn log1p_keeps_what_a_plain_logarithm_rounds_away() -> candle_core::Result<()> {
        let inputs = [0f32, 1e-30, 1e-9, 6e-8, 1e-4, 0.5, 1.];
        let logs = log1p(&Tensor::new(&inputs, &Device::Cpu)?)?.to_vec1::<f32>()?;
        for (x, log) in inputs.into_iter().zip(logs) {
            let expected = f64::from(x).ln_1p();
            assert!(
                (f64::from(log) - expected).abs() <= 3e-7 * expected,
                "{x}: {log} for {expected}"
            );
        }
        Ok(())
    }

    #[test]
    fn softplus_neither_overflows_nor_vanishes() -> candle_core::Result<()> {
        let logits = Tensor::new(&[-1e4f32, -20., 0., 20., 1e4], &Device::Cpu)?;
        let (no, yes) = softplus_pair(&logits)?;
        let (no, yes) = (no.to_vec1::<f32>()?, yes.to_vec1::<f32>()?);
        assert_eq!((no[0], yes[0], no[4], yes[4]), (0., 1e4, 1e4, 0.));
        assert!((no[1] - 2.061_153_6e-9).abs() < 1e-15, "{}", no[1]);
        assert_eq!(no[1], yes[3]);
        assert!((no[2] - 2f32.ln()).abs() < 1e-7);
        Ok(())
    }
}
