//! Sums of gradients over micro-batches and tasks.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};
use mtnet_train::optimizer::{GradientAccumulator, Gradients};

use super::{gradients, values, vector};

#[test]
fn micro_batches_add_up() {
    let weight = vector(&[1.0, 2.0]);
    let unused = vector(&[7.0]);
    let variables = BTreeMap::from([
        ("unused".to_owned(), unused),
        ("weight".to_owned(), weight.clone()),
    ]);
    let mut sum = GradientAccumulator::new();
    for factor in [1.0, 2.0, 4.0] {
        let loss = (weight.sqr().expect("w²").sum_all().expect("Σ") * factor).expect("a loss");
        let mut store = loss.backward().expect("gradients");
        sum.add_from(&mut store, &variables, 0.5).expect("one more");
        assert!(store.get(&weight).is_none(), "its memory is free again");
    }
    let gradients = sum.take();
    assert!(sum.is_empty());
    // ½ (1 + 2 + 4) · 2w
    assert_eq!(values(gradients.get("weight").expect("one")), [7.0, 14.0]);
    assert!(gradients.get("unused").is_none());
}

#[test]
fn sums_of_gradients_leave_their_terms_alone() {
    let shared = Tensor::new(&[1f32, 2.0], &Device::Cpu).expect("a tensor");
    // Two names, one storage, as a backward pass may leave it.
    let first: Gradients = [
        ("a".to_owned(), shared.clone()),
        ("b".to_owned(), shared.clone()),
    ]
    .into_iter()
    .collect();
    let second = gradients(&[("a", &[10.0, 20.0]), ("c", &[5.0])]);
    let sum = Gradients::weighted_sum([(1.0, &first), (2.0, &second)]).expect("a sum");
    assert_eq!(values(sum.get("a").expect("a")), [21.0, 42.0]);
    assert_eq!(values(sum.get("b").expect("b")), [1.0, 2.0]);
    assert_eq!(values(sum.get("c").expect("c")), [10.0]);
    assert_eq!(values(&shared), [1.0, 2.0]);

    assert_eq!(first.dot(&second).expect("a product"), 50.0);
    assert_eq!(second.norm().expect("a norm"), 525f64.sqrt());
    let mut rest = sum;
    let taken = rest.split_off(|name| name != "b");
    assert_eq!(
        taken.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ["a", "c"]
    );
    assert_eq!(rest.len(), 1);

    let other = gradients(&[("a", &[1.0])]);
    let error = Gradients::weighted_sum([(1.0, &first), (1.0, &other)]).expect_err("shapes");
    assert_eq!(
        error.to_string(),
        "gradient of `a` has shape [1], expected the parameter's [2]"
    );
}
