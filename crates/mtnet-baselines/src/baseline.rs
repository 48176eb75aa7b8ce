//! One call a task: features, model, and a choice on the development examples.

use mtnet_core::{InputText, Target, TargetKind};

use crate::sliding_window::SlidingWindow;
use crate::{
    BaselineError, LinearModel, LinearOptions, Link, PerceptronOptions, PerceptronTagger,
    TextFeatures,
};

/// Texts with their targets.
#[derive(Clone, Debug, Default)]
pub struct Examples<'a> {
    /// The texts.
    pub texts: Vec<&'a InputText>,
    /// The target of each.
    pub targets: Vec<&'a Target>,
}

impl<'a> Examples<'a> {
    /// Gathers pairs of a text and its target.
    pub fn new(pairs: impl IntoIterator<Item = (&'a InputText, &'a Target)>) -> Self {
        let (texts, targets) = pairs.into_iter().unzip();
        Self { texts, targets }
    }
}

/// What is tried, and how an answer is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Terms of words, and of characters, at most. Default 30,000.
    pub max_terms: usize,
    /// Penalties that logistic regression is tried with, the strongest first. Default 1, 0.1, 0.01.
    pub logistic_penalties: Vec<f64>,
    /// Penalties that ridge regression is tried with. Default 10, 1, 0.1.
    pub ridge_penalties: Vec<f64>,
    /// Probability from which one of many labels is answered. Default 0.5.
    pub threshold: f32,
    /// The tagger's.
    pub perceptron: PerceptronOptions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_terms: 30_000,
            logistic_penalties: vec![1.0, 0.1, 0.01],
            ridge_penalties: vec![10.0, 1.0, 0.1],
            threshold: 0.5,
            perceptron: PerceptronOptions::default(),
        }
    }
}

/// The answer for one text.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// The answer, in the form of the targets.
    pub answer: Target,
    /// Probability of each column; empty for numbers and tags.
    pub probabilities: Vec<f32>,
}

/// A fitted model.
#[derive(Clone, Debug)]
pub struct Baseline {
    model: Model,
    threshold: f32,
    setting: String,
}

#[derive(Clone, Debug)]
enum Model {
    Linear(Link, TextFeatures, LinearModel),
    Tagger(PerceptronTagger),
    Window(SlidingWindow),
}

impl Baseline {
    /// Fits a task with `columns` labels or numbers. `score` scores answers for the development
    /// examples, higher being better; where it gives nothing, or there are no such examples, the
    /// middle penalty and the last epoch are taken.
    ///
    /// # Errors
    /// If there is nothing to learn from, or a target is of another kind.
    pub fn fit(
        kind: TargetKind,
        columns: usize,
        train: &Examples<'_>,
        dev: &Examples<'_>,
        options: Options,
        score: impl Fn(&[Prediction]) -> Option<f64>,
    ) -> Result<Self, BaselineError> {
        if train.texts.is_empty() {
            return Err(BaselineError::NoExamples);
        }
        let (link, penalties) = match kind {
            TargetKind::Tags => return Self::fit_tagger(columns, train, dev, &options, score),
            TargetKind::Spans => {
                let targets = train.targets.iter().copied();
                let model = SlidingWindow::fit(train.texts.iter().copied().zip(targets));
                return Ok(Self {
                    setting: model.setting(),
                    model: Model::Window(model),
                    threshold: options.threshold,
                });
            }
            TargetKind::Label => (Link::Softmax, &options.logistic_penalties),
            TargetKind::Labels => (Link::Sigmoid, &options.logistic_penalties),
            TargetKind::Numbers => (Link::Identity, &options.ridge_penalties),
        };
        let numbers = kind == TargetKind::Numbers;
        let features = TextFeatures::fit(&train.texts, options.max_terms, numbers)?;
        let rows = features.rows(&train.texts);
        let dev_rows = features.rows(&dev.texts);
        let targets = dense(kind, columns, &train.targets)?;
        let mut tried: Vec<(Option<f64>, f64, LinearModel)> = Vec::new();
        for &penalty in penalties {
            let start = tried.last().map(|(_, _, model)| model);
            let settings = LinearOptions::new(penalty);
            let model = LinearModel::fit(link, columns, &rows, &targets, settings, start);
            let answers: Vec<Prediction> = model
                .predict(&dev_rows)
                .into_iter()
                .map(|row| read(link, row, options.threshold))
                .collect();
            let score = if dev.texts.is_empty() {
                None
            } else {
                score(&answers)
            };
            tried.push((score, penalty, model));
        }
        let best = best_of(tried.iter().map(|(score, _, _)| *score));
        let (_, penalty, model) = tried.swap_remove(best.unwrap_or(penalties.len() / 2));
        Ok(Self {
            model: Model::Linear(link, features, model),
            threshold: options.threshold,
            setting: format!("penalty {penalty}"),
        })
    }

    fn fit_tagger(
        tags: usize,
        train: &Examples<'_>,
        dev: &Examples<'_>,
        options: &Options,
        score: impl Fn(&[Prediction]) -> Option<f64>,
    ) -> Result<Self, BaselineError> {
        let mut sentences = Vec::with_capacity(train.texts.len());
        for (example, (text, target)) in train.texts.iter().zip(&train.targets).enumerate() {
            let Target::Tags(tags) = target else {
                return Err(wrong(example, target, "a tag a word"));
            };
            let words = words(example, text)?;
            if words.len() != tags.len() {
                return Err(BaselineError::Tags {
                    example,
                    tags: tags.len(),
                    words: words.len(),
                });
            }
            sentences.push((words, tags.as_slice()));
        }
        let dev_words = all_words(&dev.texts)?;
        let (mut epoch, mut best_epoch, mut best) = (0, 0, None);
        let tagger = PerceptronTagger::fit(&sentences, tags, options.perceptron, |tagger| {
            epoch += 1;
            let answers = tag_all(tagger, &dev_words);
            let score = if dev.texts.is_empty() {
                None
            } else {
                score(&answers)
            };
            let better = match (score, best) {
                (Some(score), Some(best)) => score > best,
                _ => true,
            };
            if better {
                (best, best_epoch) = (score, epoch);
            }
            better
        });
        Ok(Self {
            model: Model::Tagger(tagger),
            threshold: options.threshold,
            setting: format!("epoch {best_epoch}"),
        })
    }

    /// Answers for texts.
    ///
    /// # Errors
    /// If a tagger gets a text whose words are not known.
    pub fn predict(&self, texts: &[&InputText]) -> Result<Vec<Prediction>, BaselineError> {
        match &self.model {
            Model::Linear(link, features, model) => Ok(model
                .predict(&features.rows(texts))
                .into_iter()
                .map(|row| read(*link, row, self.threshold))
                .collect()),
            Model::Tagger(tagger) => Ok(tag_all(tagger, &all_words(texts)?)),
            Model::Window(window) => {
                let answers = texts.iter().map(|text| Prediction {
                    answer: window.answer(text),
                    probabilities: Vec::new(),
                });
                Ok(answers.collect())
            }
        }
    }

    /// Numbers in all weights.
    pub fn parameters(&self) -> u64 {
        match &self.model {
            Model::Linear(_, _, model) => model.parameters(),
            Model::Tagger(tagger) => tagger.parameters(),
            Model::Window(window) => window.parameters(),
        }
    }

    /// What was chosen on the development examples, such as `penalty 0.1` or `epoch 7`.
    pub fn setting(&self) -> &str {
        &self.setting
    }
}

/// The first of the best, `None` where there is no score.
fn best_of(scores: impl Iterator<Item = Option<f64>>) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    for (index, score) in scores.enumerate() {
        let Some(score) = score.filter(|score| !score.is_nan()) else {
            continue;
        };
        if best.is_none_or(|(_, most)| score > most) {
            best = Some((index, score));
        }
    }
    best.map(|(index, _)| index)
}

fn words(example: usize, text: &InputText) -> Result<Vec<&str>, BaselineError> {
    let segment = text.first();
    let ranges = segment.words().ok_or(BaselineError::NoWords { example })?;
    Ok(ranges
        .iter()
        .map(|range| &segment.text()[range.clone()])
        .collect())
}

fn all_words<'a>(texts: &[&'a InputText]) -> Result<Vec<Vec<&'a str>>, BaselineError> {
    let numbered = texts.iter().enumerate();
    numbered
        .map(|(example, text)| words(example, text))
        .collect()
}

fn tag_all(tagger: &PerceptronTagger, sentences: &[Vec<&str>]) -> Vec<Prediction> {
    sentences
        .iter()
        .map(|words| Prediction {
            answer: Target::Tags(tagger.tag(words)),
            probabilities: Vec::new(),
        })
        .collect()
}

fn read(link: Link, row: Vec<f32>, threshold: f32) -> Prediction {
    match link {
        Link::Softmax => {
            let better = |best: usize, next: usize| if row[next] > row[best] { next } else { best };
            Prediction {
                answer: Target::Class((1..row.len()).fold(0, better) as u32),
                probabilities: row,
            }
        }
        Link::Sigmoid => {
            let holds = (0u32..).zip(&row).filter(|&(_, &p)| p >= threshold);
            Prediction {
                answer: Target::MultiLabel(holds.map(|(label, _)| label).collect()),
                probabilities: row,
            }
        }
        Link::Identity => Prediction {
            answer: Target::Numbers(row),
            probabilities: Vec::new(),
        },
    }
}

/// Targets as a table `(examples, columns)`.
fn dense(kind: TargetKind, columns: usize, targets: &[&Target]) -> Result<Vec<f32>, BaselineError> {
    let mut table = vec![0.0; targets.len() * columns];
    for ((example, target), row) in targets.iter().enumerate().zip(table.chunks_mut(columns)) {
        match (kind, target) {
            (TargetKind::Label, Target::Class(class)) => row[*class as usize] = 1.0,
            (TargetKind::Labels, Target::MultiLabel(labels)) => {
                labels.iter().for_each(|&label| row[label as usize] = 1.0);
            }
            (TargetKind::Numbers, Target::Numbers(numbers)) => row.copy_from_slice(numbers),
            (TargetKind::Label, _) => return Err(wrong(example, target, "one class")),
            (TargetKind::Labels, _) => return Err(wrong(example, target, "a set of labels")),
            _ => return Err(wrong(example, target, "numbers")),
        }
    }
    Ok(table)
}

fn wrong(example: usize, target: &Target, expected: &'static str) -> BaselineError {
    let found = match target {
        Target::Class(_) => "one class",
        Target::MultiLabel(_) => "a set of labels",
        Target::Numbers(_) => "numbers",
        Target::Tags(_) => "tags",
        Target::Spans { .. } => "answers",
        _ => "another kind of target",
    };
    BaselineError::Target {
        example,
        found: found.to_owned(),
        expected,
    }
}
