//! libFuzzer over the target `encoder-config`; the body stands in `mtnet-fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = (mtnet_fuzz::targets::target("encoder-config").run)(data);
});
