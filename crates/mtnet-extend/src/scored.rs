//! What tasks score: old ones before and after on the same examples, new ones with an interval.

use std::collections::BTreeMap;

use mtnet_compare::TaskScores;
use mtnet_compare::parts::{Part, interval, main_metric, number, with_split};
use mtnet_core::{Split, Target, TaskName};
use mtnet_data::Corpus;
use mtnet_heads::{Answer, HeadRegistry};
use mtnet_metrics::{Bootstrap, Estimate, MetricKind, Unit};
use mtnet_model::{ModelFolder, Task};
use mtnet_train::run_file::RunFile;
use mtnet_train::trainer::{RunResults, corpus_answers, read_corpus};

use crate::plan::{Plan, task_of};
use crate::trained::TrainedModel;
use crate::{ExtendError, NewTask, OldTask, Standing};

/// The labelled examples of some tasks: test data, or development data for tasks without.
pub(crate) struct Scored {
    corpora: BTreeMap<Split, Corpus>,
    split_of: BTreeMap<TaskName, Split>,
}

impl Scored {
    /// Reads the data of `tasks` that the run names, with labels and tokenizer of the model.
    pub fn read(
        run: &RunFile,
        tasks: &[TaskName],
        folder: &ModelFolder,
        registry: &HeadRegistry,
    ) -> Result<Self, ExtendError> {
        let mut scored = Self {
            corpora: BTreeMap::new(),
            split_of: BTreeMap::new(),
        };
        if tasks.is_empty() {
            return Ok(scored);
        }
        let part = Part::of(run, tasks)?.run;
        for split in [Split::Test, Split::Dev] {
            if tasks.iter().all(|name| scored.split_of.contains_key(name)) {
                break;
            }
            let Some(part) = with_split(&part, split) else {
                continue;
            };
            let corpus = read_corpus(&part, split, folder, registry)?;
            for name in tasks {
                let mut targets = corpus.targets().iter();
                if targets.any(|targets| targets.contains_key(name)) {
                    scored.split_of.entry(name.clone()).or_insert(split);
                }
            }
            scored.corpora.insert(split, corpus);
        }
        Ok(scored)
    }

    /// What a model answers for all of it.
    pub fn answers(
        &self,
        folder: &ModelFolder,
        batch_tokens: usize,
    ) -> Result<BTreeMap<TaskName, Vec<Answer>>, ExtendError> {
        let mut all = BTreeMap::new();
        for (split, corpus) in &self.corpora {
            for (name, answers) in corpus_answers(&folder.model, corpus, batch_tokens)? {
                if self.split_of.get(&name) == Some(split) {
                    all.insert(name, answers);
                }
            }
        }
        Ok(all)
    }

    fn of(&self, task: &TaskName) -> Option<(Split, Vec<&Target>)> {
        let split = *self.split_of.get(task)?;
        let targets = self.corpora.get(&split)?.targets().iter();
        Some((
            split,
            targets.filter_map(|targets| targets.get(task)).collect(),
        ))
    }
}

/// Every old task of the model, in its order.
pub(crate) fn old_tasks(
    given: &RunFile,
    plan: &Plan,
    old: &TrainedModel,
    extended: &ModelFolder,
    bootstrap: Bootstrap,
    registry: &HeadRegistry,
) -> Result<Vec<OldTask>, ExtendError> {
    let names: Vec<TaskName> = old.specs().map(|spec| spec.name.clone()).collect();
    let named: Vec<TaskName> = names
        .iter()
        .filter(|name| task_of(given, name).is_some())
        .cloned()
        .collect();
    let scored = Scored::read(given, &named, &old.folder, registry)?;
    let batch_tokens = given.config.train.eval_batch_tokens;
    let before = scored.answers(&old.folder, batch_tokens)?;
    let after = scored.answers(extended, batch_tokens)?;
    let mut all = Vec::new();
    for task in old.folder.model.tasks() {
        let name = &task.spec.name;
        let standing = match (scored.of(name), before.get(name), after.get(name)) {
            (Some((split, targets)), Some(before), Some(after)) => {
                let metric = metric_of(given, task, &targets)?;
                Some(standing(
                    task,
                    split,
                    &targets,
                    metric,
                    [before, after],
                    bootstrap,
                )?)
            }
            _ => None,
        };
        all.push(OldTask {
            sentence: told(name, standing.as_ref(), plan),
            task: name.clone(),
            replayed: plan.replayed.contains(name),
            standing,
        });
    }
    Ok(all)
}

fn standing(
    task: &Task,
    split: Split,
    targets: &[&Target],
    metric: String,
    [before, after]: [&Vec<Answer>; 2],
    bootstrap: Bootstrap,
) -> Result<Standing, ExtendError> {
    let scores = scores_of(task, targets, &metric);
    let samplers = [scores.sampler(before)?, scores.sampler(after)?];
    let all: Vec<usize> = (0..targets.len()).collect();
    let gain = bootstrap.paired(targets.len(), 1, |sample| {
        let [before, after] = [0, 1].map(|at: usize| samplers[at].score(sample));
        vec![scores.gain(after, before)]
    })?;
    Ok(Standing {
        unit: unit_of(&metric),
        split,
        examples: targets.len(),
        before: samplers[0].score(&all),
        after: samplers[1].score(&all),
        gain,
        same_answers: before == after,
        metric,
    })
}

/// The new tasks, in the order of the run file.
pub(crate) fn new_tasks(
    given: &RunFile,
    plan: &Plan,
    extended: &ModelFolder,
    results: &RunResults,
    bootstrap: Bootstrap,
    registry: &HeadRegistry,
) -> Result<Vec<NewTask>, ExtendError> {
    let scored = Scored::read(given, &plan.new, extended, registry)?;
    let answers = scored.answers(extended, given.config.train.eval_batch_tokens)?;
    let mut all = Vec::new();
    for name in &plan.new {
        let task = &extended.model.tasks()[extended.model.task_index(name)?];
        let (Some((split, targets)), Some(answers)) = (scored.of(name), answers.get(name)) else {
            continue;
        };
        let metric = metric_of(given, task, &targets)?;
        let sampler = scores_of(task, &targets, &metric);
        let sampler = sampler.sampler(answers)?;
        let score = bootstrap.paired(targets.len(), 1, |sample| vec![sampler.score(sample)])?;
        let majority = results.majority.get(name);
        let majority = majority.and_then(|scores| scores.get(&metric)).copied();
        let unit = unit_of(&metric);
        all.push(NewTask {
            task: name.clone(),
            sentence: learned(name, &metric, unit, &score, majority),
            metric,
            unit,
            split,
            examples: targets.len(),
            majority,
            score,
        });
    }
    Ok(all)
}

fn metric_of(run: &RunFile, task: &Task, targets: &[&Target]) -> Result<String, ExtendError> {
    let name = &task.spec.name;
    match task_of(run, name).and_then(|task| task.metric.clone()) {
        Some(metric) => Ok(metric),
        None => Ok(main_metric(task, targets, name)?),
    }
}

fn scores_of<'a>(task: &'a Task, targets: &'a [&'a Target], metric: &'a str) -> TaskScores<'a> {
    TaskScores {
        task: &task.spec.name,
        head: task.head.as_ref(),
        labels: &task.spec.labels,
        targets,
        metric,
        higher_is_better: TaskScores::higher_is_better(metric),
    }
}

pub(crate) fn unit_of(metric: &str) -> Unit {
    MetricKind::from_name(metric.split('/').next().unwrap_or_default())
        .map_or(Unit::Fraction, MetricKind::unit)
}

/// What became of an old task.
fn told(task: &TaskName, standing: Option<&Standing>, plan: &Plan) -> String {
    let frozen = plan.train_only == crate::TrainOnly::Head;
    let Some(standing) = standing else {
        return match (frozen, plan.replayed.contains(task)) {
            (true, _) => format!("{task} is as it was: neither encoder nor head changed."),
            (false, true) => format!("{task} was replayed; no data to score it on."),
            (false, false) => {
                format!("{task} kept its head on a changed encoder; no data to say what that did.")
            }
        };
    };
    if standing.same_answers {
        return format!("{task} answers as before, bit for bit.");
    }
    let found = interval(&standing.gain, standing.unit);
    match standing.gain.excludes_zero() {
        false => format!("{task}: no difference shown, {found}."),
        true if standing.gain.value > 0.0 => format!("{task} gained: {found}."),
        true => format!("{task} lost: {found}."),
    }
}

fn learned(
    task: &TaskName,
    metric: &str,
    unit: Unit,
    score: &Estimate,
    majority: Option<f64>,
) -> String {
    let [value, lower, upper] =
        [score.value, score.lower, score.upper].map(|score| number(score, unit));
    let level = 100.0 * score.level;
    let beside = majority.filter(|score| score.is_finite());
    let beside = beside.map_or_else(String::new, |majority| {
        format!(", the commonest answer {}", number(majority, unit))
    });
    format!("{task} is new: {metric} {value} ({level:.0} % interval {lower} to {upper}){beside}.")
}
