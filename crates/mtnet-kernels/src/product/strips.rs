//! How rows are cut into the strips that tiles and panels are made of.

/// Columns `start..start + width` of some rows, copied side by side with `lanes` numbers a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strip {
    /// First column.
    pub start: usize,
    /// Columns copied.
    pub width: usize,
    /// Numbers of a copied row, of which those past `width` are zeros. At most 32.
    pub lanes: usize,
    /// Where the copy begins.
    pub offset: usize,
}

/// Cuts `length` into the fewest parts of at most `most`, as equal as they can be: a last tile of
/// two rows would leave most of the registers unused.
pub(super) fn even_parts(
    length: usize,
    most: usize,
) -> impl ExactSizeIterator<Item = (usize, usize)> {
    let parts = length.div_ceil(most);
    (0..parts).map(move |part| {
        let start = length * part / parts;
        (start, length * (part + 1) / parts - start)
    })
}

/// The tiles of `length` rows of a left operand of which `count` numbers each are packed.
pub(super) fn tiles(length: usize, most: usize, count: usize) -> Vec<Strip> {
    even_parts(length, most)
        .map(|(start, width)| Strip {
            start,
            width,
            lanes: width,
            offset: start * count,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_parts_cover_and_are_even() {
        for length in 0..100 {
            let parts: Vec<_> = even_parts(length, 14).collect();
            let mut next = 0;
            for &(start, width) in &parts {
                assert_eq!(start, next);
                next += width;
            }
            assert_eq!(next, length);
            let widths = parts.iter().map(|part| part.1);
            let (most, least) = (widths.clone().max(), widths.min());
            assert!(most.unwrap_or(0) <= 14 && most.unwrap_or(0) - least.unwrap_or(0) <= 1);
        }
    }
}
