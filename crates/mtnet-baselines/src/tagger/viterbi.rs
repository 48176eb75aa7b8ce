//! The best path through a chain: `argmax Σ emission[t, yₜ] + transition[yₜ₋₁, yₜ]` (Viterbi 1967).

/// The tags of the best path. `emissions` is `(words, tags)`; `transitions` is `(tags + 1, tags)`,
/// its last row for the first word. Of equal paths the one with the lower tags is taken.
pub(super) fn best_path(emissions: &[f32], transitions: &[f32], tags: usize) -> Vec<u32> {
    let words = emissions.len() / tags;
    if words == 0 {
        return Vec::new();
    }
    let mut scores: Vec<f32> = emissions[..tags]
        .iter()
        .zip(&transitions[tags * tags..])
        .map(|(emission, start)| emission + start)
        .collect();
    let mut from = vec![0u32; words * tags];
    let mut next = vec![0.0; tags];
    for word in 1..words {
        let from = &mut from[word * tags..][..tags];
        next.fill(f32::NEG_INFINITY);
        for (before, &score) in (0u32..).zip(&scores) {
            let transitions = &transitions[before as usize * tags..][..tags];
            for ((next, from), transition) in next.iter_mut().zip(from.iter_mut()).zip(transitions)
            {
                let through = score + transition;
                if through > *next {
                    *next = through;
                    *from = before;
                }
            }
        }
        let emissions = &emissions[word * tags..][..tags];
        for ((score, next), emission) in scores.iter_mut().zip(&next).zip(emissions) {
            *score = next + emission;
        }
    }
    let last = (0..tags).fold(0, |best, tag| {
        if scores[tag] > scores[best] {
            tag
        } else {
            best
        }
    });
    let mut path = vec![last as u32; words];
    for word in (1..words).rev() {
        path[word - 1] = from[word * tags + path[word] as usize];
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_path_is_that_of_all_paths() {
        // Three words, three tags, numbers without ties.
        let number = |i: usize| ((i * 37 + 11) % 101) as f32 / 10.0;
        let emissions: Vec<f32> = (0..9).map(number).collect();
        let transitions: Vec<f32> = (9..21).map(number).collect();
        let score = |path: [usize; 3]| {
            let start = transitions[9 + path[0]];
            let steps = transitions[path[0] * 3 + path[1]] + transitions[path[1] * 3 + path[2]];
            start
                + steps
                + (0..3)
                    .map(|word| emissions[word * 3 + path[word]])
                    .sum::<f32>()
        };
        let mut best = [0; 3];
        for code in 0..27 {
            let path = [code / 9, code / 3 % 3, code % 3];
            if score(path) > score(best) {
                best = path;
            }
        }
        assert_eq!(
            best_path(&emissions, &transitions, 3),
            best.map(|tag| tag as u32)
        );
        assert_eq!(best_path(&[], &transitions, 3), []);
    }
}
