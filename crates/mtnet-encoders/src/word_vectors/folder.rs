//! The safetensors form: a matrix `embeddings.weight (words, width)`, and `vocab.txt` beside it
//! whose line `i` is the word of row `i`.

use std::path::Path;

use candle_core::safetensors::Load;
use candle_core::{DType, Device};
use safetensors::SafeTensors;

use super::WordVectorsProblem as Problem;
use super::vectors::{WordVectors, line, problem};
use crate::EncoderError;

pub(super) fn read(path: &Path) -> Result<WordVectors, EncoderError> {
    let bytes = std::fs::read(path).map_err(|source| EncoderError::io(path, source))?;
    let file = SafeTensors::deserialize(&bytes).map_err(|source| EncoderError::Safetensors {
        path: path.to_owned(),
        source,
    })?;
    let matrix = file
        .tensor("embeddings.weight")
        .ok()
        .or_else(|| (file.len() == 1).then(|| file.iter().next().map(|(_, only)| only))?)
        .filter(|matrix| matrix.shape().len() == 2);
    let Some(matrix) = matrix else {
        let mut found: Vec<_> = file
            .iter()
            .map(|(name, view)| format!("`{name}` {:?}", view.shape()))
            .collect();
        found.sort();
        let found = found.join(", ");
        return Err(problem(path, "", Problem::Tensor { found }));
    };
    let (count, dim) = (matrix.shape()[0], matrix.shape()[1]);
    if count == 0 || dim == 0 {
        return Err(problem(path, "", Problem::Empty));
    }
    let vocabulary = path.with_file_name("vocab.txt");
    let words = words(&vocabulary)?;
    if words.len() != count {
        let wrong = Problem::Count {
            found: count,
            expected: words.len(),
            source_of_count: "vocab.txt",
        };
        return Err(problem(path, "", wrong));
    }
    let tensor = matrix.load(&Device::Cpu)?.to_dtype(DType::F32)?;
    let data: Vec<f32> = tensor.flatten_all()?.to_vec1()?;
    match data.iter().position(|number| !number.is_finite()) {
        None => Ok(WordVectors::new(words, dim, data)),
        Some(at) => {
            let found = data[at].to_string();
            let place = format!(", row {}", at / dim);
            Err(problem(path, place, Problem::Number { found }))
        }
    }
}

fn words(path: &Path) -> Result<Vec<String>, EncoderError> {
    let bytes = std::fs::read(path).map_err(|source| EncoderError::io(path, source))?;
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    bytes
        .split(|&byte| byte == b'\n')
        .enumerate()
        .map(|(index, word)| match std::str::from_utf8(word) {
            Ok(word) => Ok(word.trim_end_matches('\r').to_owned()),
            Err(_) => Err(problem(path, line(index + 1), Problem::NotText)),
        })
        .collect()
}
