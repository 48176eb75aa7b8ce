//! The gradient of a table of which a batch reads few rows.

use rayon::prelude::*;

use crate::linear::add_to;
use crate::shared::Shared;

/// The gradient of an embedding table, to be added to row by row.
#[derive(Debug)]
pub struct RowGradients<'a> {
    /// The whole table `(rows, width)`. Only rows that the batch reads are added to.
    pub values: &'a mut [f32],
    /// Numbers of the rows that were added to, ascending and distinct; rows listed by an earlier
    /// call stay.
    pub touched: &'a mut Vec<u32>,
}

impl RowGradients<'_> {
    /// Adds slope `i` of `slopes (ids, width)` to the row that the `i`th of `ids` names. Slopes of one
    /// row are added in their order, whoever adds them.
    ///
    /// # Panics
    /// If an id lies past the table, or there are fewer slopes than ids.
    pub fn add(&mut self, ids: impl IntoIterator<Item = u32>, slopes: &[f32], width: usize) {
        let mut order: Vec<(u32, u32)> = ids.into_iter().zip(0..).collect();
        order.sort_unstable();
        let groups: Vec<&[(u32, u32)]> = order.chunk_by(|a, b| a.0 == b.0).collect();
        let values = Shared::new(self.values);
        groups.par_iter().with_min_len(16).for_each(|group| {
            // SAFETY: groups have different ids, so rows of their own.
            let to = unsafe { values.part(group[0].0 as usize * width, width) };
            for &(_, row) in *group {
                add_to(to, &slopes[row as usize * width..][..width]);
            }
        });
        self.touched.extend(groups.iter().map(|group| group[0].0));
        self.touched.sort_unstable();
        self.touched.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_of_one_row_are_added_in_their_order() {
        let (mut values, mut touched) = (vec![0.0; 8], vec![0]);
        let mut rows = RowGradients {
            values: &mut values,
            touched: &mut touched,
        };
        // In another order the small number would be lost.
        let slopes = [1e8, 1.0, 5.0, 5.0, -1e8, 2.0, 1.0, 4.0];
        rows.add([3, 1, 3, 3], &slopes, 2);
        assert_eq!(values, [0.0, 0.0, 5.0, 5.0, 0.0, 0.0, 1.0, 7.0]);
        assert_eq!(touched, [0, 1, 3]);
    }
}
