//! Softmax of rows of scores, and its backward pass.
//!
//! A row fills whole vectors, `stride` numbers of which the first `length` count. Rows are short,
//! so that the sums and maxima across a vector weigh as much as the rest: with AVX-512 they are
//! single instructions by name, which compilers do not find in the plain loops.

use crate::isa::{LANES, exp, lane_sum, vectorized};

/// Softmax of the first `length` scores of each row times `scale`; the others become 0.
///
/// # Panics
/// If rows are no whole vectors, or none or all of the last vector's numbers lie past the length.
pub(super) fn softmax_rows(scores: &mut [f32], (length, stride): (usize, usize), scale: f32) {
    assert!(stride.is_multiple_of(LANES) && length <= stride && length + LANES > stride);
    assert!(scores.len().is_multiple_of(stride));
    #[cfg(target_arch = "x86_64")]
    if crate::isa::isa() == crate::isa::Isa::Avx512 {
        // SAFETY: `isa` answers so only where the processor has AVX-512, and the assertions above
        // are what the function asks for.
        unsafe { super::softmax_avx512::softmax_rows(scores, (length, stride), scale) };
        return;
    }
    plain_rows(scores, length, stride, scale);
}

/// `slopes = probabilities · (slopes - Σ probabilities · slopes) · scale` in each row.
///
/// # Panics
/// If rows are no whole vectors, or the slices differ in length.
pub(super) fn softmax_backward(
    probabilities: &[f32],
    slopes: &mut [f32],
    stride: usize,
    scale: f32,
) {
    assert!(stride.is_multiple_of(LANES) && slopes.len().is_multiple_of(stride));
    assert_eq!(probabilities.len(), slopes.len());
    #[cfg(target_arch = "x86_64")]
    if crate::isa::isa() == crate::isa::Isa::Avx512 {
        // SAFETY: as above.
        unsafe { super::softmax_avx512::softmax_backward(probabilities, slopes, stride, scale) };
        return;
    }
    plain_backward(probabilities, slopes, stride, scale);
}

vectorized! {
    fn plain_rows(scores: &mut [f32], length: usize, stride: usize, scale: f32) {
        for row in scores.chunks_exact_mut(stride) {
            row[length..].fill(f32::NEG_INFINITY);
            let (vectors, _) = row.as_chunks_mut::<LANES>();
            let mut largest = [f32::NEG_INFINITY; LANES];
            for vector in vectors.iter() {
                for (largest, &score) in largest.iter_mut().zip(vector) {
                    *largest = if score > *largest { score } else { *largest };
                }
            }
            let largest = largest.iter().fold(f32::NEG_INFINITY, |a, &b| if b > a { b } else { a });
            for score in row.iter_mut() {
                *score = exp((*score - largest) * scale);
            }
            // What stands past the length is at most 1e-37 and does not show in the sum.
            let inverse = 1.0 / lane_sum(stride, |i| row[i]);
            for score in row.iter_mut() {
                *score *= inverse;
            }
            row[length..].fill(0.0);
        }
    }
}

vectorized! {
    fn plain_backward(probabilities: &[f32], slopes: &mut [f32], stride: usize, scale: f32) {
        for (slopes, probabilities) in slopes.chunks_exact_mut(stride).zip(probabilities.chunks_exact(stride)) {
            let mean = lane_sum(stride, |i| probabilities[i] * slopes[i]);
            for (slope, &probability) in slopes.iter_mut().zip(probabilities) {
                *slope = probability * (*slope - mean) * scale;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mtnet_core::RandomStream;

    #[test]
    fn every_length_and_path_gives_the_softmax_and_its_slopes() {
        let mut stream = RandomStream::new(3);
        for length in [1usize, 2, 15, 16, 17, 25, 32, 100] {
            let stride = length.next_multiple_of(LANES);
            let mut numbers = |scale: f64| -> Vec<f32> {
                let count = 3 * stride;
                (0..count)
                    .map(|_| (scale * stream.normal()) as f32)
                    .collect()
            };
            let (scores, slopes, scale) = (numbers(20.0), numbers(1.0), 0.3f32);
            let (mut fast, mut slow) = (scores.clone(), scores.clone());
            softmax_rows(&mut fast, (length, stride), scale);
            plain_rows(&mut slow, length, stride, scale);
            let (mut fast_slopes, mut slow_slopes) = (slopes.clone(), slopes.clone());
            softmax_backward(&fast, &mut fast_slopes, stride, scale);
            plain_backward(&slow, &mut slow_slopes, stride, scale);
            for row in 0..3 {
                let at = |i: usize| row * stride + i;
                let score = |i| f64::from(scores[at(i)]) * f64::from(scale);
                let largest = (0..length).map(score).fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = (0..length).map(|i| (score(i) - largest).exp()).sum();
                let probability = |i| (score(i) - largest).exp() / sum;
                let slope = |i: usize| f64::from(slopes[at(i)]);
                let mean: f64 = (0..length).map(|i| probability(i) * slope(i)).sum();
                for i in 0..stride {
                    let (p, s) = if i < length {
                        let p = probability(i);
                        (p, p * (slope(i) - mean) * f64::from(scale))
                    } else {
                        (0.0, 0.0)
                    };
                    for (path, found, found_slope) in [
                        ("fast", fast[at(i)], fast_slopes[at(i)]),
                        ("plain", slow[at(i)], slow_slopes[at(i)]),
                    ] {
                        let apart = (f64::from(found) - p).abs();
                        assert!(apart < 1e-6, "{path}, {length}: probability {i} is {found}");
                        let apart = (f64::from(found_slope) - s).abs();
                        assert!(apart < 1e-6, "{path}, {length}: slope {i} is {found_slope}");
                        assert!(i < length || found == 0.0);
                    }
                }
            }
        }
    }
}
