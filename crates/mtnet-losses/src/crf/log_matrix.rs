//! Products of vectors and matrices of logarithms.

/// A matrix given by the logarithms of its entries, ready to be multiplied from the left.
///
/// `out_j = log Σ_i exp(left_i + log m_ij)` would take an exponential a pair. Scaled by the
/// largest entry of each column and of `left`, the sum is one of plain products; where it gets so
/// small that products may have vanished, it is done again in logarithms.
#[derive(Clone, Debug)]
pub(super) struct LogMatrix {
    size: usize,
    /// `log m`, column after column.
    logs: Vec<f64>,
    /// The largest of each column of `log m`.
    largest: Vec<f64>,
    /// `exp(log m_ij - largest_j)`, column after column.
    scaled: Vec<f64>,
}

/// A scaled sum above this has lost at most a relative `size · 1e-108` to products that vanished.
const SAFE_SUM: f64 = 1e-200;

impl LogMatrix {
    /// The square matrix whose entry at row `i`, column `j` has logarithm `log(i, j)`, finite.
    pub(super) fn new(size: usize, log: impl Fn(usize, usize) -> f64) -> Self {
        let mut logs = Vec::with_capacity(size * size);
        for column in 0..size {
            logs.extend((0..size).map(|row| log(row, column)));
        }
        let largest: Vec<f64> = logs.chunks_exact(size.max(1)).map(max).collect();
        let scaled = logs
            .chunks_exact(size.max(1))
            .zip(&largest)
            .flat_map(|(column, largest)| column.iter().map(move |log| (log - largest).exp()))
            .collect();
        Self {
            size,
            logs,
            largest,
            scaled,
        }
    }

    /// `log (exp left · M)`, where entries of `left` may be minus infinity.
    pub(super) fn product(&self, left: &[f64]) -> Vec<f64> {
        let top = max(left);
        if top == f64::NEG_INFINITY {
            return vec![f64::NEG_INFINITY; self.size];
        }
        let weights: Vec<f64> = left.iter().map(|log| (log - top).exp()).collect();
        (0..self.size)
            .map(|column| {
                let sum: f64 = dot(&weights, self.scaled_column(column));
                if sum > SAFE_SUM {
                    sum.ln() + top + self.largest[column]
                } else {
                    let column = self.column(column);
                    let terms: Vec<f64> = left.iter().zip(column).map(|(a, b)| a + b).collect();
                    log_sum_exp(&terms)
                }
            })
            .collect()
    }

    /// `log m` of a column.
    pub(super) fn column(&self, column: usize) -> &[f64] {
        &self.logs[column * self.size..(column + 1) * self.size]
    }

    /// `m` of a column, over its largest entry.
    pub(super) fn scaled_column(&self, column: usize) -> &[f64] {
        &self.scaled[column * self.size..(column + 1) * self.size]
    }

    /// Logarithm of a column's largest entry.
    pub(super) fn largest(&self, column: usize) -> f64 {
        self.largest[column]
    }
}

/// `log Σ exp logs`; minus infinity for a sum of nothing.
pub(super) fn log_sum_exp(logs: &[f64]) -> f64 {
    let top = max(logs);
    if top == f64::NEG_INFINITY {
        return top;
    }
    logs.iter().map(|log| (log - top).exp()).sum::<f64>().ln() + top
}

/// The largest; minus infinity of none.
pub(super) fn max(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::{LogMatrix, log_sum_exp};

    #[test]
    fn products_hold_where_the_scaled_sum_vanishes() {
        // Row 0 carries all of the weight but hardly reaches column 1, so that both of the
        // scaled products of that column vanish.
        let logs = [[0., -900.], [0., 0.]];
        let matrix = LogMatrix::new(2, |row, column| logs[row][column]);
        let left = [0., -1000.];
        let product = matrix.product(&left);
        for column in 0..2 {
            let terms = [left[0] + logs[0][column], left[1] + logs[1][column]];
            assert!((product[column] - log_sum_exp(&terms)).abs() < 1e-12);
        }
        assert!((product[1] + 900.).abs() < 1e-9, "{}", product[1]);
    }

    #[test]
    fn a_sum_of_nothing_is_zero() {
        assert_eq!(log_sum_exp(&[]), f64::NEG_INFINITY);
        let matrix = LogMatrix::new(2, |_, _| 0.);
        assert_eq!(
            matrix.product(&[f64::NEG_INFINITY; 2]),
            [f64::NEG_INFINITY; 2]
        );
    }
}
