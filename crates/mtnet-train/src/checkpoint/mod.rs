//! Checkpoints that are whole or not there.
//!
//! A checkpoint is a folder `checkpoint-<step>` of files and a `MANIFEST.json` that lists each
//! with its size and SHA-256. [`CheckpointWriter::save`] makes it so:
//!
//! 1. Every file is written into `checkpoint-<step>.tmp-<pid>` and synced.
//! 2. The manifest is written last and synced, then the folder.
//! 3. The folder is renamed to `checkpoint-<step>` and its parent synced: the one commit point.
//! 4. The committed folder is read back. Only when it checks out are older checkpoints removed,
//!    down to the `save_total_limit` newest, and never the best one.
//!
//! [`latest_valid`] finds the newest checkpoint whose manifest checks out; what is damaged or
//! unfinished is reported and left alone. So a kill, a full disk or a failing disk at any instant
//! costs at most the checkpoint that was being written. One run at a time writes into a folder:
//! the writer owns a [`RunLock`].
//!
//! All file operations go through [`Files`], so that tests make each of them fail in turn.
//!
//! ```
//! use mtnet_train::checkpoint::{
//!     CheckpointWriter, FileContent, LocalFiles, RunLock, SaveOptions, latest_valid,
//! };
//!
//! let folder = tempfile::tempdir()?;
//! let lock = RunLock::acquire(&LocalFiles, folder.path())?;
//! let writer = CheckpointWriter::new(lock, SaveOptions::default());
//! let state = FileContent::from(br#"{"global_step": 100}"#.to_vec());
//! writer.save(100, vec![("trainer_state.json".to_owned(), state)], None)?;
//!
//! let found = latest_valid(&LocalFiles, folder.path())?;
//! let checkpoint = found.latest.expect("the one just saved");
//! assert_eq!(checkpoint.step(), 100);
//! assert!(checkpoint.read(&LocalFiles, "trainer_state.json")?.starts_with(b"{"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod content;
mod error;
mod files;
mod find;
mod lock;
mod manifest;
mod name;
mod prune;
mod verify;
mod writer;

pub use content::{FileContent, WriteContent};
pub use error::CheckpointError;
pub use files::{FileWriter, Files, LocalFiles};
pub use find::{DamagedCheckpoint, FoundCheckpoints, latest_valid};
pub use lock::{LockHolder, RunLock};
pub use manifest::{FORMAT_VERSION, MANIFEST_FILE, Manifest, ManifestFile};
pub use verify::{Checkpoint, Verification, verify};
pub use writer::{CheckpointWriter, SaveOptions, SaveReport};
