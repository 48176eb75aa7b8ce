//! Adaptive gradient clipping: a gradient is long or short beside the weights that it moves.
//!
//! For each unit `i`, a row of a weight or a vector as a whole,
//! `gᵢ ← gᵢ · min(1, λ max(‖wᵢ‖, ε) / ‖gᵢ‖)` with `ε = 1e-3` (Brock, De, Smith and Simonyan 2021,
//! "High-Performance Large-Scale Image Recognition Without Normalization", §4.1, eq. 3), so that an
//! update of plain gradient descent at rate 1 would move no unit by more than `λ` of its length.
//! As there, the last layer (here: the heads) is left as it is.

use candle_core::Result;
use mtnet_kernels::GradientBuffer;

use super::slices::read_slice;

/// Shortest weights that count.
const SHORTEST: f64 = 1e-3;

/// Cuts the gradient of each unit to `share` of the length of its weights.
///
/// # Errors
/// If gradients or weights do not lie in main memory.
pub fn clip_adaptively(gradients: &mut GradientBuffer, share: f64) -> Result<()> {
    let layout = std::sync::Arc::clone(gradients.layout());
    let Some(slots) = gradients.slots() else {
        candle_core::bail!(
            "`adaptive_clipping` needs parameters in main memory, `device = \"cpu\"`"
        );
    };
    for (entry, slot) in layout.entries().iter().zip(slots) {
        let width = match entry.variable.dims().len() {
            0 | 1 => entry.variable.elem_count(),
            _ => entry.row_width(),
        };
        if width == 0 {
            continue;
        }
        let (values, reach) = slot.reached();
        let runs = reach.runs(values.len(), width);
        read_slice(&entry.variable, |weights| {
            for run in runs {
                let units = values[run.clone()].chunks_mut(width);
                for (gradient, weights) in units.zip(weights[run].chunks(width)) {
                    let limit = share * length(weights).max(SHORTEST);
                    let found = length(gradient);
                    if found > limit {
                        let scale = (limit / found) as f32;
                        gradient.iter_mut().for_each(|number| *number *= scale);
                    }
                }
            }
        })?;
    }
    Ok(())
}

fn length(numbers: &[f32]) -> f64 {
    let squares = numbers.iter().map(|&number| f64::from(number).powi(2));
    squares.sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use candle_core::{Device, Tensor, Var};
    use mtnet_kernels::{GradientLayout, GradientView};

    use super::*;

    #[test]
    fn each_unit_is_cut_to_its_share() {
        let weight = Var::new(&[[3f32, 4.0], [0.0, 0.0]], &Device::Cpu).unwrap();
        let bias = Var::new(&[6f32, 8.0], &Device::Cpu).unwrap();
        let named = [("w".to_owned(), weight), ("b".to_owned(), bias)];
        let layout = Arc::new(GradientLayout::new(named));
        let mut gradients = GradientBuffer::new(&layout);
        let of_weight = Tensor::new(&[[0f32, 2.0], [0.1, 0.0]], &Device::Cpu).unwrap();
        let of_bias = Tensor::new(&[0.3f32, 0.4], &Device::Cpu).unwrap();
        gradients.add(0, &of_weight, 1.0).unwrap();
        gradients.add(1, &of_bias, 1.0).unwrap();
        clip_adaptively(&mut gradients, 0.1).unwrap();
        let values = |index| match gradients.view(index) {
            Some(GradientView::Host(values, _)) => values.to_vec(),
            _ => unreachable!("it lies in main memory"),
        };
        // Lengths 5 and 0 (counted as 1e-3), and 10 for the vector as a whole.
        let expected = [0.0, 0.5, 1e-4, 0.0];
        for (found, expected) in values(0).iter().zip(expected) {
            assert!((found - expected).abs() < 1e-7, "{found} {expected}");
        }
        assert_eq!(values(1), [0.3, 0.4]);
    }
}
