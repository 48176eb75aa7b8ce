//! Our counter-based stream as a generator of the crate `rand`.

use std::convert::Infallible;

use mtnet_core::RandomStream;
use rand::TryRng;

/// A [`RandomStream`] for distributions of `rand`: the same bits in every version of it.
pub(super) struct Generator(pub RandomStream);

impl TryRng for Generator {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = u64::from(self.0.next_u32());
        Ok(u64::from(self.0.next_u32()) << 32 | low)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for part in bytes.chunks_mut(4) {
            part.copy_from_slice(&self.0.next_u32().to_le_bytes()[..part.len()]);
        }
        Ok(())
    }
}
