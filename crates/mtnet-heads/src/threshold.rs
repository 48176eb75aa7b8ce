//! From which difference of scores on a question has no answer, fitted on development data.

use mtnet_core::Target;

use crate::{Answer, HeadError, QuestionAnsweringConfig};

/// The threshold of *no answer* that gives answers their best F1, for
/// [`null_threshold`](QuestionAnsweringConfig::null_threshold); `None` where each question has an
/// answer, so that there is nothing to learn it from.
///
/// Every threshold is tried that separates the questions otherwise, as the evaluation script of SQuAD
/// 2.0 does (Rajpurkar et al. 2018); of equals the one that answers most.
///
/// # Errors
/// If answers or targets are of another kind.
pub fn fit_null_threshold(
    config: &QuestionAnsweringConfig,
    answers: &[Answer],
    targets: &[&Target],
) -> Result<Option<f64>, HeadError> {
    let lacks =
        |target: &&&Target| matches!(target, Target::Spans { answers, .. } if answers.is_empty());
    if targets.iter().filter(lacks).count() == 0 {
        return Ok(None);
    }
    let always = QuestionAnsweringConfig {
        null_threshold: None,
        ..config.clone()
    };
    // How much none scores above the best span, and what F1 gains where the span is answered.
    let mut gains: Vec<(f64, f64)> = Vec::with_capacity(answers.len());
    for (answer, target) in answers.iter().zip(targets) {
        let set = crate::evaluation::spans(
            "question-answering",
            &always,
            std::slice::from_ref(answer),
            &[target],
        )?;
        let answered = set.main().map_or(0.0, |metric| metric.value);
        let none = f64::from(u8::from(lacks(&target)));
        if let Answer::Spans { spans, null } = answer
            && let Some(best) = spans.first()
        {
            gains.push((f64::from(*null) - f64::from(best.score), answered - none));
        }
    }
    gains.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut sum, mut best) = (0.0, 0.0);
    let mut threshold = gains
        .first()
        .map_or(0.0, |(difference, _)| difference - 1.0);
    for (index, &(difference, gain)) in gains.iter().enumerate() {
        sum += gain;
        let next = gains.get(index + 1).map_or(difference + 2.0, |next| next.0);
        if next > difference && sum >= best {
            (best, threshold) = (sum, (difference + next) / 2.0);
        }
    }
    Ok(Some(threshold))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SpanScore;

    #[test]
    fn the_threshold_separates_what_has_an_answer_from_what_has_none() {
        // The text answers the first two questions and not the others.
        let target = |has: bool| Target::Spans {
            context: "Rollo ruled".into(),
            answers: has.then_some(0..5).into_iter().collect(),
        };
        let answer = |null: f32| Answer::Spans {
            spans: vec![SpanScore {
                start: 0,
                end: 5,
                score: 1.0,
            }],
            null,
        };
        let targets = [target(true), target(true), target(false), target(false)];
        let targets: Vec<&Target> = targets.iter().collect();
        let answers = [-2.0, 3.0, 5.0, 8.0].map(answer);
        let config = QuestionAnsweringConfig::default();
        let fitted = fit_null_threshold(&config, &answers, &targets)
            .unwrap()
            .unwrap();
        // Differences 2 and 4 lie on its sides.
        assert_eq!(fitted, 3.0);
        let config = QuestionAnsweringConfig {
            null_threshold: Some(fitted),
            ..config
        };
        for (answer, has) in answers.iter().zip([true, true, false, false]) {
            let Answer::Spans { spans, null } = answer else {
                panic!()
            };
            assert_eq!(config.chosen(spans, *null).is_empty(), !has);
        }
        let all = [targets[0], targets[1]];
        assert_eq!(
            fit_null_threshold(&config, &answers[..2], &all).unwrap(),
            None
        );
        // Where nothing has an answer, none is ever given.
        let fitted = fit_null_threshold(&config, &answers, &[targets[2]; 4]).unwrap();
        assert!(fitted.unwrap() < -3.0);
    }
}
