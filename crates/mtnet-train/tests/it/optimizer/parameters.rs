//! Which parameters move, how fast, and which do not.

use std::collections::BTreeMap;

use mtnet_train::optimizer::{
    GroupRules, Optimizer, OptimizerConfig, OptimizerError, ParameterGroup,
};

use super::{gradients, values, vector};

#[test]
fn groups_follow_from_names() {
    let config = OptimizerConfig {
        learning_rate: 1.0,
        head_learning_rate: Some(10.0),
        layerwise_decay: Some(0.5),
        weight_decay: 0.1,
        ..Default::default()
    };
    let rules = GroupRules {
        layers: 2,
        layer_of: &|name| {
            if name.starts_with("embeddings.") {
                return Some(0);
            }
            let layer = name.strip_prefix("encoder.layer.")?.split('.').next()?;
            Some(layer.parse::<usize>().ok()? + 1)
        },
        frozen: &|name| name.starts_with("encoder.layer.0."),
    };
    let check = |name: &str, group: &str, learning_rate: f64, weight_decay: f64| {
        let expected = ParameterGroup {
            name: group.to_owned(),
            learning_rate,
            weight_decay,
        };
        assert_eq!(rules.group(&config, name), Some(expected), "{name}");
    };
    let words = "embeddings.word_embeddings.weight";
    check(words, "encoder.layer0.decay", 0.25, 0.1);
    let top = "encoder.layer.1.output";
    check(
        &format!("{top}.dense.weight"),
        "encoder.layer2.decay",
        1.0,
        0.1,
    );
    check(
        &format!("{top}.dense.bias"),
        "encoder.layer2.no_decay",
        1.0,
        0.0,
    );
    check(
        &format!("{top}.LayerNorm.weight"),
        "encoder.layer2.no_decay",
        1.0,
        0.0,
    );
    check("final_norm.weight", "encoder.no_decay", 1.0, 0.0);
    check(
        "layers.3.input_layernorm.weight",
        "encoder.no_decay",
        1.0,
        0.0,
    );
    check("rnn.in_proj_bias", "encoder.no_decay", 1.0, 0.0);
    check("pooler.dense.weight", "encoder.decay", 1.0, 0.1);
    check("heads.ner.classifier.weight", "heads.decay", 10.0, 0.1);
    check("heads.ner.classifier.bias", "heads.no_decay", 10.0, 0.0);
    check("heads.norm.weight", "heads.decay", 10.0, 0.1);
    check("heads.norm.layer_norm.weight", "heads.no_decay", 10.0, 0.0);
    assert_eq!(
        rules.group(&config, "encoder.layer.0.output.dense.weight"),
        None
    );

    let variables = [
        words,
        "encoder.layer.0.output.dense.weight",
        "pooler.dense.weight",
    ]
    .map(|name| (name.to_owned(), vector(&[1.0, 2.0])))
    .into();
    let optimizer = Optimizer::new(&config, rules.assign(&config, &variables)).expect("one");
    let names: Vec<&str> = optimizer.parameters().map(|p| p.name.as_str()).collect();
    assert_eq!(names, [words, "pooler.dense.weight"]);
    assert_eq!(optimizer.groups()["encoder.decay"].1, 2);
}

#[test]
fn a_parameter_without_a_gradient_is_left_alone() {
    let config = OptimizerConfig {
        learning_rate: 0.1,
        weight_decay: 0.5,
        max_grad_norm: 0.0,
        ..Default::default()
    };
    let trained = |steps: &[Option<f32>]| {
        let variables = BTreeMap::from([
            ("a".to_owned(), vector(&[1.0])),
            ("b".to_owned(), vector(&[1.0])),
        ]);
        let parameters = GroupRules::default().assign(&config, &variables);
        let mut optimizer = Optimizer::new(&config, parameters).expect("an optimizer");
        for gradient in steps {
            let present = gradient.as_ref().map(std::slice::from_ref);
            let mut step: Vec<(&str, &[f32])> = vec![("a", &[0.3]), ("frozen", &[1.0])];
            step.extend(present.map(|gradient| ("b", gradient)));
            let step = gradients(&step);
            let report = optimizer.step(&step, 1.0).expect("a step");
            assert_eq!(report.updated, 1 + usize::from(gradient.is_some()));
        }
        assert_eq!(optimizer.steps(), steps.len() as u64);
        let state = optimizer.state().expect("a state");
        (values(&variables["b"]), values(&state.tensors["b.exp_avg"]))
    };
    // As if the steps in which its task was absent had not been: its bias correction too.
    assert_eq!(
        trained(&[Some(0.5), None, None, Some(-0.2)]),
        trained(&[Some(0.5), Some(-0.2)])
    );
    assert_eq!(trained(&[None, None]).0, [1.0]);
}

#[test]
fn a_gradient_that_is_not_finite_changes_nothing() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let variables = BTreeMap::from([
            ("a".to_owned(), vector(&[1.0, 2.0])),
            ("b".to_owned(), vector(&[3.0, 4.0])),
        ]);
        let config = OptimizerConfig::default();
        let parameters = GroupRules::default().assign(&config, &variables);
        let mut optimizer = Optimizer::new(&config, parameters).expect("an optimizer");
        let before = optimizer
            .state()
            .and_then(|s| s.to_safetensors())
            .expect("a state");
        let step = gradients(&[("a", &[0.5, 0.5]), ("b", &[0.0, bad])]);
        let error = optimizer.step(&step, 1.0).expect_err("not finite");
        assert!(
            matches!(&error, OptimizerError::NonFiniteGradient { parameter } if parameter == "b"),
            "{error}"
        );
        assert_eq!(values(&variables["a"]), [1.0, 2.0]);
        assert_eq!(values(&variables["b"]), [3.0, 4.0]);
        let after = optimizer
            .state()
            .and_then(|s| s.to_safetensors())
            .expect("a state");
        assert_eq!(before, after);
    }
}
