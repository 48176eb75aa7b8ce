//! The winner: its scores on the test data, and its run file.

use std::path::Path;

use candle_core::Device;
use mtnet_core::Split;
use mtnet_heads::HeadRegistry;
use mtnet_model::ModelFolder;
use mtnet_train::run_file::RunFile;
use mtnet_train::runs::{files, with_split};
use mtnet_train::trainer::{SplitMetrics, evaluate, read_corpus};

use crate::settings::overrides;
use crate::trial::Trial;
use crate::{Search, Settings, TuneError, best_file};

/// The scores of a finished trial's model on the test data; `None` where there is none.
pub(crate) fn test_scores(
    trial: &Trial,
    registry: &HeadRegistry,
) -> Result<Option<SplitMetrics>, TuneError> {
    let Some(run) = with_split(&trial.kept.run, Split::Test) else {
        return Ok(None);
    };
    let folder = ModelFolder::open(&trial.kept.model(), registry, &Device::Cpu)?;
    let corpus = read_corpus(&run, Split::Test, &folder, registry)?;
    let batch_tokens = run.config.train.eval_batch_tokens;
    Ok(Some(evaluate(&folder.model, &corpus, batch_tokens)?))
}

/// Writes `best.toml`, a run file that trains the winner from anywhere.
pub(crate) fn write_best(
    search: &Search,
    settings: &Settings,
    output: &Path,
) -> Result<(), TuneError> {
    let run = search.with(&overrides(settings))?;
    let mut run = run.with_absolute_paths().map_err(TuneError::file("."))?;
    // Its folder may hold a run by now.
    run.config.run.output = None;
    let path = output.join("best.toml");
    let edited = best_file::edit(search, settings, &run);
    // The text with its comments, where it says what it should; else the settings alone.
    let same = |text: &String| {
        RunFile::parse(text, &path, &[]).is_ok_and(|found| found.config == run.config)
    };
    let text = edited.filter(same).unwrap_or_else(|| run.render());
    Ok(files::write(&path, text.as_bytes())?)
}
