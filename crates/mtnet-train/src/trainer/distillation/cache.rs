//! `teachers/<task>.safetensors` of a run folder: a teacher's scores, with the hash of what they
//! were made of.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};
use mtnet_core::TaskName;
use safetensors::SafeTensors;

use super::soft_labels::TaskScores;
use crate::optimizer::OptimizerError;
use crate::runs::files;
use crate::trainer::TrainError;

/// The name of the hash in the file's metadata.
const KEY: &str = "made_of";

/// What was found in a run folder.
#[derive(Debug, PartialEq)]
pub(super) enum Kept {
    /// The scores.
    Scores(TaskScores),
    /// Those of another teacher or of other texts.
    Stale,
    /// A file that is no such file.
    Damaged,
    /// Nothing.
    Nothing,
}

/// Where the scores for a task lie.
pub(super) fn path(run: &Path, task: &TaskName) -> PathBuf {
    run.join("teachers").join(format!("{task}.safetensors"))
}

/// Reads scores for `examples` examples and `columns` columns that were made of `key`.
///
/// # Errors
/// If a file is there and cannot be read.
pub(super) fn read(
    path: &Path,
    key: &str,
    examples: usize,
    columns: usize,
) -> Result<Kept, TrainError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Kept::Nothing),
        Err(error) => return Err(TrainError::file(path)(error)),
    };
    let made_of = |bytes: &[u8]| -> Option<String> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).ok()?;
        metadata.metadata().as_ref()?.get(KEY).cloned()
    };
    let Some(made_of) = made_of(&bytes) else {
        return Ok(Kept::Damaged);
    };
    if made_of != key {
        return Ok(Kept::Stale);
    }
    Ok(match scores(&bytes, examples, columns) {
        Some(scores) => Kept::Scores(scores),
        None => Kept::Damaged,
    })
}

/// The scores of a file, `None` where they are not whole.
fn scores(bytes: &[u8], examples: usize, columns: usize) -> Option<TaskScores> {
    let mut tensors = candle_core::safetensors::load_buffer(bytes, &Device::Cpu).ok()?;
    let mut take = |name: &str| tensors.remove(name);
    let starts: Vec<u32> = take("starts")?.to_vec1().ok()?;
    let values = take("scores")?;
    let (rows, width) = values.dims2().ok()?;
    let rising = starts.windows(2).all(|pair| pair[0] <= pair[1]);
    let whole = starts.first() == Some(&0) && starts.last() == Some(&(rows as u32));
    if !(rising && whole && starts.len() == examples + 1 && width == columns) {
        return None;
    }
    let values: Vec<f32> = values.flatten_all().ok()?.to_vec1().ok()?;
    let finite = values.iter().all(|value| value.is_finite());
    finite.then_some(TaskScores {
        columns,
        starts,
        values,
    })
}

/// Writes scores, whole or not at all.
///
/// # Errors
/// If the file cannot be written.
pub(super) fn write(path: &Path, key: &str, scores: &TaskScores) -> Result<(), TrainError> {
    let columns = scores.columns;
    let rows = scores.values.len() / columns.max(1);
    let tensors = BTreeMap::from([
        (
            "scores",
            Tensor::from_slice(&scores.values, (rows, columns), &Device::Cpu)?,
        ),
        (
            "starts",
            Tensor::from_slice(&scores.starts, scores.starts.len(), &Device::Cpu)?,
        ),
    ]);
    let metadata = HashMap::from([(KEY.to_owned(), key.to_owned())]);
    let bytes = safetensors::serialize(tensors, Some(metadata)).map_err(OptimizerError::from)?;
    files::write(path, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_kept_and_other_ones_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = path(folder.path(), &TaskName::new("x").unwrap());
        let scores = TaskScores {
            columns: 2,
            starts: vec![0, 0, 2],
            values: vec![0.1, -2.5, f32::MIN_POSITIVE, 1e30],
        };
        let found = |key: &str, examples| read(&path, key, examples, 2).unwrap();
        assert_eq!(found("a", 2), Kept::Nothing);
        write(&path, "a", &scores).unwrap();
        assert_eq!(found("a", 2), Kept::Scores(scores.clone()));
        assert_eq!(found("b", 2), Kept::Stale);
        assert_eq!(found("a", 3), Kept::Damaged);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        assert_eq!(found("a", 2), Kept::Damaged);
        let broken = TaskScores {
            values: vec![f32::NAN; 4],
            ..scores
        };
        write(&path, "a", &broken).unwrap();
        assert_eq!(found("a", 2), Kept::Damaged);
    }
}
