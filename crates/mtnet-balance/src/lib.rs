//! Balancing of tasks: loss weightings and gradient aggregators, on plain `f64`.
//!
//! - A *loss weighting* ([`LossWeighting`]) turns the losses of a step into one weight a
//!   task; the step then minimises `total`, and the weight of a task is `∂ total / ∂ L_i`.
//! - A *gradient weighting* ([`GramianWeighting`]) finds the weights of `Σ w_i g_i` from the
//!   [`Gramian`] of the per-task gradients, a matrix of tasks × tasks.
//! - A *gradient aggregator* ([`GradientAggregator`]) needs the gradients themselves.
//! - A *wrapper* ([`Wrapper`]) composes with any of the first two.
//!
//! [`BalanceConfig`] selects a loss weighting as a run file names it,
//! [`GradientBalanceConfig`] a gradient method. Tasks are positions `0..m`; a task absent
//! from a step has the loss `None`, receives no weight, and keeps its state.
//!
//! ```
//! use mtnet_balance::{BalanceConfig, TaskInfo, TaskLosses};
//!
//! # fn main() -> Result<(), mtnet_balance::BalanceError> {
//! let tasks = [TaskInfo::new("topic", Some(20)), TaskInfo::new("similarity", None)];
//! let mut balancer = BalanceConfig::default().build(&tasks)?;
//! let losses = TaskLosses::new(vec![Some(2.5), Some(0.5)])?;
//! let weights = balancer.weigh(&losses)?;
//! assert_eq!(weights.total(), 1.5);
//! assert_eq!(weights.get(0), Some(0.5));
//! # Ok(())
//! # }
//! ```
//!
//! # Methods
//!
//! | name | what it does | source | needs |
//! |---|---|---|---|
//! | `equal` | mean (or sum) of the losses | – | loss |
//! | `fixed` | constant weights | – | loss |
//! | `log-class` | `L_i / ln n_i` | Aghajanyan et al., EMNLP 2021 | loss |
//! | `scale-invariant` | sum of the log losses | Navon et al., ICML 2022 (baseline) | loss |
//! | `geometric-mean` | geometric mean of the losses (GLS) | Chennupati et al., CVPR workshops 2019 | loss |
//! | `uncertainty` | learned variances (UW) | Kendall et al., CVPR 2018 | loss |
//! | `revised-uncertainty` | learned variances, positive total | Liebel and Körner 2018 | loss |
//! | `uw-so` | softmax of inverse losses | Kirchdorfer et al., GCPR 2024 | loss |
//! | `imtl-l` | learned scales | Liu et al., ICLR 2021 | loss |
//! | `dwa` | rates at which losses fall | Liu et al., CVPR 2019 | loss |
//! | `rlw` | random weights | Lin et al., TMLR 2022 | loss |
//! | `famo` | equal relative progress | Liu et al., NeurIPS 2023 | loss, again after the step |
//! | `stch` | smooth maximum of the losses | Lin et al., ICML 2024 | loss |
//! | `stch-log` | smooth maximum of normalised log losses | Lin et al., ICML 2024 | loss |
//! | `cosmos` | preference with an angle penalty | Ruchte and Grabocka, ICDM 2021 | loss |
//! | `pbi` | boundary intersection | Zhang and Li, TEVC 2007 | loss |
//! | `slaw` | inverse spread of the losses | Crawshaw and Košecká 2021 | loss |
//! | `dtp` | focus on low validation metrics | Guo et al., ECCV 2018 | loss, validation metric |
//! | `coba` | convergence of validation losses | Gong et al., EMNLP 2024 | loss, validation loss |
//! | `constant-gradient` | constant weights | – | Gramian |
//! | `random-gradient` | random weights | Lin et al., TMLR 2022 | Gramian |
//! | `mgda` | least norm in the convex hull | Désidéri 2012; Sener and Koltun, NeurIPS 2018 | Gramian |
//! | `pcgrad` | gradient surgery | Yu et al., NeurIPS 2020 | Gramian |
//! | `gradvac` | gradient vaccine | Wang et al., ICLR 2021 | Gramian |
//! | `cagrad` | best for the worst task near the mean | Liu et al., NeurIPS 2021 | Gramian |
//! | `nash-mtl` | Nash bargaining solution | Navon et al., ICML 2022 | Gramian |
//! | `fairgrad` | α-fair direction | Ban and Ji, ICML 2024 | Gramian |
//! | `imtl-g` | equal projections | Liu et al., ICLR 2021 | Gramian |
//! | `aligned-mtl` | aligned principal components | Senushkin et al., CVPR 2023 | Gramian |
//! | `upgrad` | sum of projections on the dual cone | Quinton and Rey 2024 | Gramian |
//! | `dualproj` | projection of the mean on the dual cone | Lopez-Paz and Ranzato, NeurIPS 2017 | Gramian |
//! | `config` | equal cosines | Liu et al., ICLR 2025 | Gramian |
//! | `krum` | most central gradients | Blanchard et al., NeurIPS 2017 | Gramian |
//! | `gradnorm` | gradient norms by progress | Chen et al., ICML 2018 | Gramian, loss |
//! | `db-mtl` | log-loss gradients of equal length | Lin et al. 2023 | Gramian or gradients, loss |
//! | `modo` | projected steps on the weights | Chen et al., NeurIPS 2023 | Gramian |
//! | `sdmgrad` | between the mean and the least norm | Xiao et al., NeurIPS 2023 | Gramian |
//! | `meta-balance` | auxiliary gradients at the target's size | He et al., WWW 2022 | Gramian |
//! | `graddrop` | one random sign per coordinate | Chen et al., NeurIPS 2020 | gradients |
//! | `trimmed-mean` | mean without extremes | Yin et al., ICML 2018 | gradients |
//! | `excess-mtl` | excess risks | He et al., ICML 2024 | gradients |
//! | `moco` | tracked gradients | Fernando et al., ICLR 2023 | gradients, loss |
#![deny(missing_docs)]

pub mod aggregator;
mod balancer;
mod config;
mod draws;
mod error;
mod gradient_balancer;
mod gradient_config;
mod gramian;
pub mod loss;
mod losses;
mod normalize;
mod numeric;
mod observation;
mod optimizer;
mod position;
mod settings;
mod solve;
mod state;
mod task;
pub mod weighting;
mod weights;
pub mod wrap;

pub use aggregator::{GradientAggregator, GradientRows};
pub use balancer::Balancer;
pub use config::{BalanceConfig, MethodConfig, NoSettings};
pub use error::BalanceError;
pub use gradient_balancer::GradientBalancer;
pub use gradient_config::{GradientBalanceConfig, GradientMethodConfig};
pub use gramian::Gramian;
pub use loss::LossWeighting;
pub use losses::TaskLosses;
pub use normalize::Normalize;
pub use observation::{Observation, ObservationKind};
pub use optimizer::{OptimizerKind, ParameterOptimizer};
pub use state::BalanceState;
pub use task::TaskInfo;
pub use weighting::{GramianRule, GramianWeighting};
pub use weights::TaskWeights;
pub use wrap::{WrapConfig, Wrapper};
