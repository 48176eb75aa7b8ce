//! libFuzzer over the target `word2vec`; the body stands in `mtnet-fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = (mtnet_fuzz::targets::target("word2vec").run)(data);
});
