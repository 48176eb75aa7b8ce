//! The runs that a comparison takes, and what they leave.

use std::path::Path;

use mtnet_core::TaskName;
use mtnet_train::trainer::StopToken;

use crate::cache::{Hashes, run_folder};
use crate::job::Job;
use crate::systems::System;
use crate::trained::Trained;
use crate::workers::do_all;
use crate::{CompareError, CompareEvent, CompareOptions};

/// The jobs of all systems, seeds and parts, in this order.
pub(crate) struct Plan {
    jobs: Vec<Job>,
}

impl Plan {
    pub(crate) fn new(
        systems: &[System],
        seeds: &[u64],
        output: &Path,
        hashes: &mut Hashes,
    ) -> Result<Self, CompareError> {
        let mut jobs = Vec::new();
        for system in systems {
            for &seed in seeds {
                for part in &system.parts {
                    let mut run = part.with_seed(seed);
                    let of = match system.parts.len() {
                        1 => String::new(),
                        _ => format!(
                            "-{}",
                            part.tasks
                                .iter()
                                .map(TaskName::as_str)
                                .collect::<Vec<_>>()
                                .join("-")
                        ),
                    };
                    let label = format!("{}{of}-seed-{seed}", system.name);
                    let label: String = label.replace(", ", "-").chars().take(90).collect();
                    run.config.run.name = label.clone();
                    run.config.run.output = None;
                    run.config.train.save_total_limit = 1;
                    let hash = hashes.of_run(&run)?;
                    let folder = run_folder(&output.join("runs"), &label, &hash)?;
                    jobs.push(Job { label, run, folder });
                }
            }
        }
        Ok(Self { jobs })
    }

    pub(crate) fn train(
        &self,
        systems: &[System],
        options: &CompareOptions,
        stop: &StopToken,
        listener: &mut dyn FnMut(&CompareEvent),
    ) -> Result<Vec<Trained>, CompareError> {
        // Two systems may hold the same run, which is then done once.
        let mut unique: Vec<Job> = Vec::new();
        for job in &self.jobs {
            if unique.iter().all(|known| known.folder != job.folder) {
                unique.push(job.clone());
            }
        }
        let answers = do_all(&unique, options.jobs, stop, listener)?;
        let find = |job: &Job| {
            let at = unique.iter().position(|known| known.folder == job.folder);
            answers[at.expect("every job is one of the unique ones")].clone()
        };
        let mut jobs = self.jobs.iter();
        let mut trained = Vec::new();
        for system in systems {
            let parts = system.parts.len();
            let mut of_system = Trained {
                name: system.name.clone(),
                about: system.about.clone(),
                models: system.parts.iter().map(|part| part.tasks.clone()).collect(),
                answers: Vec::new(),
                folders: Vec::new(),
            };
            for _ in 0..options.seeds {
                let of_seed: Vec<&Job> = jobs.by_ref().take(parts).collect();
                of_system
                    .answers
                    .push(of_seed.iter().map(|job| find(job)).collect());
                of_system
                    .folders
                    .push(of_seed.iter().map(|job| job.folder.clone()).collect());
            }
            trained.push(of_system);
        }
        Ok(trained)
    }
}
