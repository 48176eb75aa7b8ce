//! Every kernel on 8-bit integers against the products of what the operands round to.

use super::PackedInt8;
use super::tile::Kernel;
use crate::isa::Isa;
use crate::product::tests::{SIZES, numbers, plain, turned};
use crate::product::{Orientation, Packed, product};

fn kernels() -> impl Iterator<Item = &'static Kernel> {
    [Isa::Base, Isa::Avx2, Isa::Avx512]
        .into_iter()
        .filter_map(Kernel::of)
}

fn multiplied(
    kernel: &'static Kernel,
    left: &[f32],
    weight: &[f32],
    (rows, inner, columns): (usize, usize, usize),
    orientation: Orientation,
) -> Vec<f32> {
    let mut packed = PackedInt8::for_kernel(kernel);
    // Something else first, so that old numbers would show.
    packed.pack(&numbers(50 * 70, 3), 50, 70, orientation);
    packed.pack(weight, inner, columns, orientation);
    let mut out = vec![f32::NAN; rows * columns];
    product(left, &packed, &mut out, |_, _| {});
    out
}

#[test]
fn instruction_sets_and_orientations_give_the_same_bits() {
    for sizes in SIZES {
        let (rows, inner, columns) = sizes;
        let left = numbers(rows * inner, 1);
        let right = numbers(inner * columns, 2);
        let transposed = turned(&right, inner, columns);
        let plain = Orientation::Plain;
        let expected = multiplied(
            Kernel::of(Isa::Base).expect("always"),
            &left,
            &right,
            sizes,
            plain,
        );
        for kernel in kernels() {
            let found = multiplied(kernel, &left, &right, sizes, plain);
            assert_eq!(found, expected, "{kernel:?} {sizes:?}");
            let found = multiplied(kernel, &left, &transposed, sizes, Orientation::Transposed);
            assert_eq!(found, expected, "{kernel:?} {sizes:?} transposed");
        }
    }
}

/// Each factor is off by at most one step of its row or half a step of its column.
#[test]
fn errors_are_those_of_rounding() {
    for sizes in SIZES {
        let (rows, inner, columns) = sizes;
        let left: Vec<f32> = numbers(rows * inner, 1)
            .iter()
            .map(|x| 3.0 * x + 0.5)
            .collect();
        let right = numbers(inner * columns, 2);
        let exact = plain(&left, &right, sizes);
        for kernel in kernels() {
            let found = multiplied(kernel, &left, &right, sizes, Orientation::Plain);
            for (&found, &(exact, _)) in found.iter().zip(&exact) {
                // Rows span at most 6, columns reach at most 1; the largest factors are 3.5 and 1.
                let bound = inner as f64 * (6.0 / 255.0 * 1.0 + 3.5 * 0.5 / 127.0) * 1.01;
                let usual = (inner as f64).sqrt() * 0.05;
                let error = (f64::from(found) - exact).abs();
                assert!(
                    error <= bound.min(usual),
                    "{kernel:?} {sizes:?}: {error} above {usual}"
                );
            }
        }
    }
}

#[test]
fn whole_numbers_come_out_exact() {
    // Rows from 0 to 255 and columns from -127 to 127 have steps of 1.
    let (inner, columns) = (300, 41);
    let left: Vec<f32> = (0..2 * inner).map(|i| ((i * 7) % 256) as f32).collect();
    let right: Vec<f32> = (0..inner * columns)
        .map(|i| ((i * 31) % 255) as f32 - 127.0)
        .collect();
    assert!(left[..inner].contains(&255.0) && left[inner..].contains(&255.0));
    let exact = plain(&left, &right, (2, inner, columns));
    for kernel in kernels() {
        let found = multiplied(
            kernel,
            &left,
            &right,
            (2, inner, columns),
            Orientation::Plain,
        );
        for (&found, &(exact, _)) in found.iter().zip(&exact) {
            assert!((f64::from(found) - exact).abs() <= 1e-6 * exact.abs() + 1e-6);
        }
    }
}

#[test]
fn bits_do_not_depend_on_threads_or_other_rows() {
    let (inner, columns) = (397, 101);
    let right = numbers(inner * columns, 2);
    for kernel in kernels() {
        let mut packed = PackedInt8::for_kernel(kernel);
        packed.pack(&right, inner, columns, Orientation::Plain);
        let left = numbers(333 * inner, 1);
        let results: Vec<_> = (1..=4)
            .map(|threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
                pool.expect("a pool").install(|| {
                    let mut all = vec![0.0; 333 * columns];
                    product(&left, &packed, &mut all, |_, _| {});
                    let mut few = vec![0.0; 60 * columns];
                    product(&left[..60 * inner], &packed, &mut few, |_, _| {});
                    assert_eq!(few, all[..60 * columns]);
                    all
                })
            })
            .collect();
        assert!(results.iter().all(|result| *result == results[0]));
    }
}

#[test]
fn what_is_no_number_shows_in_its_row_and_column_only() {
    let (inner, columns) = (5, 3);
    let mut left = numbers(2 * inner, 1);
    left[inner + 1] = f32::NAN;
    let mut right = numbers(inner * columns, 2);
    right[columns + 2] = f32::INFINITY;
    for kernel in kernels() {
        let out = multiplied(
            kernel,
            &left,
            &right,
            (2, inner, columns),
            Orientation::Plain,
        );
        let finite: Vec<bool> = out.iter().map(|value| value.is_finite()).collect();
        assert_eq!(finite, [true, true, false, false, false, false]);
    }
}

#[test]
fn a_packed_weight_takes_a_quarter_of_the_memory() {
    let weight = numbers(384 * 96, 1);
    let (mut float, mut int8) = (Packed::default(), PackedInt8::default());
    float.pack(&weight, 384, 96, Orientation::Plain);
    int8.pack(&weight, 384, 96, Orientation::Plain);
    assert_eq!(int8.values.len(), size_of_val(&*float.values) / 4);
}
