//! From rows of a passage to bytes of the text that it is part of.

use mtnet_core::PackedBatch;
use mtnet_heads::Answer;

/// Replaces rows of a sequence's passage by bytes of its second text.
pub(crate) fn place(answer: &mut Answer, batch: &PackedBatch, sequence: u32) {
    let Answer::Spans { spans, .. } = answer else {
        return;
    };
    let bytes = &batch.passages.bytes[batch.passages.range(sequence as usize)];
    for span in spans {
        let (first, last) = (bytes[span.start as usize], bytes[span.end as usize]);
        (span.start, span.end) = (first[0], last[1]);
    }
}
