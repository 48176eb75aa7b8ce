//! Parameters: order, seeded values, given tensors.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::Init;
use mtnet_core::RandomStream;
use mtnet_kernels::ParamStore;

use crate::flat;

fn store() -> ParamStore {
    ParamStore::new(RandomStream::new(9).child("init"), &Device::Cpu)
}

#[test]
fn initial_values_depend_on_the_name_and_not_on_the_order() -> Result<()> {
    let normal = Init::Randn {
        mean: 1.0,
        stdev: 0.5,
    };
    let (first, second) = (store(), store());
    let a = first
        .builder()
        .pp("x")
        .get_with_hints((30, 40), "a", normal)?;
    first.builder().get_with_hints(3, "b", normal)?;
    second.builder().get_with_hints(3, "b", normal)?;
    let again = second.builder().get_with_hints((30, 40), "x.a", normal)?;
    assert_eq!(flat(&a)?, flat(&again)?);
    assert_eq!(
        first
            .vars()
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>(),
        ["b", "x.a"]
    );
    assert_eq!(first.count(), 1203);

    let values = flat(&a)?;
    let mean = values.iter().sum::<f32>() / 1200.0;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 1200.0;
    assert!(
        (mean - 1.0).abs() < 0.06 && (variance.sqrt() - 0.5).abs() < 0.05,
        "{mean} {variance}"
    );
    Ok(())
}

#[test]
fn given_tensors_are_taken_converted_and_accounted_for() -> Result<()> {
    let given = Tensor::new(&[[1f64, 2.0]], &Device::Cpu)?.to_dtype(DType::F16)?;
    let tensors = BTreeMap::from([("w".to_owned(), given.clone()), ("stray".to_owned(), given)]);
    let store = store().with_tensors(tensors);
    assert_eq!(flat(&store.builder().get((1, 2), "w")?)?, [1.0, 2.0]);
    store.builder().get(2, "new")?;
    assert_eq!(store.unused(), ["stray"]);
    assert_eq!(store.initialised(), ["new"]);
    let shared = store.builder().get((1, 2), "w")?;
    assert_eq!(shared.id(), store.get("w").unwrap().id());
    assert!(store.builder().get((2, 2), "w").is_err());
    Ok(())
}

#[test]
fn a_checkpoint_that_does_not_fit_is_refused() -> Result<()> {
    let given = BTreeMap::from([(
        "w".to_owned(),
        Tensor::zeros((2, 3), DType::F32, &Device::Cpu)?,
    )]);
    let store = store().with_tensors(given).strict();
    let message = store.builder().get((3, 2), "w").unwrap_err().to_string();
    assert!(
        message.contains("`w` has shape [2, 3], expected [3, 2]"),
        "{message}"
    );
    let message = store.builder().get(4, "v").unwrap_err().to_string();
    assert!(message.contains("`v` of shape [4] is missing"), "{message}");
    Ok(())
}

#[test]
fn frozen_parameters_get_no_gradient_and_share_their_values() -> Result<()> {
    let store = store().freeze(|name| name.starts_with("encoder."));
    let normal = Init::Randn {
        mean: 0.0,
        stdev: 1.0,
    };
    let frozen = store.builder().get_with_hints(3, "encoder.w", normal)?;
    let free = store.builder().get_with_hints(3, "head.w", normal)?;
    let gradients = frozen.mul(&free)?.sum_all()?.backward()?;
    assert!(
        gradients
            .get(store.get("encoder.w").unwrap().as_tensor())
            .is_none()
    );
    assert!(gradients.get(&free).is_some());
    assert_eq!(
        store
            .trainable()
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>(),
        ["head.w"]
    );
    assert_eq!(store.vars().len(), 2);

    store
        .get("encoder.w")
        .unwrap()
        .set(&Tensor::new(&[1f32, 2.0, 3.0], &Device::Cpu)?)?;
    assert_eq!(flat(&frozen)?, [1.0, 2.0, 3.0]);
    Ok(())
}
