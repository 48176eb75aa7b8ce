//! The right operand of a product, laid out for it once and used many times.
//!
//! Panels of as many columns as a micro-kernel takes, `(inner, panel)` each, one after the other;
//! the last is padded with zeros. A weight that stands transposed is turned over in blocks of
//! 16 by 16 numbers while it is packed.

use rayon::prelude::*;

use super::aligned::Aligned;
use super::strips::Strip;
use super::tile::{Kernel, Operand, Transpose};

/// How a weight stands in memory, seen from the product `x · right`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Orientation {
    /// The weight is `(inner, columns)`, row-major: it is the right operand as it stands.
    Plain,
    /// The weight is `(columns, inner)`, row-major: the right operand is its transpose.
    Transposed,
}

/// A packed right operand of type `R`.
#[derive(Clone, Debug)]
pub(crate) struct PackedOf<R: Operand> {
    pub(super) values: Aligned<R>,
    pub(super) kernel: &'static Kernel,
    inner: usize,
    columns: usize,
}

/// A right operand in `f32`.
pub(crate) type Packed = PackedOf<f32>;

/// A right operand rounded to bf16, in half the memory. Products with it round the left operand
/// too and sum in `f32`: a product of two bf16 is exact there.
pub(crate) type PackedBf16 = PackedOf<u16>;

impl<R: Operand> Default for PackedOf<R> {
    fn default() -> Self {
        Self::for_kernel(Kernel::current())
    }
}

/// Rows of a panel that are packed at a time on the way to another type.
const ROWS_AT_A_TIME: usize = 16;
/// Columns of the widest panel.
const WIDEST: usize = 32;
/// Rows that one transposition takes at most.
const TRANSPOSED_ROWS: usize = 16;

#[repr(align(64))]
struct Block([f32; ROWS_AT_A_TIME * WIDEST]);

impl<R: Operand> PackedOf<R> {
    pub(super) fn for_kernel(kernel: &'static Kernel) -> Self {
        assert!(kernel.panel <= WIDEST);
        Self {
            values: Aligned::new(),
            kernel,
            inner: 0,
            columns: 0,
        }
    }

    /// Lays out a weight of `inner · columns` numbers, in the memory of what was packed before.
    pub fn pack(&mut self, weight: &[f32], inner: usize, columns: usize, orientation: Orientation) {
        assert_eq!(weight.len(), inner * columns, "size of a weight");
        (self.inner, self.columns) = (inner, columns);
        let (kernel, panel) = (self.kernel, self.kernel.panel);
        self.values.resize(columns.div_ceil(panel) * inner * panel);
        if weight.is_empty() {
            return;
        }
        let source = Source {
            weight,
            inner,
            columns,
            orientation,
        };
        self.values
            .par_chunks_mut(inner * panel)
            .enumerate()
            .for_each(|(index, values)| {
                for (block, values) in values.chunks_mut(ROWS_AT_A_TIME * panel).enumerate() {
                    let mut rows = Block([0.0; ROWS_AT_A_TIME * WIDEST]);
                    let rows = &mut rows.0[..values.len()];
                    source.rows(kernel, block * ROWS_AT_A_TIME, index * panel, rows);
                    R::store(rows, panel, values);
                }
            });
    }

    /// Rows of the operand: the numbers that each element of a result sums over.
    pub fn inner(&self) -> usize {
        self.inner
    }

    /// Columns of the operand and of a result.
    pub fn columns(&self) -> usize {
        self.columns
    }
}

struct Source<'a> {
    weight: &'a [f32],
    inner: usize,
    columns: usize,
    orientation: Orientation,
}

impl Source<'_> {
    /// Writes rows of a panel, from row `k` and column `first` of the operand.
    fn rows(&self, kernel: &Kernel, k: usize, first: usize, rows: &mut [f32]) {
        let panel = kernel.panel;
        let count = rows.len() / panel;
        let width = panel.min(self.columns - first);
        match self.orientation {
            Orientation::Plain => {
                let weight = &self.weight[k * self.columns..(k + count) * self.columns];
                let strip = Strip {
                    start: first,
                    width,
                    lanes: panel,
                    offset: 0,
                };
                // SAFETY: `weight` is `count` rows of `columns` numbers, of which the strip takes
                // `width` from `first` on, and `rows` is `count` rows of a panel. The kernel is
                // one that this processor has.
                unsafe {
                    (kernel.cut)(
                        weight.as_ptr(),
                        self.columns,
                        count,
                        &[strip],
                        rows.as_mut_ptr(),
                    );
                }
            }
            Orientation::Transposed => {
                for lane in (0..panel).step_by(TRANSPOSED_ROWS) {
                    let lanes = TRANSPOSED_ROWS.min(panel - lane);
                    let height = width.saturating_sub(lane).min(lanes);
                    let from = if height == 0 { 0 } else { first + lane };
                    let weight = &self.weight[from * self.inner + k..];
                    assert!(height == 0 || weight.len() >= (height - 1) * self.inner + count);
                    // SAFETY: `weight` holds `height` rows, `inner` apart, of `count` numbers, as
                    // just asserted, and `rows` is `count` rows of a panel, `lanes` of which are
                    // written from `lane` on. The kernel is one that this processor has.
                    unsafe {
                        (kernel.transpose)(&Transpose {
                            source: weight.as_ptr().cast(),
                            from: self.inner,
                            rows: height,
                            columns: count,
                            destination: rows[lane..].as_mut_ptr().cast(),
                            to: panel,
                            lanes,
                        });
                    }
                }
            }
        }
    }
}
