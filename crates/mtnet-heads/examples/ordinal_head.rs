//! A head of one's own: ratings from 1 to K as ordered classes, in under 100 lines.
//!
//! One score a text, and K - 1 thresholds between the ratings: `P(rating > k) = σ(score - b_k)`
//! (the proportional odds model of McCullagh 1980). Run it with
//! `cargo run -p mtnet-heads --example ordinal_head`.

use candle_core::{DType, Device, Tensor};
use candle_nn::{Init, VarBuilder};
use mtnet_core::{Offsets, RandomStream, Target, TargetValues, TaskName};
use mtnet_heads::{
    Answer, CustomHead, HeadConfig, HeadError, HeadLayer, HeadLoss, HeadRegistry, Reads,
    TargetKind, TaskHead, TaskSpec,
};
use mtnet_kernels::{Mode, ParamStore};
use mtnet_losses::{BinaryCrossEntropy, DenseTargets, Reduction, binary_cross_entropy_with_logits};
use mtnet_metrics::{MetricKind, MetricSet};

#[derive(Debug)]
struct OrdinalHead {
    layer: HeadLayer,
    thresholds: Tensor,
    ratings: usize,
}

impl OrdinalHead {
    fn build(
        spec: &TaskSpec,
        _: &CustomHead,
        hidden: usize,
        vb: VarBuilder,
    ) -> Result<Box<dyn TaskHead>, HeadError> {
        let ratings = spec.labels.len();
        let layer = HeadLayer::new(hidden, 1, 0.0, &vb)?;
        let thresholds = vb.get_with_hints(ratings - 1, "thresholds", Init::Const(0.0))?;
        Ok(Box::new(Self {
            layer,
            thresholds,
            ratings,
        }))
    }
}

impl TaskHead for OrdinalHead {
    fn kind(&self) -> &'static str {
        "ordinal"
    }

    fn reads(&self) -> Reads {
        Reads::Sequences
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Label
    }

    /// One logit a threshold: `(rows, ratings - 1)`.
    fn forward(&self, rows: &Tensor, mode: &Mode) -> Result<Tensor, HeadError> {
        Ok(self
            .layer
            .forward(rows, mode)?
            .broadcast_sub(&self.thresholds)?)
    }

    fn loss(&self, scores: &Tensor, targets: &TargetValues) -> Result<HeadLoss, HeadError> {
        let TargetValues::Classes(classes) = targets else {
            return Err(HeadError::Mismatch {
                kind: "ordinal",
                expected: "a rating",
                found: format!("{targets:?}"),
            });
        };
        let exceeds =
            |class: u32| (0..self.ratings as u32 - 1).map(move |k| f32::from(u8::from(class > k)));
        let exceeded: Vec<f32> = classes.iter().flat_map(|&class| exceeds(class)).collect();
        let exceeded = DenseTargets::new(&exceeded, self.ratings - 1)?;
        let mean = binary_cross_entropy_with_logits(
            scores,
            &exceeded,
            &BinaryCrossEntropy::default(),
            Reduction::Mean,
        )?;
        Ok(HeadLoss {
            mean,
            count: classes.len(),
        })
    }

    fn decode(&self, scores: &Tensor, _: Option<&Offsets>) -> Result<Vec<Answer>, HeadError> {
        let rows = candle_nn::ops::sigmoid(scores)?.to_vec2::<f32>()?;
        let answer = |above: &Vec<f32>| {
            // P(rating = k) = P(rating > k - 1) - P(rating > k), for thresholds in order.
            let edge = |k: usize| {
                if k == 0 {
                    1.0
                } else {
                    above.get(k - 1).copied().unwrap_or(0.0)
                }
            };
            let probabilities = (0..self.ratings)
                .map(|k| (edge(k) - edge(k + 1)).max(0.0))
                .collect();
            Answer::Class {
                label: above.iter().filter(|&&p| p > 0.5).count() as u32,
                probabilities,
            }
        };
        Ok(rows.iter().map(answer).collect())
    }

    fn metrics(&self, answers: &[Answer], targets: &[&Target]) -> Result<MetricSet, HeadError> {
        let pairs = answers.iter().zip(targets).filter_map(|pair| match pair {
            (Answer::Class { label, .. }, Target::Class(class)) => {
                Some(f64::from(label.abs_diff(*class)))
            }
            _ => None,
        });
        let mut metrics = MetricSet::new();
        metrics.record(
            MetricKind::MeanAbsoluteError,
            pairs.sum::<f64>() / answers.len() as f64,
        );
        Ok(metrics)
    }

    fn classes(&self) -> Option<usize> {
        Some(2)
    }
}

/// Learns four ratings from four rows.
pub fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut registry = HeadRegistry::default();
    registry.register("ordinal", TargetKind::Label, OrdinalHead::build);
    let head: HeadConfig = "ordinal".parse()?;
    let spec = TaskSpec::new(TaskName::new("stars")?, head, ["1", "2", "3", "4"]);
    let store = ParamStore::new(RandomStream::new(1), &Device::Cpu);
    let head = registry.build(&spec, 3, store.builder())?;
    let rows = Tensor::new(
        &[
            [0f32, 0.0, 1.0],
            [1.0, 0.0, 1.0],
            [2.0, 0.0, 1.0],
            [3.0, 0.0, 1.0],
        ],
        &Device::Cpu,
    )?;
    let targets: Vec<Target> = (0..4).map(Target::Class).collect();
    for _ in 0..800 {
        let scores = head.forward(&rows, &Mode::Eval)?;
        let gradients = head
            .loss(&scores, &TargetValues::Classes(vec![0, 1, 2, 3]))?
            .mean
            .backward()?;
        for (_, var) in store.vars() {
            let step = (gradients
                .get(&var)
                .ok_or("no gradient")?
                .to_dtype(DType::F32)?
                * 2.0)?;
            var.set(&var.sub(&step)?)?;
        }
    }
    let answers = head.decode(&head.forward(&rows, &Mode::Eval)?, None)?;
    let metrics = head.metrics(&answers, &targets.iter().collect::<Vec<_>>())?;
    assert_eq!(metrics.value("mae"), Some(0.0), "{answers:?}");
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    run()
}
