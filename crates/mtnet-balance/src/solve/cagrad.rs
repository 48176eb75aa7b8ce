//! The inner problem of CAGrad: `min_w g_wᵀ g_0 + c ‖g_0‖ ‖g_w‖` over the simplex.
//!
//! Since `‖g_w‖ = min_t (‖g_w‖² / t + t) / 2`, the problem is jointly convex in `w`
//! and `t`; for a given `t` it is a quadratic program, and the derivative by `t` at
//! its solution, `1 − ‖g_w‖² / t²` up to a factor, rises with `t`. Its root lies
//! between the least norm in the convex hull and the largest gradient. While the free
//! variables of the program stay the same, `w` is linear in `t` and the root a matter of a
//! quadratic equation; where that leaves the bracket, the Illinois variant of false
//! position in `ln t` narrows it (Dowell and Jarratt, BIT 1971).

use super::{ActiveSet, QuadraticProgram, SolveError, min_norm};
use crate::Gramian;
use crate::numeric::dot;

/// Norms of `g_w` below this, relative to the largest gradient, count as zero.
const VANISHING: f64 = 1e-9;

/// Squared norms below this, relative to the largest, do not bear on the direction.
const LEAST_SCALE: f64 = 1e-24;

/// Norms of `g_w` below this, relative to what it is a sum of, are rounding.
const UNRESOLVED: f64 = 1e-7;

/// `ln ‖g_w‖ − ln t` up to this is zero.
const GOAL: f64 = 1e-14;

/// What rounding may excuse of that.
const MOST_NOISE: f64 = 1e-7;

/// Where the inner problem of CAGrad has its minimum.
pub(crate) enum CagradSolution {
    /// At these weights on the simplex, with this `‖g_w‖ > 0`.
    Weights(Vec<f64>, f64),
    /// At `g_w = 0`: no direction in the ball helps every task.
    Stationary,
}

impl CagradSolution {
    fn at(point: Point, largest: f64) -> Self {
        if point.norm <= VANISHING * largest {
            Self::Stationary
        } else {
            Self::Weights(point.weights, point.norm)
        }
    }
}

/// Solves the problem for `g_0 = Σ mean_i g_i` and the radius `c ‖g_0‖`.
pub(crate) fn conflict_averse(
    gramian: &Gramian,
    mean: &[f64],
    radius: f64,
) -> Result<CagradSolution, SolveError> {
    let size = gramian.size();
    let largest = (0..size).map(|i| gramian.norm(i)).fold(0.0, f64::max);
    let program = QuadraticProgram::simplex(size, gramian.values(), LEAST_SCALE);
    let mut path = Path {
        gramian,
        slopes: gramian.multiply(mean).iter().map(|value| -value).collect(),
        radius,
        solver: program.solver(),
    };
    let least = gramian.length(&min_norm(gramian)?);
    let lowest = least.max(VANISHING * largest);
    let start = path.first(lowest)?;
    if start.excess() <= 0.0 {
        return Ok(CagradSolution::at(start, largest));
    }
    // The excess falls from above 0 to below 0 between the two ends.
    let mut bracket = Bracket {
        low: (lowest.ln(), start.excess()),
        high: (largest.ln(), -1.0),
        side: 0,
    };
    let mut next = path.root_on_face(&start, &bracket);
    let mut point = start;
    if next.is_none() {
        let end = path.at(largest)?;
        if end.excess() >= -GOAL {
            return Ok(CagradSolution::at(end, largest));
        }
        bracket.high.1 = end.excess();
    }
    for _ in 0..200 {
        if bracket.width() <= 1e-14 * (1.0 + bracket.high.0.abs()) {
            break;
        }
        point = path.at(next.unwrap_or_else(|| bracket.false_position()).exp())?;
        if point.excess().abs() <= point.noise() {
            break;
        }
        bracket.narrow(point.t.ln(), point.excess());
        next = path.root_on_face(&point, &bracket);
    }
    Ok(CagradSolution::at(point, largest))
}

/// The solutions of the quadratic program for all `t`.
struct Path<'a> {
    gramian: &'a Gramian,
    /// `−g_iᵀ g_0`.
    slopes: Vec<f64>,
    radius: f64,
    solver: ActiveSet<'a>,
}

/// The solution for one `t`.
struct Point {
    t: f64,
    weights: Vec<f64>,
    /// `G w`.
    products: Vec<f64>,
    /// `‖g_w‖`.
    norm: f64,
    /// `Σ w_i ‖g_i‖`.
    mass: f64,
}

impl Path<'_> {
    fn at(&mut self, t: f64) -> Result<Point, SolveError> {
        let linear: Vec<f64> = self.slopes.iter().map(|s| s * t / self.radius).collect();
        let weights = self.solver.solve(&linear)?;
        let products = self.gramian.multiply(&weights);
        Ok(Point {
            t,
            norm: dot(&weights, &products).max(0.0).sqrt(),
            mass: dot(&weights, &self.gramian.norms()),
            products,
            weights,
        })
    }

    /// The solution for the least `t`, where rounding may hide all of `‖g_w‖`.
    ///
    /// It then grows in proportion to `t`, and how fast is not hidden.
    fn first(&mut self, t: f64) -> Result<Point, SolveError> {
        let mut point = self.at(t)?;
        if point.norm <= UNRESOLVED * point.mass {
            let response = self.solver.response(&self.slopes);
            point.norm = self.gramian.length(&response) * t / self.radius;
        }
        Ok(point)
    }

    /// `ln t` at the root, if it lies in the bracket and the face of the simplex that
    /// `point` lies on is the right one.
    fn root_on_face(&mut self, point: &Point, bracket: &Bracket) -> Option<f64> {
        // With s = t / radius: ‖g_w + (s' − s) g_v‖ = radius s', a quadratic equation.
        let response = self.solver.response(&self.slopes);
        let squared = self.radius * self.radius;
        let s = point.t / self.radius;
        let a = dot(&response, &self.gramian.multiply(&response)) - squared;
        let b = dot(&response, &point.products) - squared * s;
        let c = point.norm * point.norm - squared * s * s;
        let root = (b * b - a * c).max(0.0).sqrt();
        // Both roots without cancellation.
        let q = -(b + root.copysign(b));
        [q / a, c / q]
            .into_iter()
            .map(|step| (self.radius * (s + step)).ln())
            .find(|t| *t > bracket.low.0 && *t < bracket.high.0)
    }
}

impl Point {
    /// `ln ‖g_w‖ − ln t`.
    fn excess(&self) -> f64 {
        (self.norm.max(f64::MIN_POSITIVE) / self.t).ln()
    }

    /// How far rounding may put the excess off, where gradients nearly cancel.
    fn noise(&self) -> f64 {
        let cancelled = self.mass / self.norm.max(f64::MIN_POSITIVE);
        GOAL + (4.0 * f64::EPSILON * cancelled * cancelled).min(MOST_NOISE)
    }
}

/// Two values of `ln t` with an excess above and below 0.
struct Bracket {
    low: (f64, f64),
    high: (f64, f64),
    /// Which end moved last: 1 the lower, −1 the upper.
    side: i8,
}

impl Bracket {
    fn width(&self) -> f64 {
        self.high.0 - self.low.0
    }

    fn false_position(&self) -> f64 {
        let ((low, above), (high, below)) = (self.low, self.high);
        let middle = (low * below - high * above) / (below - above);
        if middle > low && middle < high {
            middle
        } else {
            0.5 * (low + high)
        }
    }

    fn narrow(&mut self, t: f64, excess: f64) {
        if excess > 0.0 {
            self.low = (t, excess);
            if self.side == 1 {
                self.high.1 *= 0.5;
            }
            self.side = 1;
        } else {
            self.high = (t, excess);
            if self.side == -1 {
                self.low.1 *= 0.5;
            }
            self.side = -1;
        }
    }
}
