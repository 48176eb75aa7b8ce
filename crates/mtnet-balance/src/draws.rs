//! Random numbers by counter: draw `n` of seed `s` is the same wherever it is asked for.
//!
//! The state of a random method is then one number, and a resumed run draws what
//! the uninterrupted one would have. SplitMix64 (Steele, Lea and Flood, "Fast
//! Splittable Pseudorandom Number Generators", OOPSLA 2014) of seed and counter.

/// A stream of random numbers that can be resumed from its counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draws {
    seed: u64,
    counter: u64,
}

impl Draws {
    /// The stream of `seed` from its start.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }

    /// How many numbers were drawn.
    pub(crate) fn counter(&self) -> u64 {
        self.counter
    }

    /// Goes on behind the first `counter` numbers.
    pub(crate) fn set_counter(&mut self, counter: u64) {
        self.counter = counter;
    }

    fn next_u64(&mut self) -> u64 {
        // Mixing the seed first keeps streams of neighbouring seeds apart.
        let start = mix(self.seed ^ 0x6A09_E667_F3BC_C909);
        self.counter += 1;
        mix(start.wrapping_add(self.counter.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    /// Uniform in `0 <= u < 1`.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Standard normal, by the transform of Box and Muller (1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Exponential with mean 1.
    pub(crate) fn exponential(&mut self) -> f64 {
        -(1.0 - self.uniform()).ln()
    }

    /// `values` in a random order, by the shuffle of Fisher and Yates.
    pub(crate) fn shuffle(&mut self, values: &mut [usize]) {
        for last in (1..values.len()).rev() {
            let other = (self.uniform() * (last + 1) as f64) as usize;
            values.swap(last, other);
        }
    }
}

fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_goes_on_from_its_counter() {
        let mut whole = Draws::new(7);
        let first: Vec<f64> = (0..5).map(|_| whole.uniform()).collect();
        let mut resumed = Draws::new(7);
        resumed.set_counter(whole.counter());
        assert_eq!(whole.normal(), resumed.normal());
        assert_ne!(first[0], Draws::new(8).uniform());
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut draws = Draws::new(1);
        let count = 40_000;
        let mut sums = [0.0; 4];
        for _ in 0..count {
            let (uniform, normal) = (draws.uniform(), draws.normal());
            sums[0] += uniform;
            sums[1] += normal;
            sums[2] += normal * normal;
            sums[3] += draws.exponential();
        }
        for (sum, mean) in sums.into_iter().zip([0.5, 0.0, 1.0, 1.0]) {
            assert!((sum / f64::from(count) - mean).abs() < 0.03, "{sum} {mean}");
        }
    }

    #[test]
    fn every_order_of_three_comes_up_alike() {
        let mut draws = Draws::new(3);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..6_000 {
            let mut order = [0, 1, 2];
            draws.shuffle(&mut order);
            *counts.entry(order).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(
            counts.values().all(|count| (850..1150).contains(count)),
            "{counts:?}"
        );
    }
}
