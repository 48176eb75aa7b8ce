//! Named inputs: the same tokens on every machine.

use mtnet_core::{Offsets, PackedBatch, RandomStream};

/// Lengths of sequences as texts have them: log-normal, median 25, deviation 0.6, 4 to 128 tokens.
pub fn text_like(sequences: usize, vocabulary: u32) -> PackedBatch {
    let mut stream = RandomStream::new(1).child("text-like");
    let mut batch = PackedBatch {
        offsets: Offsets::default(),
        ..PackedBatch::default()
    };
    for _ in 0..sequences {
        let length = (25.0 * (0.6 * stream.normal()).exp())
            .round()
            .clamp(4.0, 128.0) as usize;
        batch.offsets.push(length);
        for position in 0..length {
            batch.input_ids.push(zipf(&mut stream, vocabulary));
            batch.position_ids.push(position as u32);
            batch.type_ids.push(0);
        }
    }
    batch
}

/// A rank drawn with a probability that falls as one over the rank.
fn zipf(stream: &mut RandomStream, ranks: u32) -> u32 {
    let rank = f64::from(ranks).powf(stream.uniform_f64());
    (rank as u32).min(ranks - 1)
}
