//! Perturbations of the embeddings of a batch, text by text.

use mtnet_core::{Offsets, RandomStream};

/// Numbers `(tokens, width)` that are added to the embeddings.
#[derive(Clone, Debug)]
pub(super) struct Perturbation<'a> {
    pub values: Vec<f32>,
    offsets: &'a Offsets,
    width: usize,
}

impl<'a> Perturbation<'a> {
    pub fn zero(offsets: &'a Offsets, width: usize) -> Self {
        Self {
            values: vec![0.0; offsets.total() * width],
            offsets,
            width,
        }
    }

    /// Uniform in a cube whose half edge is `size / √(numbers of the text)`: about as long as
    /// `size` (Zhu et al. 2020, Algorithm 1).
    pub fn uniform(mut self, size: f64, mut stream: RandomStream) -> Self {
        self.each(|text| {
            let bound = size / (text.len().max(1) as f64).sqrt();
            for value in text {
                *value = ((2.0 * stream.uniform_f64() - 1.0) * bound) as f32;
            }
        });
        self
    }

    /// Normal with that deviation.
    pub fn normal(mut self, deviation: f64, mut stream: RandomStream) -> Self {
        for value in &mut self.values {
            *value = (stream.normal() * deviation) as f32;
        }
        self
    }

    /// Becomes `size · direction`, each text's part of length 1 before.
    pub fn set_direction(&mut self, direction: &[f32], size: f64) {
        self.values.fill(0.0);
        self.step(direction, size);
    }

    /// Goes `size` along the direction, text by text; a text without a direction stays.
    pub fn step(&mut self, direction: &[f32], size: f64) {
        let ranges = self.ranges();
        for range in ranges {
            let direction = &direction[range.clone()];
            let length = length(direction);
            if length > 0.0 && length.is_finite() {
                let factor = (size / length) as f32;
                for (value, along) in self.values[range].iter_mut().zip(direction) {
                    *value += factor * along;
                }
            }
        }
    }

    /// Goes `size` along the signs' slope: each number by its share of the text's largest.
    pub fn step_by_largest(&mut self, direction: &[f32], size: f64) {
        let ranges = self.ranges();
        for range in ranges {
            let direction = &direction[range.clone()];
            let largest = direction.iter().fold(0f32, |all, v| all.max(v.abs()));
            if largest > 0.0 && largest.is_finite() {
                let factor = size as f32 / largest;
                for (value, along) in self.values[range].iter_mut().zip(direction) {
                    *value += factor * along;
                }
            }
        }
    }

    /// Brings each text's part back to a length of at most `size`.
    pub fn hold_length(&mut self, size: f64) {
        self.each(|text| {
            let length = length(text);
            if length > size {
                let factor = (size / length) as f32;
                text.iter_mut().for_each(|value| *value *= factor);
            }
        });
    }

    /// Brings each number back to at most `size`.
    pub fn hold_numbers(&mut self, size: f64) {
        let size = size as f32;
        for value in &mut self.values {
            *value = value.clamp(-size, size);
        }
    }

    fn each(&mut self, mut change: impl FnMut(&mut [f32])) {
        for range in self.ranges() {
            change(&mut self.values[range]);
        }
    }

    fn ranges(&self) -> Vec<std::ops::Range<usize>> {
        let ranges = self.offsets.ranges();
        ranges
            .map(|range| range.start * self.width..range.end * self.width)
            .collect()
    }
}

fn length(values: &[f32]) -> f64 {
    let squares = values.iter().map(|&value| f64::from(value).powi(2));
    squares.sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_moved_and_held_each_by_itself() {
        let offsets = Offsets::from_lengths([1, 2]);
        let mut shift = Perturbation::zero(&offsets, 2);
        shift.step(&[3.0, 4.0, 0.0, 0.0, 0.0, 0.0], 10.0);
        assert_eq!(shift.values, [6.0, 8.0, 0.0, 0.0, 0.0, 0.0]);
        shift.step(&[0.0, 0.0, 0.0, 0.0, 0.0, 2.0], 0.5);
        shift.hold_length(5.0);
        assert_eq!(shift.values, [3.0, 4.0, 0.0, 0.0, 0.0, 0.5]);
        shift.step_by_largest(&[0.0, 0.0, 1.0, -2.0, 0.0, 0.0], 1.0);
        shift.hold_numbers(0.75);
        assert_eq!(shift.values, [0.75, 0.75, 0.5, -0.75, 0.0, 0.5]);
        shift.set_direction(&[0.0, 1.0, f32::NAN, 0.0, 0.0, 0.0], 2.0);
        assert_eq!(shift.values, [0.0, 2.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
