//! Buffers that go back to a list when they are dropped, and are taken from it again.
//!
//! A training step needs the same few hundred megabytes each time: taken fresh from the system,
//! they would cost a page fault every 4 KiB, more than the arithmetic done on them.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use crate::product::Aligned;

/// A list of free buffers.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    free: Mutex<Vec<Held>>,
}

/// Memory for at least `capacity` numbers.
#[derive(Debug, Default)]
struct Held {
    values: Aligned<f32>,
    capacity: usize,
}

impl Pool {
    /// A buffer of `length` numbers, whatever they are: they are to be written.
    pub fn take(self: &Arc<Self>, length: usize) -> Buffer {
        let mut held = self.nearest(length).unwrap_or_default();
        held.values.resize(length);
        held.capacity = held.capacity.max(length);
        Buffer {
            held,
            pool: self.clone(),
        }
    }

    /// A buffer of `length` zeros.
    pub fn take_zeroed(self: &Arc<Self>, length: usize) -> Buffer {
        let mut buffer = self.take(length);
        buffer.fill(0.0);
        buffer
    }

    /// The smallest free buffer that holds `length` numbers, else the largest that can grow to it.
    ///
    /// One of less than half or more than twice the length stays: so each size of a step finds
    /// its own again, and batches of changing length do not make every buffer as long as the
    /// longest.
    fn nearest(&self, length: usize) -> Option<Held> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let distance = |capacity: usize| {
            if capacity >= length {
                capacity - length
            } else {
                // Behind all that need no growing.
                length + (length - capacity)
            }
        };
        let best = (0..free.len())
            .filter(|&at| (length / 2..=2 * length).contains(&free[at].capacity))
            .min_by_key(|&at| distance(free[at].capacity))?;
        Some(free.swap_remove(best))
    }

    #[cfg(test)]
    fn free(&self) -> usize {
        self.free.lock().unwrap().len()
    }
}

/// Numbers on loan from a [`Pool`].
#[derive(Debug)]
pub(crate) struct Buffer {
    held: Held,
    pool: Arc<Pool>,
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.held.values
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.held.values
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let held = std::mem::take(&mut self.held);
        self.pool
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(held);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_come_back_and_fit() {
        let pool = Arc::new(Pool::default());
        let (small, large) = (pool.take(100), pool.take(1000));
        let (small_at, large_at) = (small.as_ptr(), large.as_ptr());
        drop((large, small));
        assert_eq!(pool.free(), 2);
        let again = pool.take(900);
        assert_eq!((again.len(), again.as_ptr()), (900, large_at));
        assert_eq!(pool.take(60).as_ptr(), small_at);
        assert_eq!(pool.free(), 1);
        // One that grows a little takes the place of the one that was too short.
        assert_eq!(pool.take(150).len(), 150);
        assert_eq!(pool.free(), 1);
        assert!(pool.take_zeroed(150).iter().all(|&x| x == 0.0));
    }
}
