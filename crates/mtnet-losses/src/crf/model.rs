//! The field itself: its scores, and what can be asked of it.

use candle_core::{DType, Device, Tensor};

use super::chain::Chain;
use super::likelihood::{self, CrfReduction, PackedSequences};
use super::viterbi::{TagPath, best_path};
use crate::numeric::as_float;
use crate::{ClassTargets, LossError};

/// A linear-chain conditional random field over `tags` tags.
///
/// It holds the scores between tags as tensors, variables of whoever made them. Sequences are
/// packed: `emissions` `(tokens, tags)` with the borders `offsets` `(sequences + 1)`, sequence `i`
/// being rows `offsets[i]..offsets[i + 1]`. A tag that must not follow another gets a large
/// negative score, such as -1e4; infinities are refused.
#[derive(Clone, Debug)]
pub struct LinearChainCrf {
    transitions: Tensor,
    start: Tensor,
    end: Tensor,
    chain: Chain,
}

impl LinearChainCrf {
    /// From `transitions` `(tags, tags)`, where row `i`, column `j` scores going from tag `i` to
    /// tag `j`, and the scores `(tags)` of starting and of ending with each tag.
    ///
    /// The scores are read now: make it anew after each step of an optimizer.
    ///
    /// # Errors
    /// If the tensors do not have these shapes for one number of tags, or hold no finite floats.
    pub fn new(transitions: &Tensor, start: &Tensor, end: &Tensor) -> Result<Self, LossError> {
        let transitions = as_float("transition scores", transitions)?;
        let tags = match *transitions.dims() {
            [from, to] if from == to && from > 0 => from,
            _ => {
                return Err(LossError::Shape {
                    what: "transition scores",
                    found: transitions.dims().to_vec(),
                    expected: "(tags, tags) with at least one tag".to_owned(),
                });
            }
        };
        let ends = |what, scores: &Tensor| {
            let scores = as_float(what, scores)?;
            if scores.dims() != [tags] {
                return Err(LossError::Shape {
                    what,
                    found: scores.dims().to_vec(),
                    expected: format!("({tags}), one a tag"),
                });
            }
            Ok(scores.to_dtype(transitions.dtype())?)
        };
        let (start, end) = (ends("start scores", start)?, ends("end scores", end)?);
        let chain = Chain::new(
            &read_rows("transition scores", &transitions, tags)?,
            read_rows("start scores", &start, 1)?,
            read_rows("end scores", &end, 1)?,
        );
        Ok(Self {
            transitions,
            start,
            end,
            chain,
        })
    }

    /// Number of tags.
    pub fn tags(&self) -> usize {
        self.chain.tags
    }

    /// `log Z - s(y)` in nats of sequences with emissions `(tokens, tags)` and one tag a token
    /// `(tokens)`; with some tags missing, `log Z` less the logarithm of what the paths that
    /// agree with the others sum to.
    ///
    /// # Errors
    /// If the emissions are no finite floats of that shape, the offsets do not cut them, or a
    /// target is no tag.
    pub fn negative_log_likelihood<'a>(
        &self,
        emissions: &Tensor,
        offsets: &[u32],
        targets: impl Into<ClassTargets<'a>>,
        reduction: CrfReduction,
    ) -> Result<Tensor, LossError> {
        let emissions = self.check_emissions(emissions)?;
        let sequences = self.read(&emissions, offsets)?;
        let (tokens, tags) = emissions.dims2()?;
        let (labelled, labels) = targets.into().select(tokens, tags)?;
        let mut targets = vec![None; tokens];
        for (place, label) in labelled.places().zip(labels) {
            targets[place] = Some(label as usize);
        }
        let counted = likelihood::count(&self.chain, &sequences, &targets, reduction);
        Ok(counted.loss(
            likelihood::Scores {
                emissions: &emissions,
                transitions: &self.transitions,
                start: &self.start,
                end: &self.end,
            },
            offsets,
            reduction,
        )?)
    }

    /// `log Z` in nats of each sequence `(sequences)` with emissions `(tokens, tags)`; 0 for an
    /// empty one. No gradient.
    ///
    /// # Errors
    /// If the emissions are no finite floats of that shape, or the offsets do not cut them.
    pub fn log_partition(
        &self,
        emissions: &Tensor,
        offsets: &[u32],
    ) -> Result<Vec<f64>, LossError> {
        let sequences = self.read(&self.check_emissions(emissions)?, offsets)?;
        Ok(sequences
            .iter()
            .map(|(_, emissions)| self.chain.log_partition(emissions))
            .collect())
    }

    /// The best path of each sequence `(sequences)` with emissions `(tokens, tags)`; of equal
    /// ones, the one that has the lowest tag where they last differ.
    ///
    /// # Errors
    /// If the emissions are no finite floats of that shape, or the offsets do not cut them.
    pub fn decode(&self, emissions: &Tensor, offsets: &[u32]) -> Result<Vec<TagPath>, LossError> {
        let sequences = self.read(&self.check_emissions(emissions)?, offsets)?;
        Ok(sequences
            .iter()
            .map(|(_, emissions)| best_path(&self.chain, emissions))
            .collect())
    }

    fn check_emissions(&self, emissions: &Tensor) -> Result<Tensor, LossError> {
        let emissions = as_float("emissions", emissions)?;
        match *emissions.dims() {
            [_, tags] if tags == self.tags() => Ok(emissions),
            _ => Err(LossError::Shape {
                what: "emissions",
                found: emissions.dims().to_vec(),
                expected: format!("(tokens, {}), a column a tag", self.tags()),
            }),
        }
    }

    fn read(&self, emissions: &Tensor, offsets: &[u32]) -> Result<PackedSequences, LossError> {
        let values = read_rows("emissions", emissions, emissions.dim(0)?)?;
        PackedSequences::new(values, self.tags(), offsets)
    }
}

/// The values of a tensor of `rows` rows, row-major, if all are finite.
fn read_rows(what: &'static str, tensor: &Tensor, rows: usize) -> Result<Vec<f64>, LossError> {
    let tensor = tensor.detach().to_device(&Device::Cpu)?;
    let values: Vec<f64> = tensor
        .flatten_all()?
        .to_dtype(DType::F64)?
        .to_vec1::<f64>()?;
    match values.iter().position(|value| !value.is_finite()) {
        Some(at) => Err(LossError::NotFinite {
            what,
            row: at * rows / values.len(),
        }),
        None => Ok(values),
    }
}
