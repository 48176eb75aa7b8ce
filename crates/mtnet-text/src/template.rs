//! The special tokens that a tokenizer puts around a text and around a pair.

use std::ops::Range;

use tokenizers::{Encoding, Token, Tokenizer};

/// Stand for the texts when the post-processor is asked what it adds: no vocabulary has them.
const PROBES: [u32; 2] = [u32::MAX - 1, u32::MAX];

/// Special tokens of a text or pair as `(id, type id)`, with the type id of each text.
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

    fn ids(&self) -> impl Iterator<Item = u32> + '_ {
        [&self.before, &self.between, &self.after]
            .into_iter()
            .flatten()
            .map(|&(id, _)| id)
    }
}

/// The frames of a single text and of a pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Template {
    pub single: Frame,
    pub pair: Frame,
}

impl Template {
    /// Finds out by handing the post-processor texts of one token, or says what is wrong with it.
    pub fn of(tokenizer: &Tokenizer) -> Result<Self, String> {
        let probe = |text: u32| {
            let token = Token::new(PROBES[text as usize], "x".to_owned(), (0, 1));
            Encoding::from_tokens(vec![token], text)
        };
        let (first, second) = (probe(0), probe(1));
        let process = |first: Encoding, second: Option<Encoding>| {
            tokenizer
                .post_process(first, second, true)
                .map_err(|error| format!("its post-processor fails: {error}"))
        };
        let template = Self {
            single: frame(&process(first.clone(), None)?, 1)?,
            pair: frame(&process(first, Some(second))?, 2)?,
        };
        let unknown = (template.single.ids())
            .chain(template.pair.ids())
            .find(|&id| tokenizer.id_to_token(id).is_none());
        match unknown {
            Some(id) => Err(format!(
                "its post-processor adds the token id {id}, which its vocabulary does not have"
            )),
            None => Ok(template),
        }
    }
}

fn frame(encoding: &Encoding, texts: usize) -> Result<Frame, String> {
    let (ids, types) = (encoding.get_ids(), encoding.get_type_ids());
    let places: Vec<usize> = (0..ids.len())
        .filter(|&at| PROBES.contains(&ids[at]))
        .collect();
    if !places.iter().map(|&at| &ids[at]).eq(&PROBES[..texts]) {
        return Err(match texts {
            1 => "its post-processor does not keep a text once".to_owned(),
            _ => "its post-processor does not keep the texts of a pair once, in order".to_owned(),
        });
    }
    let part = |range: Range<usize>| range.map(|at| (ids[at], types[at])).collect::<Vec<_>>();
    let (first, last) = (places[0], places[texts - 1]);
    Ok(Frame {
        before: part(0..first),
        first: types[first],
        // Empty for a single text, whose first place is its last.
        between: part(first + 1..last),
        second: types[last],
        after: part(last + 1..ids.len()),
    })
}
