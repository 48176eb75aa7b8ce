//! All curves, from a model and a run file to a report.

use mtnet_compare::parts::{Hashes, Job, TestData, do_all, run_folder, write, write_json};
use mtnet_compare::{CompareEvent, TestAnswers};
use mtnet_core::{Split, TaskName};
use mtnet_heads::HeadRegistry;
use mtnet_train::run_file::RunFile;
use mtnet_train::trainer::{Prepared, Quiet, StopToken};

use super::arms::{Arm, alone, arms, point};
use super::judge::{Runs, judge};
use super::{FewShotOptions, FewShotReport, FewShotTask, Size};
use crate::ExtendError;
use crate::plan::new_tasks;
use crate::report::FORMAT_VERSION;
use crate::scored::unit_of;
use crate::trained::TrainedModel;

/// Draws the curve of every task of `run` that the model lacks, and writes `few-shot.json` and
/// `few-shot.md` into the folder of the options. Finished runs are kept there by the content of run
/// file and data, so a killed call goes on where it was, and nothing is trained twice.
///
/// # Errors
/// If run, model and plain encoder do not fit, something cannot be trained, or a file cannot be
/// written.
pub fn few_shot(
    run: &RunFile,
    options: &FewShotOptions,
    listener: &mut dyn FnMut(&CompareEvent),
) -> Result<FewShotReport, ExtendError> {
    if options.seeds == 0 {
        return Err(ExtendError::NoSeeds);
    }
    let run = run.with_absolute_paths().map_err(ExtendError::file("."))?;
    let model = TrainedModel::open(&options.model, &HeadRegistry::default())?;
    let arms = arms(&run, &model, options)?;
    listener(&CompareEvent::Stage("reading data".to_owned()));
    let largest = i64::MAX as u64;
    let seeds: Vec<u64> = (0..options.seeds as u64)
        .map(|n| run.config.run.seed.wrapping_add(n) & largest)
        .collect();
    let mut curves = Vec::new();
    for task in new_tasks(&run, &model)? {
        curves.push(Curve::new(&run, task, &arms, &seeds, options)?);
    }
    let jobs: Vec<Job> = curves.iter().flat_map(|curve| curve.jobs.clone()).collect();
    let mut answers = do_all(&jobs, options.jobs, &StopToken::new(), listener)?.into_iter();

    listener(&CompareEvent::Stage("comparing".to_owned()));
    let mut tasks = Vec::new();
    for curve in &curves {
        let of_curve: Vec<TestAnswers> = answers.by_ref().take(curve.jobs.len()).collect();
        tasks.push(curve.judge(&of_curve, seeds.len(), options)?);
    }
    let [multi, plain] = arms;
    let report = FewShotReport {
        format_version: FORMAT_VERSION,
        run: run.config.run.name.clone(),
        model: multi.about,
        against: plain.about,
        train_only: options.train_only,
        seeds,
        min_steps: options.min_steps,
        level: options.bootstrap.level,
        resamples: options.bootstrap.resamples,
        tasks,
    };
    write_json(&options.output.join("few-shot.json"), &report)?;
    let markdown = report.markdown();
    write(&options.output.join("few-shot.md"), markdown.as_bytes())?;
    Ok(report)
}

/// The runs of one task.
struct Curve {
    run: RunFile,
    prepared: Prepared,
    available: usize,
    sizes: Vec<Size>,
    left_out: Vec<usize>,
    /// By size, side and seed, in this order.
    jobs: Vec<Job>,
}

impl Curve {
    fn new(
        run: &RunFile,
        task: TaskName,
        arms: &[Arm; 2],
        seeds: &[u64],
        options: &FewShotOptions,
    ) -> Result<Self, ExtendError> {
        let alone_from = |arm: &Arm| alone(run, &task, arm);
        let run = alone_from(&arms[0])?;
        let prepared = Prepared::new(&run, &HeadRegistry::default(), &mut Quiet)?;
        // Looked at before anything is trained: without test data there is nothing to draw.
        TestData::new(&run, &prepared)?;
        let labelled = prepared.corpus(Split::Train).targets().iter();
        let available = labelled
            .filter(|targets| targets.contains_key(&task))
            .count();
        let (sizes, left_out) = within(&options.sizes, available);
        let mut hashes = Hashes::default();
        let mut jobs = Vec::new();
        for &size in &sizes {
            for arm in arms {
                for &seed in seeds {
                    let alone = alone_from(arm)?;
                    let mut run = point(alone, size, available, seed, options.min_steps)?;
                    let label = format!("{task}-{size}-{}-seed-{seed}", arm.name);
                    run.config.run.name = label.clone();
                    run.config.train.save_total_limit = 1;
                    let hash = hashes.of_run(&run)?;
                    let folder = run_folder(&options.output.join("runs"), &label, &hash)?;
                    jobs.push(Job { label, run, folder });
                }
            }
        }
        Ok(Self {
            run,
            prepared,
            available,
            sizes,
            left_out,
            jobs,
        })
    }

    fn judge(
        &self,
        answers: &[TestAnswers],
        seeds: usize,
        options: &FewShotOptions,
    ) -> Result<FewShotTask, ExtendError> {
        let data = TestData::new(&self.run, &self.prepared)?;
        let task = &data.tasks[0];
        let scores = task.scores();
        let points = self.sizes.iter().zip(answers.chunks(2 * seeds));
        let points = points.map(|(&size, answers)| {
            let (multi, plain) = answers.split_at(seeds);
            let runs = Runs {
                size: match size {
                    Size::Examples(examples) => examples,
                    Size::All => self.available,
                },
                is_all: size == Size::All,
                multi: multi.iter().collect(),
                plain: plain.iter().collect(),
            };
            judge(task, &scores, &runs, options.bootstrap)
        });
        let points = points.collect::<Result<_, _>>()?;
        Ok(FewShotTask {
            task: task.task.spec.name.clone(),
            metric: task.metric.clone(),
            unit: unit_of(&task.metric),
            higher_is_better: scores.higher_is_better,
            split: task.split,
            examples: task.targets.len(),
            available: self.available,
            majority: task.majority.filter(|score| score.is_finite()),
            left_out: self.left_out.clone(),
            points,
        })
    }
}

/// The sizes that there are examples for, rising, and the others. A size of all examples is `all`.
fn within(sizes: &[Size], available: usize) -> (Vec<Size>, Vec<usize>) {
    let mut kept = Vec::new();
    let mut left_out = Vec::new();
    for &size in sizes {
        match size {
            Size::Examples(examples) if examples > available => left_out.push(examples),
            Size::Examples(examples) if examples == available => kept.push(Size::All),
            size => kept.push(size),
        }
    }
    kept.sort_unstable();
    kept.dedup();
    (kept, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_beyond_the_data_are_left_out() {
        let sizes = [64, 8, 20, 8].map(Size::Examples);
        let kept = |available| within(&[&sizes[..], &[Size::All]].concat(), available);
        let few = [8, 20].map(Size::Examples);
        assert_eq!(kept(30), ([&few[..], &[Size::All]].concat(), vec![64]));
        assert_eq!(kept(20), (vec![Size::Examples(8), Size::All], vec![64]));
    }
}
