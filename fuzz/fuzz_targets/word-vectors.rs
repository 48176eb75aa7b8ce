//! libFuzzer over the target `word-vectors`; the body stands in `mtnet-fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = (mtnet_fuzz::targets::target("word-vectors").run)(data);
});
