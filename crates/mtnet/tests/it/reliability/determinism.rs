//! R05: the same run has the same bits, whatever must not matter.

use std::fs;

use mtnet_fuzz::{Tier, figure};

use super::{hex, workplace};

/// What must not matter, as arguments behind `train run.toml`.
const SAME: [(&str, &[&str]); 8] = [
    ("again", &[]),
    ("one thread", &["train.threads=1"]),
    ("two threads", &["train.threads=2"]),
    ("three threads", &["train.threads=3"]),
    ("a sparse log", &["train.logging_steps=10"]),
    ("looks at gradients", &["train.gradient_stats_steps=2"]),
    ("other checkpoints", &["train.save_steps=11"]),
    ("quiet JSON", &["--quiet", "--log-format", "json"]),
];

#[test]
fn r05_one_hash_over_repeats_threads_and_settings_that_must_not_matter() {
    let repeats = Tier::from_env().pick(1, 2, 5);
    let workplace = workplace();
    let model = |output: &str, more: &[&str]| {
        let args = [&["train", "run.toml", "--output", output][..], more].concat();
        workplace.mtnet(&args).ok();
        let model = workplace.path(output).join("model/model.safetensors");
        let hash = hex(&fs::read(model).expect("a model"));
        fs::remove_dir_all(workplace.path(output)).expect("removed");
        hash
    };
    let expected = model("first", &[]);
    let mut runs = 1;
    for _ in 0..repeats {
        for (what, more) in SAME {
            assert_eq!(model("other", more), expected, "{what}");
            runs += 1;
        }
    }
    assert_ne!(model("seed", &["run.seed=6"]), expected, "another seed");
    figure(
        "R05",
        format!(
            "1 hash over {runs} runs in {} settings; another seed differs",
            SAME.len()
        ),
    );
}
