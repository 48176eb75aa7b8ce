//! English function words, which character attacks leave alone: changing `not` or `but` changes
//! what a text means.
//!
//! The closed classes of English (Quirk et al. 1985, §2.39): articles and other determiners,
//! pronouns, prepositions, conjunctions, auxiliaries with their contractions, and particles.

/// The words, in lower case and sorted.
#[rustfmt::skip]
pub const STOP_WORDS: &[&str] = &[
    "a", "about", "above", "across", "after", "again", "against", "ain't", "all", "along", "also",
    "although", "am", "among", "an", "and", "another", "any", "anybody", "anyone", "anything",
    "are", "aren't", "around", "as", "at", "be", "because", "been", "before", "behind", "being",
    "below", "beside", "between", "beyond", "both", "but", "by", "can", "can't", "cannot", "could",
    "couldn't", "did", "didn't", "do", "does", "doesn't", "doing", "don't", "down", "during",
    "each", "either", "every", "everybody", "everyone", "everything", "few", "for", "from",
    "further", "had", "hadn't", "has", "hasn't", "have", "haven't", "having", "he", "he'd",
    "he'll", "he's", "her", "here", "hers", "herself", "him", "himself", "his", "how", "i", "i'd",
    "i'll", "i'm", "i've", "if", "in", "into", "is", "isn't", "it", "it'd", "it'll", "it's", "its",
    "itself", "just", "may", "me", "might", "mightn't", "more", "most", "must", "mustn't", "my",
    "myself", "needn't", "neither", "no", "nobody", "none", "nor", "not", "nothing", "now", "of",
    "off", "on", "once", "only", "onto", "or", "other", "our", "ours", "ourselves", "out", "over",
    "own", "per", "same", "shall", "shan't", "she", "she'd", "she'll", "she's", "should",
    "shouldn't", "since", "so", "some", "somebody", "someone", "something", "such", "than", "that",
    "that'll", "that's", "the", "their", "theirs", "them", "themselves", "then", "there",
    "there's", "these", "they", "they'd", "they'll", "they're", "they've", "this", "those",
    "though", "through", "to", "too", "toward", "towards", "under", "unless", "until", "up",
    "upon", "us", "very", "via", "was", "wasn't", "we", "we'd", "we'll", "we're", "we've", "were",
    "weren't", "what", "what's", "when", "where", "whether", "which", "while", "who", "who's",
    "whom", "whose", "why", "will", "with", "within", "without", "won't", "would", "wouldn't",
    "yet", "you", "you'd", "you'll", "you're", "you've", "your", "yours", "yourself", "yourselves",
];

/// Whether a word is one of them, in whatever case and with whichever apostrophe.
pub fn is_stop_word(word: &str) -> bool {
    let word = word.to_lowercase().replace('\u{2019}', "'");
    STOP_WORDS.binary_search(&word.as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_knows_every_spelling() {
        assert!(STOP_WORDS.is_sorted_by(|a, b| a < b));
        for word in ["not", "The", "DON'T", "don’t", "yourselves"] {
            assert!(is_stop_word(word), "{word}");
        }
        for word in ["film", "", "good", "thes"] {
            assert!(!is_stop_word(word), "{word}");
        }
    }
}
