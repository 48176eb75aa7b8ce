//! Small dense solvers in `f64`, for matrices of one row a task.
//!
//! Each scales its input first, and either meets its stated tolerance or says that
//! it did not: no NaN comes out of finite input.

mod active_set;
mod cagrad;
mod cholesky;
mod eigen;
mod error;
mod free_part;
mod min_norm;
mod power_root;
mod quadratic;
mod simplex;

pub(crate) use active_set::ActiveSet;
pub(crate) use cagrad::{CagradSolution, conflict_averse};
pub(crate) use eigen::Eigen;
pub(crate) use error::SolveError;
pub(crate) use min_norm::min_norm;
pub(crate) use power_root::power_root;
pub(crate) use quadratic::QuadraticProgram;
pub(crate) use simplex::project_on_simplex;
