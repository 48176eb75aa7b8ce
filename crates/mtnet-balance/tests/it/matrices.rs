//! Jacobians of every kind that training could meet, from a fixed seed.

use mtnet_balance::Gramian;

/// `Σ |w_i| ‖g_i‖`: what a direction is a sum of, before anything cancels.
pub fn mass(weights: &[f64], gramian: &Gramian) -> f64 {
    weights
        .iter()
        .zip(gramian.norms())
        .map(|(w, n)| w.abs() * n)
        .sum()
}

/// A small generator of repeatable numbers.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Uniform in 0..1.
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((value ^ (value >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Whole number in `0..bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.uniform() * bound as f64) as usize
    }

    /// Roughly normal, mean 0 and variance 1.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// Rows of standard normal numbers.
    pub fn rows(&mut self, tasks: usize, columns: usize) -> Vec<Vec<f64>> {
        (0..tasks)
            .map(|_| (0..columns).map(|_| self.normal()).collect())
            .collect()
    }

    /// Rows with zero, equal, opposite, dependent, common-direction and badly scaled ones
    /// among them.
    pub fn hard_rows(&mut self, tasks: usize) -> Vec<Vec<f64>> {
        let columns = 1 + self.below(2 * tasks + 2);
        let mut rows = self.rows(tasks, columns);
        if self.below(3) == 0 {
            let common: Vec<f64> = (0..columns).map(|_| 3.0 * self.normal()).collect();
            for row in &mut rows {
                row.iter_mut()
                    .zip(&common)
                    .for_each(|(entry, c)| *entry += c);
            }
        }
        for task in 0..tasks {
            let other = rows[self.below(tasks)].clone();
            match self.below(12) {
                0 => rows[task].fill(0.0),
                1 => rows[task] = other,
                2 => rows[task] = other.iter().map(|entry| -entry).collect(),
                3 => rows[task] = other.iter().map(|entry| 2.5 * entry).collect(),
                _ => {}
            }
        }
        let spread = [0.0, 0.0, 3.0, 20.0][self.below(4)];
        let common = if self.below(2) == 0 {
            0.0
        } else {
            40.0 * self.uniform() - 20.0
        };
        for row in &mut rows {
            let exponent = (common + spread * (2.0 * self.uniform() - 1.0)).clamp(-20.0, 20.0);
            let scale = 10f64.powf(exponent);
            row.iter_mut().for_each(|entry| *entry *= scale);
        }
        rows
    }
}
