//! Named, counter-based random streams: every draw is a function of a seed, names and an index.
//!
//! The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel Random
//! Numbers: As Easy as 1, 2, 3", §3.3): a keyed bijection of a counter, so a stream's whole
//! state is its key and a position, and any draw can be made without the ones before it.
//! Child streams get their key from the parent's key and a name by the finaliser of
//! SplitMix64 (Steele, Lea and Flood 2014) over the name's bytes.

/// A stream of random numbers. Copying it copies its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RandomStream {
    key: u64,
    position: u64,
}

impl RandomStream {
    /// The root stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self {
            key: mix(seed ^ 0x6d74_6e65_7400_0001),
            position: 0,
        }
    }

    /// The stream of that name below this one. It does not depend on this one's position.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        let key = name
            .bytes()
            .fold(mix(self.key ^ 0x01), |key, byte| mix(key ^ u64::from(byte)));
        Self {
            key: mix(key ^ name.len() as u64),
            position: 0,
        }
    }

    /// The stream of that number (a step, an epoch, an example) below this one.
    #[must_use]
    pub fn at(&self, index: u64) -> Self {
        Self {
            key: mix(mix(self.key ^ 0x02) ^ index),
            position: 0,
        }
    }

    /// How many 32-bit numbers were drawn.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The same stream at another position.
    #[must_use]
    pub fn seek(&self, position: u64) -> Self {
        Self {
            key: self.key,
            position,
        }
    }

    /// Four 32-bit numbers: the ones at positions `4 · index ..  4 · index + 4`.
    pub fn block(&self, index: u64) -> [u32; 4] {
        let mut key = [self.key as u32, (self.key >> 32) as u32];
        let mut counter = [index as u32, (index >> 32) as u32, 0, 0];
        for round in 0..10 {
            if round > 0 {
                key = [
                    key[0].wrapping_add(0x9E37_79B9),
                    key[1].wrapping_add(0xBB67_AE85),
                ];
            }
            let low = u64::from(counter[0]) * 0xD251_1F53;
            let high = u64::from(counter[2]) * 0xCD9E_8D57;
            counter = [
                (high >> 32) as u32 ^ counter[1] ^ key[0],
                high as u32,
                (low >> 32) as u32 ^ counter[3] ^ key[1],
                low as u32,
            ];
        }
        counter
    }

    /// The next 32 random bits.
    pub fn next_u32(&mut self) -> u32 {
        let bits = self.block(self.position / 4)[(self.position % 4) as usize];
        self.position += 1;
        bits
    }

    /// The next number in `[0, 1)`, with 24 random bits.
    pub fn uniform(&mut self) -> f32 {
        (self.next_u32() >> 8) as f32 / 16_777_216.0
    }

    /// The next number in `[0, 1)`, with 53 random bits.
    pub fn uniform_f64(&mut self) -> f64 {
        let high = u64::from(self.next_u32());
        let low = u64::from(self.next_u32());
        ((high << 32 | low) >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// The next standard normal number (Box and Muller 1958; one of the pair is used).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform_f64()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform_f64()).cos()
    }

    /// The next whole number in `0..bound`, without bias (Lemire 2019).
    ///
    /// # Panics
    /// If `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        assert!(bound > 0, "no number lies below 0");
        let threshold = bound.wrapping_neg() % bound;
        loop {
            let product = u64::from(self.next_u32()) * u64::from(bound);
            if product as u32 >= threshold {
                return (product >> 32) as u32;
            }
        }
    }

    /// Puts a slice in random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u32 + 1) as usize);
        }
    }
}

fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers of Random123 1.14 (`kat_vectors`, philox4x32 10 rounds): all zero, all ones.
    #[test]
    fn the_generator_gives_its_published_vectors() {
        let zero = RandomStream {
            key: 0,
            position: 0,
        };
        assert_eq!(
            zero.block(0),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
    }

    #[test]
    fn draws_depend_on_names_and_not_on_order() {
        let root = RandomStream::new(7);
        let mut used = root;
        used.next_u32();
        assert_eq!(used.child("a"), root.child("a"));
        assert_ne!(root.child("a"), root.child("b"));
        assert_ne!(root.child("ab").child("c"), root.child("a").child("bc"));
        assert_ne!(root.at(1), root.at(2));
        let mut stream = root.child("order");
        let first: Vec<u32> = (0..9).map(|_| stream.next_u32()).collect();
        assert_eq!(root.child("order").seek(6).next_u32(), first[6]);
    }

    #[test]
    fn moments_and_ranges_are_right() {
        let mut stream = RandomStream::new(1).child("normal");
        let draws: Vec<f64> = (0..20_000).map(|_| stream.normal()).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.02, "{mean}");
        assert!((variance - 1.0).abs() < 0.03, "{variance}");
        let mut counts = [0; 3];
        for _ in 0..30_000 {
            counts[stream.below(3) as usize] += 1;
        }
        assert!(
            counts.iter().all(|&count| (9_500..10_500).contains(&count)),
            "{counts:?}"
        );
        let mut order: Vec<u32> = (0..50).collect();
        stream.shuffle(&mut order);
        assert_ne!(order, (0..50).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..50).collect::<Vec<_>>());
    }
}
