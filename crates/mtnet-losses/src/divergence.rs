//! Kullback–Leibler divergences between the softmax distributions of two models.
//!
//! `KL(p ‖ q) = Σ_c p_c (log p_c - log q_c)`, in nats, of each row.
//!
//! - [`distillation_kl`]: `T² · KL(softmax(teacher/T) ‖ softmax(student/T))`, the teacher constant
//!   (Hinton et al. 2015, §2, <https://arxiv.org/abs/1503.02531>; `T²` keeps the size of the
//!   gradient when the temperature changes).
//! - [`bernoulli_distillation_kl`]: the same for independent labels, whose distributions are
//!   `(σ(z/T), 1 - σ(z/T))`; mean over labels.
//! - [`symmetric_kl`]: `KL(p ‖ q) + KL(q ‖ p)`, with gradients into both.
//! - [`symmetric_bernoulli_kl`]: the same for independent labels.

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::ops::sigmoid;

use crate::gradient::zero_loss;
use crate::numeric::{as_matrix, log_softmax};
use crate::settings::ensure;
use crate::{LossError, Reduction};

/// Settings of [`distillation_kl`] and [`bernoulli_distillation_kl`]; the default is temperature 2, rescaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distillation {
    /// What both models' logits are divided by, above 0.
    pub temperature: f64,
    /// Whether the divergence is multiplied by the square of the temperature.
    pub rescaled: bool,
}

impl Default for Distillation {
    fn default() -> Self {
        Self {
            temperature: 2.,
            rescaled: true,
        }
    }
}

/// Divergence in nats of a student's from a teacher's distribution, from logits
/// `(rows, classes)` of both; no gradient reaches the teacher.
///
/// `Mean` is over rows. `None`: `(rows)`.
///
/// # Errors
/// If the two are not matrices of floats of one shape, the teacher's logits are not finite, or
/// the temperature is not above 0.
pub fn distillation_kl(
    student: &Tensor,
    teacher: &Tensor,
    settings: &Distillation,
    reduction: Reduction,
) -> std::result::Result<Tensor, LossError> {
    let (student, teacher) = student_and_teacher(student, teacher, settings)?;
    over_rows(&student, reduction, || {
        let (answer, wanted) = (log_softmax(&student)?, log_softmax(&teacher)?);
        wanted.exp()?.mul(&wanted.sub(&answer)?)?.sum(D::Minus1)? * settings.scale()
    })
}

/// The same for independent labels, from logits `(rows, labels)` of both.
///
/// `Mean` is over rows and labels, as binary cross-entropy is. `None`: `(rows)`, means over labels.
///
/// # Errors
/// As [`distillation_kl`].
pub fn bernoulli_distillation_kl(
    student: &Tensor,
    teacher: &Tensor,
    settings: &Distillation,
    reduction: Reduction,
) -> std::result::Result<Tensor, LossError> {
    let (student, teacher) = student_and_teacher(student, teacher, settings)?;
    // A yes or no is a choice between the logits z and 0, which softmax is exact for at any size.
    let choice = |logits: &Tensor| {
        let two = Tensor::stack(&[logits, &logits.zeros_like()?], D::Minus1)?;
        log_softmax(&two)
    };
    over_rows(&student, reduction, || {
        let (answer, wanted) = (choice(&student)?, choice(&teacher)?);
        let apart = wanted.exp()?.mul(&wanted.sub(&answer)?)?.sum(D::Minus1)?;
        apart.mean(D::Minus1)? * settings.scale()
    })
}

impl Distillation {
    /// What the divergence is multiplied by.
    fn scale(&self) -> f64 {
        match self.rescaled {
            true => self.temperature.powi(2),
            false => 1.,
        }
    }
}

/// Both divided by the temperature; the teacher outside the graph, and finite.
fn student_and_teacher(
    student: &Tensor,
    teacher: &Tensor,
    settings: &Distillation,
) -> std::result::Result<(Tensor, Tensor), LossError> {
    let temperature = settings.temperature;
    ensure(
        temperature > 0. && temperature.is_finite(),
        "temperature",
        temperature,
        "a number above 0",
    )?;
    let (student, teacher) = pair(("student logits", student), ("teacher logits", teacher))?;
    let teacher = teacher.detach();
    check_finite("teacher logits", &teacher)?;
    Ok(((student / temperature)?, (teacher / temperature)?))
}

/// Symmetric divergence in nats between two distributions, from logits `(rows, classes)` of both.
///
/// `Mean` is over rows. `None`: `(rows)`.
///
/// # Errors
/// If the two are not matrices of floats of one shape.
pub fn symmetric_kl(
    first: &Tensor,
    second: &Tensor,
    reduction: Reduction,
) -> std::result::Result<Tensor, LossError> {
    let (first, second) = pair(("first logits", first), ("second logits", second))?;
    over_rows(&first, reduction, || {
        // Both directions in one sum, of which no term is negative: Σ (p - q) (log p - log q).
        let (p, q) = (log_softmax(&first)?, log_softmax(&second)?);
        p.exp()?.sub(&q.exp()?)?.mul(&p.sub(&q)?)?.sum(D::Minus1)
    })
}

/// Symmetric divergence in nats between the probabilities of independent labels, from logits
/// `(rows, labels)` of both: `Σ (σ(a) - σ(b)) (a - b)`, since `log(p / (1 - p))` is the logit.
///
/// `Mean` is over rows and labels, as binary cross-entropy is. `None`: `(rows)`, means over labels.
///
/// # Errors
/// If the two are not matrices of floats of one shape.
pub fn symmetric_bernoulli_kl(
    first: &Tensor,
    second: &Tensor,
    reduction: Reduction,
) -> std::result::Result<Tensor, LossError> {
    let (first, second) = pair(("first logits", first), ("second logits", second))?;
    over_rows(&first, reduction, || {
        let apart = first.sub(&second)?;
        let probabilities = sigmoid(&first)?.sub(&sigmoid(&second)?)?;
        probabilities.mul(&apart)?.mean(D::Minus1)
    })
}

fn over_rows(
    logits: &Tensor,
    reduction: Reduction,
    losses: impl FnOnce() -> Result<Tensor>,
) -> std::result::Result<Tensor, LossError> {
    let (rows, classes) = logits.dims2()?;
    if rows * classes == 0 {
        return Ok(zero_loss(logits, reduction, true)?);
    }
    Ok(match reduction {
        Reduction::Mean => (losses()?.sum_all()? / rows as f64)?,
        Reduction::Sum => losses()?.sum_all()?,
        Reduction::None => losses()?,
    })
}

/// Both as matrices of one shape and of the first's precision.
fn pair(
    first: (&'static str, &Tensor),
    second: (&'static str, &Tensor),
) -> std::result::Result<(Tensor, Tensor), LossError> {
    let one = as_matrix(first.0, first.1)?;
    let other = as_matrix(second.0, second.1)?.to_dtype(one.dtype())?;
    if one.dims() != other.dims() {
        return Err(LossError::Shape {
            what: second.0,
            found: other.dims().to_vec(),
            expected: format!("{:?}, that of the {}", one.dims(), first.0),
        });
    }
    Ok((one, other))
}

fn check_finite(what: &'static str, logits: &Tensor) -> std::result::Result<(), LossError> {
    let logits = logits.to_device(&Device::Cpu)?.to_dtype(DType::F64)?;
    let rows = logits.to_vec2::<f64>()?;
    let is_broken = |row: &Vec<f64>| row.iter().any(|logit| !logit.is_finite());
    match rows.iter().position(is_broken) {
        Some(row) => Err(LossError::NotFinite { what, row }),
        None => Ok(()),
    }
}
