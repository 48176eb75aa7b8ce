//! One slice that several threads write, each its own part.

use std::marker::PhantomData;

/// A borrowed slice whose parts are handed out for writing without a check that they are apart.
///
/// A product finishes its result a block of rows at a time and heads of attention are columns of
/// the same rows: neither can be cut into a list of slices beforehand.
pub(crate) struct Shared<'a> {
    start: *mut f32,
    length: usize,
    borrowed: PhantomData<&'a mut [f32]>,
}

impl<'a> Shared<'a> {
    /// Borrows the slice for as long as its parts are written.
    pub fn new(values: &'a mut [f32]) -> Self {
        Self {
            start: values.as_mut_ptr(),
            length: values.len(),
            borrowed: PhantomData,
        }
    }

    /// Numbers `at .. at + length`.
    ///
    /// # Safety
    /// No other part that overlaps it may be alive.
    ///
    /// # Panics
    /// If the slice is shorter.
    #[expect(
        clippy::mut_from_ref,
        reason = "the caller promises what the borrow checker cannot see"
    )]
    pub unsafe fn part(&self, at: usize, length: usize) -> &mut [f32] {
        assert!(
            at <= self.length && length <= self.length - at,
            "a part beyond its slice"
        );
        // SAFETY: inside the borrowed slice by the assertion, and by the caller's promise nobody
        // else reads or writes these numbers meanwhile.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(at), length) }
    }

    /// Where number `index` stands, for loops that walk the rows of a tile themselves.
    pub fn at(&self, index: usize) -> *mut f32 {
        self.start.wrapping_add(index)
    }
}

// SAFETY: it is a mutable borrow of numbers, which may go to another thread.
unsafe impl Send for Shared<'_> {}
// SAFETY: the only access through a shared reference is `part`, whose caller keeps parts apart.
unsafe impl Sync for Shared<'_> {}
