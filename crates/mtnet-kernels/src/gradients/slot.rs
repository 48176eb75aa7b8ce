//! The gradient of one parameter in main memory, for a backward pass of one's own.

use super::buffer::settle;
use super::{Reach, RowGradients};
use crate::stack::Destination;

/// The gradient of one parameter, to be written.
#[derive(Debug)]
pub struct GradientSlot<'a> {
    values: &'a mut [f32],
    reach: &'a mut Reach,
    stale: &'a mut bool,
}

impl<'a> GradientSlot<'a> {
    pub(super) fn new(values: &'a mut [f32], reach: &'a mut Reach, stale: &'a mut bool) -> Self {
        Self {
            values,
            reach,
            stale,
        }
    }

    /// For a pass that gives all numbers; all of them count as reached.
    pub fn whole(self) -> Destination<'a> {
        if std::mem::take(self.stale) {
            *self.reach = Reach::All;
            return Destination::overwriting(self.values);
        }
        *self.reach = Reach::All;
        Destination::adding(self.values)
    }

    /// For a pass that adds to some of the `count` rows.
    pub fn rows(self, count: usize) -> RowGradients<'a> {
        settle(self.values, self.stale);
        RowGradients {
            values: self.values,
            touched: self.reach.list(count),
        }
    }

    /// What is there, to be changed, and the rows that hold it.
    pub fn reached(self) -> (&'a mut [f32], &'a Reach) {
        settle(self.values, self.stale);
        (self.values, self.reach)
    }
}
