//! Matrix products of the layer stack, on plain slices.
//!
//! Every product cuts its result, never its sum, between threads: the bits are the same for any
//! number of threads. The micro-kernels are chosen once from what the processor has.

mod aligned;
mod bf16;
mod float;
mod forward;
mod gradient;
mod grid;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        unused_imports,
        reason = "a precision that nothing asks for yet"
    )
)]
mod int8;
mod packed;
mod strips;
mod tile;
#[cfg(target_arch = "x86_64")]
mod tile_avx2;
#[cfg(target_arch = "x86_64")]
mod tile_avx512;
mod tile_plain;

#[cfg(test)]
mod tests;

pub(crate) use aligned::Aligned;
pub(crate) use forward::product;
pub(crate) use gradient::product_of_transposed;
pub(crate) use packed::{Orientation, Packed};
