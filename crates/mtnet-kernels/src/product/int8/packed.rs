//! A weight in 8-bit integers with a scale for each column, laid out for its products.

use rayon::prelude::*;

use super::GROUP;
use super::tile::Kernel;
use crate::product::aligned::Aligned;
use crate::product::packed::Orientation;
use crate::product::tile::Transpose;

/// The longest sum that 32 bits hold, with its zero point: `2 · 255 · 127 · inner < 2^31`.
pub(crate) const LONGEST: usize = 33_000;
/// Columns that one transposition takes at most.
const TRANSPOSED_ROWS: usize = 16;

/// A right operand rounded to whole multiples, -127 to 127, of a scale for each column: what the
/// largest number of the column asks for. In a quarter of the memory of `f32`.
#[derive(Clone, Debug)]
pub(crate) struct PackedInt8 {
    /// Panels `(groups, panel, 4)`, one after the other.
    pub(super) values: Aligned<i8>,
    /// Scale of each column, padded with zeros to whole panels.
    pub(super) scales: Vec<f32>,
    /// Sum of each column's whole numbers, padded with zeros to whole panels.
    pub(super) sums: Vec<i32>,
    pub(super) kernel: &'static Kernel,
    inner: usize,
    columns: usize,
}

impl Default for PackedInt8 {
    fn default() -> Self {
        Self::for_kernel(Kernel::current())
    }
}

impl PackedInt8 {
    pub(super) fn for_kernel(kernel: &'static Kernel) -> Self {
        Self {
            values: Aligned::new(),
            scales: vec![],
            sums: vec![],
            kernel,
            inner: 0,
            columns: 0,
        }
    }

    /// Rounds and lays out a weight of `inner · columns` numbers, in the memory of what was packed
    /// before.
    pub fn pack(&mut self, weight: &[f32], inner: usize, columns: usize, orientation: Orientation) {
        assert_eq!(weight.len(), inner * columns, "size of a weight");
        assert!(
            inner <= LONGEST,
            "sums over {inner} numbers overflow 32 bits"
        );
        (self.inner, self.columns) = (inner, columns);
        let (kernel, panel) = (self.kernel, self.kernel.panel);
        let (padded, size) = (columns.next_multiple_of(panel), self.panel_size());
        self.values.resize(padded / panel * size);
        self.scales.resize(padded, 0.0);
        self.sums.resize(padded, 0);
        if weight.is_empty() {
            return;
        }
        self.values
            .par_chunks_mut(size)
            .zip(self.scales.par_chunks_mut(panel))
            .zip(self.sums.par_chunks_mut(panel))
            .enumerate()
            .for_each(|(index, ((values, scales), sums))| {
                let groups = inner.div_ceil(GROUP);
                let mut rows = vec![0u32; panel * groups];
                scales.fill(0.0);
                sums.fill(0);
                let first = index * panel;
                for lane in 0..panel.min(columns - first) {
                    let column = first + lane;
                    let (start, step) = match orientation {
                        Orientation::Plain => (column, columns),
                        Orientation::Transposed => (column * inner, 1),
                    };
                    let weights = weight[start..].iter().step_by(step).take(inner);
                    let row = &mut rows[lane * groups..][..groups];
                    (scales[lane], sums[lane]) = round_column(weights, row);
                }
                turn(kernel, &rows, groups, values);
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

    /// Bytes of a panel.
    pub(super) fn panel_size(&self) -> usize {
        self.inner.div_ceil(GROUP) * self.kernel.panel * GROUP
    }
}

/// Rounds a column and tells its scale and the sum of its whole numbers. A column with a number
/// that is not finite gets a scale that is not a number.
fn round_column<'a>(weights: impl Iterator<Item = &'a f32> + Clone, row: &mut [u32]) -> (f32, i32) {
    let largest = weights.clone().fold(0f32, |largest, weight| {
        let finite = if weight.is_finite() {
            weight.abs()
        } else {
            f32::NAN
        };
        if largest.is_nan() || largest >= finite {
            largest
        } else {
            finite
        }
    });
    let scale = largest / 127.0;
    let inverse = if scale > 0.0 { scale.recip() } else { 0.0 };
    let mut sum = 0;
    for (index, &weight) in weights.enumerate() {
        let rounded = (weight * inverse).round_ties_even().clamp(-127.0, 127.0) as i8;
        sum += i32::from(rounded);
        let mut group = row[index / GROUP].to_ne_bytes();
        group[index % GROUP] = rounded.cast_unsigned();
        row[index / GROUP] = u32::from_ne_bytes(group);
    }
    (scale, sum)
}

/// Turns `(panel, groups)` groups into `(groups, panel)`.
fn turn(kernel: &Kernel, rows: &[u32], groups: usize, values: &mut [i8]) {
    let panel = kernel.panel;
    assert!(rows.len() == panel * groups && values.len() == panel * groups * GROUP);
    for first in (0..panel).step_by(TRANSPOSED_ROWS) {
        let lanes = TRANSPOSED_ROWS.min(panel - first);
        // SAFETY: `rows` holds `lanes` rows of `groups` groups from row `first` on, and `values`
        // `groups` rows of `panel` groups on a cache line, of which `lanes` are written from
        // `first` on. Both begin on a multiple of 32 bits.
        unsafe {
            (kernel.base.transpose)(&Transpose {
                source: rows.as_ptr().wrapping_add(first * groups),
                from: groups,
                rows: lanes,
                columns: groups,
                destination: values.as_mut_ptr().cast::<u32>().add(first),
                to: panel,
                lanes,
            });
        }
    }
}
