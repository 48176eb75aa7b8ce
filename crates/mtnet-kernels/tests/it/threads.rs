//! The same bits for any number of threads.

use std::sync::Arc;

use candle_core::Result;
use mtnet_core::{Offsets, RandomStream};
use mtnet_kernels::{
    Activation, Dropout, Pooling, attention, dropout, layer_norm, linear, segment_pool,
};

use crate::{flat, var};

fn block() -> Result<Vec<u32>> {
    let offsets = Arc::new(Offsets::from_lengths((0..40).map(|i| 1 + i * 7 % 50)));
    let (rows, hidden) = (offsets.total(), 96);
    let x = var("x", &[rows, hidden])?;
    let (w, b) = (var("w", &[hidden, hidden])?, var("b", &[hidden])?);
    let drop = Dropout::new(0.1, RandomStream::new(1));
    let h = linear(&x, &w, Some(&b), Activation::Gelu)?;
    let h = attention(&h, &h, &h, &offsets, 4, &drop)?;
    let h = layer_norm(&dropout(&h, &drop)?, Some(&x), &b, &b, 1e-6)?;
    let loss = segment_pool(&h, &offsets, Pooling::Mean)?
        .sqr()?
        .sum_all()?;
    let gradients = loss.backward()?;
    let mut bits = vec![loss.to_scalar::<f32>()?.to_bits()];
    for var in [&x, &w, &b] {
        bits.extend(
            flat(gradients.get(var).unwrap())?
                .iter()
                .map(|x| x.to_bits()),
        );
    }
    Ok(bits)
}

#[test]
fn values_and_gradients_do_not_depend_on_the_number_of_threads() -> Result<()> {
    let run = |threads: usize| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(block)
    };
    let one = run(1)?;
    for threads in [2, 3, 7] {
        assert!(
            run(threads)? == one,
            "{threads} threads gave other bits than one"
        );
    }
    Ok(())
}
