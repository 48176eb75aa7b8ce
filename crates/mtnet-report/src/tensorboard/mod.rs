//! TensorBoard's event files: scalars by tag and step.
//!
//! A file is a sequence of records (TFRecord) of `Event` messages (protocol buffers), as
//! TensorFlow's `tensorflow/core/util/event.proto` and `tensorflow/core/lib/io/record_writer.cc`
//! define them. Only what scalars need is here.

mod message;
mod record;
mod writer;

pub use writer::EventFile;
