//! From answers to the report: scores, gains, intervals.

use mtnet_core::Split;
use mtnet_heads::Answer;
use mtnet_metrics::{Bootstrap, Estimate, MetricKind, Unit, student_interval};

use crate::report::MethodScores;
use crate::scores::Sampler;
use crate::systems::SINGLE;
use crate::{CompareError, TaskReport, TaskScores, Verdict, sentence};

/// Answers of a system to the test examples of a task, one list a seed; one list alone where the
/// system has no seed.
#[derive(Clone, Debug)]
pub(crate) struct SystemAnswers<'a> {
    pub method: &'a str,
    pub answers: Vec<&'a [Answer]>,
}

/// A task with everything that was answered for it.
pub(crate) struct Judged<'a> {
    pub scores: TaskScores<'a>,
    pub split: Split,
    pub majority: Option<f64>,
    pub systems: Vec<SystemAnswers<'a>>,
}

/// The scores of a system on samples, by seed.
struct Samplers<'a>(Vec<Sampler<'a>>);

impl<'a> Samplers<'a> {
    fn new(scores: &TaskScores<'a>, system: &SystemAnswers<'a>) -> Result<Self, CompareError> {
        let samplers = system.answers.iter().map(|answers| scores.sampler(answers));
        Ok(Self(samplers.collect::<Result<_, _>>()?))
    }

    /// The scores of `seeds` seeds.
    fn scores(&self, sample: &[usize], seeds: usize) -> Vec<f64> {
        let mut scores: Vec<f64> = self.0.iter().map(|seed| seed.score(sample)).collect();
        if let [alone] = scores[..] {
            scores.resize(seeds, alone);
        }
        scores
    }
}

/// Every system on one task; the first is judged.
pub(crate) fn task(judged: &Judged<'_>, bootstrap: Bootstrap) -> Result<TaskReport, CompareError> {
    let scores = &judged.scores;
    let unit = MetricKind::from_name(scores.metric.split('/').next().unwrap_or_default())
        .map_or(Unit::Fraction, MetricKind::unit);
    let seeds = judged.seeds();
    let single = judged
        .single()
        .map(|system| Samplers::new(scores, system))
        .transpose()?;
    let mut methods = Vec::new();
    for system in &judged.systems {
        let samplers = Samplers::new(scores, system)?;
        let all: Vec<usize> = (0..scores.targets.len()).collect();
        let own = samplers.scores(&all, 1);
        let (mut gain, mut gain_over_seeds) = (None, None);
        if let Some(single) = single.as_ref().filter(|_| system.method != SINGLE) {
            let difference = |sample: &[usize]| -> Vec<f64> {
                let ours = samplers.scores(sample, seeds);
                let theirs = single.scores(sample, seeds);
                ours.iter()
                    .zip(theirs)
                    .map(|(&ours, theirs)| scores.gain(ours, theirs))
                    .collect()
            };
            gain = Some(bootstrap.paired(scores.targets.len(), seeds, difference)?);
            gain_over_seeds = over_seeds(&difference(&all), bootstrap.level)?;
        }
        methods.push(MethodScores {
            method: system.method.to_owned(),
            scores: own
                .iter()
                .map(|score| score.is_finite().then_some(*score))
                .collect(),
            mean: match over_seeds(&own, bootstrap.level)? {
                Some(mean) => mean,
                None => unknown(bootstrap.level, own.len()),
            },
            gain,
            gain_over_seeds,
        });
    }
    let gain = methods.first().and_then(|method| method.gain);
    let gain = gain.unwrap_or_else(|| unknown(bootstrap.level, 0));
    Ok(TaskReport {
        task: scores.task.clone(),
        metric: scores.metric.to_owned(),
        unit,
        higher_is_better: scores.higher_is_better,
        split: judged.split,
        examples: scores.targets.len(),
        majority: judged.majority,
        methods,
        verdict: Verdict::of(&gain),
        sentence: sentence::of_task(scores.task, &gain, unit),
    })
}

/// `Δm` of a system over all tasks against another one: by bootstrap, and of the seeds.
pub(crate) fn delta_m(
    tasks: &[Judged<'_>],
    (method, against): (&str, &str),
    bootstrap: Bootstrap,
) -> Result<Option<(Estimate, Option<Estimate>)>, CompareError> {
    let mut pairs = Vec::new();
    for judged in tasks {
        let find = |name: &str| judged.systems.iter().find(|system| system.method == name);
        let (Some(ours), Some(theirs)) = (find(method), find(against)) else {
            return Ok(None);
        };
        let scores = &judged.scores;
        pairs.push((
            scores,
            Samplers::new(scores, ours)?,
            Samplers::new(scores, theirs)?,
        ));
    }
    let seeds = tasks.iter().map(Judged::seeds).max().unwrap_or(1);
    let difference = |samples: &[Vec<usize>]| -> Vec<f64> {
        let mut sums = vec![0.0; seeds];
        for ((scores, ours, theirs), sample) in pairs.iter().zip(samples) {
            let each = ours
                .scores(sample, seeds)
                .into_iter()
                .zip(theirs.scores(sample, seeds));
            for (sum, (ours, theirs)) in sums.iter_mut().zip(each) {
                *sum += scores.relative_gain(ours, theirs);
            }
        }
        sums.iter().map(|sum| sum / pairs.len() as f64).collect()
    };
    let examples: Vec<usize> = tasks.iter().map(|task| task.scores.targets.len()).collect();
    let all: Vec<Vec<usize>> = examples.iter().map(|&count| (0..count).collect()).collect();
    let by_seed = over_seeds(&difference(&all), bootstrap.level)?;
    Ok(Some((
        bootstrap.paired_strata(&examples, seeds, difference)?,
        by_seed,
    )))
}

impl<'a> Judged<'a> {
    fn single(&self) -> Option<&SystemAnswers<'a>> {
        self.systems.iter().find(|system| system.method == SINGLE)
    }

    fn seeds(&self) -> usize {
        self.systems
            .iter()
            .map(|system| system.answers.len())
            .max()
            .unwrap_or(1)
    }
}

/// Student's interval, `None` where a score is undefined.
fn over_seeds(values: &[f64], level: f64) -> Result<Option<Estimate>, CompareError> {
    match values.iter().all(|value| value.is_finite()) {
        true => Ok(Some(student_interval(values, level)?)),
        false => Ok(None),
    }
}

fn unknown(level: f64, count: usize) -> Estimate {
    Estimate {
        value: f64::NAN,
        lower: f64::NAN,
        upper: f64::NAN,
        level,
        count,
    }
}
