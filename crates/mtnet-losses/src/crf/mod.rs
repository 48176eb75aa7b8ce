//! The linear-chain conditional random field over packed sequences.
//!
//! Lafferty et al. 2001; with neural emissions Lample et al. 2016, §2.2
//! (<https://arxiv.org/abs/1603.01360>). A path `y` through a sequence with emissions `e` scores
//!
//! `s(y) = start[y_1] + Σ_t e[t, y_t] + Σ_t transitions[y_(t-1), y_t] + end[y_T]`
//!
//! and has probability `exp(s(y)) / Z`, where `Z` sums `exp(s)` over all paths. A sequence whose
//! tags are known only in part is scored by all paths that agree with them (Tsuboi et al. 2008,
//! <https://aclanthology.org/C08-1113>): a missing tag is never guessed, and a sequence without
//! any has loss 0.
//!
//! The recursions run in `f64` on the processor, where a step is a few hundred additions, and
//! give the gradient in closed form (expected minus observed counts); only the result is a tensor.

mod chain;
mod likelihood;
mod log_matrix;
mod marginals;
mod model;
mod viterbi;

pub use likelihood::CrfReduction;
pub use model::LinearChainCrf;
pub use viterbi::TagPath;
