//! Every kernel that this processor has, against a plain triple loop in `f64`.

use std::sync::Mutex;

use super::bf16::{round, widen};
use super::gradient::Operands;
use super::packed::{Packed, PackedBf16, PackedOf};
use super::tile::{Kernel, Operand};
use super::{Orientation, gradient, product};
use crate::isa::Isa;

fn kernels() -> impl Iterator<Item = &'static Kernel> {
    [Isa::Base, Isa::Avx2, Isa::Avx512]
        .into_iter()
        .filter_map(Kernel::of)
}

/// Numbers in -1..1 without a pattern that a wrong index could hide in.
pub(super) fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state as f32 / (1u32 << 31) as f32 - 1.0
        })
        .collect()
}

pub(super) fn turned(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..rows * columns)
        .map(|i| values[i % rows * columns + i / rows])
        .collect()
}

/// `left (rows, inner) · right (inner, columns)`, and the same of absolute values: what rounding
/// errors are in proportion to.
pub(super) fn plain(left: &[f32], right: &[f32], (rows, inner, columns): Sizes) -> Vec<(f64, f64)> {
    (0..rows * columns)
        .map(|i| {
            let (row, column) = (i / columns, i % columns);
            (0..inner).fold((0.0, 0.0), |(sum, size), k| {
                let term =
                    f64::from(left[row * inner + k]) * f64::from(right[k * columns + column]);
                (sum + term, size + term.abs())
            })
        })
        .collect()
}

pub(super) type Sizes = (usize, usize, usize);

/// Relative to the sum of the terms' sizes: an `f32` sum of some hundred terms stays far below.
const TOLERANCE: f64 = 2e-6;

fn assert_close(found: &[f32], expected: &[(f64, f64)], what: &str) {
    assert_eq!(found.len(), expected.len());
    for (i, (&found, &(expected, size))) in found.iter().zip(expected).enumerate() {
        let error = (f64::from(found) - expected).abs();
        assert!(
            error <= TOLERANCE * size,
            "{what}: element {i} is {found}, expected {expected}"
        );
    }
}

pub(super) const SIZES: [Sizes; 16] = [
    (1, 1, 1),
    (1, 7, 13),
    (2, 3, 31),
    (7, 1, 33),
    (13, 31, 7),
    (14, 16, 32),
    (15, 33, 64),
    (33, 64, 100),
    (31, 100, 1),
    (64, 384, 33),
    (100, 31, 384),
    (112, 385, 48),
    (113, 7, 97),
    (200, 400, 65),
    (1, 1000, 384),
    (5, 0, 3),
];

fn forward<R: Operand>(kernel: &'static Kernel, sizes: Sizes, rounded: impl Fn(f32) -> f32) {
    let (rows, inner, columns) = sizes;
    let left = numbers(rows * inner, 1);
    let right = numbers(inner * columns, 2);
    let round = |values: &[f32]| values.iter().map(|&x| rounded(x)).collect::<Vec<f32>>();
    let expected = plain(&round(&left), &round(&right), sizes);
    for orientation in [Orientation::Plain, Orientation::Transposed] {
        let weight = match orientation {
            Orientation::Plain => right.clone(),
            Orientation::Transposed => turned(&right, inner, columns),
        };
        let mut packed = PackedOf::<R>::for_kernel(kernel);
        // Something else first, so that old numbers would show.
        packed.pack(&numbers(50 * 70, 3), 50, 70, orientation);
        packed.pack(&weight, inner, columns, orientation);
        assert_eq!((packed.inner(), packed.columns()), (inner, columns));
        let mut out = vec![f32::NAN; rows * columns];
        product(&left, &packed, &mut out, |_, _| {});
        assert_close(
            &out,
            &expected,
            &format!("{kernel:?} {sizes:?} {orientation:?}"),
        );
    }
}

#[test]
fn products_are_right() {
    for kernel in kernels() {
        for sizes in SIZES {
            forward::<f32>(kernel, sizes, |x| x);
        }
    }
}

#[test]
fn products_in_bf16_are_those_of_rounded_operands() {
    for kernel in kernels() {
        for sizes in SIZES {
            forward::<u16>(kernel, sizes, |x| widen(round(x)));
        }
    }
    let (mut float, mut half) = (Packed::default(), PackedBf16::default());
    float.pack(&[1.0; 700], 70, 10, Orientation::Plain);
    half.pack(&[1.0; 700], 70, 10, Orientation::Plain);
    assert_eq!(size_of_val(&*half.values), size_of_val(&*float.values) / 2);
}

#[test]
fn gradients_are_right_and_add() {
    for kernel in kernels() {
        // The largest needs several blocks, chunks and tiles.
        for (m, rows, n) in SIZES.into_iter().chain([(500, 300, 430)]) {
            let left = numbers(rows * m, 1);
            let right = numbers(rows * n, 2);
            let mut expected = plain(&turned(&left, rows, m), &right, (m, rows, n));
            let mut out = vec![f32::NAN; m * n];
            let mut operands = Operands {
                left: &left,
                right: &right,
                sizes: (rows, m, n),
                rounded: false,
            };
            gradient::with_kernel(kernel, operands, false, &mut out);
            assert_close(&out, &expected, &format!("{kernel:?} {m}, {rows}, {n}"));

            // A product of rounded numbers is that of numbers that were round before.
            let round: Vec<Vec<f32>> = [&left, &right]
                .map(|side| side.iter().map(|&x| widen(round(x))).collect())
                .into();
            let mut expected_round = vec![f32::NAN; m * n];
            let already = Operands {
                left: &round[0],
                right: &round[1],
                ..operands
            };
            gradient::with_kernel(kernel, already, false, &mut expected_round);
            operands.rounded = true;
            gradient::with_kernel(kernel, operands, false, &mut out);
            assert_eq!(out, expected_round, "{kernel:?} {m}, {rows}, {n}, rounded");
            operands.rounded = false;

            let before = numbers(m * n, 4);
            out.copy_from_slice(&before);
            gradient::with_kernel(kernel, operands, true, &mut out);
            for ((sum, size), &before) in expected.iter_mut().zip(&before) {
                *sum += f64::from(before);
                *size += f64::from(before.abs());
            }
            assert_close(
                &out,
                &expected,
                &format!("{kernel:?} {m}, {rows}, {n}, added"),
            );
        }
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    for kernel in kernels() {
        let (inner, columns) = (397, 101);
        let mut packed = PackedOf::<f32>::for_kernel(kernel);
        packed.pack(
            &numbers(inner * columns, 2),
            inner,
            columns,
            Orientation::Plain,
        );
        for rows in [5, 60, 333] {
            let left = numbers(rows * inner, 1);
            let right = numbers(rows * columns, 5);
            let results: Vec<_> = (1..=4)
                .map(|threads| {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
                    pool.expect("a pool").install(|| {
                        let mut out = vec![0.0; rows * columns];
                        product(&left, &packed, &mut out, |_, _| {});
                        let mut slope = vec![0.0; inner * columns];
                        let operands = Operands {
                            left: &left,
                            right: &right,
                            sizes: (rows, inner, columns),
                            rounded: false,
                        };
                        gradient::with_kernel(kernel, operands, false, &mut slope);
                        (out, slope)
                    })
                })
                .collect();
            assert!(results.iter().all(|result| *result == results[0]));
        }
    }
}

#[test]
fn a_row_does_not_depend_on_the_others() {
    for kernel in kernels() {
        let (rows, inner, columns) = (300, 401, 70);
        let left = numbers(rows * inner, 1);
        let mut packed = PackedOf::<f32>::for_kernel(kernel);
        packed.pack(
            &numbers(inner * columns, 2),
            inner,
            columns,
            Orientation::Plain,
        );
        let mut together = vec![0.0; rows * columns];
        product(&left, &packed, &mut together, |_, _| {});
        for (row, count) in [(0, 1), (299, 1), (17, 29), (40, 110)] {
            let mut alone = vec![0.0; count * columns];
            product(
                &left[row * inner..][..count * inner],
                &packed,
                &mut alone,
                |_, _| {},
            );
            assert_eq!(alone, together[row * columns..][..count * columns]);
        }
    }
}

#[test]
fn finish_sees_each_row_once_and_finished() {
    let inner = 3;
    for (kernel, columns) in kernels().flat_map(|kernel| [(kernel, 5), (kernel, 300)]) {
        let mut packed = PackedOf::<f32>::for_kernel(kernel);
        let ones = vec![1.0; inner * columns];
        packed.pack(&ones, inner, columns, Orientation::Plain);
        for rows in [1, 2, 25, 56, 57, 112, 113, 500] {
            let left: Vec<f32> = (0..rows * inner).map(|i| (i / inner) as f32).collect();
            let mut out = vec![0.0; rows * columns];
            let seen = Mutex::new(vec![]);
            product(&left, &packed, &mut out, |first, block| {
                for (row, values) in block.chunks_exact_mut(columns).enumerate() {
                    assert!(
                        values
                            .iter()
                            .all(|&value| value == 3.0 * (first + row) as f32)
                    );
                    values.fill(1.0);
                    seen.lock().expect("no panic before").push(first + row);
                }
            });
            let mut seen = seen.into_inner().expect("no panic before");
            seen.sort_unstable();
            assert_eq!(seen, Vec::from_iter(0..rows));
            assert!(out.iter().all(|&value| value == 1.0));
        }
    }
}
