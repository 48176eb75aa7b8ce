//! How a MiniLM's cost grows: with threads, with the tokens of a batch, with the length of texts.

use anyhow::{Context, Result};
use mtnet_core::{Offsets, PackedBatch, SequenceSource};
use mtnet_kernels::Precision;

use super::encoder::{Encoder, LONGEST, MINILM, Way};
use super::{Entry, Sample, Workload};
use crate::inputs::{batches, of_length};

/// Tokens of a batch.
const TOKENS: [usize; 4] = [512, 2048, 8192, 32_768];
/// Tokens of every text of a batch.
const LENGTHS: [usize; 6] = [16, 32, 64, 128, 256, LONGEST];
/// Tokens of the batches whose texts have one length.
const TOKENS_OF_A_LENGTH: usize = 4096;

pub(super) fn entries() -> Vec<Entry> {
    let mut entries = Vec::new();
    for threads in [1, 2, 4] {
        for (name, way) in [("train", Way::Train), ("answer", Way::Answer)] {
            entries.push(entry(
                format!("threads/{name}/{threads}"),
                way,
                Some(threads),
                || usual(1024),
            ));
        }
    }
    for tokens in TOKENS {
        for (name, way) in [("train", Way::Train), ("answer-tokens", Way::AnswerTokens)] {
            entries.push(entry(
                format!("tokens/{name}/{tokens}"),
                way,
                None,
                move || usual(tokens),
            ));
        }
    }
    for length in LENGTHS {
        entries.push(entry(
            format!("length/answer-tokens/{length}"),
            Way::AnswerTokens,
            None,
            move || Ok(vec![of_length(length, TOKENS_OF_A_LENGTH / length)]),
        ));
    }
    entries
}

fn entry(
    name: String,
    way: Way,
    threads: Option<usize>,
    batches: impl Fn() -> Result<Vec<PackedBatch>> + 'static,
) -> Entry {
    Entry {
        name: name.clone(),
        build: Box::new(move || {
            let encoder = Encoder::new(name.clone(), MINILM, way, Precision::F32, batches()?)?;
            Ok(match threads {
                None => Box::new(encoder),
                Some(threads) => Box::new(OnThreads {
                    encoder,
                    pool: rayon::ThreadPoolBuilder::new()
                        .num_threads(threads)
                        .build()
                        .context("a pool of threads")?,
                }),
            })
        }),
    }
}

/// Texts of the usual lengths in one batch of about so many tokens.
fn usual(tokens: usize) -> Result<Vec<PackedBatch>> {
    let mut joined = PackedBatch::default();
    for batch in batches(30_522)?.iter().cycle() {
        for sequence in 0..batch.len() {
            let range = batch.offsets.range(sequence);
            if joined.tokens() > 0 && joined.tokens() + range.len() > tokens {
                let words = vec![0; joined.offsets.len()];
                joined.words.offsets = Offsets::from_lengths(words);
                return Ok(vec![joined]);
            }
            joined.offsets.push(range.len());
            joined.sources.push(SequenceSource {
                example: joined.sources.len(),
                first_word: 0,
            });
            joined.input_ids.extend(&batch.input_ids[range.clone()]);
            joined
                .position_ids
                .extend(&batch.position_ids[range.clone()]);
            joined.type_ids.extend(&batch.type_ids[range]);
        }
    }
    unreachable!("batches come round again")
}

/// A workload on a pool of its own.
struct OnThreads {
    encoder: Encoder,
    pool: rayon::ThreadPool,
}

impl Workload for OnThreads {
    fn name(&self) -> &str {
        self.encoder.name()
    }

    fn unit(&self) -> Option<&'static str> {
        self.encoder.unit()
    }

    fn run(&mut self) -> Result<Sample> {
        let Self { encoder, pool } = self;
        pool.install(|| encoder.run())
    }
}
