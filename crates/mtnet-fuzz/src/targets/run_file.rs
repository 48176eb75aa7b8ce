//! Run files, and overrides of the command line.

use std::path::Path;

use mtnet_heads::HeadRegistry;
use mtnet_train::run_file::RunFile;

use super::{Outcome, Target, told};

pub(super) const RUN_FILE: Target = Target {
    name: "run-file",
    dictionary: &[
        "[[task]]\n",
        "[balance]\n",
        "method = \"fixed\"",
        "weights = { x = 1 }",
        "epochs = nan",
        "inf",
        "true",
        "[[[",
        "\"\"\"",
        "1979-05-27",
        "name = \"a/b\"",
        "head = { type = \"classification\" }",
    ],
    run: run_file,
};

fn run_file(bytes: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(bytes);
    // The last line is an override as well, which no file would hold.
    let last = text.lines().last().unwrap_or_default().to_owned();
    let _ = RunFile::parse(&text, Path::new("run.toml"), &[last]);
    let run = RunFile::parse(&text, Path::new("run.toml"), &[]);
    match run.and_then(|run| run.check_heads(&HeadRegistry::default())) {
        Ok(()) => Outcome::Read,
        Err(error) => {
            let message = told(&error);
            Outcome::Refused {
                placed: message.starts_with("run.toml:"),
                message,
            }
        }
    }
}
