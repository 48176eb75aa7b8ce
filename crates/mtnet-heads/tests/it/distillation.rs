//! The distance from a teacher's scores, of each kind of head.

use candle_core::{Device, Tensor, Var};
use mtnet_core::{RandomStream, TaskName};
use mtnet_heads::{HeadConfig, HeadError, HeadRegistry, TaskHead, TaskSpec};
use mtnet_kernels::ParamStore;
use mtnet_losses::Distillation;

fn head(json: &str, labels: &[&str]) -> Box<dyn TaskHead> {
    let config: HeadConfig = serde_json::from_str(json).unwrap();
    let spec = TaskSpec::new(TaskName::new("t").unwrap(), config, labels.iter().copied());
    let store = ParamStore::new(RandomStream::new(3), &Device::Cpu);
    let builder = store.builder();
    HeadRegistry::default().build(&spec, 6, builder).unwrap()
}

const SCORES: [[f32; 2]; 3] = [[0.5, -1.0], [2.0, 0.0], [-0.5, 1.5]];

/// Loss and gradient `(rows, columns)` of [`SCORES`].
fn distance(head: &dyn TaskHead, teacher: &[f32]) -> Result<(f32, Vec<Vec<f32>>), HeadError> {
    let scores = Var::new(&SCORES, &Device::Cpu)?;
    let loss = head.distillation_loss(&scores, teacher, &Distillation::default())?;
    let gradients = loss.backward()?;
    let gradient = match gradients.get(&scores) {
        Some(gradient) => gradient.clone(),
        None => Tensor::zeros_like(&scores)?,
    };
    Ok((loss.to_scalar()?, gradient.to_vec2()?))
}

const KINDS: [&str; 3] = [
    r#""classification""#,
    r#""token-classification""#,
    r#""multi-label""#,
];

#[test]
fn a_teacher_that_says_the_same_asks_for_nothing() {
    for kind in KINDS {
        let (loss, gradient) = distance(&*head(kind, &["a", "b"]), &SCORES.concat()).unwrap();
        assert!(loss.abs() < 1e-6, "{kind}: {loss}");
        assert!(gradient.concat().iter().all(|g| g.abs() < 1e-6), "{kind}");
    }
}

#[test]
fn a_step_against_the_gradient_comes_closer() {
    let teacher = [-1.0, 1.0, 0.5, 3.0, 0.0, 0.0];
    for kind in [
        &KINDS[..],
        &[r#"{"type": "regression", "shift": [1, 2], "scale": [2, 4]}"#],
    ]
    .concat()
    {
        let head = head(kind, &["a", "b"]);
        let (before, gradient) = distance(&*head, &teacher).unwrap();
        let moved: Vec<Vec<f32>> = SCORES
            .iter()
            .zip(gradient)
            .map(|(row, slope)| row.iter().zip(slope).map(|(s, g)| s - 0.1 * g).collect())
            .collect();
        let moved = Tensor::new(moved, &Device::Cpu).unwrap();
        let after = head.distillation_loss(&moved, &teacher, &Distillation::default());
        let after: f32 = after.unwrap().to_scalar().unwrap();
        assert!(after < before, "{kind}: {before} {after}");
    }
}

#[test]
fn rows_and_numbers_without_a_teacher_take_no_part() {
    let nan = f32::NAN;
    for kind in KINDS {
        let head = head(kind, &["a", "b"]);
        let (all, _) = distance(&*head, &[1.0, 0.0, nan, nan, 0.0, 2.0]).unwrap();
        let (_, gradient) = distance(&*head, &[1.0, 0.0, nan, 3.0, 0.0, 2.0]).unwrap();
        assert!(gradient[0][0] != 0.0 && gradient[1] == [0.0, 0.0], "{kind}");
        let two = Tensor::new(&[SCORES[0], SCORES[2]], &Device::Cpu).unwrap();
        let alone = head.distillation_loss(&two, &[1.0, 0.0, 0.0, 2.0], &Distillation::default());
        let alone: f32 = alone.unwrap().to_scalar().unwrap();
        assert!((alone - all).abs() < 1e-6, "{kind}: {alone} {all}");
        let (none, gradient) = distance(&*head, &[nan; 6]).unwrap();
        assert_eq!((none, gradient.concat()), (0.0, vec![0.0; 6]), "{kind}");
    }
    // Numbers are in the unit of the data: 7 is 2 deviations above 3.
    let head = head(
        r#"{"type": "regression", "shift": [3, 0], "scale": [2, 1]}"#,
        &["a", "b"],
    );
    let (loss, gradient) = distance(&*head, &[7.0, nan, nan, nan, nan, 0.5]).unwrap();
    assert!((loss - (1.5f32.powi(2) + 1.0) / 2.0).abs() < 1e-6, "{loss}");
    assert_eq!(gradient, [vec![-1.5, 0.0], vec![0.0, 0.0], vec![0.0, 1.0]]);
}

#[test]
fn scores_of_another_number_are_refused() {
    for kind in [&KINDS[..], &[r#""regression""#]].concat() {
        let error = distance(&*head(kind, &["a", "b"]), &[0.0; 5]).unwrap_err();
        assert!(error.to_string().contains("5 for (3, 2)"), "{error}");
    }
}
