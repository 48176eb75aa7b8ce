//! Whether two run files describe the same training.

use std::path::{Path, PathBuf};

use super::RunFile;
use super::paths::map_inputs;

impl RunFile {
    /// SHA-256 of everything in the run file that the trained model depends on.
    ///
    /// Names, folders, device, threads and what is logged or kept do not count; of paths, the last
    /// part does, so that a run goes on where its data was moved.
    pub fn content_hash(&self) -> String {
        let mut config = self.config.clone();
        let run = &mut config.run;
        (run.name, run.device) = (String::new(), String::new());
        (run.output, run.cache) = (None, None);
        let train = &mut config.train;
        (train.threads, train.save_steps) = (None, None);
        (
            train.logging_steps,
            train.save_total_limit,
            train.eval_batch_tokens,
        ) = (0, 0, 0);
        train.save_predictions = true;
        train.report_to.clear();
        // Alarms change nothing, and whoever heard some may go on with other thresholds.
        config.monitor = None;
        config.tune = None;
        map_inputs(&mut config, last_part);
        let from = &mut config.encoder.from;
        *from = from
            .take()
            .map(|from| last_part(from.as_ref()).display().to_string());
        mtnet_data::sha256(super::render(&config).as_bytes())
    }
}

fn last_part(path: &Path) -> PathBuf {
    path.file_name()
        .map_or_else(|| path.to_owned(), PathBuf::from)
}
