//! Programs that a run tells its numbers while it goes.

use std::ffi::OsStr;

use mtnet_report::mlflow::MlflowServer;

use super::TrainError;
use super::job::Job;
use crate::events::{EventSink, MlflowSink, TensorboardSink};
use crate::run_file::ReportTo;

impl Job<'_> {
    /// The sinks that the run file asks for beside the log.
    pub(super) fn report_sinks(
        &self,
        resumed_after: Option<u64>,
    ) -> Result<Vec<Box<dyn EventSink>>, TrainError> {
        let mut sinks: Vec<Box<dyn EventSink>> = Vec::new();
        for report in &self.run.config.train.report_to {
            sinks.push(match report {
                ReportTo::Tensorboard => {
                    let folder = self.output.join("tb");
                    Box::new(TensorboardSink::open(&folder, resumed_after)?)
                }
                ReportTo::Mlflow => {
                    let name = &self.run.config.run.name;
                    let experiment = std::env::var("MLFLOW_EXPERIMENT_NAME");
                    let experiment = experiment.as_deref().unwrap_or(name);
                    let folder = self.output.file_name().and_then(OsStr::to_str);
                    Box::new(MlflowSink::open(
                        self.output,
                        MlflowServer::from_env(),
                        (experiment, folder.unwrap_or(name)),
                        &self.effective_run()?,
                        resumed_after.is_some(),
                    )?)
                }
            });
        }
        Ok(sinks)
    }
}
