//! A run in MLflow, over five calls of its REST interface
//! (<https://mlflow.org/docs/latest/api_reference/rest-api.html>): `experiments/get-by-name` and `create`,
//! `runs/create`, `log-batch` and `update`.
//!
//! [`MlflowServer`] makes the calls; [`MlflowRun`] makes those of one run on a thread of its own, so
//! that training never waits for a network. Names and limits are MLflow's.

mod names;
mod run;
mod server;
mod worker;

pub use names::{metric_name, parameters};
pub use run::MlflowRun;
pub use server::{MlflowServer, MlflowStatus};
