//! The `[adversarial]` table: texts whose embeddings are moved against the model.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How texts are attacked in training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AdversarialMethod {
    /// One step along the gradient.
    Fgm,
    /// Several steps, held to a length.
    Pgd,
    /// Several steps from a random start, each of which is learned from.
    Freelb,
    /// Answers must not change in a small neighbourhood.
    Smart,
    /// Answers must not change where they would change most; needs no labels to attack.
    Vat,
}

/// Adversarial training on the embeddings. Tasks are left out by `adversarial = false`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdversarialConfig {
    /// `fgm`, `pgd`, `freelb`, `smart` or `vat`.
    pub method: AdversarialMethod,
    /// Largest perturbation: the length of a text's under `fgm`, `pgd`, `vat` (default 1) and
    /// `freelb` (default 0.5), of each number under `smart` (default 0.01).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epsilon: Option<f64>,
    /// Length of a step. Default 0.4 for `pgd`, 0.1 for `freelb`, 0.01 for `smart`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_size: Option<f64>,
    /// Steps of a perturbation, each a pass and a way back. Default 3 for `pgd` and `freelb`, 1 for
    /// `smart` and `vat`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
    /// Size of the random start. Default 0.1 for `freelb` (a length), 0.001 for `smart` (a
    /// deviation), 0.1 for `vat` (a length).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<f64>,
    /// What the loss under attack is multiplied by. Default 1.
    #[serde(default = "one")]
    pub weight: f64,
}

fn one() -> f64 {
    1.0
}

impl AdversarialConfig {
    /// Largest perturbation.
    pub fn epsilon(&self) -> f64 {
        self.epsilon.unwrap_or(match self.method {
            AdversarialMethod::Freelb => 0.5,
            AdversarialMethod::Smart => 0.01,
            _ => 1.0,
        })
    }

    /// Length of a step.
    pub fn step_size(&self) -> f64 {
        self.step_size.unwrap_or(match self.method {
            AdversarialMethod::Fgm | AdversarialMethod::Vat => self.epsilon(),
            AdversarialMethod::Pgd => 0.4,
            AdversarialMethod::Freelb => 0.1,
            AdversarialMethod::Smart => 0.01,
        })
    }

    /// Steps of a perturbation.
    pub fn steps(&self) -> usize {
        self.steps.unwrap_or(match self.method {
            AdversarialMethod::Pgd | AdversarialMethod::Freelb => 3,
            _ => 1,
        })
    }

    /// Size of the random start.
    pub fn noise(&self) -> f64 {
        self.noise.unwrap_or(match self.method {
            AdversarialMethod::Smart => 0.001,
            _ => 0.1,
        })
    }

    /// Whether perturbed texts are learned from in place of the texts as they stand.
    pub fn replaces_texts(&self) -> bool {
        self.method == AdversarialMethod::Freelb
    }

    /// The first setting that is out of range or has no effect: its name, what it is, and what is
    /// expected.
    pub fn problem(&self) -> Option<(&'static str, String, &'static str)> {
        let numbers = [
            ("epsilon", self.epsilon),
            ("step_size", self.step_size),
            ("noise", self.noise),
            ("weight", Some(self.weight)),
        ];
        for (name, number) in numbers {
            if let Some(found) = number.filter(|found| !(found.is_finite() && *found > 0.0)) {
                return Some((name, found.to_string(), "a finite number above 0"));
            }
        }
        if self.steps == Some(0) {
            return Some(("steps", "0".to_owned(), "at least 1"));
        }
        let is = |methods: &[AdversarialMethod]| methods.contains(&self.method);
        let given = "given";
        let (fgm, vat) = (AdversarialMethod::Fgm, AdversarialMethod::Vat);
        if self.step_size.is_some() && is(&[fgm, vat]) {
            let expected = "none: this method goes to `epsilon` in one step";
            return Some(("step_size", given.to_owned(), expected));
        }
        if self.steps.is_some() && is(&[fgm]) {
            let expected = "none: `fgm` takes one step, `pgd` takes several";
            return Some(("steps", given.to_owned(), expected));
        }
        if self.noise.is_some() && is(&[fgm, AdversarialMethod::Pgd]) {
            let expected = "none: this method starts at the text itself";
            return Some(("noise", given.to_owned(), expected));
        }
        None
    }
}
