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
mod int8;
mod packed;
mod peak;
mod strips;
mod tile;
#[cfg(target_arch = "x86_64")]
mod tile_avx2;
#[cfg(target_arch = "x86_64")]
mod tile_avx512;
mod tile_plain;
mod weight;

#[cfg(test)]
mod tests;

pub(crate) use aligned::Aligned;
pub(crate) use forward::{Right, product};
pub(crate) use gradient::{Operands, product_of_transposed};
pub(crate) use int8::{LONGEST as LONGEST_INT8, has_fast_int8};
pub(crate) use packed::Orientation;
pub(crate) use peak::peak_operations_per_second;
pub(crate) use tile::{Kernel, Transpose};
pub(crate) use weight::PackedWeight;

#[cfg(test)]
use packed::Packed;
