//! Balancing of tasks: loss weightings and gradient aggregators, on plain `f64`.
//!
//! - A *loss weighting* ([`LossWeighting`]) turns the losses of a step into one weight a
//!   task; the step then minimises `total`, and the weight of a task is `∂ total / ∂ L_i`.
//! - A *gradient weighting* ([`GramianWeighting`]) finds the weights of `Σ w_i g_i` from the
//!   [`Gramian`] of the per-task gradients, a matrix of tasks × tasks.
//! - A *gradient aggregator* ([`GradientAggregator`]) needs the gradients themselves.
//! - A *wrapper* ([`Wrapper`]) composes with any of the first two.
//!
//! Everything is deterministic, needs no solver library and knows no tensors: the example
//! `balance_by_hand` trains on vectors of numbers.
//!
//! [`BalanceConfig`] selects any of them as a run file names it, and builds a [`Balancer`] of
//! losses or a [`GradientBalancer`]; a [`BlockBalancer`] holds one of the latter for each
//! block of parameters. Tasks are positions `0..m`; a task absent from a step has the loss
//! `None`, receives no weight, and keeps its state.
//!
//! ```
//! use mtnet_balance::{BalanceConfig, TaskInfo, TaskLosses};
//!
//! # fn main() -> Result<(), mtnet_balance::BalanceError> {
//! let tasks = [TaskInfo::new("topic", Some(20)), TaskInfo::new("similarity", None)];
//! let mut balancer = BalanceConfig::default().build_losses(&tasks, 0)?;
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
//!
//! # Deviations from the reference codes
//!
//! All methods that TorchJD, LibMTL or their authors' codes offer are tested against vectors
//! computed by those, or against solutions in 50-digit arithmetic. What differs by choice:
//!
//! | reference | what it does | here |
//! |---|---|---|
//! | MGDA in TorchJD and LibMTL | stops early; two tasks keep weights in 0.001..0.999 | the exact point; CR-MOGM around it compared at 1e-2 |
//! | MGDA in LibMTL, normalised | combines the normalised gradients | combines the raw ones, as the authors train |
//! | CAGrad in TorchJD | no direction where `‖g_w‖` is below 1e-4 | only where it vanishes relative to the largest gradient |
//! | Nash-MTL in both | weights from before the last program, or those of the start where that fails | the solution of the equation; the libraries' sequences are not compared |
//! | FairGrad in both | least squares that stop early on badly scaled gradients | the solution; LibMTL's compared on the others |
//! | Aligned-MTL in LibMTL | sums aligned gradients | averages them, as TorchJD does |
//! | IMTL in LibMTL | inverts a matrix that may be singular; learns loss scales as well | a pseudo-inverse; `imtl-g` and `imtl-l` are two methods, the hybrid is not offered |
//! | ConFIG, authors' least squares | keeps one of two opposite gradients | a pseudo-inverse, which keeps none, as the authors' other option |
//! | PCGrad in LibMTL | 1e-8 beside squared norms; a task visits itself | neither, as in the paper |
//! | GradVac in TorchJD | 1e-8 beside norms | none; a pair with a zero gradient is passed over |
//! | Krum in TorchJD | takes any of equal scores | takes the earlier task |
//! | ExcessMTL in TorchJD | without warm-up, moves weights by the raw excess in the first step | the first step is the reference, as in the authors' code |
//! | MoCo in LibMTL | softmax of the weights | projection on the simplex, as in the paper; `projection = "softmax"` for the other |
//! | GradDrop in LibMTL | gradients of activations times their sign | gradients as they are, as in TorchJD |
//! | GradDrop in TorchJD | NaN where every gradient is 0 | 0 |
//! | STCH in LibMTL | subtracts the largest term from the total | does not; the weights are the same |
//! | GLS in LibMTL | logs weights that are no gradient | the gradient of the loss |
//! | gradnorm-pytorch | raises rates to `−α` | to `α`, as in the paper; compared at `α = 0` |
//! | PCD in TorchJD | – | not offered |
#![deny(missing_docs)]

pub mod aggregator;
mod balance;
mod balancer;
mod block_balancer;
mod build;
mod config;
mod draws;
mod error;
mod gradient_balancer;
mod gramian;
mod grouping;
pub mod loss;
mod losses;
mod method;
mod normalize;
mod numeric;
mod observation;
mod optimizer;
mod options;
mod position;
mod settings;
mod solve;
mod spelling;
mod state;
mod task;
pub mod weighting;
mod weights;
pub mod wrap;

pub use aggregator::{GradientAggregator, GradientRows};
pub use balance::Balance;
pub use balancer::Balancer;
pub use block_balancer::BlockBalancer;
pub use config::BalanceConfig;
pub use error::BalanceError;
pub use gradient_balancer::GradientBalancer;
pub use gramian::Gramian;
pub use grouping::{Affinity, EXHAUSTIVE, Grouping};
pub use loss::LossWeighting;
pub use losses::TaskLosses;
pub use method::{MethodConfig, NoSettings};
pub use normalize::Normalize;
pub use observation::{Observation, ObservationKind};
pub use optimizer::{OptimizerKind, ParameterOptimizer};
pub use options::{GradientPlace, Granularity, HeadGradients, MethodKind};
pub use state::BalanceState;
pub use task::TaskInfo;
pub use weighting::{GramianRule, GramianWeighting};
pub use weights::TaskWeights;
pub use wrap::{WrapConfig, Wrapper};
