//! What the stages of a comparison share: the data, the seeds, and how systems are trained and
//! judged.

use std::path::PathBuf;

use mtnet_train::run_file::RunFile;
use mtnet_train::trainer::{Prepared, StopToken};

use crate::assemble::{delta_m, task as judge};
use crate::cache::Hashes;
use crate::plan::Plan;
use crate::report::FORMAT_VERSION;
use crate::systems::{MULTI, SINGLE, System};
use crate::test_data::TestData;
use crate::trained::Trained;
use crate::{
    CompareError, CompareEvent, CompareOptions, CompareReport, Inference, classical, inference,
    sentence,
};

/// A comparison in the making.
pub(crate) struct Comparison<'a> {
    /// The run, paths absolute.
    pub run: &'a RunFile,
    pub options: &'a CompareOptions,
    pub prepared: &'a Prepared,
    pub data: TestData<'a>,
    pub seeds: Vec<u64>,
    pub hashes: Hashes,
}

impl Comparison<'_> {
    /// Trains systems with every seed, or takes what is kept of them.
    pub fn train(
        &mut self,
        systems: &[System],
        stop: &StopToken,
        listener: &mut dyn FnMut(&CompareEvent),
    ) -> Result<Vec<Trained>, CompareError> {
        let output = &self.options.output;
        let plan = Plan::new(systems, &self.seeds, output, &mut self.hashes)?;
        plan.train(systems, self.options, stop, listener)
    }

    /// Scores, gains and verdicts of trained systems.
    pub fn report(
        &self,
        trained: &[Trained],
        inference: Option<Inference>,
    ) -> Result<CompareReport, CompareError> {
        let bootstrap = self.options.bootstrap;
        let judged = self.data.judged(trained)?;
        let tasks = judged
            .iter()
            .map(|task| judge(task, bootstrap))
            .collect::<Result<Vec<_>, _>>()?;
        let mut methods = Vec::new();
        for system in trained {
            let gain = match system.name == SINGLE {
                true => None,
                false => delta_m(&judged, (&system.name, SINGLE), bootstrap)?,
            };
            let (delta_m, over_seeds) = match gain {
                Some((gain, over_seeds)) => (Some(gain), over_seeds),
                None => (None, None),
            };
            methods.push(system.report(&self.options.output, delta_m, over_seeds));
        }
        Ok(CompareReport {
            format_version: FORMAT_VERSION,
            run: self.run.config.run.name.clone(),
            seeds: self.seeds.clone(),
            budget: self.options.budget,
            level: bootstrap.level,
            resamples: bootstrap.resamples,
            overall: sentence::overall(&tasks, methods.first().and_then(|m| m.delta_m.as_ref())),
            methods,
            tasks,
            inference,
            advice: None,
        })
    }

    /// What an answer costs.
    pub fn inference(&self, trained: &[Trained]) -> Result<Option<Inference>, CompareError> {
        let models = |name: &str| -> Vec<PathBuf> {
            let system = trained.iter().find(|system| system.name == name);
            let first = system.and_then(|system| system.folders.first());
            first.map_or_else(Vec::new, |parts| {
                parts.iter().map(|part| part.join("model")).collect()
            })
        };
        let texts = classical::texts(self.prepared, self.data.tasks[0].split);
        inference::measure(&texts, &models(MULTI), &models(SINGLE))
    }
}
