//! Answers for inputs that come one by one.

use std::collections::VecDeque;
use std::iter::Fuse;

use crate::{Ask, ModelError, PredictInput, Prediction, Predictor, PreparedInput};

/// Inputs that are read ahead at most, however short they are.
const READ_AHEAD: usize = 256;

/// Predictions in the order of the inputs; see [`Predictor::predict_iter`]. An input that fails is
/// an error in its place, and does not end the iterator.
#[derive(Debug)]
pub struct Predictions<'a, I> {
    predictor: &'a Predictor,
    ask: Ask,
    inputs: Fuse<I>,
    /// How many inputs were read.
    index: usize,
    ready: VecDeque<Result<Prediction, ModelError>>,
}

impl<'a, I: Iterator<Item = PredictInput>> Predictions<'a, I> {
    pub(crate) fn new(predictor: &'a Predictor, ask: Ask, inputs: Fuse<I>) -> Self {
        Self {
            predictor,
            ask,
            inputs,
            index: 0,
            ready: VecDeque::new(),
        }
    }

    /// Reads inputs for one pass and answers them.
    fn fill(&mut self) {
        let mut prepared: Vec<Result<PreparedInput, ModelError>> = Vec::new();
        let mut tokens = 0;
        while tokens < self.predictor.batch_tokens() && prepared.len() < READ_AHEAD {
            let Some(input) = self.inputs.next() else {
                break;
            };
            let checked = self.predictor.check(self.index, &input, &self.ask);
            self.index += 1;
            let input = checked.and_then(|()| self.predictor.prepare(input));
            tokens += input.as_ref().map_or(0, PreparedInput::tokens);
            prepared.push(input);
        }
        let asked: Vec<_> = prepared
            .iter()
            .filter_map(|input| input.as_ref().ok())
            .map(|input| (input, &self.ask))
            .collect();
        match self.predictor.answer(&asked) {
            Ok(answered) => {
                let mut replies = answered.replies.into_iter();
                let ready = prepared.into_iter().filter_map(|input| match input {
                    Ok(_) => replies.next().map(|reply| Ok(reply.prediction)),
                    Err(error) => Some(Err(error)),
                });
                self.ready.extend(ready);
            }
            // One by one, so that each input that fails has its own error.
            Err(_) => {
                for input in prepared {
                    let reply = input.and_then(|input| {
                        let answered = self.predictor.answer(&[(&input, &self.ask)])?;
                        Ok(answered.replies.into_iter().next())
                    });
                    let reply = reply.transpose();
                    self.ready
                        .extend(reply.map(|reply| reply.map(|reply| reply.prediction)));
                }
            }
        }
    }
}

impl<I: Iterator<Item = PredictInput>> Iterator for Predictions<'_, I> {
    type Item = Result<Prediction, ModelError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty() {
            self.fill();
        }
        self.ready.pop_front()
    }
}
