//! The row of an example: words beside characters, and what a pair of texts has in common.
//!
//! A single text is its words' row followed by its characters' row. A pair `(x, y)` is
//! `[x, y, x ∘ y]` where a label is asked for, and `[|x − y|, x ∘ y]` where a number is: how
//! alike two texts are does not depend on what they are about.

use mtnet_core::InputText;

use super::{Analyzer, SparseRows, TfIdf, TfIdfOptions};
use crate::BaselineError;

/// What turns examples into rows.
#[derive(Clone, Debug)]
pub struct TextFeatures {
    words: TfIdf,
    characters: TfIdf,
    layout: Layout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Single,
    Sides,
    Distance,
}

impl TextFeatures {
    /// Learns columns from training texts: words and pairs of them, and two to four characters,
    /// `max_terms` of each at most. `numbers` says that numbers are asked for.
    ///
    /// # Errors
    /// If the texts hold no term.
    pub fn fit(
        texts: &[&InputText],
        max_terms: usize,
        numbers: bool,
    ) -> Result<Self, BaselineError> {
        let all = || {
            texts.iter().flat_map(|text| {
                let second = text.second().map(|segment| segment.text());
                std::iter::once(text.first().text()).chain(second)
            })
        };
        let fit = |analyzer| {
            let options = TfIdfOptions {
                analyzer,
                min_documents: 1,
                max_terms,
            };
            TfIdf::fit(all(), options)
        };
        let characters = fit(Analyzer::Characters {
            shortest: 2,
            longest: 4,
        })?;
        // Texts of signs alone have characters, but no word.
        let words = fit(Analyzer::Words { longest: 2 }).unwrap_or_else(|_| characters.clone());
        let pairs = texts.iter().any(|text| text.second().is_some());
        Ok(Self {
            words,
            characters,
            layout: match (pairs, numbers) {
                (false, _) => Layout::Single,
                (true, false) => Layout::Sides,
                (true, true) => Layout::Distance,
            },
        })
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        let blocks = match self.layout {
            Layout::Single => 1,
            Layout::Sides => 3,
            Layout::Distance => 2,
        };
        blocks * (self.words.width() + self.characters.width())
    }

    /// The rows of examples.
    pub fn rows(&self, texts: &[&InputText]) -> SparseRows {
        let mut rows = SparseRows::new(self.width());
        for text in texts {
            let first = self.of(text.first().text());
            let second = || {
                text.second()
                    .map_or_else(Vec::new, |segment| self.of(segment.text()))
            };
            match self.layout {
                Layout::Single => rows.push(first),
                Layout::Sides => {
                    let second = second();
                    let product = merged(&first, &second, |x, y| x * y);
                    let parts = [first, second, product].into_iter().zip(0..);
                    rows.push(parts.flat_map(|(part, block)| self.shifted(part, block)));
                }
                Layout::Distance => {
                    let second = second();
                    let parts = [
                        merged(&first, &second, |x, y| (x - y).abs()),
                        merged(&first, &second, |x, y| x * y),
                    ];
                    let parts = parts.into_iter().zip(0..);
                    rows.push(parts.flat_map(|(part, block)| self.shifted(part, block)));
                }
            }
        }
        rows
    }

    fn of(&self, text: &str) -> Vec<(u32, f32)> {
        let mut row = self.words.row(text);
        let behind = self.words.width() as u32;
        let characters = self.characters.row(text).into_iter();
        row.extend(characters.map(|(column, value)| (column + behind, value)));
        row
    }

    fn shifted(&self, row: Vec<(u32, f32)>, block: u32) -> impl Iterator<Item = (u32, f32)> {
        let behind = block * (self.words.width() + self.characters.width()) as u32;
        row.into_iter()
            .map(move |(column, value)| (column + behind, value))
    }
}

/// Two rows column by column, without the zeros that come out.
fn merged(a: &[(u32, f32)], b: &[(u32, f32)], of: impl Fn(f32, f32) -> f32) -> Vec<(u32, f32)> {
    let (mut a, mut b) = (a.iter().copied().peekable(), b.iter().copied().peekable());
    let mut row = Vec::new();
    loop {
        let column = match (a.peek(), b.peek()) {
            (None, None) => break,
            (Some(&(column, _)), None) | (None, Some(&(column, _))) => column,
            (Some(&(x, _)), Some(&(y, _))) => x.min(y),
        };
        let take = |side: &mut std::iter::Peekable<_>| {
            side.next_if(|&(at, _): &(u32, f32)| at == column)
                .map_or(0.0, |(_, value)| value)
        };
        let value = of(take(&mut a), take(&mut b));
        if value != 0.0 {
            row.push((column, value));
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_merge_by_column() {
        let (a, b) = ([(0, 1.0), (2, 3.0)], [(1, 5.0), (2, 2.0)]);
        assert_eq!(merged(&a, &b, |x, y| x * y), [(2, 6.0)]);
        let distance = merged(&a, &b, |x, y| (x - y).abs());
        assert_eq!(distance, [(0, 1.0), (1, 5.0), (2, 1.0)]);
    }
}
