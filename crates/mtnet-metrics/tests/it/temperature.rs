//! Temperature scaling: planted temperatures come back, at the minimum, and labels stay.

use mtnet_metrics::{LabelledLogits, MetricError, check_temperature};

/// Uniform numbers from 0 to 1 of a fixed sequence (SplitMix64).
fn draws(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Logits whose softmax is the truth at `temperature`: classes are drawn from it.
fn planted(rows: usize, columns: usize, temperature: f64) -> (Vec<f32>, Vec<usize>) {
    let mut draw = draws(7);
    let (mut logits, mut truth) = (Vec::new(), Vec::new());
    for _ in 0..rows {
        let row: Vec<f64> = (0..columns).map(|_| 8.0 * draw() - 4.0).collect();
        let powers: Vec<f64> = row.iter().map(|z| (z / temperature).exp()).collect();
        let mut left = draw() * powers.iter().sum::<f64>();
        let class = powers.iter().position(|power| {
            left -= power;
            left < 0.0
        });
        truth.push(class.unwrap_or(columns - 1));
        logits.extend(row.iter().map(|&z| z as f32));
    }
    (logits, truth)
}

#[test]
fn a_planted_temperature_comes_back_and_confidence_is_deserved() {
    for wanted in [0.5, 1.0, 2.5, 6.0] {
        let (logits, truth) = planted(20_000, 5, wanted);
        let labelled = LabelledLogits::Softmax {
            logits: &logits,
            columns: 5,
            truth: &truth,
        };
        let fit = labelled.fit().unwrap().unwrap();
        assert!((fit.temperature / wanted - 1.0).abs() < 0.06, "{fit:?}");
        assert!(fit.after.log_loss <= fit.before.log_loss, "{fit:?}");
        assert!(fit.after.expected_calibration_error < 0.012, "{fit:?}");
        if wanted != 1.0 {
            let (before, after) = (fit.before, fit.after);
            let ratio = before.expected_calibration_error / after.expected_calibration_error;
            assert!(ratio > 5.0, "{fit:?}");
        }
        // The minimum: a little to either side is worse.
        for beside in [0.98, 1.02] {
            let scores = labelled.scores(fit.temperature * beside).unwrap();
            assert!(scores.log_loss > fit.after.log_loss);
        }
        // The same again, to the last bit.
        assert_eq!(labelled.fit().unwrap().unwrap(), fit);
    }
}

#[test]
fn decisions_are_fitted_alike() {
    let mut draw = draws(3);
    let logits: Vec<f32> = (0..40_000).map(|_| (12.0 * draw() - 8.0) as f32).collect();
    let holds = |&z: &f32| draw() < 1.0 / (1.0 + (-f64::from(z) / 3.0).exp());
    let truth: Vec<bool> = logits.iter().map(holds).collect();
    let labelled = LabelledLogits::Sigmoid {
        logits: &logits,
        truth: &truth,
    };
    let fit = labelled.fit().unwrap().unwrap();
    assert!((fit.temperature / 3.0 - 1.0).abs() < 0.05, "{fit:?}");
    assert!(fit.before.expected_calibration_error > 0.05, "{fit:?}");
    assert!(fit.after.expected_calibration_error < 0.01, "{fit:?}");
    // Two classes, one of them with the logit 0, are the same question.
    let rows: Vec<f32> = logits.iter().flat_map(|&z| [0.0, z]).collect();
    let classes: Vec<usize> = truth.iter().map(|&holds| usize::from(holds)).collect();
    let two = LabelledLogits::Softmax {
        logits: &rows,
        columns: 2,
        truth: &classes,
    };
    let two = two.fit().unwrap().unwrap();
    assert!((two.temperature - fit.temperature).abs() < 1e-6);
    assert!((two.after.log_loss - fit.after.log_loss).abs() < 1e-9);
}

#[test]
fn where_no_temperature_is_best_there_is_none() {
    // Every answer right: more confidence is always better.
    let right = LabelledLogits::Softmax {
        logits: &[2.0, -1.0, -3.0, 4.0],
        columns: 2,
        truth: &[0, 1],
    };
    assert_eq!(right.fit().unwrap(), None);
    // Every answer wrong: less always is.
    let wrong = LabelledLogits::Sigmoid {
        logits: &[2.0, -3.0],
        truth: &[false, true],
    };
    assert_eq!(wrong.fit().unwrap(), None);
    // Logits that are all alike say nothing.
    let flat = LabelledLogits::Softmax {
        logits: &[1.0; 6],
        columns: 3,
        truth: &[0, 2],
    };
    assert_eq!(flat.fit().unwrap(), None);
}

#[test]
fn huge_logits_overflow_nothing() {
    let logits = [3e4f32, -3e4, 2.9e4, 3e4, -1e4, 1e4, 5.0, 4.0];
    let labelled = LabelledLogits::Softmax {
        logits: &logits,
        columns: 2,
        truth: &[0, 0, 1, 1],
    };
    let scores = labelled.scores(1.0).unwrap();
    assert!(scores.log_loss.is_finite() && scores.expected_calibration_error.is_finite());
    if let Some(fit) = labelled.fit().unwrap() {
        assert!(fit.temperature.is_finite() && fit.after.log_loss.is_finite());
    }
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let softmax = |logits, columns, truth| LabelledLogits::Softmax {
        logits,
        columns,
        truth,
    };
    let refused = |labelled: LabelledLogits| labelled.fit().unwrap_err();
    assert!(matches!(
        refused(softmax(&[], 3, &[])),
        MetricError::Empty { .. }
    ));
    assert!(matches!(
        refused(softmax(&[1.0, 2.0], 2, &[0, 1])),
        MetricError::Length { .. }
    ));
    assert!(matches!(
        refused(softmax(&[1.0, 2.0], 2, &[2])),
        MetricError::ClassOutOfRange { class: 2, .. }
    ));
    assert_eq!(
        refused(softmax(&[1.0, 2.0, 0.0, f32::NAN], 2, &[0, 1])),
        MetricError::NotANumber { row: 1, column: 1 }
    );
    for bad in [0.0, -1.0, 1e-300, 1e4, f64::NAN, f64::INFINITY] {
        let message = check_temperature(bad).unwrap_err().to_string();
        assert!(
            message.contains("expected a number from 0.001 to 1000"),
            "{message}"
        );
        assert!(softmax(&[1.0, 2.0], 2, &[1]).scores(bad).is_err());
    }
}
