//! Products of matrices that fit a core's first cache: those of one head in one sequence.
//!
//! `out[i][j] = Σ_k left[i][k] · right[k][j]` in tiles of up to 8 rows, whose sums stay in
//! registers. With AVX-512 a tile has up to three vectors of columns, the last one masked, and
//! multiplies and adds in one instruction; elsewhere a plain loop over 16 columns is compiled for
//! each instruction set. The order of each sum is that of `k`.

use crate::isa::{LANES, vectorized};
use crate::product::{Kernel, Transpose};

/// A matrix of which element `(i, k)` stands at `i · row + k · term`.
#[derive(Clone, Copy)]
pub(crate) struct Left<'a> {
    pub values: &'a [f32],
    pub row: usize,
    pub term: usize,
}

/// A matrix of which element `(k, j)` stands at `k · row + j`.
#[derive(Clone, Copy)]
pub(crate) struct Right<'a> {
    pub values: &'a [f32],
    pub row: usize,
}

/// `out = left · right`, added to what `out` holds if `add`; `shape` is rows, terms of a sum,
/// columns. Row `i` of `out` begins at `i · out_row`.
///
/// # Panics
/// If a slice is shorter than its matrix.
pub(crate) fn multiply(
    shape: (usize, usize, usize),
    left: Left<'_>,
    right: Right<'_>,
    add: bool,
    out: &mut [f32],
    out_row: usize,
) {
    let (rows, terms, columns) = shape;
    if rows == 0 || columns == 0 {
        return;
    }
    let last = terms.saturating_sub(1);
    assert!(terms == 0 || (rows - 1) * left.row + last * left.term < left.values.len());
    assert!(terms == 0 || last * right.row + columns <= right.values.len());
    assert!((rows - 1) * out_row + columns <= out.len());
    #[cfg(target_arch = "x86_64")]
    if crate::isa::isa() == crate::isa::Isa::Avx512 {
        // SAFETY: `isa` answers so only where the processor has AVX-512, and the assertions above
        // are what `multiply` asks for.
        unsafe { super::small_avx512::multiply(shape, left, right, add, out, out_row) };
        return;
    }
    plain(shape, left, right, add, out, out_row);
}

vectorized! {
    fn plain(
        shape: (usize, usize, usize),
        left: Left<'_>,
        right: Right<'_>,
        add: bool,
        out: &mut [f32],
        out_row: usize,
    ) {
        let (rows, _, columns) = shape;
        let whole = columns / LANES * LANES;
        for column in (0..whole).step_by(LANES) {
            let mut row = 0;
            while row < rows {
                let at = (row, column);
                if rows - row >= 4 {
                    tile::<4, LANES>(shape.1, left, right, add, out, out_row, at);
                    row += 4;
                } else {
                    tile::<1, LANES>(shape.1, left, right, add, out, out_row, at);
                    row += 1;
                }
            }
        }
        for column in whole..columns {
            for row in 0..rows {
                tile::<1, 1>(shape.1, left, right, add, out, out_row, (row, column));
            }
        }
    }
}

#[inline(always)]
fn tile<const ROWS: usize, const COLUMNS: usize>(
    terms: usize,
    left: Left<'_>,
    right: Right<'_>,
    add: bool,
    out: &mut [f32],
    out_row: usize,
    (row, column): (usize, usize),
) {
    let mut sums = [[0f32; COLUMNS]; ROWS];
    for k in 0..terms {
        let right: &[f32; COLUMNS] = right.values[k * right.row + column..]
            .first_chunk()
            .expect("checked by the caller");
        for (i, sums) in sums.iter_mut().enumerate() {
            let weight = left.values[(row + i) * left.row + k * left.term];
            for (sum, &value) in sums.iter_mut().zip(right) {
                *sum += weight * value;
            }
        }
    }
    for (i, sums) in sums.iter().enumerate() {
        let out = &mut out[(row + i) * out_row + column..][..COLUMNS];
        for (out, &sum) in out.iter_mut().zip(sums) {
            *out = if add { *out + sum } else { sum };
        }
    }
}

/// The first `rows` rows of `values`, of `columns` numbers each and `row` apart, laid out
/// `(columns, stride)`: number `(r, c)` becomes `out[c · stride + r]`. Columns of `out` from
/// `rows` to `stride`, a multiple of 16, become 0.
///
/// # Panics
/// If a slice is shorter than its matrix.
pub(crate) fn transpose(
    values: &[f32],
    row: usize,
    (rows, columns): (usize, usize),
    out: &mut [f32],
    stride: usize,
) {
    assert!(stride.is_multiple_of(LANES) && rows <= stride && columns * stride <= out.len());
    assert!(rows == 0 || (rows - 1) * row + columns <= values.len());
    let kernel = Kernel::current();
    for first in (0..stride).step_by(LANES) {
        // SAFETY: from row `first` on, `values` holds as many rows of `columns` numbers as are
        // named, and `out` holds `columns` rows of 16 numbers, by the assertions above. The kernel
        // is one that this processor has.
        unsafe {
            (kernel.transpose)(&Transpose {
                source: values.as_ptr().wrapping_add(first * row).cast(),
                from: row,
                rows: rows.saturating_sub(first).min(LANES),
                columns,
                destination: out.as_mut_ptr().wrapping_add(first).cast(),
                to: stride,
                lanes: LANES,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mtnet_core::RandomStream;

    fn numbers(count: usize, seed: u64) -> Vec<f32> {
        let mut stream = RandomStream::new(seed);
        (0..count).map(|_| stream.normal() as f32).collect()
    }

    #[test]
    fn every_size_and_path_gives_the_plain_sum() {
        for rows in [1, 2, 7, 8, 9, 17, 33] {
            for (terms, columns) in [
                (0, 3),
                (1, 1),
                (5, 8),
                (32, 16),
                (17, 31),
                (9, 48),
                (3, 100),
            ] {
                for (transposed, add) in [(false, false), (true, true)] {
                    let left_values = numbers(rows * terms.max(1) + 4, 1);
                    let (row, term) = if transposed { (1, rows) } else { (terms, 1) };
                    let left = Left {
                        values: &left_values,
                        row,
                        term,
                    };
                    let right_row = columns + 3;
                    let right_values = numbers(terms * right_row + columns, 2);
                    let right = Right {
                        values: &right_values,
                        row: right_row,
                    };
                    let start = numbers(rows * (columns + 1), 3);
                    let (mut fast, mut slow) = (start.clone(), start.clone());
                    multiply(
                        (rows, terms, columns),
                        left,
                        right,
                        add,
                        &mut fast,
                        columns + 1,
                    );
                    plain(
                        (rows, terms, columns),
                        left,
                        right,
                        add,
                        &mut slow,
                        columns + 1,
                    );
                    for i in 0..rows {
                        for j in 0..=columns {
                            let at = i * (columns + 1) + j;
                            let sum: f64 = (0..terms)
                                .filter(|_| j < columns)
                                .map(|k| {
                                    f64::from(left_values[i * row + k * term])
                                        * f64::from(right_values[k * right_row + j])
                                })
                                .sum();
                            let before = if add || j == columns {
                                f64::from(start[at])
                            } else {
                                0.0
                            };
                            for (path, found) in [("fast", fast[at]), ("plain", slow[at])] {
                                assert!(
                                    (f64::from(found) - before - sum).abs() < 1e-4,
                                    "{path} ({rows}, {terms}, {columns}) at ({i}, {j}): {found}"
                                );
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn transposes_of_every_size() {
        for (rows, columns) in [(1usize, 1), (16, 16), (17, 8), (25, 32), (40, 20), (3, 64)] {
            let (row, stride) = (columns + 5, rows.next_multiple_of(LANES));
            let values = numbers(rows * row, 4);
            let mut out = vec![f32::NAN; columns * stride];
            transpose(&values, row, (rows, columns), &mut out, stride);
            for c in 0..columns {
                for r in 0..stride {
                    let expected = if r < rows { values[r * row + c] } else { 0.0 };
                    assert_eq!(
                        out[c * stride + r],
                        expected,
                        "({rows}, {columns}) at ({r}, {c})"
                    );
                }
            }
        }
    }
}
