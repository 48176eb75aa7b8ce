//! The options that all methods share: what they mean, and where they are refused.

use mtnet_balance::{BalanceConfig, GradientPlace, Granularity, HeadGradients, MethodKind};
use serde_json::{Value, json};

use crate::methods::tasks;

fn read(table: Value) -> BalanceConfig {
    serde_json::from_value(table).unwrap()
}

fn refusal(table: Value) -> String {
    read(table).build(&tasks(3)).unwrap_err().to_string()
}

#[test]
fn heads_receive_what_the_kind_of_method_says_unless_told() {
    for (table, expected) in [
        (json!({"method": "uncertainty"}), HeadGradients::Weighted),
        (json!({"method": "upgrad"}), HeadGradients::Raw),
        (json!({"method": "graddrop"}), HeadGradients::Raw),
        (
            json!({"method": "equal", "heads": "auto"}),
            HeadGradients::Weighted,
        ),
        (
            json!({"method": "equal", "heads": "raw"}),
            HeadGradients::Raw,
        ),
        (
            json!({"method": "mgda", "heads": "weighted"}),
            HeadGradients::Weighted,
        ),
    ] {
        let config = read(table.clone());
        assert_eq!(config.head_gradients(), expected, "{table}");
        config.build(&tasks(3)).unwrap();
    }
}

#[test]
fn options_are_read_written_and_left_out_at_their_defaults() {
    let table = json!({
        "method": "nash-mtl", "heads": "weighted", "granularity": "layer", "normalize": "mean",
        "wrap": ["unit-norm"],
    });
    let config = read(table);
    assert_eq!(config.granularity, Granularity::Layer);
    assert_eq!(config.at, GradientPlace::Parameters);
    let written = serde_json::to_value(&config).unwrap();
    assert!(written.get("at").is_none(), "{written}");
    assert_eq!(read(written), config);
    let representation = read(json!({"method": "graddrop", "at": "representation"}));
    assert_eq!(representation.at, GradientPlace::Representation);
    representation.build(&tasks(3)).unwrap();
    let error = serde_json::from_value::<BalanceConfig>(json!({"granularity": "layers"}))
        .unwrap_err()
        .to_string();
    assert!(error.contains("unknown variant `layers`"), "{error}");
}

#[test]
fn the_kind_of_db_mtl_depends_on_its_average() {
    assert_eq!(
        read(json!({"method": "db-mtl"})).kind(),
        MethodKind::Gradients
    );
    assert_eq!(
        read(json!({"method": "db-mtl", "beta": 0.0})).kind(),
        MethodKind::Gramian
    );
}

#[test]
fn options_without_meaning_are_refused() {
    for (table, expected) in [
        (
            json!({"method": "uncertainty", "granularity": "layer"}),
            "`uncertainty`: setting `granularity` is `layer`, expected `encoder`, because it works on losses and sees no parameters",
        ),
        (
            json!({"method": "rlw", "at": "representation"}),
            "`rlw`: setting `at` is `representation`, expected `parameters`, because it works on losses and takes no gradients",
        ),
        (
            json!({"method": "mgda", "at": "representation", "granularity": "tensor"}),
            "`mgda`: setting `granularity` is `tensor`, expected `encoder`, because a representation has no layers or tensors",
        ),
        (
            json!({"method": "moco", "at": "representation"}),
            "`moco`: setting `at` is `representation`, expected `parameters`, because it averages each coordinate over steps and those of a representation belong to other examples in each",
        ),
        (
            json!({"method": "trimmed-mean", "trim": 1, "heads": "weighted"}),
            "`trimmed-mean`: setting `heads` is `weighted`, expected `raw`, because its direction has no weights",
        ),
    ] {
        assert_eq!(refusal(table), expected);
    }
    for method in ["db-mtl", "excess-mtl"] {
        let error = refusal(json!({"method": method, "at": "representation"}));
        assert!(error.contains("averages each coordinate"), "{error}");
    }
    // Its direction is a weighted sum, although its weights come from coordinates.
    let config = read(json!({"method": "excess-mtl", "heads": "weighted"}));
    config.build(&tasks(3)).unwrap();
}

#[test]
fn a_method_of_the_other_kind_is_refused() {
    let error = read(json!({"method": "upgrad"})).build_losses(&tasks(2), 0);
    let message = error.unwrap_err().to_string();
    assert!(
        message.starts_with("method `upgrad` works on per-task gradients"),
        "{message}"
    );
    let error = read(json!({"method": "equal"})).build_gradients(&tasks(2), 0);
    let message = error.unwrap_err().to_string();
    assert!(
        message.starts_with("method `equal` works on losses"),
        "{message}"
    );
}
