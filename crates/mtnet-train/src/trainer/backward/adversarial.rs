//! Adversarial training: texts whose embeddings are moved to where the loss is larger.
//!
//! The perturbation `δ` is added to the sum of the embeddings of each token, before their norm; its
//! size is that of a whole text. With `g` the gradient of the loss there, dropout as it is:
//!
//! | `method` | perturbation | what is learned |
//! |---|---|---|
//! | `fgm` | `δ = ε g / ‖g‖` (Miyato, Dai and Goodfellow 2017, eq. 6) | `loss(x) + w · loss(x + δ)` |
//! | `pgd` | `K` times `δ ← Π(δ + α g / ‖g‖)`, `Π` to a length of `ε` (Madry et al. 2018, §2.1) | the same |
//! | `freelb` | as `pgd`, from a random start (Zhu et al. 2020, Algorithm 1) | mean of `loss(x + δ)` over the `K` steps |
//! | `smart` | normal noise, `K` times `δ ← Π(δ + η g / max‖g‖)`, each number at most `ε` (Jiang et al. 2020, §3.1) | `loss(x) + w · D(x, x + δ)` |
//! | `vat` | `δ = ε g / ‖g‖`, `g` that of `D` at a random direction of length `ξ` (Miyato et al. 2019, eq. 9–13) | the same, towards the answers for `x` |
//!
//! `D` is the symmetric divergence of the head's answers; of `smart` the smoothness-inducing term
//! is built. The paper on SMART bounds `δ` by 1e-5, where the divergence of two answers in `f32` is
//! all rounding; the default here is 1e-2.

use candle_core::{Device, Tensor};
use mtnet_core::{PackedBatch, RandomStream};
use mtnet_kernels::Mode;
use mtnet_model::{BatchPass, MultiTaskModel};

use super::heads::weighted_sum;
use super::learn::Ground;
use super::objective::{Objective, divergence};
use super::perturbation::Perturbation;
use super::step::{Backward, BatchPlace, Weighted};
use crate::run_file::{AdversarialConfig, AdversarialMethod, RunConfig};
use crate::trainer::TrainError;

/// The adversary of a run.
#[derive(Clone, Debug)]
pub(in crate::trainer) struct Adversary {
    method: AdversarialMethod,
    epsilon: f64,
    step_size: f64,
    steps: usize,
    noise: f64,
    weight: f64,
    /// Whether each task is attacked.
    tasks: Vec<bool>,
    stream: RandomStream,
}

impl Adversary {
    /// What `[adversarial]` asks for.
    pub fn new(config: &RunConfig) -> Option<Self> {
        let settings: &AdversarialConfig = config.adversarial.as_ref()?;
        Some(Self {
            method: settings.method,
            epsilon: settings.epsilon(),
            step_size: settings.step_size(),
            steps: settings.steps(),
            noise: settings.noise(),
            weight: settings.weight,
            tasks: config.task.iter().map(|task| task.is_attacked()).collect(),
            stream: RandomStream::new(config.run.seed).child("adversarial"),
        })
    }
}

/// One attack on a batch.
struct Attack<'a> {
    adversary: &'a Adversary,
    objective: &'a Objective,
    step: u64,
    model: &'a MultiTaskModel,
    batch: &'a PackedBatch,
    mode: &'a Mode,
    stream: RandomStream,
}

impl Backward<'_> {
    /// Adds what is learned from a batch under attack. `weighted` is what
    /// [`add`](Self::add) gave for it.
    pub fn add_adversarial(
        &mut self,
        adversary: &Adversary,
        batch: &PackedBatch,
        mode: &Mode,
        place: BatchPlace,
        weighted: Option<&Weighted>,
    ) -> Result<(), TrainError> {
        let objective = self.objective().clone();
        let mut ground = self.ground();
        let attack = Attack {
            adversary,
            objective: &objective,
            step: place.step,
            model: ground.model,
            batch,
            mode,
            stream: adversary.stream.at(place.step).at(place.part as u64),
        };
        let share = 1.0 / place.parts as f64;
        match adversary.method {
            AdversarialMethod::Fgm | AdversarialMethod::Pgd => {
                attack.gradient_ascent(&mut ground, weighted, share)
            }
            AdversarialMethod::Freelb => attack.free(&mut ground, weighted, share),
            AdversarialMethod::Smart | AdversarialMethod::Vat => {
                attack.smoothness(&mut ground, weighted, share)
            }
        }
    }
}

impl<'a> Attack<'a> {
    fn gradient_ascent(
        &self,
        ground: &mut Ground<'_>,
        weighted: Option<&Weighted>,
        share: f64,
    ) -> Result<(), TrainError> {
        let adversary = self.adversary;
        let mut shift = self.zero();
        for _ in 0..adversary.steps {
            let pass = self.pass(&shift)?;
            let losses = self.losses(&pass)?;
            let gradient = self.ascent(&pass, &losses)?;
            shift.step(&gradient, adversary.step_size);
            shift.hold_length(adversary.epsilon);
        }
        let pass = self.pass(&shift)?;
        let losses = self.losses(&pass)?;
        ground.learn(&[&pass], &losses, weighted, (adversary.weight, share))
    }

    fn free(
        &self,
        ground: &mut Ground<'_>,
        weighted: Option<&Weighted>,
        share: f64,
    ) -> Result<(), TrainError> {
        let adversary = self.adversary;
        let mut shift = self.zero().uniform(adversary.noise, self.stream);
        let scale = adversary.weight / adversary.steps as f64;
        for step in 0..adversary.steps {
            let pass = self.pass(&shift)?;
            // Tasks that are not attacked learn from the same texts.
            let all = self.means(&pass)?;
            ground.learn(&[&pass], &all, weighted, (scale, share))?;
            if step + 1 < adversary.steps {
                let gradient = self.ascent(&pass, &self.attacked(all))?;
                shift.step(&gradient, adversary.step_size);
                shift.hold_length(adversary.epsilon);
            }
        }
        Ok(())
    }

    fn smoothness(
        &self,
        ground: &mut Ground<'_>,
        weighted: Option<&Weighted>,
        share: f64,
    ) -> Result<(), TrainError> {
        let adversary = self.adversary;
        let clean = self.model.pass(self.batch, self.mode)?;
        let answers = clean.scores()?;
        let fixed: Vec<Option<Tensor>> = answers
            .iter()
            .map(|scores| scores.as_ref().map(Tensor::detach))
            .collect();
        let is_vat = adversary.method == AdversarialMethod::Vat;
        let mut shift = self.zero().normal(1.0, self.stream);
        if is_vat {
            let direction = shift.values.clone();
            shift.set_direction(&direction, adversary.noise);
        } else {
            shift = self.zero().normal(adversary.noise, self.stream);
        }
        for _ in 0..adversary.steps {
            let pass = self.pass(&shift)?;
            let apart = self.apart(&fixed, &pass.scores()?)?;
            let gradient = self.ascent(&pass, &apart)?;
            if is_vat {
                shift.set_direction(&gradient, adversary.noise);
            } else {
                shift.step_by_largest(&gradient, adversary.step_size);
                shift.hold_numbers(adversary.epsilon);
            }
        }
        if is_vat {
            let direction = shift.values.clone();
            shift.set_direction(&direction, adversary.epsilon);
        }
        let pass = self.pass(&shift)?;
        let scale = (adversary.weight, share);
        if is_vat {
            let apart = self.apart(&fixed, &pass.scores()?)?;
            return ground.learn(&[&pass], &apart, weighted, scale);
        }
        let apart = self.apart(&answers, &pass.scores()?)?;
        ground.learn(&[&clean, &pass], &apart, weighted, scale)
    }

    fn zero(&self) -> Perturbation<'a> {
        let width = self.model.encoder().embedding_size();
        Perturbation::zero(&self.batch.offsets, width)
    }

    fn pass(&self, shift: &Perturbation<'_>) -> Result<BatchPass<'a>, TrainError> {
        let tokens = self.batch.tokens();
        let width = shift.values.len() / tokens.max(1);
        let device = self.model.parameters().device();
        let tensor = Tensor::from_slice(&shift.values, (tokens, width), &Device::Cpu)?;
        let tensor = tensor.to_device(device)?;
        Ok(self.model.pass_shifted(self.batch, self.mode, &tensor)?)
    }

    /// Mean losses of the tasks that are attacked.
    fn losses(&self, pass: &BatchPass<'_>) -> Result<Vec<Option<Tensor>>, TrainError> {
        Ok(self.attacked(self.means(pass)?))
    }

    fn means(&self, pass: &BatchPass<'_>) -> Result<Vec<Option<Tensor>>, TrainError> {
        let losses = self.objective.of_one_mask(self.model, pass, self.step)?;
        let losses = losses.into_iter();
        Ok(losses.map(|loss| loss.map(|loss| loss.mean)).collect())
    }

    fn attacked(&self, losses: Vec<Option<Tensor>>) -> Vec<Option<Tensor>> {
        let pairs = losses.into_iter().zip(&self.adversary.tasks);
        pairs
            .map(|(loss, &attacked)| loss.filter(|_| attacked))
            .collect()
    }

    /// How far apart the answers of the attacked tasks are.
    fn apart(
        &self,
        answers: &[Option<Tensor>],
        others: &[Option<Tensor>],
    ) -> Result<Vec<Option<Tensor>>, TrainError> {
        let tasks = self.model.tasks().iter().zip(answers).zip(others);
        let apart = tasks.map(|((task, answers), others)| {
            let targets = self.batch.targets.get(&task.spec.name);
            let pair = answers.as_ref().zip(others.as_ref()).zip(targets);
            pair.map(|((a, b), targets)| divergence(task, a, b, &targets.values))
                .transpose()
        });
        Ok(self.attacked(apart.collect::<Result<_, TrainError>>()?))
    }

    /// The gradient of the sum of some losses with respect to the perturbation.
    fn ascent(
        &self,
        pass: &BatchPass<'_>,
        losses: &[Option<Tensor>],
    ) -> Result<Vec<f32>, TrainError> {
        let total = weighted_sum(losses.iter().flatten().map(|loss| (1.0, loss)))?;
        let slope = match total {
            Some(total) => pass.take_slope(&mut total.backward()?),
            None => None,
        };
        let slope = match slope {
            Some(slope) => slope,
            None => pass.hidden().zeros_like()?,
        };
        let gradient = pass.slope_at_input(&slope)?.to_device(&Device::Cpu)?;
        Ok(gradient.flatten_all()?.to_vec1()?)
    }
}
