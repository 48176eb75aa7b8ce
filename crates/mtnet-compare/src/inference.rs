//! What answering costs: one pass of the shared model against a pass of each single-task model.

use std::path::PathBuf;
use std::time::Instant;

use candle_core::Device;
use mtnet_core::InputText;
use mtnet_model::{PredictInput, Predictor};

use crate::{CompareError, Inference};

/// Texts at most.
const TEXTS: usize = 256;
/// The fastest of so many repetitions counts.
const REPEATS: usize = 5;

/// Answers every task for some of the texts, on one thread, tokenisation included.
pub(crate) fn measure(
    texts: &[&InputText],
    multi: &[PathBuf],
    single: &[PathBuf],
) -> Result<Option<Inference>, CompareError> {
    let stride = texts.len().div_ceil(TEXTS).max(1);
    let inputs: Vec<PredictInput> = texts
        .iter()
        .step_by(stride)
        .map(|text| input(text))
        .collect();
    if inputs.is_empty() || multi.is_empty() {
        return Ok(None);
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let pool = pool.map_err(|error| CompareError::Threads {
        threads: 1,
        reason: error.to_string(),
    })?;
    let seconds = |folders: &[PathBuf]| -> Result<f64, CompareError> {
        let predictors = folders
            .iter()
            .map(|folder| Predictor::open(folder, &Device::Cpu).map_err(CompareError::from))
            .collect::<Result<Vec<_>, CompareError>>()?;
        let mut fastest = f64::INFINITY;
        for _ in 0..REPEATS {
            let begun = Instant::now();
            for predictor in &predictors {
                predictor.predict(&inputs, &[])?;
            }
            fastest = fastest.min(begun.elapsed().as_secs_f64());
        }
        Ok(fastest / inputs.len() as f64)
    };
    let (multi_seconds, single_seconds) =
        pool.install(|| -> Result<_, CompareError> { Ok((seconds(multi)?, seconds(single)?)) })?;
    Ok(Some(Inference {
        texts: inputs.len(),
        repeats: REPEATS,
        multi_seconds,
        single_seconds,
        single_models: single.len(),
    }))
}

fn input(text: &InputText) -> PredictInput {
    let first = text.first();
    match (text.second(), first.words()) {
        (Some(second), _) => PredictInput::pair(first.text(), second.text()),
        (None, Some(words)) => {
            let words: Vec<&str> = words
                .iter()
                .map(|word| &first.text()[word.clone()])
                .collect();
            PredictInput::words(&words)
        }
        (None, None) => PredictInput::text(first.text()),
    }
}
