//! Which vector instructions the processor has, and loops compiled once for each set.
//!
//! Rust compiles for the oldest processor of an architecture. `vectorized!` compiles a loop three
//! times, for AVX-512, for AVX2 and for the base set, and picks at run time. The loops keep one
//! order of operations and never contract a product and a sum, so all three give the same bits.

use std::sync::OnceLock;

/// A set of vector instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// What every processor of the architecture has.
    Base,
    /// AVX2: 8 numbers at a time.
    Avx2,
    /// AVX-512 F, BW, DQ and VL: 16 numbers at a time.
    Avx512,
}

impl Isa {
    /// `base`, `avx2` or `avx512`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }
}

/// The best set that this processor has, or the lower one that `MTNET_ISA` names
/// (`base`, `avx2`, `avx512`). Asked once a process.
pub fn isa() -> Isa {
    static ISA: OnceLock<Isa> = OnceLock::new();
    *ISA.get_or_init(|| {
        let wanted = match std::env::var("MTNET_ISA").as_deref() {
            Ok("base") => Isa::Base,
            Ok("avx2") => Isa::Avx2,
            _ => Isa::Avx512,
        };
        wanted.min(detected())
    })
}

#[cfg(target_arch = "x86_64")]
fn detected() -> Isa {
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl");
    match (avx512, is_x86_feature_detected!("avx2")) {
        (true, true) => Isa::Avx512,
        (false, true) => Isa::Avx2,
        _ => Isa::Base,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detected() -> Isa {
    Isa::Base
}

/// Compiles a function once for each instruction set; calling it picks the best that is there.
macro_rules! vectorized {
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $ret:ty)? $body:block) => {
        $(#[$doc])*
        $vis fn $name($($arg: $type),*) $(-> $ret)? {
            #[inline(always)]
            fn body($($arg: $type),*) $(-> $ret)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
                fn avx512($($arg: $type),*) $(-> $ret)? { body($($arg),*) }
                #[target_feature(enable = "avx2")]
                fn avx2($($arg: $type),*) $(-> $ret)? { body($($arg),*) }

                match $crate::isa::isa() {
                    // SAFETY: `isa` answers so only where the processor has these instructions.
                    $crate::isa::Isa::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: likewise.
                    $crate::isa::Isa::Avx2 => return unsafe { avx2($($arg),*) },
                    $crate::isa::Isa::Base => {}
                }
            }
            body($($arg),*)
        }
    };
}
pub(crate) use vectorized;

/// Numbers that reductions add side by side, so that they can use whole vectors.
pub(crate) const LANES: usize = 16;

/// Sum of `f(i)` over a row, in [`LANES`] partial sums added in a fixed order.
#[inline(always)]
pub(crate) fn lane_sum(length: usize, f: impl Fn(usize) -> f32) -> f32 {
    let mut lanes = [0f32; LANES];
    let whole = length / LANES * LANES;
    let mut start = 0;
    while start < whole {
        for (lane, sum) in lanes.iter_mut().enumerate() {
            *sum += f(start + lane);
        }
        start += LANES;
    }
    let mut rest = 0f32;
    for index in whole..length {
        rest += f(index);
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            lanes[lane] += lanes[lane + width];
        }
        width /= 2;
    }
    lanes[0] + rest
}

/// `e^x` for `x <= 88`, without a branch, to about 2 units in the last place: `2^n · p(r)` with
/// `n = round(x / ln 2)` and the polynomial of Cephes' `expf` (Moshier 1992).
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.0 { 88.0 } else { x };
    // Adding and taking away 1.5 · 2^23 rounds to the nearest whole number, which stands in the
    // last bits meanwhile: a cast that saturates would be done number by number.
    let shifted = x * std::f32::consts::LOG2_E + 12_582_912.0;
    let n = shifted - 12_582_912.0;
    let r = x - n * 0.693_359_4;
    let r = r + n * 2.121_944_4e-4;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    let value = p * r * r + r + 1.0;
    value * f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_right_to_the_last_places() {
        for i in -8_700..=8_800 {
            let x = i as f32 / 100.0;
            let exact = f64::from(x).exp();
            let error = (f64::from(exp(x)) - exact).abs() / exact;
            assert!(error < 3e-7, "exp({x}): relative error {error}");
        }
        assert!(exp(-1e9) < 2e-38);
    }

    #[test]
    fn lane_sums_are_sums() {
        for length in [0, 1, 15, 16, 17, 100] {
            let sum = lane_sum(length, |i| i as f32);
            assert_eq!(sum, (0..length).sum::<usize>() as f32);
        }
    }
}
