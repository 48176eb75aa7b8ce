//! From a text to terms, as scikit-learn's `TfidfVectorizer` cuts them, so that baselines can be
//! compared with it.

/// What the terms of a text are. Texts are lower-cased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Analyzer {
    /// Runs of letters, digits and `_`, and sequences of up to `longest` of them. The pattern
    /// `\w+`, where scikit-learn's own leaves out words of one letter.
    Words {
        /// Words of the longest term.
        longest: usize,
    },
    /// Sequences of `shortest` to `longest` characters inside words with a blank at both ends,
    /// words being what stands between blanks (`char_wb`).
    Characters {
        /// Characters of the shortest term.
        shortest: usize,
        /// Characters of the longest term.
        longest: usize,
    },
}

impl Analyzer {
    /// Hands each term of a text to `take`, in order, as often as it occurs.
    pub fn terms(self, text: &str, mut take: impl FnMut(&str)) {
        let text = text.to_lowercase();
        match self {
            Self::Words { longest } => words(&text, longest, &mut take),
            Self::Characters { shortest, longest } => {
                for word in text.split_whitespace() {
                    characters(word, shortest, longest, &mut take);
                }
            }
        }
    }
}

fn words(text: &str, longest: usize, take: &mut impl FnMut(&str)) {
    let is_inside = |character: char| character.is_alphanumeric() || character == '_';
    let words: Vec<&str> = text
        .split(|character| !is_inside(character))
        .filter(|word| !word.is_empty())
        .collect();
    for length in 1..=longest {
        for window in words.windows(length) {
            match window {
                [word] => take(word),
                _ => take(&window.join(" ")),
            }
        }
    }
}

fn characters(word: &str, shortest: usize, longest: usize, take: &mut impl FnMut(&str)) {
    let padded = format!(" {word} ");
    let mut borders: Vec<usize> = padded.char_indices().map(|(at, _)| at).collect();
    borders.push(padded.len());
    let count = borders.len() - 1;
    for length in shortest..=longest {
        if count <= length {
            // A word as short as this is its own longest term, once.
            take(&padded);
            break;
        }
        for start in 0..=count - length {
            take(&padded[borders[start]..borders[start + length]]);
        }
    }
}
