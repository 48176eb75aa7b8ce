//! Softmax with AVX-512.

use std::arch::x86_64::{
    __m512, _mm512_add_epi32, _mm512_add_ps, _mm512_castps_si512, _mm512_castsi512_ps,
    _mm512_fmadd_ps, _mm512_fnmadd_ps, _mm512_loadu_ps, _mm512_mask_mov_ps, _mm512_maskz_mov_ps,
    _mm512_max_ps, _mm512_mul_ps, _mm512_reduce_add_ps, _mm512_reduce_max_ps, _mm512_set1_epi32,
    _mm512_set1_ps, _mm512_setzero_ps, _mm512_slli_epi32, _mm512_storeu_ps, _mm512_sub_ps,
};

const WIDTH: usize = 16;

/// As [`softmax::softmax_rows`](super::softmax::softmax_rows).
///
/// # Safety
/// The processor must have AVX-512 F; `stride` must be a multiple of 16 that divides the number of
/// scores, and less than 16 above `length`.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn softmax_rows(
    scores: &mut [f32],
    (length, stride): (usize, usize),
    scale: f32,
) {
    let (vectors, rows) = (stride / WIDTH, scores.len() / stride);
    let filled = ((1u32 << (length + WIDTH - stride)) - 1) as u16;
    let scale = _mm512_set1_ps(scale);
    for row in 0..rows {
        let row = scores.as_mut_ptr().wrapping_add(row * stride);
        // SAFETY: `vectors` vectors from here on are the row.
        unsafe {
            let last = row.add((vectors - 1) * WIDTH);
            let lowest = _mm512_set1_ps(f32::NEG_INFINITY);
            let mut largest = _mm512_mask_mov_ps(lowest, filled, _mm512_loadu_ps(last));
            for vector in 0..vectors - 1 {
                largest = _mm512_max_ps(largest, _mm512_loadu_ps(row.add(vector * WIDTH)));
            }
            let largest = _mm512_set1_ps(_mm512_reduce_max_ps(largest));
            let mut sum = _mm512_setzero_ps();
            for vector in 0..vectors {
                let at = row.add(vector * WIDTH);
                let score = _mm512_mul_ps(_mm512_sub_ps(_mm512_loadu_ps(at), largest), scale);
                let power = if vector + 1 == vectors {
                    _mm512_maskz_mov_ps(filled, exp(score))
                } else {
                    exp(score)
                };
                sum = _mm512_add_ps(sum, power);
                _mm512_storeu_ps(at, power);
            }
            let inverse = _mm512_set1_ps(1.0 / _mm512_reduce_add_ps(sum));
            for vector in 0..vectors {
                let at = row.add(vector * WIDTH);
                _mm512_storeu_ps(at, _mm512_mul_ps(_mm512_loadu_ps(at), inverse));
            }
        }
    }
}

/// As [`softmax::softmax_backward`](super::softmax::softmax_backward).
///
/// # Safety
/// The processor must have AVX-512 F; the slices must have one length, of which `stride`, a
/// multiple of 16, is a divisor.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn softmax_backward(
    probabilities: &[f32],
    slopes: &mut [f32],
    stride: usize,
    scale: f32,
) {
    let (vectors, rows) = (stride / WIDTH, slopes.len() / stride);
    let scale = _mm512_set1_ps(scale);
    for row in 0..rows {
        let probabilities = probabilities.as_ptr().wrapping_add(row * stride);
        let slopes = slopes.as_mut_ptr().wrapping_add(row * stride);
        // SAFETY: `vectors` vectors from here on are the row in both.
        unsafe {
            let mut sum = _mm512_setzero_ps();
            for vector in 0..vectors {
                let probability = _mm512_loadu_ps(probabilities.add(vector * WIDTH));
                let slope = _mm512_loadu_ps(slopes.add(vector * WIDTH));
                sum = _mm512_fmadd_ps(probability, slope, sum);
            }
            let mean = _mm512_set1_ps(_mm512_reduce_add_ps(sum));
            for vector in 0..vectors {
                let probability = _mm512_loadu_ps(probabilities.add(vector * WIDTH));
                let at = slopes.add(vector * WIDTH);
                let centred = _mm512_sub_ps(_mm512_loadu_ps(at), mean);
                let slope = _mm512_mul_ps(_mm512_mul_ps(probability, centred), scale);
                _mm512_storeu_ps(at, slope);
            }
        }
    }
}

/// As [`isa::exp`](crate::isa::exp), for `x <= 0`.
#[target_feature(enable = "avx512f")]
fn exp(x: __m512) -> __m512 {
    let x = _mm512_max_ps(x, _mm512_set1_ps(-87.0));
    let shift = _mm512_set1_ps(12_582_912.0);
    let shifted = _mm512_fmadd_ps(x, _mm512_set1_ps(std::f32::consts::LOG2_E), shift);
    let n = _mm512_sub_ps(shifted, shift);
    let r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693_359_4), x);
    let r = _mm512_fmadd_ps(n, _mm512_set1_ps(2.121_944_4e-4), r);
    let mut p = _mm512_set1_ps(1.987_569_1e-4);
    for coefficient in [
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        0.5,
    ] {
        p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(coefficient));
    }
    let value = _mm512_fmadd_ps(_mm512_mul_ps(p, r), r, r);
    let value = _mm512_add_ps(value, _mm512_set1_ps(1.0));
    let exponent = _mm512_slli_epi32::<23>(_mm512_castps_si512(shifted));
    let power = _mm512_add_epi32(exponent, _mm512_set1_epi32(127 << 23));
    _mm512_mul_ps(value, _mm512_castsi512_ps(power))
}
