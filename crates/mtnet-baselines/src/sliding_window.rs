//! Answers to questions without learning what an answer is: the place that the question's words
//! surround most densely.
//!
//! A span of as many words as the median answer of the training data scores the inverse document
//! frequencies, `log(1 + N / n)`, of the question's words among its neighbours on both sides; words
//! that the question itself says are no answer to it and cost the same. In the manner of the
//! sliding window of Richardson, Burges and Renshaw 2013, one of the baselines of
//! Rajpurkar et al. 2016, but without candidates from a parser.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use mtnet_core::{InputText, Segment, Target};

/// Words on each side of a span that count as its neighbours.
const NEIGHBOURS: usize = 10;

/// How long answers are, and how rare words are.
#[derive(Clone, Debug)]
pub(crate) struct SlidingWindow {
    length: usize,
    texts: f64,
    /// In how many texts each word stands.
    found: BTreeMap<String, f64>,
}

impl SlidingWindow {
    /// Counts the words of the texts that are asked about, and of the first right answers.
    pub fn fit<'a>(examples: impl Iterator<Item = (&'a InputText, &'a Target)>) -> Self {
        let (mut lengths, mut contexts) = (Vec::new(), BTreeSet::new());
        for (text, target) in examples {
            contexts.extend(text.second().map(Segment::text));
            if let Target::Spans { context, answers } = target {
                let first = answers.first();
                lengths.extend(first.map(|place| words(&context[place.clone()]).len().max(1)));
            }
        }
        lengths.sort_unstable();
        let mut found = BTreeMap::new();
        for context in &contexts {
            let distinct: BTreeSet<String> = normal(context, &words(context)).into_iter().collect();
            for word in distinct {
                *found.entry(word).or_default() += 1.0;
            }
        }
        Self {
            length: lengths.get(lengths.len() / 2).copied().unwrap_or(1),
            texts: contexts.len() as f64,
            found,
        }
    }

    /// The best place in the second text of a pair; none where that has no word.
    pub fn answer(&self, text: &InputText) -> Target {
        let context = text.second().map(Segment::text).unwrap_or_default();
        let places = words(context);
        let question = text.first().text();
        let asked: BTreeSet<String> = normal(question, &words(question)).into_iter().collect();
        let weight = |word: &String| match asked.contains(word) {
            true => (1.0 + self.texts / self.found.get(word).copied().unwrap_or(1.0)).ln(),
            false => 0.0,
        };
        let weights: Vec<f64> = normal(context, &places).iter().map(weight).collect();
        let length = self.length.min(places.len());
        let score = |start: usize| {
            let end = start + length;
            let around = start.saturating_sub(NEIGHBOURS)..(end + NEIGHBOURS).min(weights.len());
            let inside: f64 = weights[start..end].iter().sum();
            weights[around].iter().sum::<f64>() - 2.0 * inside
        };
        let starts = 0..(places.len() + 1 - length).min(places.len());
        // The first of equals.
        let best = starts.rev().max_by(|&a, &b| score(a).total_cmp(&score(b)));
        let answer = best.map(|start| places[start].start..places[start + length - 1].end);
        Target::Spans {
            context: context.into(),
            answers: answer.into_iter().collect(),
        }
    }

    /// How long its answers are, for a report.
    pub fn setting(&self) -> String {
        format!("spans of {} words", self.length)
    }

    /// Numbers that were counted.
    pub fn parameters(&self) -> u64 {
        1 + self.found.len() as u64
    }
}

/// Bytes of runs of letters and digits; each Chinese character is a run of its own.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut open = false;
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        let single = ('\u{3400}'..='\u{9fff}').contains(&character);
        match words.last_mut() {
            Some(word) if open && !single && character.is_alphanumeric() => word.end = end,
            _ if character.is_alphanumeric() => words.push(at..end),
            _ => {}
        }
        open = character.is_alphanumeric() && !single;
    }
    words
}

fn normal(text: &str, words: &[Range<usize>]) -> Vec<String> {
    words
        .iter()
        .map(|word| text[word.clone()].to_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(question: &str, context: &str) -> InputText {
        InputText::Pair(Segment::from_text(question), Segment::from_text(context))
    }

    #[test]
    fn the_place_among_the_words_of_the_question_answers() {
        let context = "Rollo ruled in Rouen. The treaty was signed in Paris by the king of France.";
        let text = pair("Where was the treaty with the king signed?", context);
        let target = Target::Spans {
            context: context.into(),
            answers: std::iter::once(48..53).collect(),
        };
        let model = SlidingWindow::fit([(&text, &target)].into_iter());
        assert_eq!(model.setting(), "spans of 1 words");
        let Target::Spans { answers, .. } = model.answer(&text) else {
            panic!()
        };
        let found = &context[answers[0].clone()];
        assert!(["in", "Paris", "by"].contains(&found), "{found}");
        let Target::Spans { answers, .. } = model.answer(&pair("Where?", " … ")) else {
            panic!()
        };
        assert!(answers.is_empty());
    }

    #[test]
    fn chinese_characters_are_words() {
        let text = "北京 iPhone15。";
        let found: Vec<&str> = words(text).into_iter().map(|word| &text[word]).collect();
        assert_eq!(found, ["北", "京", "iPhone15"]);
    }
}
