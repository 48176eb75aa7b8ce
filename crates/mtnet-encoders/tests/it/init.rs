//! What an `[encoder]` table says of initial values, in the encoders that are built from it.

use candle_core::Device;
use mtnet_core::RandomStream;
use mtnet_encoders::{EncoderConfig, EncoderSpec, build_encoder};
use mtnet_kernels::ParamStore;

fn built(table: &str) -> (EncoderSpec, ParamStore) {
    let config: EncoderConfig = toml::from_str(table).unwrap();
    config.check().unwrap();
    let spec = config.preset.unwrap().spec(&config, 300, 0, None).unwrap();
    let rule = (config, spec.clone());
    let store = ParamStore::new(RandomStream::new(3), &Device::Cpu)
        .initialise(move |name, _| rule.0.initialiser(&rule.1, name));
    build_encoder(&spec, store.builder()).unwrap();
    (spec, store)
}

fn deviation(store: &ParamStore, name: &str) -> f64 {
    let var = store.get(name).unwrap_or_else(|| panic!("{name}"));
    let values = var.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let squares: f64 = values.iter().map(|&v| f64::from(v).powi(2)).sum();
    (squares / values.len() as f64).sqrt()
}

const SIZES: &str = "hidden_size = 96\nnum_layers = 8\n";
const QUERY: &str = "encoder.layer.3.attention.self.query.weight";
const ENDS: [&str; 2] = [
    "encoder.layer.3.attention.output.dense.weight",
    "encoder.layer.7.output.dense.weight",
];

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 0.05, "{found}, {expected}");
}

#[test]
fn every_method_has_its_deviation_in_a_transformer() {
    for (method, of_query, of_words) in [
        ("from-config", 0.02, 0.02),
        ("truncated-normal", 0.02, 0.02),
        ("xavier-uniform", (2.0f64 / 192.0).sqrt(), 0.02),
        ("xavier-normal", (2.0f64 / 192.0).sqrt(), 0.02),
        ("he-uniform", (2.0f64 / 96.0).sqrt(), 0.02),
        ("he-normal", (2.0f64 / 96.0).sqrt(), 0.02),
        ("orthogonal", 1.0 / 96f64.sqrt(), 0.02),
    ] {
        let table = format!("preset = \"mt-net-mini\"\n{SIZES}init = \"{method}\"");
        let (_, store) = built(&table);
        near(deviation(&store, QUERY), of_query);
        near(
            deviation(&store, ENDS[1]) * 2f64.sqrt(),
            match method {
                // Their deviation follows the fan, 4 · 96 inputs and 96 outputs.
                "xavier-uniform" | "xavier-normal" => (2.0f64 / 480.0).sqrt() * 2f64.sqrt(),
                "he-uniform" | "he-normal" => (2.0f64 / 384.0).sqrt() * 2f64.sqrt(),
                "orthogonal" => 2f64.sqrt() / 384f64.sqrt(),
                _ => 0.02 * 2f64.sqrt(),
            },
        );
        near(
            deviation(&store, "embeddings.word_embeddings.weight"),
            of_words,
        );
    }
}

#[test]
fn a_residual_scaled_encoder_keeps_the_variance_of_its_rows() {
    let plain = built(&format!("preset = \"mt-net-mini\"\n{SIZES}")).1;
    let scaled = built(&format!(
        "preset = \"mt-net-mini\"\n{SIZES}residual_scaled_init = true"
    ))
    .1;
    near(deviation(&scaled, QUERY), deviation(&plain, QUERY));
    for name in ENDS {
        // Eight layers of two branches.
        near(4.0 * deviation(&scaled, name), deviation(&plain, name));
    }
    let window = "preset = \"mt-net-window\"\nnum_layers = 3\n";
    let plain = built(window).1;
    let scaled = built(&format!("{window}residual_scaled_init = true")).1;
    let [first, second] = ["layers.0.dense.weight", "layers.2.dense.weight"];
    near(deviation(&scaled, first), deviation(&plain, first));
    near(2.0 * deviation(&scaled, second), deviation(&plain, second));
}

#[test]
fn a_deviation_is_taken_and_refused_where_it_has_no_effect() {
    let (_, store) = built(&format!("preset = \"mt-net-mini\"\n{SIZES}init_std = 2.0"));
    near(deviation(&store, QUERY), 2.0);
    let refused = |table: &str| {
        let config: EncoderConfig = toml::from_str(table).unwrap();
        config.check().unwrap_err().to_string()
    };
    let message = refused("preset = \"mt-net-mini\"\ninit = \"orthogonal\"\ninit_std = 0.1");
    assert!(message.contains("init_std"), "{message}");
    let message = refused("from = \"x\"\ninit = \"orthogonal\"");
    assert!(message.contains("init"), "{message}");
    let message = refused("preset = \"mt-net-mini\"\ninit_std = 0.0");
    assert!(message.contains("above 0"), "{message}");
}
