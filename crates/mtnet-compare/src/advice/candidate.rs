//! A proposal with the system that it makes.

use std::fmt::Write as _;

use mtnet_train::run_file::{RunConfig, RunFile, RunFileError};

use super::Proposal;
use crate::CompareError;
use crate::answers::write;
use crate::comparison::Comparison;
use crate::part::{Part, made};
use crate::systems::System;

/// A proposal that can be trained.
pub(super) struct Candidate {
    pub proposal: Proposal,
    pub system: System,
}

impl Candidate {
    /// The run with changed settings.
    pub fn of_run(
        run: &RunFile,
        proposal: Proposal,
        change: impl FnOnce(&mut RunConfig),
    ) -> Result<Self, RunFileError> {
        let mut config = run.config.clone();
        change(&mut config);
        let part = Part::whole(&made(config, run.base.clone())?);
        Ok(Self {
            system: System {
                name: proposal.name.clone(),
                about: format!("the run file with {}", proposal.changes.join(", ")),
                parts: vec![part],
            },
            proposal,
        })
    }

    /// Writes the run files of the proposal, with the first seed, into `advice/`.
    pub fn write(&mut self, comparison: &Comparison<'_>) -> Result<(), CompareError> {
        let stem = self.proposal.name.replace(", ", "-").replace(' ', "-");
        let parts = self.system.parts.len();
        for (number, part) in self.system.parts.iter().enumerate() {
            let stem = match parts {
                1 => stem.clone(),
                _ => format!("{stem}-{}", number + 1),
            };
            let mut run = part.with_seed(comparison.seeds[0]);
            let name = format!("{}-{stem}", comparison.run.config.run.name);
            run.config.run.name = name.chars().take(100).collect();
            run.config.run.output = None;
            let mut text = format!(
                "# A proposal of `mtnet compare --advise`: {}\n",
                self.proposal.changes.join(", ")
            );
            for evidence in &self.proposal.evidence {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "# {evidence}");
            }
            let file = format!("advice/{stem}.toml");
            text.push('\n');
            text.push_str(&run.render());
            write(&comparison.options.output.join(&file), text.as_bytes())?;
            self.proposal.files.push(file);
        }
        Ok(())
    }
}
