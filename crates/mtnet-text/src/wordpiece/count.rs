//! How often each word occurs, after normalisation and splitting as in BERT.

use std::collections::BTreeMap;

use rayon::prelude::*;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::{
    NormalizedString, Normalizer, OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer,
};

use super::MAX_WORD_CHARS;
use crate::TextError;

type Counts = BTreeMap<String, u64>;

/// Words with their counts, in the order of their letters. Words that are too long to be read in
/// pieces are left out.
pub(super) fn count_words<'a>(
    texts: impl Iterator<Item = &'a str>,
    lowercase: bool,
) -> Result<Counts, TextError> {
    let texts: Vec<&str> = texts.collect();
    let normalizer = BertNormalizer::new(true, true, None, lowercase);
    texts
        .par_iter()
        .try_fold(Counts::new, |mut counts, text| {
            count(text, &normalizer, &mut counts)
                .map_err(|error| TextError::Encode {
                    bytes: text.len(),
                    reason: error.to_string(),
                })
                .map(|()| counts)
        })
        .try_reduce(Counts::new, |a, b| Ok(sum(a, b)))
}

fn count(
    text: &str,
    normalizer: &BertNormalizer,
    counts: &mut Counts,
) -> Result<(), tokenizers::Error> {
    let mut normalized = NormalizedString::from(text);
    normalizer.normalize(&mut normalized)?;
    let mut split = PreTokenizedString::from(normalized);
    BertPreTokenizer.pre_tokenize(&mut split)?;
    for (word, _, _) in split.get_splits(OffsetReferential::Normalized, OffsetType::Byte) {
        if let Some(count) = counts.get_mut(word) {
            *count += 1;
        } else if word.chars().count() <= MAX_WORD_CHARS {
            counts.insert(word.to_owned(), 1);
        }
    }
    Ok(())
}

/// The sum of two counts. Sums do not depend on which thread counted what.
fn sum(mut a: Counts, mut b: Counts) -> Counts {
    if a.len() < b.len() {
        std::mem::swap(&mut a, &mut b);
    }
    for (word, count) in b {
        *a.entry(word).or_insert(0) += count;
    }
    a
}
