//! The draws of the bootstrap: SplitMix64 (Steele, Lea and Flood 2014, *Fast splittable
//! pseudorandom number generators*, §5), so that the same seed gives the same interval anywhere.

pub(super) struct Draws {
    state: u64,
}

impl Draws {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `bound`: the upper half of the 128-bit product (Lemire 2019). Its bias is
    /// below `bound / 2⁶⁴`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// Fills `sample` with numbers below `bound`, drawn with replacement.
    pub(super) fn fill(&mut self, sample: &mut [usize], bound: usize) {
        sample
            .iter_mut()
            .for_each(|entry| *entry = self.below(bound));
    }
}
