//! Events in MLflow, by the tags of [`scalars`](super::scalars).

use std::fs;
use std::path::Path;

use mtnet_report::ReportError;
use mtnet_report::mlflow::{MlflowRun, MlflowServer, MlflowStatus, parameters};
use serde::{Deserialize, Serialize};

use super::scalars::scalars;
use super::{Event, EventError, EventSink, RunEndReason};

/// The file of a run folder that names its run on the server.
const FILE: &str = "mlflow.json";

/// Where MLflow keeps a run.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    tracking_uri: String,
    experiment_id: String,
    run_id: String,
}

/// Brings the numbers of events to a tracking server.
#[derive(Debug)]
pub struct MlflowSink {
    run: Option<MlflowRun>,
}

impl MlflowSink {
    /// Starts a run `name` in an experiment, with the settings of a run file as its parameters, and
    /// leaves its id in `folder`. Where `goes_on`, the run that the folder names goes on instead.
    ///
    /// # Errors
    /// If the server does not answer or refuses, or the folder cannot be read or written.
    pub fn open(
        folder: &Path,
        server: MlflowServer,
        (experiment, name): (&str, &str),
        run_file: &str,
        goes_on: bool,
    ) -> Result<Self, EventError> {
        let path = folder.join(FILE);
        if goes_on && let Some(place) = read(&path)? {
            let run = MlflowRun::open(server, place.run_id).map_err(EventError::Report)?;
            return Ok(Self { run: Some(run) });
        }
        let start = || -> Result<(Place, MlflowRun), ReportError> {
            let experiment_id = server.experiment(experiment)?;
            let run_id = server.create_run(&experiment_id, name)?;
            let settings = run_file.parse().unwrap_or_default();
            server.log_parameters(&run_id, &parameters(&settings))?;
            let place = Place {
                tracking_uri: server.address().to_owned(),
                experiment_id,
                run_id: run_id.clone(),
            };
            Ok((place, MlflowRun::open(server, run_id)?))
        };
        let (place, run) = start().map_err(EventError::Report)?;
        let text = serde_json::to_vec_pretty(&place).map_err(EventError::Json)?;
        fs::write(&path, text).map_err(|source| EventError::File {
            action: "write",
            path,
            source,
        })?;
        Ok(Self { run: Some(run) })
    }
}

impl EventSink for MlflowSink {
    fn record(&mut self, event: &Event) -> Result<(), EventError> {
        if let Event::RunEnd(end) = event {
            let Some(run) = self.run.take() else {
                return Ok(());
            };
            if run.left_out() > 0 {
                let numbers = run.left_out();
                tracing::warn!("MLflow was slower than the run: {numbers} numbers are not there");
            }
            return run.finish(status(end.reason)).map_err(EventError::Report);
        }
        match &mut self.run {
            Some(run) => run
                .scalars(event.step(), scalars(event))
                .map_err(EventError::Report),
            None => Ok(()),
        }
    }
}

fn read(path: &Path) -> Result<Option<Place>, EventError> {
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read(path).map_err(|source| EventError::File {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|source| EventError::Line {
            path: path.to_owned(),
            line: source.line(),
            source,
        })
}

fn status(reason: RunEndReason) -> MlflowStatus {
    match reason {
        RunEndReason::Finished | RunEndReason::EarlyStopping | RunEndReason::TargetReached => {
            MlflowStatus::Finished
        }
        RunEndReason::Interrupted => MlflowStatus::Killed,
        RunEndReason::Diverged | RunEndReason::Failed => MlflowStatus::Failed,
    }
}
