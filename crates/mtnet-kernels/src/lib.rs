//! Differentiable operations on packed sequences, and the parameters they are applied to.
//!
//! A batch is its sequences laid end to end, without padding: tensors are `(tokens, hidden)` and
//! [`Offsets`](mtnet_core::Offsets) say where each sequence begins. Every operation here carries
//! its gradient (candle's own layer norm, softmax and rotary embedding do not), takes part in
//! candle's automatic differentiation, and gives the same bits for any number of threads.
//!
//! On a CPU in `f32` the operations are custom ops over fused loops; on any other device or type
//! they fall back on the plain compositions of candle operations in [`plain`], against which the
//! loops are tested. A [`Stack`] is a whole encoder of these operations with a backward pass of its
//! own, for where candle's bookkeeping would cost more than the products.
//!
//! ```
//! use std::sync::Arc;
//! use candle_core::{Device, Tensor};
//! use mtnet_core::{Offsets, RandomStream};
//! use mtnet_kernels::{Activation, Dropout, ParamStore, attention, linear};
//!
//! let store = ParamStore::new(RandomStream::new(1), &Device::Cpu);
//! let weight = store.builder().get((8, 4), "weight")?;
//! let x = Tensor::ones((5, 4), candle_core::DType::F32, &Device::Cpu)?;
//! let hidden = linear(&x, &weight, None, Activation::Gelu)?;
//! // Two sequences, of three tokens and of two: no token sees the other sequence.
//! let offsets = Arc::new(Offsets::from_lengths([3, 2]));
//! let mixed = attention(&hidden, &hidden, &hidden, &offsets, 2, &Dropout::none())?;
//! assert_eq!(mixed.dims(), [5, 8]);
//! let gradients = mixed.sqr()?.sum_all()?.backward()?;
//! assert!(gradients.get(&weight).is_some());
//! # Ok::<(), candle_core::Error>(())
//! ```

mod activation;
mod adamw;
mod attention;
mod dropout;
mod embedding;
mod gradients;
mod initialiser;
mod isa;
mod layer_norm;
mod linear;
mod linear_weight;
mod memory;
mod mode;
mod params;
pub mod plain;
mod precision;
mod product;
mod segment;
mod shared;
mod stack;
mod storage;

pub use activation::{Activation, activate};
pub use adamw::{AdamWFactors, adamw};
pub use attention::attention;
pub use dropout::{Dropout, dropout};
pub use embedding::embedding;
pub use gradients::{
    GradientBuffer, GradientEntry, GradientLayout, GradientSlot, GradientView, Reach, RowGradients,
    gradient_products,
};
pub use initialiser::Initialiser;
pub use isa::{Isa, isa};
pub use layer_norm::layer_norm;
pub use linear::linear;
pub use linear_weight::LinearWeight;
pub use memory::prepare_process;
pub use mode::Mode;
pub use params::ParamStore;
pub use precision::{Precision, UnknownPrecision};
pub use segment::{Pooling, segment_pool, window_concat};
pub use stack::{
    Destination, EmbeddingParts, LayerParts, Purpose, Stack, StackConfig, StackGradients,
    StackInput, Tape, Wanted,
};
