//! One example under attack: what was asked, what came back, and what is asked next.

use std::cell::Cell;

use mtnet_core::{RandomStream, Target};
use mtnet_heads::Answer;

use crate::driver::Setup;
use crate::goal::Goal;
use crate::outcome::{named, named_target};
use crate::search::{Context, Judged, Search};
use crate::transformation::Request;
use crate::{AttackError, AttackExample, AttackOutcome, AttackedText, Status};

/// One example on its way.
pub(crate) struct Lane<'a> {
    /// Its place among the outcomes.
    pub(crate) position: usize,
    example: &'a AttackExample,
    target: &'a Target,
    text: AttackedText,
    stream: RandomStream,
    /// What was asked and is not answered yet; empty when the attack is over.
    pub(crate) asked: Vec<AttackedText>,
    queries: usize,
    gradients: Cell<usize>,
    attack: Option<Running>,
}

/// What is known once the clean text is answered.
struct Running {
    goal: Box<dyn Goal>,
    search: Box<dyn Search>,
    clean: Judged,
    skipped: bool,
}

impl<'a> Lane<'a> {
    pub(crate) fn new(
        setup: &Setup<'_>,
        position: usize,
        example: &'a AttackExample,
        target: &'a Target,
    ) -> Self {
        let text = AttackedText::new(&example.input);
        Self {
            position,
            example,
            target,
            asked: vec![text.clone()],
            text,
            stream: setup.stream.at(example.index as u64),
            queries: 0,
            gradients: Cell::new(0),
            attack: None,
        }
    }

    /// Takes the answers to what was asked and asks on, as far as the budget goes.
    pub(crate) fn answered(
        &mut self,
        setup: &Setup<'_>,
        answers: Vec<Answer>,
    ) -> Result<(), AttackError> {
        self.queries += answers.len();
        let asked = std::mem::take(&mut self.asked);
        let running = match &mut self.attack {
            Some(running) => running,
            None => {
                let Some(clean) = answers.first() else {
                    return Ok(());
                };
                self.attack
                    .insert(Running::new(setup, self.target, &self.text, clean)?)
            }
        };
        if running.skipped {
            return Ok(());
        }
        let judged = asked
            .into_iter()
            .zip(answers)
            .map(|(text, answer)| {
                let verdict = running.goal.judge(&text, &answer);
                Judged {
                    text,
                    answer,
                    verdict,
                }
            })
            .collect();
        let context = Context {
            rules: &setup.rules,
            transformations: &setup.transformations,
            request: Request {
                stream: &self.stream,
                steer: running.goal.steer(),
                white_box: setup.white_box.as_ref(),
                gradients: &self.gradients,
            },
            unknown: setup.unknown,
        };
        self.asked = running.search.next(&context, judged)?;
        if let Some(max) = setup.config.max_queries {
            self.asked.truncate(max - self.queries);
        }
        Ok(())
    }

    /// What became of it.
    pub(crate) fn outcome(self, setup: &Setup<'_>) -> Option<AttackOutcome> {
        let running = self.attack?;
        let best = running.search.best().unwrap_or(&running.clean);
        let labels = &setup.spec.labels;
        let status = match (running.skipped, best.verdict.succeeded) {
            (true, _) => Status::Skipped,
            (false, true) => Status::Successful,
            (false, false) => Status::Failed,
        };
        Some(AttackOutcome {
            index: self.example.index,
            status,
            starts_right: running.goal.starts_right(),
            queries: self.queries,
            gradients: self.gradients.get(),
            words: self.text.countable(),
            words_changed: best.text.modified().count(),
            distance: best.text.distance(),
            clean_score: running.clean.verdict.score,
            attacked_score: best.verdict.score,
            clean_text: best.text.original_text().to_owned(),
            attacked_text: best.text.text(),
            second_text: best.text.second().map(str::to_owned),
            target: named_target(self.target, labels),
            clean_named: named(&running.clean.answer, labels),
            attacked_named: named(&best.answer, labels),
            clean_answer: running.clean.answer.clone(),
            attacked_answer: best.answer.clone(),
            text: best.text.clone(),
        })
    }
}

impl Running {
    fn new(
        setup: &Setup<'_>,
        target: &Target,
        text: &AttackedText,
        clean: &Answer,
    ) -> Result<Self, AttackError> {
        let goal = setup.config.goal.build(setup.spec, target, clean)?;
        let verdict = goal.judge(text, clean);
        Ok(Self {
            skipped: !goal.starts_right() || verdict.succeeded,
            clean: Judged {
                text: text.clone(),
                answer: clean.clone(),
                verdict,
            },
            goal,
            search: setup.config.search.build()?,
        })
    }
}
