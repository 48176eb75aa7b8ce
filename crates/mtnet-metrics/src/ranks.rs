//! Ranks of values, and the order of their pairs.

/// Ranks from 1, ties sharing the mean of theirs. No value may be NaN.
pub(crate) fn average_ranks(values: &[f64]) -> Vec<f64> {
    let values = comparable(values);
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        // Mean of `below + 1 ..= below + tied.len()`.
        let rank = below as f64 + (tied.len() as f64 + 1.0) / 2.0;
        for &position in tied {
            ranks[position] = rank;
        }
        below += tied.len();
    }
    ranks
}

/// The values with −0 turned into 0, so that `total_cmp` sees the equality that `==` sees.
pub(crate) fn comparable(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| value + 0.0).collect()
}

/// Sorts the values and returns how many pairs stood in falling order.
pub(crate) fn sort_counting_inversions(values: &mut [f64]) -> u64 {
    let mut merged = values.to_vec();
    inversions(values, &mut merged)
}

fn inversions(values: &mut [f64], merged: &mut [f64]) -> u64 {
    let middle = values.len() / 2;
    if middle == 0 {
        return 0;
    }
    let mut count = {
        let (left, right) = values.split_at_mut(middle);
        let (merged_left, merged_right) = merged.split_at_mut(middle);
        inversions(left, merged_left) + inversions(right, merged_right)
    };
    let (mut left, mut right) = (0, middle);
    for slot in merged.iter_mut() {
        let takes_right = right < values.len() && (left == middle || values[right] < values[left]);
        if takes_right {
            *slot = values[right];
            right += 1;
            // All that remain on the left are larger and stood before it.
            count += (middle - left) as u64;
        } else {
            *slot = values[left];
            left += 1;
        }
    }
    values.copy_from_slice(merged);
    count
}
