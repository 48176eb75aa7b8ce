//! IMTL-G, impartial gradients: a direction with the same projection on every gradient.
//!
//! Liu et al., "Towards Impartial Multi-task Learning", ICLR 2021, §3.1. With
//! `v = G⁺ (‖g_1‖, …, ‖g_m‖)ᵀ`, `w = v / Σ v`. The pseudo-inverse is TorchJD's; the
//! paper and LibMTL invert a matrix that is singular for equal or zero gradients.
//! Weights can be negative and large. Where they add up to nothing there is no
//! impartial direction and all are 0.

use super::GramianRule;
use crate::numeric::{dot, norm};
use crate::solve::Eigen;
use crate::{BalanceError, Gramian};

/// Sums of weights below this, relative to their length, count as zero.
const VANISHING: f64 = 1e-12;

/// The impartial direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImtlG;

impl GramianRule for ImtlG {
    const NAME: &'static str = "imtl-g";

    fn weights(&self, gramian: &Gramian, _tasks: &[usize]) -> Result<Vec<f64>, BalanceError> {
        let (gramian, _) = gramian.unit_scale();
        let eigen =
            Eigen::new(&gramian).map_err(|error| BalanceError::solver(Self::NAME, &error))?;
        let shares = eigen.apply(eigen.rank_threshold(), f64::recip, &gramian.norms());
        let sum = dot(&shares, &vec![1.0; shares.len()]);
        if sum.abs() <= VANISHING * norm(&shares) {
            return Ok(vec![0.0; shares.len()]);
        }
        Ok(shares.iter().map(|share| share / sum).collect())
    }
}
