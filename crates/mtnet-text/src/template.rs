//! The special tokens that a tokenizer puts around a text and around a pair.

use tokenizers::{Encoding, Token, Tokenizer};

/// Special tokens of a text or pair, with the type id of each part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    pub before: Vec<(u32, u32)>,
    /// Type id of the first text's tokens.
    pub first: u32,
    pub between: Vec<(u32, u32)>,
    /// Type id of the second text's tokens.
    pub second: u32,
    pub after: Vec<(u32, u32)>,
}

impl Frame {
    /// How many special tokens it adds.
    pub fn special(&self) -> usize {
        self.before.len() + self.between.len() + self.after.len()
    }
}

/// The frames of a single text and of a pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Template {
    pub single: Frame,
    pub pair: Frame,
}

impl Template {
    /// Finds out by handing the post-processor texts of one token.
    pub fn of(tokenizer: &Tokenizer) -> Result<Self, String> {
        let probe = || Encoding::from_tokens(vec![Token::new(0, "x".to_owned(), (0, 1))], 0);
        let single = tokenizer
            .post_process(probe(), None, true)
            .map_err(|error| error.to_string())?;
        let pair = tokenizer
            .post_process(probe(), Some(probe()), true)
            .map_err(|error| error.to_string())?;
        let single = frame(&single, 1).ok_or("its post-processor drops the text")?;
        let pair = frame(&pair, 2).ok_or("its post-processor drops a text of a pair")?;
        Ok(Self { single, pair })
    }
}

fn frame(encoding: &Encoding, texts: usize) -> Option<Frame> {
    let special = encoding.get_special_tokens_mask();
    let places: Vec<usize> = (0..special.len()).filter(|&at| special[at] == 0).collect();
    if places.len() != texts {
        return None;
    }
    let (ids, types) = (encoding.get_ids(), encoding.get_type_ids());
    let part =
        |range: std::ops::Range<usize>| range.map(|at| (ids[at], types[at])).collect::<Vec<_>>();
    let (first, last) = (places[0], places[texts - 1]);
    let between = if texts == 2 {
        part(first + 1..last)
    } else {
        Vec::new()
    };
    Some(Frame {
        before: part(0..first),
        first: types[first],
        between,
        second: types[last],
        after: part(last + 1..ids.len()),
    })
}
