//! The free variables of a quadratic program, and the factor of their part of it.
//!
//! Without a plane that is the Cholesky factor of the free part of `H`. On a plane it is
//! that of `H + ρ a aᵀ`, which has the same solutions there and is definite wherever they
//! are unique. The factor follows the variables that come and go.

use super::QuadraticProgram;
use super::cholesky::Cholesky;

/// A variable enters beside others only if they leave this share of it undetermined.
const DEFINITE: f64 = 2e-14;

/// How far the largest plane entry of the free variables may move before `ρ` follows.
const DRIFT: f64 = 4.0;

/// Free variables and the factor of their part of the program.
pub(super) struct FreePart<'a> {
    program: &'a QuadraticProgram,
    /// In the order of the factor.
    variables: Vec<usize>,
    is_free: Vec<bool>,
    factor: Cholesky,
    /// `√ρ`.
    root_rho: f64,
    buffer: Vec<f64>,
}

impl<'a> FreePart<'a> {
    /// With no variable free.
    pub(super) fn new(program: &'a QuadraticProgram) -> Self {
        let size = program.size();
        Self {
            program,
            variables: Vec::with_capacity(size),
            is_free: vec![false; size],
            factor: Cholesky::empty(size),
            root_rho: 0.0,
            buffer: vec![0.0; size],
        }
    }

    /// The free variables.
    pub(super) fn variables(&self) -> &[usize] {
        &self.variables
    }

    /// Whether a variable is free.
    pub(super) fn contains(&self, variable: usize) -> bool {
        self.is_free[variable]
    }

    /// Binds all.
    pub(super) fn clear(&mut self) {
        self.variables.clear();
        self.is_free.fill(false);
        self.factor.truncate(0);
        self.root_rho = 0.0;
    }

    /// Solves for the free variables, in the place of the right side and in their order.
    pub(super) fn solve(&self, right: &mut [f64]) {
        self.factor.solve(right);
    }

    /// Frees a variable.
    pub(super) fn enter(&mut self, i: usize) {
        self.follow_plane(&[(i, 0.0)]);
        self.variables.push(i);
        self.is_free[i] = true;
        self.extend_factor(self.variables.len() - 1);
    }

    /// Frees those of the variables that are determined beside the free ones: several that
    /// are not would send the minimiser to infinity.
    pub(super) fn enter_together(&mut self, variables: &[(usize, f64)]) {
        self.follow_plane(variables);
        for &(i, _) in variables {
            self.variables.push(i);
            let place = self.variables.len() - 1;
            if self.extend_factor(place) > DEFINITE {
                self.is_free[i] = true;
            } else {
                self.variables.pop();
                self.factor.remove(place);
            }
        }
    }

    /// Factors anew if the plane entries of entering variables are too large for `ρ`.
    fn follow_plane(&mut self, entering: &[(usize, f64)]) {
        let Some(plane) = self.program.plane() else {
            return;
        };
        let largest = entering.iter().map(|&(i, _)| plane[i]).fold(0.0, f64::max);
        if self.root_rho == 0.0 || self.root_rho * largest > DRIFT {
            self.rebuild(largest);
        }
    }

    /// Adds the variable at a place of `free` to the factor; see [`Cholesky::push`].
    fn extend_factor(&mut self, place: usize) -> f64 {
        let i = self.variables[place];
        let row = self.program.row(i);
        let entries = &mut self.buffer[..=place];
        for (entry, &j) in entries.iter_mut().zip(&self.variables) {
            *entry = row[j];
        }
        if let Some(plane) = self.program.plane() {
            let own = self.root_rho * plane[i];
            for (entry, &j) in entries.iter_mut().zip(&self.variables) {
                *entry += own * (self.root_rho * plane[j]);
            }
        }
        self.factor.push(entries)
    }

    /// Factors the free part anew, with `ρ` such that its plane entries, and `largest`
    /// among those that follow, are of order 1.
    fn rebuild(&mut self, largest: f64) {
        if let Some(plane) = self.program.plane() {
            let entries = self.variables.iter().map(|&i| plane[i]);
            self.root_rho = entries.fold(largest, f64::max).recip();
        }
        self.rebuild_from(0);
    }

    /// Factors the free part anew from this place on.
    fn rebuild_from(&mut self, first: usize) {
        self.factor.truncate(first);
        for place in first..self.variables.len() {
            self.extend_factor(place);
        }
    }

    /// Binds the free variables at these places, given in rising order.
    pub(super) fn leave(&mut self, places: &[usize]) {
        for &place in places.iter().rev() {
            let i = self.variables.remove(place);
            self.is_free[i] = false;
        }
        let largest = self.program.plane().map(|plane| {
            let entries = self.variables.iter().map(|&i| plane[i]);
            entries.fold(0.0, f64::max)
        });
        let &[first, ..] = places else { return };
        if largest.is_some_and(|largest| self.root_rho * largest * DRIFT < 1.0) {
            self.rebuild(f64::MIN_POSITIVE);
        } else if updates_cost_less(places, self.variables.len() + places.len()) {
            for &place in places.iter().rev() {
                self.factor.remove(place);
            }
        } else {
            self.rebuild_from(first);
        }
    }
}

/// Whether taking rows out of a factor of `size` rows costs less than factoring those
/// behind the first of them anew.
fn updates_cost_less(places: &[usize], size: usize) -> bool {
    let updates: usize = places.iter().map(|place| 3 * (size - place).pow(2)).sum();
    updates < (size.pow(3) - places[0].pow(3)) / 6
}
