//! Losses of token tasks with their gradients, on as many rows as a usual batch has: beside a step
//! of the encoder they should not show.

use std::time::Instant;

use anyhow::Result;
use candle_core::{Device, Tensor, Var};
use mtnet_core::RandomStream;
use mtnet_losses::{CrfReduction, CrossEntropy, LinearChainCrf, Reduction, cross_entropy};

use super::{Entry, Sample, Workload};

const ROWS: usize = 1000;
const SEQUENCE: usize = 25;
/// Classes, or tags: as many as slots in IOB2 have.
const CLASSES: [usize; 3] = [9, 73, 200];
/// Losses of one run.
const TIMES: usize = 10;

pub(super) fn entries() -> Vec<Entry> {
    let names = [("cross-entropy", false), ("crf", true)];
    names
        .into_iter()
        .flat_map(|(name, is_crf)| CLASSES.map(|classes| (name, is_crf, classes)))
        .map(|(name, is_crf, classes)| {
            let name = format!("losses/{name}/{classes}");
            Entry {
                name: name.clone(),
                build: Box::new(move || Ok(Box::new(Loss::new(name.clone(), is_crf, classes)?))),
            }
        })
        .collect()
}

struct Loss {
    name: String,
    scores: Var,
    targets: Vec<u32>,
    /// Transitions, start and end of a chain.
    chain: Option<[Var; 3]>,
}

impl Loss {
    fn new(name: String, is_crf: bool, classes: usize) -> Result<Self> {
        let mut stream = RandomStream::new(1);
        let targets = (0..ROWS).map(|_| stream.below(classes as u32)).collect();
        let mut normal = |shape: &[usize]| {
            let count = shape.iter().product();
            let values: Vec<f32> = (0..count).map(|_| stream.normal() as f32).collect();
            Var::from_tensor(&Tensor::from_vec(values, shape, &Device::Cpu)?)
        };
        let chain = match is_crf {
            true => Some([
                normal(&[classes, classes])?,
                normal(&[classes])?,
                normal(&[classes])?,
            ]),
            false => None,
        };
        Ok(Self {
            name,
            scores: normal(&[ROWS, classes])?,
            targets,
            chain,
        })
    }
}

impl Workload for Loss {
    fn name(&self) -> &str {
        &self.name
    }

    fn unit(&self) -> Option<&'static str> {
        Some("rows")
    }

    fn run(&mut self) -> Result<Sample> {
        let offsets: Vec<u32> = (0..=ROWS as u32).step_by(SEQUENCE).collect();
        let begun = Instant::now();
        for _ in 0..TIMES {
            let loss = match &self.chain {
                Some([transitions, start, end]) => LinearChainCrf::new(transitions, start, end)?
                    .negative_log_likelihood(
                        &self.scores,
                        &offsets,
                        &self.targets[..],
                        CrfReduction::TokenMean,
                    )?,
                None => cross_entropy(
                    &self.scores,
                    &self.targets[..],
                    &CrossEntropy::default(),
                    Reduction::Mean,
                )?,
            };
            loss.backward()?;
        }
        Ok(Sample {
            seconds: begun.elapsed().as_secs_f64(),
            amount: (TIMES * ROWS) as f64,
        })
    }
}
