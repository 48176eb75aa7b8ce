//! An attack on many examples: their searches run side by side, and their questions share batches.

use std::collections::BTreeMap;
use std::sync::Arc;

use mtnet_core::{RandomStream, Target, TaskName};
use mtnet_heads::{HeadRegistry, TaskSpec};
use mtnet_model::ModelFolder;

use crate::constraint::Constraint;
use crate::lane::Lane;
use crate::transformation::Transformation;
use crate::victim::ask;
use crate::{
    AttackConfig, AttackError, AttackExample, AttackOutcome, AttackedText, SynonymTable, WhiteBox,
};

/// What an attack needs beside its recipe.
#[derive(Clone, Debug)]
pub struct AttackOptions {
    /// The task that is attacked.
    pub task: TaskName,
    /// Every draw is a function of it, the recipe, the task, the example and the word.
    pub seed: u64,
    /// Examples whose questions share batches. Default 32. Another number rounds scores otherwise,
    /// in their last bits, since texts then stand elsewhere in batches.
    pub lanes: usize,
    /// Tokens of a batch, which round scores likewise. Default 4096.
    pub batch_tokens: usize,
    /// Words and their synonyms, for recipes that swap them.
    pub synonyms: Option<Arc<SynonymTable>>,
}

impl AttackOptions {
    /// A task and a seed, the rest at its defaults.
    pub fn new(task: TaskName, seed: u64) -> Self {
        Self {
            task,
            seed,
            lanes: 32,
            batch_tokens: 4096,
            synonyms: None,
        }
    }
}

/// Attacks every example that has a target for the task, in order.
///
/// # Errors
/// If the recipe does not fit the task or the model, a setting is out of range, or the model fails.
pub fn attack(
    folder: &ModelFolder,
    examples: &[AttackExample],
    config: &AttackConfig,
    options: &AttackOptions,
) -> Result<Vec<AttackOutcome>, AttackError> {
    let setup = Setup::new(folder, examples, config, options)?;
    let mut waiting = examples
        .iter()
        .filter_map(|example| Some((example, example.targets.get(&options.task)?)))
        .enumerate();
    let mut lanes: Vec<Lane<'_>> = Vec::new();
    let mut outcomes: BTreeMap<usize, AttackOutcome> = BTreeMap::new();
    loop {
        let free = options.lanes.max(1) - lanes.len();
        for (position, (example, target)) in waiting.by_ref().take(free) {
            lanes.push(Lane::new(&setup, position, example, target));
        }
        if lanes.is_empty() {
            return Ok(outcomes.into_values().collect());
        }
        let inputs: Vec<_> = lanes
            .iter()
            .flat_map(|lane| lane.asked.iter().map(AttackedText::to_input))
            .collect();
        let answers = ask(folder, &[setup.task], &inputs, options.batch_tokens)?;
        let mut answers = answers.into_iter().flatten();
        for lane in &mut lanes {
            let count = lane.asked.len();
            lane.answered(&setup, answers.by_ref().take(count).collect())?;
        }
        let (done, going): (Vec<_>, Vec<_>) =
            lanes.into_iter().partition(|lane| lane.asked.is_empty());
        lanes = going;
        for lane in done {
            let position = lane.position;
            if let Some(outcome) = lane.outcome(&setup) {
                outcomes.insert(position, outcome);
            }
        }
    }
}

/// What all examples share.
pub(crate) struct Setup<'a> {
    pub(crate) config: &'a AttackConfig,
    pub(crate) task: usize,
    pub(crate) spec: &'a TaskSpec,
    pub(crate) rules: Vec<Box<dyn Constraint>>,
    pub(crate) transformations: Vec<Box<dyn Transformation>>,
    pub(crate) white_box: Option<WhiteBox<'a>>,
    pub(crate) unknown: Option<&'static str>,
    pub(crate) stream: RandomStream,
}

impl<'a> Setup<'a> {
    fn new(
        folder: &'a ModelFolder,
        examples: &[AttackExample],
        config: &'a AttackConfig,
        options: &AttackOptions,
    ) -> Result<Self, AttackError> {
        let task = folder.model.task_index(&options.task)?;
        let refuse = |problem: &str| AttackError::Transformation {
            recipe: config.name.clone(),
            task: options.task.to_string(),
            problem: problem.to_owned(),
        };
        if config.max_queries == Some(0) {
            return Err(AttackError::Setting {
                key: "max_queries",
                found: "0".to_owned(),
                expected: "a whole number above 0: the clean text is a question too",
            });
        }
        if config.needs_synonyms() && options.synonyms.is_none() {
            return Err(refuse(
                "it swaps words by a table of yours and has none; give one with --synonyms FILE, \
                 a word, a tab and its synonyms a line",
            ));
        }
        let tags = |example: &AttackExample| {
            matches!(example.targets.get(&options.task), Some(Target::Tags(_)))
        };
        let keep_words = examples.iter().any(tags);
        let transformations: Vec<_> = config
            .transformations
            .iter()
            .filter_map(|one| one.build(options.synonyms.as_ref(), keep_words))
            .collect();
        if transformations.is_empty() {
            return Err(refuse(match keep_words {
                true => {
                    "none of its transformations keeps each word in its place, as tags need; use a \
                     recipe that changes words"
                }
                false => "it has no transformation; name one",
            }));
        }
        let white_box = match config.needs_gradient() {
            true => Some(WhiteBox::new(
                folder,
                &options.task,
                &HeadRegistry::default(),
            )?),
            false => None,
        };
        let unknown = ["[UNK]", "<unk>"]
            .into_iter()
            .find(|token| folder.tokenizer.id(token).is_some());
        config.search.build()?;
        Ok(Self {
            config,
            task,
            spec: &folder.model.tasks()[task].spec,
            rules: config.constraints.build()?,
            transformations,
            white_box,
            unknown,
            stream: RandomStream::new(options.seed)
                .child("attack")
                .child(&config.name)
                .child(options.task.as_str()),
        })
    }
}
