//! Answers in a script without blanks between words, as CMRC 2018 scores them.
//!
//! Cui et al. 2019, "A Span-Extraction Dataset for Chinese Machine Reading Comprehension", §3
//! (<https://arxiv.org/abs/1810.07366>), and its evaluation script: texts are lowercased and lose
//! their punctuation; each Chinese character is a unit, and so is each run of other characters
//! between blanks. Precision and recall are those of the longest run of units that both answers
//! have in common; of several true answers the best counts. The script splits such runs further by
//! the rules of an English tokenizer, which this does not: an answer in which they apply (`it's`)
//! may score otherwise.

use crate::squad::score_with;
use crate::{AnswerScores, Counts, MetricError, SquadScores, checks};

/// The punctuation that the script takes away.
const PUNCTUATION: &str = "-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』";

/// Scores by CMRC 2018; `answers` holds the true answers of each question. A question without any
/// is rightly answered by an empty text, as in SQuAD 2.0.
///
/// ```
/// let scores = mtnet_metrics::cmrc_2018(&["天安门广场"], &[["北京天安门广场"]])?;
/// // All five characters are right, and two of seven are missing: 2 · 1 · (5/7) / (1 + 5/7).
/// assert!((scores.f1 - 10.0 / 12.0).abs() < 1e-12);
/// assert_eq!(scores.exact_match, 0.0);
/// # Ok::<(), mtnet_metrics::MetricError>(())
/// ```
///
/// # Errors
/// If there are no questions, or the lists differ in length.
pub fn cmrc_2018<P, S, A>(predictions: &[P], answers: &[A]) -> Result<SquadScores, MetricError>
where
    P: AsRef<str>,
    S: AsRef<str>,
    A: AsRef<[S]>,
{
    checks::paired("predictions", predictions.len(), "questions", answers.len())?;
    let score_one = |prediction: Plain, mut answers: Vec<Plain>| {
        answers.retain(|answer| !answer.units.is_empty());
        if answers.is_empty() {
            answers.push(Plain::new(""));
        }
        let mut best = AnswerScores::default();
        for answer in answers {
            if prediction.text == answer.text {
                best.exact_match = 1.0;
            }
            let both_empty = prediction.units.is_empty() && answer.units.is_empty();
            let f1 = match both_empty {
                true => 1.0,
                false => common_f1(&prediction.units, &answer.units),
            };
            best.f1 = best.f1.max(f1);
        }
        best
    };
    Ok(score_with(predictions, answers, Plain::new, score_one))
}

/// A text as answers are compared.
struct Plain {
    text: String,
    units: Vec<String>,
}

impl Plain {
    fn new(text: &str) -> Self {
        let mut text = text.trim().to_lowercase();
        text.retain(|character| !PUNCTUATION.contains(character));
        let units = units(&text);
        Self { text, units }
    }
}

/// Chinese characters one by one, and what stands between them split at blanks.
fn units(text: &str) -> Vec<String> {
    let mut units = Vec::new();
    let mut word = String::new();
    for character in text.chars() {
        let single = ('\u{4e00}'..='\u{9fa5}').contains(&character);
        if (single || character.is_whitespace()) && !word.is_empty() {
            units.push(std::mem::take(&mut word));
        }
        match () {
            () if single => units.push(character.to_string()),
            () if !character.is_whitespace() => word.push(character),
            () => {}
        }
    }
    if !word.is_empty() {
        units.push(word);
    }
    units
}

/// F1 of the longest run of units in both.
fn common_f1(prediction: &[String], answer: &[String]) -> f64 {
    let mut longest = 0;
    // Length of the common run that ends before each unit of the answer.
    let mut ending = vec![0usize; answer.len() + 1];
    for unit in prediction {
        for at in (0..answer.len()).rev() {
            ending[at + 1] = match *unit == answer[at] {
                true => ending[at] + 1,
                false => 0,
            };
            longest = longest.max(ending[at + 1]);
        }
    }
    let counts = Counts {
        true_positives: longest as u64,
        false_positives: (prediction.len() - longest) as u64,
        false_negatives: (answer.len() - longest) as u64,
    };
    counts.f1()
}
