//! Columns of an embedding table that start from how a token is written.
//!
//! Words that share a stem, an ending or a capital start alike, also those that no word vector
//! knows. The first [`SHAPES`] columns tell the shape (a capital first, all capitals, a digit, all
//! digits, neither letter nor digit; a row of the usual features of taggers, as in Collobert et
//! al. 2011, JMLR 12, §6.1). The others are the sum of a random vector for each part of the lower-cased
//! token, beginnings and ends of up to 4 letters and n-grams of 3 and 4, over the root of how many
//! there are: a random projection of the bag of character n-grams, whose vectors fastText learns
//! (Bojanowski et al. 2017, TACL 5, §3.2, <https://aclanthology.org/Q17-1010>). Here the rows are
//! trained like those of any embedding afterwards, so that the network and what is exported of it
//! need to know nothing of letters.

use std::collections::HashMap;

use candle_core::{Device, Result, Tensor};
use mtnet_core::RandomStream;

/// How many columns tell the shape.
pub const SHAPES: usize = 5;

/// What marks a piece inside a word.
const INSIDE: &str = "##";

/// The columns for each token, `(vocabulary, size)`, of which `size - SHAPES` hold the parts. The numbers
/// have about the standard deviation `deviation`, those that tell a shape are 0 or twice that.
/// What is drawn from `init` depends on the parts of the token alone.
///
/// # Errors
/// If the device fails.
pub fn spelling_rows(
    vocabulary: &[String],
    size: usize,
    deviation: f32,
    init: RandomStream,
    device: &Device,
) -> Result<Tensor> {
    let mut rows = vec![0f32; vocabulary.len() * size];
    let mut vectors: HashMap<String, Vec<f32>> = HashMap::new();
    for (token, row) in vocabulary.iter().zip(rows.chunks_mut(size.max(1))) {
        let (shape, parts) = row.split_at_mut(SHAPES.min(size));
        for (number, holds) in shape.iter_mut().zip(shape_of(token)) {
            *number = if holds { 2.0 * deviation } else { 0.0 };
        }
        let names = parts_of(token);
        let scale = deviation / (names.len().max(1) as f32).sqrt();
        for name in names {
            let mut stream = init.child(&name);
            let draw = || (0..parts.len()).map(|_| stream.normal() as f32).collect();
            let vector = vectors.entry(name).or_insert_with(draw);
            for (number, drawn) in parts.iter_mut().zip(vector) {
                *number += scale * *drawn;
            }
        }
    }
    Tensor::from_vec(rows, (vocabulary.len(), size), device)
}

fn shape_of(token: &str) -> [bool; SHAPES] {
    let (inside, word) = split(token);
    let any = |test: fn(char) -> bool| word.chars().any(test);
    let all = |test: fn(char) -> bool| !word.is_empty() && word.chars().all(test);
    [
        !inside && word.chars().next().is_some_and(char::is_uppercase),
        all(char::is_uppercase) && word.chars().nth(1).is_some(),
        any(char::is_numeric),
        all(char::is_numeric),
        !any(char::is_alphanumeric),
    ]
}

/// Names of the parts of a token; a piece inside a word has no beginning of its own.
fn parts_of(token: &str) -> Vec<String> {
    let (inside, word) = split(token);
    let letters: Vec<char> = word.to_lowercase().chars().collect();
    let text = |letters: &[char]| letters.iter().collect::<String>();
    let mut parts = Vec::new();
    for length in 1..=letters.len().min(4) {
        if !inside {
            parts.push(format!("<{}", text(&letters[..length])));
        }
        parts.push(format!("{}>", text(&letters[letters.len() - length..])));
    }
    for length in 3..=4 {
        parts.extend(letters.windows(length).map(text));
    }
    parts
}

/// Whether a token is a piece inside a word, and its letters.
fn split(token: &str) -> (bool, &str) {
    match token.strip_prefix(INSIDE) {
        Some(letters) if !letters.is_empty() => (true, letters),
        _ => (false, token),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(tokens: &[&str], size: usize) -> Vec<Vec<f32>> {
        let vocabulary: Vec<String> = tokens.iter().map(|&token| token.to_owned()).collect();
        spelling_rows(&vocabulary, size, 0.5, RandomStream::new(3), &Device::Cpu)
            .and_then(|rows| rows.to_vec2())
            .unwrap()
    }

    fn cosine(a: &[f32], b: &[f32]) -> f32 {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    }

    #[test]
    fn shapes_are_told_apart() {
        for (token, expected) in [
            ("Paris", [true, false, false, false, false]),
            ("UK", [true, true, false, false, false]),
            ("##Donald", [false, false, false, false, false]),
            ("747s", [false, false, true, false, false]),
            ("##12", [false, false, true, true, false]),
            ("?!", [false, false, false, false, true]),
            ("##", [false, false, false, false, true]),
        ] {
            assert_eq!(shape_of(token), expected, "{token}");
        }
    }

    #[test]
    fn words_that_are_written_alike_start_alike() {
        let rows = rows(&["transfers", "transferred", "Transfers", "kitchen"], 205);
        let [first, alike, capital, other] = &rows[..] else {
            panic!("one row a token");
        };
        assert!(cosine(&first[SHAPES..], &alike[SHAPES..]) > 0.4);
        assert!(cosine(&first[SHAPES..], &other[SHAPES..]) < 0.25);
        assert_eq!(first[SHAPES..], capital[SHAPES..]);
        assert_eq!((first[0], capital[0]), (0.0, 1.0));
    }

    #[test]
    fn numbers_have_the_stated_deviation() {
        let tokens: Vec<String> = (0..400).map(|index| format!("w{index}ing")).collect();
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        let rows = rows(&tokens, 105);
        let numbers: Vec<f32> = rows.iter().flat_map(|row| row[SHAPES..].to_vec()).collect();
        let squares = numbers.iter().map(|number| number * number).sum::<f32>();
        let deviation = (squares / numbers.len() as f32).sqrt();
        assert!((deviation - 0.5).abs() < 0.08, "{deviation}");
    }

    #[test]
    fn few_columns_hold_shapes_alone() {
        assert_eq!(rows(&["UK"], 2), [[1.0, 1.0]]);
        assert_eq!(rows(&["UK"], SHAPES)[0], [1.0, 1.0, 0.0, 0.0, 0.0]);
    }
}
