//! The likelihood of tags, as a tensor with its gradient.

use std::ops::Range;

use candle_core::{Result, Tensor};

use super::chain::Chain;
use super::marginals::ScoreCounts;
use crate::LossError;
use crate::gradient::gradient_only;
use crate::numeric::constant;

/// What becomes of the losses of single sequences; one without any tag has loss 0 and does not
/// count in a mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CrfReduction {
    /// The sum divided by the number of tokens with a tag, a scalar: sequences count by length.
    #[default]
    TokenMean,
    /// The mean over sequences with a tag, a scalar.
    SequenceMean,
    /// The sum, a scalar.
    Sum,
    /// Each sequence's loss `(sequences)`.
    None,
}

/// Emissions of consecutive sequences, on the processor.
pub(super) struct PackedSequences {
    tags: usize,
    /// `(tokens, tags)`, row-major.
    values: Vec<f64>,
    /// The rows of each sequence.
    ranges: Vec<Range<usize>>,
}

impl PackedSequences {
    pub(super) fn new(
        values: Vec<f64>,
        tags: usize,
        offsets: &[u32],
    ) -> std::result::Result<Self, LossError> {
        let rows = values.len() / tags;
        let cuts = offsets.first() == Some(&0)
            && offsets.last().is_some_and(|&last| last as usize == rows)
            && offsets.is_sorted();
        if !cuts {
            return Err(LossError::Offsets {
                found: offsets.to_vec(),
                rows,
            });
        }
        let ranges = offsets
            .windows(2)
            .map(|pair| pair[0] as usize..pair[1] as usize)
            .collect();
        Ok(Self {
            tags,
            values,
            ranges,
        })
    }

    /// The rows and the emissions `(steps, tags)` of each sequence.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (Range<usize>, &[f64])> {
        self.ranges.iter().map(|rows| {
            let places = rows.start * self.tags..rows.end * self.tags;
            (rows.clone(), &self.values[places])
        })
    }
}

/// Losses in closed form with their gradients: of each sequence, or of all together.
pub(super) struct Counted {
    /// A loss for each group.
    losses: Vec<f64>,
    /// Gradient of a group's loss with respect to the scores between tags.
    counts: Vec<ScoreCounts>,
    /// Gradient of its sequence's loss with respect to each emission `(tokens, tags)`.
    emissions: Vec<f64>,
    /// What a mean divides by.
    divisor: f64,
}

/// Losses and gradients of sequences of which `targets` `(tokens)` tells the known tags.
pub(super) fn count(
    chain: &Chain,
    sequences: &PackedSequences,
    targets: &[Option<usize>],
    reduction: CrfReduction,
) -> Counted {
    let groups = match reduction {
        CrfReduction::None => sequences.ranges.len(),
        CrfReduction::TokenMean | CrfReduction::SequenceMean | CrfReduction::Sum => 1,
    };
    let mut counted = Counted {
        losses: vec![0.; groups],
        counts: vec![ScoreCounts::zeros(chain.tags); groups],
        emissions: vec![0.; sequences.values.len()],
        divisor: 0.,
    };
    for (index, (rows, emissions)) in sequences.iter().enumerate() {
        let known = &targets[rows.clone()];
        let labelled = known.iter().flatten().count();
        if labelled == 0 {
            continue;
        }
        counted.divisor += match reduction {
            CrfReduction::TokenMean => labelled as f64,
            CrfReduction::SequenceMean => 1.,
            CrfReduction::Sum | CrfReduction::None => 0.,
        };
        let group = index.min(groups - 1);
        let counts = &mut counted.counts[group];
        let gradient = &mut counted.emissions[rows.start * chain.tags..rows.end * chain.tags];
        let all = chain.recur(emissions);
        counts.add_expected(chain, emissions, &all, 1., gradient);
        let observed = match known.iter().copied().collect::<Option<Vec<usize>>>() {
            Some(path) => {
                counts.add_path(&path, -1., gradient);
                chain.path_score(emissions, &path)
            }
            None => {
                let clamped = clamp(emissions, known, chain.tags);
                let agreeing = chain.recur(&clamped);
                counts.add_expected(chain, &clamped, &agreeing, -1., gradient);
                agreeing.log_partition
            }
        };
        counted.losses[group] += all.log_partition - observed;
    }
    counted
}

/// Emissions in which a known step can only have its tag.
fn clamp(emissions: &[f64], known: &[Option<usize>], tags: usize) -> Vec<f64> {
    let mut clamped = emissions.to_vec();
    for (scores, known) in clamped.chunks_exact_mut(tags).zip(known) {
        let Some(known) = known else { continue };
        for (tag, score) in scores.iter_mut().enumerate() {
            if tag != *known {
                *score = f64::NEG_INFINITY;
            }
        }
    }
    clamped
}

/// The tensors that a loss is differentiated with respect to.
pub(super) struct Scores<'a> {
    pub(super) emissions: &'a Tensor,
    pub(super) transitions: &'a Tensor,
    pub(super) start: &'a Tensor,
    pub(super) end: &'a Tensor,
}

impl Counted {
    /// The loss, reduced, in the precision of the emissions.
    pub(super) fn loss(
        &self,
        scores: Scores,
        offsets: &[u32],
        reduction: CrfReduction,
    ) -> Result<Tensor> {
        let groups = self.losses.len();
        let like = scores.emissions;
        let mut losses = constant(self.losses.iter().copied(), groups, like)?;
        if groups == 0 {
            return Ok(losses);
        }
        let shared = [
            (scores.transitions, self.rows(|counts| &counts.transitions)),
            (scores.start, self.rows(|counts| &counts.start)),
            (scores.end, self.rows(|counts| &counts.end)),
        ];
        for (scores, counts) in shared {
            losses = (losses + shared_term(scores, counts, groups, like)?)?;
        }
        if like.elem_count() > 0 {
            let gradient = constant(self.emissions.iter().copied(), like.shape(), like)?;
            let tokens = gradient_only(like, &gradient)?.sum(1)?;
            losses = losses.index_add(&self.group_of_tokens(offsets, like)?, &tokens, 0)?;
        }
        match reduction {
            CrfReduction::None => Ok(losses),
            CrfReduction::Sum => losses.sum_all(),
            // Where nothing is labelled the sum is 0, and so shall be the mean.
            CrfReduction::TokenMean | CrfReduction::SequenceMean => {
                losses.sum_all()? / self.divisor.max(1.)
            }
        }
    }

    /// One kind of counts of all groups, one after another.
    fn rows<'a>(&'a self, kind: impl Fn(&'a ScoreCounts) -> &'a Vec<f64>) -> Vec<f64> {
        self.counts.iter().flat_map(kind).copied().collect()
    }

    /// Group of each token `(tokens)`.
    fn group_of_tokens(&self, offsets: &[u32], like: &Tensor) -> Result<Tensor> {
        let last = self.losses.len() as u32 - 1;
        let groups: Vec<u32> = (0..)
            .zip(offsets.windows(2))
            .flat_map(|(sequence, pair): (u32, _)| {
                (pair[0]..pair[1]).map(move |_| sequence.min(last))
            })
            .collect();
        let tokens = groups.len();
        Tensor::from_vec(groups, tokens, like.device())
    }
}

/// Zeros `(groups)` whose gradient with respect to scores between tags is each group's counts.
fn shared_term(scores: &Tensor, counts: Vec<f64>, groups: usize, like: &Tensor) -> Result<Tensor> {
    let width = scores.elem_count();
    let scores = scores.flatten_all()?.to_dtype(like.dtype())?;
    let offset = scores.sub(&scores.detach())?.reshape((width, 1))?;
    constant(counts.into_iter(), (groups, width), like)?
        .matmul(&offset)?
        .squeeze(1)
}
