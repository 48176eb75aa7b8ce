//! From the answers of two sides to a point of a curve.

use mtnet_compare::parts::{Sampler, TestTask, interval};
use mtnet_compare::{CompareError, TaskScores, TestAnswers, Verdict};
use mtnet_core::TaskName;
use mtnet_heads::Answer;
use mtnet_metrics::{Bootstrap, Estimate, Unit, student_interval};

use super::FewShotPoint;
use crate::ExtendError;
use crate::scored::unit_of;

/// The runs of one size, by side and seed.
pub(super) struct Runs<'a> {
    pub size: usize,
    pub is_all: bool,
    pub multi: Vec<&'a TestAnswers>,
    pub plain: Vec<&'a TestAnswers>,
}

/// Judges one size. The two sides are scored on the same samples.
pub(super) fn judge(
    task: &TestTask<'_>,
    scores: &TaskScores<'_>,
    runs: &Runs<'_>,
    bootstrap: Bootstrap,
) -> Result<FewShotPoint, ExtendError> {
    let multi_answers = answers(task, &runs.multi)?;
    let plain_answers = answers(task, &runs.plain)?;
    let multi = samplers(scores, &multi_answers)?;
    let plain = samplers(scores, &plain_answers)?;
    let examples = task.targets.len();
    let all: Vec<usize> = (0..examples).collect();
    let of_seeds = |side: &[Sampler<'_>], sample: &[usize]| -> Vec<f64> {
        side.iter().map(|seed| seed.score(sample)).collect()
    };
    let gain = bootstrap.paired(examples, multi.len(), |sample| {
        let pairs = of_seeds(&multi, sample)
            .into_iter()
            .zip(of_seeds(&plain, sample));
        pairs
            .map(|(multi, plain)| scores.gain(multi, plain))
            .collect()
    })?;
    let (multi, plain) = (of_seeds(&multi, &all), of_seeds(&plain, &all));
    let steps = runs.multi.first().map_or(0, |run| run.steps);
    Ok(FewShotPoint {
        size: runs.size,
        is_all: runs.is_all,
        steps,
        multi_mean: mean(&multi, bootstrap.level)?,
        plain_mean: mean(&plain, bootstrap.level)?,
        multi: finite(&multi),
        plain: finite(&plain),
        verdict: Verdict::of(&gain),
        sentence: sentence(
            &task.task.spec.name,
            runs.size,
            &gain,
            unit_of(&task.metric),
        ),
        gain,
    })
}

fn samplers<'a>(
    scores: &TaskScores<'a>,
    answers: &[&'a [Answer]],
) -> Result<Vec<Sampler<'a>>, ExtendError> {
    let samplers = answers.iter().map(|answers| Ok(scores.sampler(answers)?));
    samplers.collect()
}

/// What each run answered, which must be of this data.
fn answers<'a>(
    task: &TestTask<'_>,
    runs: &[&'a TestAnswers],
) -> Result<Vec<&'a [Answer]>, ExtendError> {
    let spec = &task.task.spec;
    let of_run = |run: &&'a TestAnswers| {
        let found = run.tasks.get(&spec.name).filter(|found| {
            found.answers.len() == task.targets.len()
                && found.split == task.split
                && found.labels == spec.labels
        });
        let found = found.ok_or_else(|| CompareError::OtherAnswers {
            path: "runs".into(),
            problem: format!(
                "answers for task `{}` are not those of this data",
                spec.name
            ),
        })?;
        Ok(found.answers.as_slice())
    };
    runs.iter().map(of_run).collect()
}

fn mean(scores: &[f64], level: f64) -> Result<Estimate, ExtendError> {
    match scores.iter().all(|score| score.is_finite()) {
        true => Ok(student_interval(scores, level)?),
        false => Ok(Estimate {
            value: f64::NAN,
            lower: f64::NAN,
            upper: f64::NAN,
            level,
            count: scores.len(),
        }),
    }
}

fn finite(scores: &[f64]) -> Vec<Option<f64>> {
    let finite = |score: &f64| score.is_finite().then_some(*score);
    scores.iter().map(finite).collect()
}

fn sentence(task: &TaskName, size: usize, gain: &Estimate, unit: Unit) -> String {
    let examples = match size {
        1 => "1 example".to_owned(),
        _ => format!("{size} examples"),
    };
    let found = interval(gain, unit);
    match Verdict::of(gain) {
        Verdict::Gained => {
            format!("{task}, {examples}: the multi-task encoder is the better start, {found}.")
        }
        Verdict::Lost => {
            format!("{task}, {examples}: the plain encoder is the better start, {found}.")
        }
        Verdict::NoDifferenceShown => format!("{task}, {examples}: no difference shown, {found}."),
    }
}
