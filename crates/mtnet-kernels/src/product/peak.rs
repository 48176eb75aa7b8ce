//! What a core could do at most: multiplications and additions in `f32` on registers alone.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::isa::{Isa, isa};

/// Vectors that are worked on side by side: more than the two that a core begins in a cycle times
/// the four cycles that each takes.
const VECTORS: usize = 12;
/// Operations on each vector between two looks at the clock.
const ROUNDS: usize = 20_000;

/// Floating-point operations a second of one thread of this machine with the instructions in use:
/// the best of many short looks, a product and its sum counted as two.
pub fn peak_operations_per_second() -> f64 {
    const LOOKS: usize = 60;
    let (run, lanes) = fastest();
    let operations = (2 * VECTORS * lanes * ROUNDS) as f64;
    let mut best = Duration::MAX;
    for _ in 0..LOOKS {
        let begun = Instant::now();
        // SAFETY: `fastest` gives a loop only where the processor has its instructions.
        black_box(unsafe { run(black_box(ROUNDS)) });
        best = best.min(begun.elapsed());
    }
    operations / best.as_secs_f64()
}

/// The loop for the instructions in use, and the numbers of its vectors.
fn fastest() -> (unsafe fn(usize) -> f32, usize) {
    match isa() {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => (avx512, 16),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 if is_x86_feature_detected!("fma") => (avx2, 8),
        _ => (plain, 4),
    }
}

fn plain(rounds: usize) -> f32 {
    let mut sums = [[1f32; 4]; VECTORS];
    for _ in 0..rounds {
        for sum in sums.as_flattened_mut() {
            *sum = *sum * 0.999 + 0.001;
        }
    }
    sums.as_flattened().iter().sum()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2(rounds: usize) -> f32 {
    use std::arch::x86_64::*;

    let (factor, term) = (_mm256_set1_ps(0.999), _mm256_set1_ps(0.001));
    let mut sums = [_mm256_set1_ps(1.0); VECTORS];
    for _ in 0..rounds {
        for sum in &mut sums {
            *sum = _mm256_fmadd_ps(*sum, factor, term);
        }
    }
    let sum = sums.into_iter().reduce(|a, b| _mm256_add_ps(a, b));
    _mm256_cvtss_f32(sum.unwrap_or(term))
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn avx512(rounds: usize) -> f32 {
    use std::arch::x86_64::*;

    let (factor, term) = (_mm512_set1_ps(0.999), _mm512_set1_ps(0.001));
    let mut sums = [_mm512_set1_ps(1.0); VECTORS];
    for _ in 0..rounds {
        for sum in &mut sums {
            *sum = _mm512_fmadd_ps(*sum, factor, term);
        }
    }
    let sum = sums.into_iter().reduce(|a, b| _mm512_add_ps(a, b));
    _mm512_cvtss_f32(sum.unwrap_or(term))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loops_compute() {
        let (run, _) = fastest();
        // SAFETY: as above.
        let sum = unsafe { run(1000) };
        // Each number stays where it begins, at the fixed point of x -> 0.999 x + 0.001.
        assert_eq!(sum.round() % VECTORS as f32, 0.0, "{sum}");
    }
}
