//! Minimum of a smooth convex function by L-BFGS (Liu and Nocedal 1989, *On the limited memory BFGS
//! method for large scale optimization*, algorithm 2.1), with a line search that halves the step
//! until the function falls enough (Armijo 1966).

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopping {
    /// Steps at most.
    pub max_steps: usize,
    /// The largest slope of a parameter at which a minimum counts as reached.
    pub tolerance: f64,
}

/// Steps whose curvature is remembered.
const MEMORY: usize = 8;

/// Moves `x` to the minimum of a function that writes its gradient and returns its value.
pub(super) fn minimize(
    x: &mut [f64],
    stopping: Stopping,
    mut function: impl FnMut(&[f64], &mut [f64]) -> f64,
) {
    let mut gradient = vec![0.0; x.len()];
    let mut value = function(x, &mut gradient);
    let mut memory: Vec<Curvature> = Vec::with_capacity(MEMORY);
    let mut direction = vec![0.0; x.len()];
    let mut next = vec![0.0; x.len()];
    let mut next_gradient = vec![0.0; x.len()];
    for _ in 0..stopping.max_steps {
        let steepest = gradient
            .iter()
            .fold(0.0f64, |most, slope| most.max(slope.abs()));
        if steepest <= stopping.tolerance {
            break;
        }
        descend(&memory, &gradient, &mut direction);
        let mut slope = dot(&gradient, &direction);
        if slope >= 0.0 {
            // Rounding has spoilt what is remembered: begin again from the gradient.
            memory.clear();
            direction
                .iter_mut()
                .zip(&gradient)
                .for_each(|(d, g)| *d = -g);
            slope = -dot(&gradient, &gradient);
        }
        let mut step = match memory.is_empty() {
            true => 1.0 / slope.abs().sqrt().max(1.0),
            false => 1.0,
        };
        let mut found = f64::INFINITY;
        for _ in 0..40 {
            for ((next, x), d) in next.iter_mut().zip(&*x).zip(&direction) {
                *next = x + step * d;
            }
            found = function(&next, &mut next_gradient);
            if found <= value + 1e-4 * step * slope {
                break;
            }
            step *= 0.5;
        }
        if found >= value || found.is_nan() {
            break;
        }
        let fall = (value - found) / value.abs().max(1e-12);
        remember(&mut memory, x, &next, &gradient, &next_gradient);
        x.copy_from_slice(&next);
        std::mem::swap(&mut gradient, &mut next_gradient);
        value = found;
        if fall < 1e-9 {
            break;
        }
    }
}

/// A step `s` and the change `y` of the gradient along it. Kept in 32 bits: they only shape the
/// direction, and they are most of the memory.
struct Curvature {
    step: Vec<f32>,
    change: Vec<f32>,
    product: f64,
}

fn remember(memory: &mut Vec<Curvature>, x: &[f64], next: &[f64], before: &[f64], after: &[f64]) {
    let difference = |to: &[f64], from: &[f64]| -> Vec<f32> {
        to.iter()
            .zip(from)
            .map(|(to, from)| (to - from) as f32)
            .collect()
    };
    let (step, change) = (difference(next, x), difference(after, before));
    let product = dot32(&step, &change);
    if product > 1e-12 * dot32(&change, &change) {
        if memory.len() == MEMORY {
            memory.remove(0);
        }
        memory.push(Curvature {
            step,
            change,
            product,
        });
    }
}

/// The two-loop recursion: minus the inverse curvature times the gradient.
fn descend(memory: &[Curvature], gradient: &[f64], direction: &mut [f64]) {
    direction
        .iter_mut()
        .zip(gradient)
        .for_each(|(d, g)| *d = -g);
    let mut shares = Vec::with_capacity(memory.len());
    for pair in memory.iter().rev() {
        let share = dot_mixed(&pair.step, direction) / pair.product;
        add(direction, -share, &pair.change);
        shares.push(share);
    }
    if let Some(last) = memory.last() {
        let scale = last.product / dot32(&last.change, &last.change);
        direction.iter_mut().for_each(|d| *d *= scale);
    }
    for (pair, share) in memory.iter().zip(shares.into_iter().rev()) {
        let back = dot_mixed(&pair.change, direction) / pair.product;
        add(direction, share - back, &pair.step);
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn dot32(a: &[f32], b: &[f32]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(&a, &b)| f64::from(a) * f64::from(b))
        .sum()
}

fn dot_mixed(a: &[f32], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(&a, b)| f64::from(a) * b).sum()
}

fn add(to: &mut [f64], share: f64, values: &[f32]) {
    to.iter_mut()
        .zip(values)
        .for_each(|(to, &value)| *to += share * f64::from(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_badly_scaled_bowl_is_minimised() {
        let scales = [1.0, 1e3, 1e-2, 30.0];
        let minimum = [3.0, -1.0, 20.0, 0.5];
        let mut x = [0.0; 4];
        let stopping = Stopping {
            max_steps: 500,
            tolerance: 1e-9,
        };
        minimize(&mut x, stopping, |x, gradient| {
            let mut value = 0.0;
            for i in 0..4 {
                let away = x[i] - minimum[i];
                gradient[i] = scales[i] * away;
                value += 0.5 * scales[i] * away * away;
            }
            value
        });
        for (x, minimum) in x.iter().zip(minimum) {
            assert!((x - minimum).abs() < 1e-3, "{x}, expected {minimum}");
        }
    }
}
