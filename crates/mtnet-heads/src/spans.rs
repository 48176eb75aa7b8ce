//! The best spans of a passage, and those of several windows together.

use crate::{Answer, SpanScore};

/// Spans that are kept of a window: what probabilities of answers are shared out among (20 in the
/// published programs for SQuAD, as the best of so many starts and ends).
pub(crate) const KEPT: usize = 20;

/// The best spans of one window of a passage, from rows of two scores each; the first row stands for
/// *no answer*. Rows of the answers are counted from it.
pub(crate) fn answer_spans(rows: &[Vec<f32>], longest: usize) -> Answer {
    let mut spans: Vec<SpanScore> = Vec::with_capacity(KEPT + 1);
    for (start, first) in rows.iter().enumerate().skip(1) {
        for (end, last) in rows.iter().enumerate().skip(start).take(longest) {
            let score = first[0] + last[1];
            let beaten = spans.len() == KEPT && spans[KEPT - 1].score >= score;
            if beaten || score.is_nan() {
                continue;
            }
            let place = spans.partition_point(|span| span.score >= score);
            let (start, end) = (start as u32, end as u32);
            spans.insert(place, SpanScore { start, end, score });
            spans.truncate(KEPT);
        }
    }
    let null = rows.first().map_or(f32::MIN, |row| row[0] + row[1]);
    Answer::Spans { spans, null }
}

/// The spans of two windows of one text: the best of both, each place once. A text holds no answer
/// only as far as none of its windows does, so the smaller score of *no answer* counts.
pub fn merge_spans(
    (spans, null): (&mut Vec<SpanScore>, &mut f32),
    (more, their_null): (&[SpanScore], f32),
) {
    spans.extend_from_slice(more);
    spans.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut seen = std::collections::BTreeSet::new();
    spans.retain(|span| seen.insert((span.start, span.end)));
    spans.truncate(KEPT);
    *null = null.min(their_null);
}

/// Probability of each span and, last, of *no answer*: their scores' softmax.
pub fn span_probabilities(spans: &[SpanScore], null: Option<f32>) -> Vec<f32> {
    let scores: Vec<f32> = spans.iter().map(|span| span.score).chain(null).collect();
    crate::answer::softmax(&scores)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_spans_end_where_they_begin_or_later_and_are_short_enough() {
        // Best start is the last row, best end the first of the passage: no span together.
        let rows = [[0.5, 0.25], [0.0, 9.0], [1.0, 2.0], [8.0, 0.0]].map(Vec::from);
        let Answer::Spans { spans, null } = answer_spans(&rows, 2) else {
            panic!()
        };
        assert_eq!(null, 0.75);
        let found: Vec<_> = spans.iter().map(|s| (s.start, s.end, s.score)).collect();
        let expected = [
            (1, 1, 9.0),
            (3, 3, 8.0),
            (2, 2, 3.0),
            (1, 2, 2.0),
            (2, 3, 1.0),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn of_many_spans_the_best_are_kept_in_order() {
        let mut stream = mtnet_core::RandomStream::new(7);
        let mut draw = || (stream.normal() * 3.0) as f32;
        let rows: Vec<Vec<f32>> = (0..40).map(|_| vec![draw(), draw()]).collect();
        let mut all = Vec::new();
        for start in 1..40 {
            for end in start..40.min(start + 9) {
                all.push(rows[start][0] + rows[end][1]);
            }
        }
        all.sort_by(|a, b| b.total_cmp(a));
        let Answer::Spans { spans, .. } = answer_spans(&rows, 9) else {
            panic!()
        };
        let found: Vec<f32> = spans.iter().map(|span| span.score).collect();
        assert_eq!(found, all[..KEPT]);
    }

    #[test]
    fn windows_share_places_and_the_smaller_score_of_no_answer() {
        let span = |start, end, score| SpanScore { start, end, score };
        let (mut spans, mut null) = (vec![span(4, 9, 2.0), span(0, 3, 1.0)], 0.5);
        let more = [span(4, 9, 3.0), span(20, 22, 1.5)];
        merge_spans((&mut spans, &mut null), (&more, -1.0));
        assert_eq!(spans, [span(4, 9, 3.0), span(20, 22, 1.5), span(0, 3, 1.0)]);
        assert_eq!(null, -1.0);
        let shares = span_probabilities(&spans, Some(null));
        assert_eq!(shares.len(), 4);
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    }
}
