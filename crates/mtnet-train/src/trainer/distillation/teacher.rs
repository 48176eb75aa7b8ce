//! Scores of all teachers of a run: taken from the run folder, or computed and kept there.

use std::path::Path;

use mtnet_core::{InputText, Split};
use mtnet_heads::HeadRegistry;
use mtnet_model::{ModelFolder, Predictor};

use super::cache::{self, Kept};
use super::soft_labels::{SoftLabels, TaskScores};
use super::student::{Student, hash_of_model, students};
use crate::run_file::RunFile;
use crate::trainer::{Prepared, Progress, TrainError, open_device};

impl SoftLabels {
    /// What the teachers of a run say; `None` where no task has one. `goes_on` says that steps were
    /// taken before: what was learned from then must be what is learned from now.
    ///
    /// # Errors
    /// [`TrainError::Teacher`] where one cannot teach its task, or is another one than before.
    pub fn prepare(
        run: &RunFile,
        prepared: &Prepared,
        output: &Path,
        goes_on: bool,
        registry: &HeadRegistry,
        progress: &mut dyn Progress,
    ) -> Result<Option<Self>, TrainError> {
        let config = &run.config;
        if config.task.iter().all(|task| task.teacher.is_none()) {
            return Ok(None);
        }
        let teacher = |name: &mtnet_core::TaskName| {
            let task = config.task.iter().find(|task| &task.name == name)?;
            task.teacher.as_deref().map(|folder| run.resolve(folder))
        };
        let mut tasks = vec![None; prepared.folder.model.tasks().len()];
        let mut examples = prepared.corpus(Split::Train).len();
        for (index, student) in students(prepared, teacher) {
            examples = student.texts.len();
            let found = scores_of(&student, run, output, goes_on, registry, progress)?;
            tasks[index] = Some(found);
        }
        Ok(Some(Self { tasks, examples }))
    }
}

fn scores_of(
    student: &Student<'_>,
    run: &RunFile,
    output: &Path,
    goes_on: bool,
    registry: &HeadRegistry,
    progress: &mut dyn Progress,
) -> Result<TaskScores, TrainError> {
    let name = &student.spec().name;
    let device = open_device(&run.config.run.device)?;
    let teacher = ModelFolder::open(&student.folder, registry, &device)
        .map_err(|error| student.refuse(error.to_string()))?;
    let order = student.column_order(&teacher)?;
    let made_of = format!("{} {}", hash_of_model(&student.folder)?, student.hash());
    let key = mtnet_data::sha256(made_of.as_bytes());
    let path = cache::path(output, name);
    match cache::read(&path, &key, student.texts.len(), order.len())? {
        Kept::Scores(scores) if student.fits_table(&scores) => return Ok(scores),
        Kept::Stale if goes_on => {
            return Err(student.refuse(
                "it, or the texts it answers, were changed since the run began; put back what was \
                 there, or begin another run"
                    .to_owned(),
            ));
        }
        Kept::Stale => tracing::warn!(
            "{} is of another teacher or of other texts: it is computed again",
            path.display()
        ),
        Kept::Damaged | Kept::Scores(_) => {
            tracing::warn!("{} is damaged: it is computed again", path.display())
        }
        Kept::Nothing => {}
    }
    progress.stage(&format!("asking the teacher of `{name}`"));
    let texts: Vec<&InputText> = student.texts.iter().flatten().copied().collect();
    let predictor = Predictor::new(teacher).with_batch_tokens(run.config.train.eval_batch_tokens);
    let scores = predictor.scores(&texts, name)?;
    let table = student.table(scores, &order)?;
    cache::write(&path, &key, &table)?;
    Ok(table)
}
