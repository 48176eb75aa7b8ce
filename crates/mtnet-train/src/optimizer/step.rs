//! The optimizer: clipping by the global norm, then one update rule for every parameter.
//!
//! `scale = min(1, max_grad_norm / (‖g‖ + 1e-6))` (Pascanu, Mikolov and Bengio 2013, "On the
//! difficulty of training recurrent neural networks", §3.2, in PyTorch's form). The norm is
//! summed in f64 in the order of names; the scale is applied inside the pass that moves the
//! parameter, so clipping reads the gradients once more and writes nothing.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor};

use super::adamw::AdamW;
use super::rule::UpdateRule;
use super::sgd::Sgd;
use super::slot::{Slot, StepFactors};
use super::state::take_tensor;
use super::sums::GradientSize;
use super::{
    ClipBy, GradientSource, HEAD_PREFIX, OptimizerConfig, OptimizerError, OptimizerKind,
    OptimizerState, Parameter, ParameterGroup, sums,
};

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// 2-norm of the gradient over the trained parameters, before clipping.
    pub grad_norm: f64,
    /// What the gradient was multiplied by, 1 where it was short enough; the smallest factor where
    /// groups are clipped by themselves.
    pub clip_scale: f64,
    /// How many parameters were moved: those that had a gradient.
    pub updated: usize,
}

/// Moves named parameters along their gradients.
///
/// A parameter without a gradient in a step (its task had no example in it) is left alone:
/// neither decayed nor moved, its buffers and its bias correction unchanged, as if the step had
/// not been. A gradient without a parameter (frozen) is passed over.
///
/// With [`OptimizerConfig::lazy_embeddings`] the same holds for rows of a table: those that no token of
/// a step read are left as they are, where AdamW would move them by what earlier gradients left and
/// decay them. Bias correction counts the updates of the whole table.
///
/// On a CPU, f32 parameters are moved in one parallel pass over parameter, gradient and buffers;
/// other devices and dtypes take candle's operations. Half-precision parameters are moved in f32.
#[derive(Debug)]
pub struct Optimizer {
    rule: Box<dyn UpdateRule>,
    max_grad_norm: f64,
    clip_by: ClipBy,
    lazy: bool,
    slots: BTreeMap<String, Slot>,
    steps: u64,
}

impl Optimizer {
    /// An optimizer of these parameters, with fresh buffers.
    ///
    /// # Errors
    /// If a setting is out of range, a name occurs twice, or a variable is no floating-point one.
    pub fn new(
        config: &OptimizerConfig,
        parameters: impl IntoIterator<Item = Parameter>,
    ) -> Result<Self, OptimizerError> {
        Self::build(config, parameters, true)
    }

    pub(super) fn build(
        config: &OptimizerConfig,
        parameters: impl IntoIterator<Item = Parameter>,
        fused: bool,
    ) -> Result<Self, OptimizerError> {
        config.check()?;
        let rule: Box<dyn UpdateRule> = match config.optimizer {
            OptimizerKind::AdamW => Box::new(AdamW {
                beta1: config.adam_beta1,
                beta2: config.adam_beta2,
                epsilon: config.adam_epsilon,
            }),
            OptimizerKind::Sgd => Box::new(Sgd {
                momentum: config.sgd_momentum,
                nesterov: config.sgd_nesterov,
            }),
        };
        let mut slots = BTreeMap::new();
        for parameter in parameters {
            let name = parameter.name.clone();
            let slot = Slot::new(parameter, rule.as_ref(), fused)?;
            if config.lazy_embeddings && !slot.is_in_slices() {
                return Err(OptimizerError::LazyOnDevice { name });
            }
            if slots.insert(name.clone(), slot).is_some() {
                return Err(OptimizerError::DuplicateParameter(name));
            }
        }
        Ok(Self {
            rule,
            max_grad_norm: config.max_grad_norm,
            clip_by: config.clip_by,
            lazy: config.lazy_embeddings,
            slots,
            steps: 0,
        })
    }

    /// Clips the gradients and moves every parameter that has one, at its group's learning rate
    /// times `learning_rate_factor` (see [`Schedule`](crate::schedule::Schedule)).
    ///
    /// # Errors
    /// If a gradient has another shape than its parameter or is not finite; then no weight was
    /// changed. If a tensor operation fails midway, some weights may have moved: go back to the
    /// last checkpoint.
    pub fn step(
        &mut self,
        gradients: &(impl GradientSource + ?Sized),
        learning_rate_factor: f64,
    ) -> Result<StepReport, OptimizerError> {
        let mut squared_norm = 0.0;
        let mut groups: BTreeMap<String, f64> = BTreeMap::new();
        let mut updated = 0;
        for (name, slot) in &mut self.slots {
            slot.size = GradientSize::default();
            let Some(gradient) = gradients.gradient(name) else {
                continue;
            };
            slot.check_gradient(gradient)?;
            slot.size = sums::gradient_size(gradient, slot.row_width())?;
            let squares = slot.size.squares;
            if !squares.is_finite() {
                return Err(OptimizerError::NonFiniteGradient {
                    parameter: name.clone(),
                });
            }
            squared_norm += squares;
            if self.clip_by == ClipBy::Group {
                *groups.entry(clip_group(name).to_owned()).or_default() += squares;
            }
            updated += 1;
        }
        let grad_norm = squared_norm.sqrt();
        let scale_of = |norm: f64| match self.max_grad_norm > 0.0 {
            true => (self.max_grad_norm / (norm + 1e-6)).min(1.0),
            false => 1.0,
        };
        let scales: BTreeMap<String, f64> = groups
            .into_iter()
            .map(|(group, squares)| (group, scale_of(squares.sqrt())))
            .collect();
        let clip_scale = match self.clip_by {
            ClipBy::Global => scale_of(grad_norm),
            ClipBy::Group => scales.values().copied().fold(1.0, f64::min),
        };
        for (name, slot) in &mut self.slots {
            if let Some(gradient) = gradients.gradient(name) {
                let scale = scales.get(clip_group(name)).copied().unwrap_or(clip_scale);
                let factors = StepFactors {
                    learning_rate: learning_rate_factor,
                    gradient: scale,
                    lazy: self.lazy,
                };
                slot.update(self.rule.as_ref(), gradient, factors)?;
            }
        }
        self.steps += 1;
        Ok(StepReport {
            grad_norm,
            clip_scale,
            updated,
        })
    }

    /// Counts a step in which nothing is moved.
    pub fn skip(&mut self) {
        self.steps += 1;
    }

    /// The size of each parameter's gradient in the last step, in the order of names.
    pub(crate) fn gradient_sizes(&self) -> impl Iterator<Item = (&Parameter, GradientSize)> {
        self.slots.values().map(|slot| (&slot.parameter, slot.size))
    }

    /// How many steps were taken.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The parameters that it trains, in the order of names.
    pub fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.slots.values().map(|slot| &slot.parameter)
    }

    /// The groups in use by name, each with its number of elements: what a run shows at its start.
    pub fn groups(&self) -> BTreeMap<&str, (&ParameterGroup, usize)> {
        let mut groups = BTreeMap::new();
        for parameter in self.parameters() {
            let group = &parameter.group;
            let (_, elements) = groups.entry(group.name.as_str()).or_insert((group, 0));
            *elements += parameter.variable.elem_count();
        }
        groups
    }

    /// Everything that the next step depends on, besides the weights.
    ///
    /// # Errors
    /// If a tensor operation fails.
    pub fn state(&self) -> Result<OptimizerState, OptimizerError> {
        let steps = Tensor::new(self.steps as i64, &Device::Cpu)?;
        let mut tensors = BTreeMap::from([(STEPS.to_owned(), steps)]);
        for slot in self.slots.values() {
            slot.save(self.rule.as_ref(), &mut tensors)?;
        }
        Ok(OptimizerState { tensors })
    }

    /// Goes on from a saved state. It must hold a tensor of the right shape for every buffer of
    /// every parameter, and no other; where it does not, nothing is taken from it.
    ///
    /// # Errors
    /// If a tensor is missing, unknown, or of another shape or dtype.
    pub fn load_state(&mut self, state: OptimizerState) -> Result<(), OptimizerError> {
        let mut tensors = state.tensors;
        let steps = take_tensor(&mut tensors, STEPS, DType::I64, &().into())?.to_scalar::<i64>()?;
        let mut loaded = Vec::new();
        for slot in self.slots.values() {
            loaded.push(slot.load(self.rule.as_ref(), &mut tensors)?);
        }
        if let Some((name, _)) = tensors.pop_first() {
            return Err(OptimizerError::StateUnknown { name });
        }
        for (slot, loaded) in self.slots.values_mut().zip(loaded) {
            slot.resume(loaded);
        }
        self.steps = steps.max(0) as u64;
        Ok(())
    }
}

/// What a parameter is clipped with under [`ClipBy::Group`]: `heads.<task>`, or the encoder.
fn clip_group(name: &str) -> &str {
    let Some(rest) = name.strip_prefix(HEAD_PREFIX) else {
        return "encoder";
    };
    let task = rest.find('.').unwrap_or(rest.len());
    &name[..HEAD_PREFIX.len() + task]
}

/// The tensor that counts the steps. No parameter's buffer is called so: theirs have a dot.
const STEPS: &str = "step";
