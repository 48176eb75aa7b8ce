//! A growable buffer of plain numbers that begins on a cache line.
//!
//! A vector load of 64 bytes that crosses two cache lines costs twice; `Vec` only promises the
//! alignment of its element. Growing does not keep what a buffer held: buffers are written in
//! full before they are read, and copying old numbers into a larger one would be wasted.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// Bytes of a cache line.
const LINE: usize = 64;

/// Numbers for which every pattern of bits is a value, and all zeros is zero.
///
/// # Safety
/// Only for types without invalid patterns, padding or drop, aligned to at most 64 bytes.
pub(crate) unsafe trait Plain: Copy + Send + Sync + 'static {}

// SAFETY: every pattern of bits is a number of these types.
unsafe impl Plain for f32 {}
// SAFETY: likewise.
unsafe impl Plain for u32 {}
// SAFETY: likewise.
unsafe impl Plain for i32 {}
// SAFETY: likewise.
unsafe impl Plain for u16 {}
// SAFETY: likewise.
unsafe impl Plain for u8 {}
// SAFETY: likewise.
unsafe impl Plain for i8 {}

/// A buffer of numbers that begins on a cache line and derefs to a slice.
pub(crate) struct Aligned<T: Plain> {
    start: NonNull<T>,
    length: usize,
    /// Numbers that there is memory for; none is allocated where this is 0.
    capacity: usize,
}

impl<T: Plain> Aligned<T> {
    /// A buffer of nothing, without memory.
    pub const fn new() -> Self {
        Self {
            start: NonNull::dangling(),
            length: 0,
            capacity: 0,
        }
    }

    /// Makes the buffer hold `length` numbers, left over from before or 0: they are to be written.
    ///
    /// Memory is only allocated where the buffer was never as long.
    pub fn resize(&mut self, length: usize) {
        if length > self.capacity {
            *self = Self::allocate(length);
        }
        self.length = length;
    }

    fn allocate(length: usize) -> Self {
        let layout = Self::layout(length);
        // SAFETY: the layout is not of size 0, since `length` is above a capacity.
        let memory = unsafe { alloc_zeroed(layout) };
        let Some(start) = NonNull::new(memory.cast()) else {
            handle_alloc_error(layout)
        };
        Self {
            start,
            length,
            capacity: length,
        }
    }

    fn layout(capacity: usize) -> Layout {
        Layout::array::<T>(capacity)
            .and_then(|layout| layout.align_to(LINE))
            .expect("a buffer fits the address space")
    }
}

impl<T: Plain> Drop for Aligned<T> {
    fn drop(&mut self) {
        if self.capacity > 0 {
            // SAFETY: allocated by `allocate` with this very layout, and freed only here.
            unsafe { dealloc(self.start.as_ptr().cast(), Self::layout(self.capacity)) }
        }
    }
}

impl<T: Plain> Deref for Aligned<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: `length <= capacity` numbers from `start` are owned and were zeroed or written,
        // and a dangling `start` goes with a length of 0.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl<T: Plain> DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as in `deref`, and the buffer is borrowed for writing.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}

// SAFETY: the memory belongs to this buffer alone and numbers may move between threads.
unsafe impl<T: Plain> Send for Aligned<T> {}
// SAFETY: a shared buffer is only read.
unsafe impl<T: Plain> Sync for Aligned<T> {}

impl<T: Plain> Default for Aligned<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Plain> Clone for Aligned<T> {
    fn clone(&self) -> Self {
        let mut copy = Self::new();
        copy.resize(self.length);
        copy.copy_from_slice(self);
        copy
    }
}

impl<T: Plain> fmt::Debug for Aligned<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Aligned")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_begins_on_a_line_and_grows() {
        let mut buffer = Aligned::<f32>::new();
        assert!(buffer.is_empty());
        for length in [1, 5, 3, 1000, 0, 17] {
            buffer.resize(length);
            assert_eq!(buffer.len(), length);
            assert_eq!(buffer.as_ptr() as usize % LINE, 0);
            buffer.fill(2.0);
            assert_eq!(buffer.iter().sum::<f32>(), 2.0 * length as f32);
        }
    }

    #[test]
    fn new_memory_is_zero_and_old_memory_is_kept_when_shrinking() {
        let mut buffer = Aligned::<u16>::new();
        buffer.resize(100);
        assert!(buffer.iter().all(|&value| value == 0));
        buffer[2] = 7;
        let start = buffer.as_ptr();
        buffer.resize(3);
        assert_eq!((buffer.as_ptr(), buffer[2]), (start, 7));
    }

    #[test]
    fn a_clone_has_memory_of_its_own() {
        let mut buffer = Aligned::<i8>::new();
        buffer.resize(3);
        buffer.copy_from_slice(&[1, 2, 3]);
        let copy = buffer.clone();
        buffer[0] = 9;
        assert_eq!(*copy, [1, 2, 3]);
        assert_eq!(*Aligned::<i8>::new().clone(), [0i8; 0]);
    }
}
