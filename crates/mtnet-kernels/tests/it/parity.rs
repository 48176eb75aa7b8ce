//! Every fused operation gives what its plain counterpart gives, and so do its gradients.

use std::sync::Arc;

use candle_core::{Device, Result, Tensor, Var};
use mtnet_core::{Offsets, RandomStream};
use mtnet_kernels::{
    Activation, Dropout, Pooling, activate, attention, dropout, embedding, layer_norm, linear,
    plain, segment_pool, window_concat,
};

use crate::{distance, var};

/// Compares both results, and both gradients of a weighted sum with respect to each variable.
fn check(what: &str, vars: &[&Var], fused: Result<Tensor>, plain: Result<Tensor>) -> Result<()> {
    let (fused, plain) = (fused?, plain?);
    assert!(
        distance(&fused, &plain)? < 2e-6,
        "{what}: values differ by {}",
        distance(&fused, &plain)?
    );
    let weights = var("weights of the sum", fused.dims())?.detach();
    let gradients = fused.mul(&weights)?.sum_all()?.backward()?;
    let expected = plain.mul(&weights)?.sum_all()?.backward()?;
    for (index, var) in vars.iter().enumerate() {
        let gradient = gradients
            .get(var)
            .unwrap_or_else(|| panic!("{what}: no gradient for input {index}"));
        let apart = distance(gradient, expected.get(var).unwrap())?;
        assert!(
            apart < 5e-6,
            "{what}: gradients of input {index} differ by {apart}"
        );
        let size: f32 = gradient.abs()?.sum_all()?.to_scalar()?;
        assert!(size > 0.0, "{what}: the gradient of input {index} is zero");
    }
    Ok(())
}

fn ragged() -> Arc<Offsets> {
    Arc::new(Offsets::from_lengths([1, 17, 5, 40, 2, 16]))
}

#[test]
fn linear_with_and_without_bias() -> Result<()> {
    for (rows, inputs, outputs) in [(1, 3, 2), (37, 24, 50), (70, 64, 33)] {
        let (x, w, b) = (
            var("x", &[rows, inputs])?,
            var("w", &[outputs, inputs])?,
            var("b", &[outputs])?,
        );
        let fused = linear(&x, &w, Some(&b), Activation::Identity);
        check(
            "linear",
            &[&x, &w, &b],
            fused,
            plain::linear(&x, &w, Some(&b)),
        )?;
        check(
            "linear",
            &[&x, &w],
            linear(&x, &w, None, Activation::Identity),
            plain::linear(&x, &w, None),
        )?;
    }
    Ok(())
}

#[test]
fn every_activation() -> Result<()> {
    let x = var("x", &[9, 333])?;
    let wide = Var::from_tensor(&(x.as_tensor() * 6.0)?)?;
    for activation in [
        Activation::Gelu,
        Activation::GeluTanh,
        Activation::Relu,
        Activation::Silu,
        Activation::Tanh,
    ] {
        for x in [&x, &wide] {
            check(
                &format!("{activation:?}"),
                &[x],
                activate(x, activation),
                plain::activate(x, activation),
            )?;
        }
    }
    Ok(())
}

#[test]
fn layer_norm_with_and_without_residual() -> Result<()> {
    for hidden in [3, 32, 100] {
        let (x, r) = (var("x", &[67, hidden])?, var("r", &[67, hidden])?);
        let (w, b) = (var("w", &[hidden])?, var("b", &[hidden])?);
        let sum = x.as_tensor() + r.as_tensor();
        let fused = layer_norm(&x, Some(&r), &w, &b, 1e-5);
        check(
            "residual norm",
            &[&x, &r, &w, &b],
            fused,
            plain::layer_norm(&sum?, &w, &b, 1e-5),
        )?;
        let fused = layer_norm(&x, None, &w, &b, 1e-12);
        check(
            "norm",
            &[&x, &w, &b],
            fused,
            plain::layer_norm(&x, &w, &b, 1e-12),
        )?;
    }
    Ok(())
}

#[test]
fn attention_with_and_without_dropout() -> Result<()> {
    let offsets = ragged();
    let shape = [offsets.total(), 24];
    let (q, k, v) = (var("q", &shape)?, var("k", &shape)?, var("v", &shape)?);
    for heads in [1, 3, 8] {
        for drop in [
            Dropout::none(),
            Dropout::new(0.3, RandomStream::new(5).child("attention")),
        ] {
            let fused = attention(&q, &k, &v, &offsets, heads, &drop);
            check(
                "attention",
                &[&q, &k, &v],
                fused,
                plain::attention(&q, &k, &v, &offsets, heads, &drop),
            )?;
        }
    }
    Ok(())
}

#[test]
fn pooling_and_windows() -> Result<()> {
    let offsets = ragged();
    let x = var("x", &[offsets.total(), 7])?;
    for pooling in [Pooling::First, Pooling::Mean, Pooling::Max] {
        let plain = plain::segment_pool(&x, &offsets, pooling);
        check(
            &format!("{pooling:?}"),
            &[&x],
            segment_pool(&x, &offsets, pooling),
            plain,
        )?;
    }
    for radius in [0, 1, 3] {
        let plain = plain::window_concat(&x, &offsets, radius);
        check("window", &[&x], window_concat(&x, &offsets, radius), plain)?;
    }
    Ok(())
}

#[test]
fn embeddings_add_the_gradients_of_repeated_rows() -> Result<()> {
    let table = var("table", &[12, 5])?;
    let ids = Tensor::new(&[3u32, 3, 0, 11, 3, 7], &Device::Cpu)?;
    check(
        "embedding",
        &[&table],
        embedding(&table, &ids),
        table.index_select(&ids, 0),
    )?;
    let outside = embedding(&table, &Tensor::new(&[12u32], &Device::Cpu)?)
        .unwrap_err()
        .to_string();
    assert!(
        outside.contains("index 12 lies past the 12 rows"),
        "{outside}"
    );
    Ok(())
}

#[test]
fn dropout_keeps_the_mean_and_draws_its_mask_again() -> Result<()> {
    let x = var("x", &[130, 333])?;
    let drop = Dropout::new(0.25, RandomStream::new(3).child("hidden"));
    check(
        "dropout",
        &[&x],
        dropout(&x, &drop),
        plain::dropout(&x, &drop),
    )?;

    let ones = Tensor::ones((200, 500), candle_core::DType::F32, &Device::Cpu)?;
    let dropped = dropout(&ones, &drop)?;
    let mean: f32 = dropped.mean_all()?.to_scalar()?;
    assert!((mean - 1.0).abs() < 0.01, "{mean}");
    let zeros = dropped
        .flatten_all()?
        .to_vec1::<f32>()?
        .iter()
        .filter(|&&x| x == 0.0)
        .count();
    assert!((24_000..26_000).contains(&zeros), "{zeros} of 100000");
    let other = dropout(
        &ones,
        &Dropout::new(0.25, RandomStream::new(4).child("hidden")),
    )?;
    assert!(distance(&dropped, &other)? > 0.1);
    Ok(())
}

#[test]
fn attention_never_crosses_a_border() -> Result<()> {
    let offsets = Arc::new(Offsets::from_lengths([4, 6]));
    let x = var("x", &[10, 8])?;
    let together = attention(&x, &x, &x, &offsets, 2, &Dropout::none())?;
    let alone = x.narrow(0, 4, 6)?.contiguous()?;
    let single = Arc::new(Offsets::from_lengths([6]));
    let alone = attention(&alone, &alone, &alone, &single, 2, &Dropout::none())?;
    assert_eq!(distance(&together.narrow(0, 4, 6)?, &alone)?, 0.0);
    Ok(())
}

#[test]
fn wrong_shapes_are_named() -> Result<()> {
    let (x, w) = (var("x", &[2, 3])?, var("w", &[4, 5])?);
    let message = linear(&x, &w, None, Activation::Identity)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("x is (2, 3)") && message.contains("takes 5 inputs"),
        "{message}"
    );
    let offsets = Arc::new(Offsets::from_lengths([1]));
    assert!(attention(&x, &x, &x, &offsets, 3, &Dropout::none()).is_err());
    assert!(segment_pool(&x, &Arc::new(Offsets::from_lengths([2, 0])), Pooling::Mean).is_err());
    Ok(())
}
