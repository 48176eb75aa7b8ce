//! Training steps and answers of an encoder of a published size with random weights.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use candle_core::{Device, Var};
use mtnet_core::{PackedBatch, PackedTargets, RandomStream, TargetValues, TaskName};
use mtnet_encoders::{EncoderSpec, Slope, build_encoder};
use mtnet_heads::{HeadRegistry, TaskSpec};
use mtnet_kernels::{GradientBuffer, GradientLayout, Mode, ParamStore, Pooling, Precision};
use mtnet_model::MultiTaskModel;
use mtnet_train::optimizer::{Gradients, GroupRules, HEAD_PREFIX, Optimizer, OptimizerConfig};

use super::{Entry, Sample, Workload};
use crate::inputs::{batches, class};

/// Steps of one run, spread over the 64 batches as the peers spread theirs.
const STEPS: usize = 8;

/// Tokens of the longest text.
pub(super) const LONGEST: usize = 512;

/// Sizes of a published encoder.
pub(super) struct Size {
    name: &'static str,
    hidden: usize,
    layers: usize,
    heads: usize,
    vocabulary: u32,
}

/// The sizes that most is measured on.
pub(super) const MINILM: &Size = &SIZES[1];

const SIZES: [Size; 3] = [
    Size {
        name: "mini-128x2",
        hidden: 128,
        layers: 2,
        heads: 4,
        vocabulary: 8_000,
    },
    Size {
        name: "minilm-384x6",
        hidden: 384,
        layers: 6,
        heads: 12,
        vocabulary: 30_522,
    },
    Size {
        name: "bert-768x12",
        hidden: 768,
        layers: 12,
        heads: 12,
        vocabulary: 30_522,
    },
];

/// What is done to a batch.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Way {
    /// The trainer's way: one fused pass, flat gradients.
    Train,
    /// The same with dropout at 0.1.
    TrainDropout,
    /// Through candle's graph, as any other device goes.
    TrainGraph,
    /// 32 texts a batch, in the order they come.
    Answer,
    /// One text at a time.
    AnswerOne,
    /// As they come, but tokens are counted, not texts.
    AnswerTokens,
    /// 32 texts a batch, four heads.
    AnswerFour,
}

pub(super) fn entries() -> Vec<Entry> {
    use Precision::{Bf16, F32, Int8};
    let ways = [
        ("train", Way::Train, F32),
        ("train-bf16", Way::Train, Bf16),
        ("train-dropout", Way::TrainDropout, F32),
        ("train-graph", Way::TrainGraph, F32),
        ("answer", Way::Answer, F32),
        ("answer-bf16", Way::Answer, Bf16),
        ("answer-int8", Way::Answer, Int8),
        ("answer-one", Way::AnswerOne, F32),
        ("answer-one-bf16", Way::AnswerOne, Bf16),
        ("answer-one-int8", Way::AnswerOne, Int8),
        ("answer-four-heads", Way::AnswerFour, F32),
    ];
    SIZES
        .iter()
        .flat_map(|size| ways.map(|(name, way, precision)| (size, name, way, precision)))
        .map(|(size, name, way, precision)| {
            let name = format!("encoder/{}/{name}", size.name);
            Entry {
                name: name.clone(),
                build: Box::new(move || {
                    let batches = usual_batches(size, way)?;
                    let encoder = Encoder::new(name.clone(), size, way, precision, batches)?;
                    Ok(Box::new(encoder))
                }),
            }
        })
        .collect()
}

/// The batches that the peers take too, or the texts of the first one by one.
fn usual_batches(size: &Size, way: Way) -> Result<Vec<PackedBatch>> {
    let all = batches(size.vocabulary)?;
    let chosen = (0..STEPS).map(|step| (2 * step + 1) * all.len() / (2 * STEPS) % all.len());
    let batches: Vec<PackedBatch> = chosen.map(|index| all[index].clone()).collect();
    if way != Way::AnswerOne {
        return Ok(batches);
    }
    let texts = batches[0].len() as u32;
    Ok((0..texts).map(|text| batches[0].select(&[text])).collect())
}

/// Steps or answers of one model on the same batches in every run.
pub(super) struct Encoder {
    name: String,
    way: Way,
    model: MultiTaskModel,
    variables: BTreeMap<String, Var>,
    optimizer: Optimizer,
    shared: GradientBuffer,
    heads: GradientBuffer,
    batches: Vec<PackedBatch>,
    runs: u64,
}

impl Encoder {
    pub(super) fn new(
        name: String,
        size: &Size,
        way: Way,
        precision: Precision,
        mut batches: Vec<PackedBatch>,
    ) -> Result<Self> {
        let dropout = if way == Way::TrainDropout { 0.1 } else { 0.0 };
        let config = serde_json::json!({
            "model_type": "bert", "vocab_size": size.vocabulary, "hidden_size": size.hidden,
            "num_hidden_layers": size.layers, "num_attention_heads": size.heads,
            "intermediate_size": 4 * size.hidden, "max_position_embeddings": LONGEST,
            "hidden_dropout_prob": dropout, "attention_probs_dropout_prob": dropout
        });
        let store = ParamStore::new(RandomStream::new(1), &Device::Cpu);
        let encoder = build_encoder(&EncoderSpec::from_config_json(&config)?, store.builder())?;
        let tasks = if way == Way::AnswerFour { 4 } else { 1 };
        let specs = (0..tasks).map(|task| {
            let head = "classification".parse()?;
            let name = TaskName::new(format!("class{task}"))?;
            Ok(TaskSpec::new(name, head, ["0", "1", "2", "3"]))
        });
        let specs = specs.collect::<Result<_>>()?;
        let mut model = MultiTaskModel::new(
            encoder,
            Pooling::First,
            specs,
            &HeadRegistry::default(),
            store,
        )?;
        model.set_precision(precision)?;
        let variables: BTreeMap<String, Var> = model.parameters().vars().into_iter().collect();
        let (heads, shared): (Vec<_>, Vec<_>) = variables
            .clone()
            .into_iter()
            .partition(|(name, _)| name.starts_with(HEAD_PREFIX));
        let settings = OptimizerConfig::default();
        let parameters = GroupRules::default().assign(&settings, &variables);
        for batch in &mut batches {
            label(batch, tasks)?;
        }
        Ok(Self {
            name,
            way,
            variables,
            optimizer: Optimizer::new(&settings, parameters)?,
            shared: GradientBuffer::new(&Arc::new(GradientLayout::new(shared))),
            heads: GradientBuffer::new(&Arc::new(GradientLayout::new(heads))),
            model,
            batches,
            runs: 0,
        })
    }

    fn step(&mut self, index: usize, mode: &Mode) -> Result<()> {
        let pass = self.model.pass(&self.batches[index], mode)?;
        let losses = pass.losses()?;
        let loss = losses[0].as_ref().context("a loss")?;
        let mut store = loss.mean.backward()?;
        let slope = pass.take_slope(&mut store).context("a slope")?;
        self.heads.add_from(&mut store, 1.0)?;
        let term = Slope {
            slope: &slope,
            into: &mut self.shared,
        };
        pass.backward(&mut [term])?;
        self.optimizer.step(&[&self.shared, &self.heads][..], 1.0)?;
        self.model.weights_changed();
        self.shared.clear();
        self.heads.clear();
        Ok(())
    }

    fn graph_step(&mut self, index: usize, mode: &Mode) -> Result<()> {
        let losses = self.model.losses(&self.batches[index], mode)?;
        let loss = losses[0].as_ref().context("a loss")?;
        let mut store = loss.mean.backward()?;
        let gradients = Gradients::take_from(&mut store, &self.variables)?;
        self.optimizer.step(&gradients, 1.0)?;
        self.model.weights_changed();
        Ok(())
    }
}

impl Workload for Encoder {
    fn name(&self) -> &str {
        &self.name
    }

    fn unit(&self) -> Option<&'static str> {
        Some(match self.way {
            Way::Train | Way::TrainDropout | Way::TrainGraph | Way::AnswerTokens => "tokens",
            Way::Answer | Way::AnswerOne | Way::AnswerFour => "texts",
        })
    }

    fn run(&mut self) -> Result<Sample> {
        let tokens = self.unit() == Some("tokens");
        let begun = Instant::now();
        let mut amount = 0;
        for index in 0..self.batches.len() {
            let mode = Mode::Train(RandomStream::new(self.runs).at(index as u64));
            match self.way {
                Way::Train | Way::TrainDropout => self.step(index, &mode)?,
                Way::TrainGraph => self.graph_step(index, &mode)?,
                Way::Answer | Way::AnswerOne | Way::AnswerTokens | Way::AnswerFour => {
                    let batch = &self.batches[index];
                    let all: Vec<u32> = (0..batch.len() as u32).collect();
                    let tasks = 0..self.model.tasks().len();
                    let requests: Vec<_> = tasks.map(|task| (task, all.clone())).collect();
                    self.model.answers(batch, &requests)?;
                }
            }
            let batch = &self.batches[index];
            amount += if tokens { batch.tokens() } else { batch.len() };
        }
        self.runs += 1;
        Ok(Sample {
            seconds: begun.elapsed().as_secs_f64(),
            amount: amount as f64,
        })
    }
}

fn label(batch: &mut PackedBatch, tasks: usize) -> Result<()> {
    for task in 0..tasks {
        let classes = batch
            .sources
            .iter()
            .map(|source| class(source.example, task));
        let targets = PackedTargets {
            sequences: (0..batch.len() as u32).collect(),
            values: TargetValues::Classes(classes.collect()),
        };
        batch
            .targets
            .insert(TaskName::new(format!("class{task}"))?, targets);
    }
    Ok(())
}
