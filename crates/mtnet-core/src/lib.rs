//! The words every MT-Net crate shares.
//!
//! Plain values only: no tensors, no files. A data reader makes [`Example`]s, the
//! text crate makes [`PackedBatch`]es of them, encoders and heads read those, and
//! every random draw of a run comes from a named [`RandomStream`].
//!
//! ```
//! use mtnet_core::{LabelSet, RandomStream, TaskName};
//!
//! let task = TaskName::new("sentiment")?;
//! let labels = LabelSet::new(["negative", "positive"])?;
//! assert_eq!(labels.index("positive"), Some(1));
//!
//! // The same seed and names give the same draws, wherever they are made.
//! let mut order = RandomStream::new(42).child("order").child(task.as_str());
//! let again = RandomStream::new(42).child("order").child("sentiment").next_u32();
//! assert_eq!(order.next_u32(), again);
//! # Ok::<(), mtnet_core::CoreError>(())
//! ```

mod error;
mod example;
mod guard;
mod labels;
mod names;
mod nearest;
mod offsets;
mod packed;
mod random;
mod select;
mod split;
mod target;

pub use error::CoreError;
pub use example::{Example, InputText, Segment};
pub use guard::{Panicked, guarded};
pub use labels::LabelSet;
pub use names::{DatasetName, TaskName};
pub use nearest::nearest;
pub use offsets::Offsets;
pub use packed::{
    PackedBatch, PackedPassages, PackedTargets, PackedWords, SequenceSource, TargetValues,
};
pub use random::RandomStream;
pub use select::BatchPart;
pub use split::Split;
pub use target::{IGNORED_TAG, RawTarget, Target, TargetKind};
