//! The Gramian: what it accepts and repairs, what it refuses.

use mtnet_balance::Gramian;
use proptest::prelude::*;

#[test]
fn a_matrix_that_is_none_is_told_why() {
    for (size, values, expected) in [
        (2, vec![1.0; 3], "3 entries, expected 2²"),
        (1, vec![f64::INFINITY], "entry (0, 0) is inf"),
        (1, vec![-1.0], "the squared norm (0, 0) is -1"),
        (
            2,
            vec![1.0, 0.5, 0.2, 1.0],
            "entries (1, 0) and (0, 1) are 0.2 and 0.5",
        ),
        (
            2,
            vec![1.0, 3.0, 3.0, 1.0],
            "beyond the product of the norms 1",
        ),
    ] {
        let error = Gramian::new(size, values).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert!(Gramian::new(2, vec![0.0, 1.0, 1.0, 1.0]).is_err());
    assert!(Gramian::from_rows(&[vec![1.0], vec![1.0, 2.0]]).is_err());
}

#[test]
fn rounding_is_repaired() {
    let gramian = Gramian::new(2, vec![4.0, 2.0000001, 2.0, 1.0]).unwrap();
    assert_eq!(gramian.get(0, 1), 2.0);
    assert_eq!(gramian.get(1, 0), 2.0);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_give_products_norms_and_cosines(
        rows in prop::collection::vec(prop::collection::vec(-1e3..1e3f64, 4), 1..6),
        weights in prop::collection::vec(-2.0..2.0f64, 6),
    ) {
        let gramian = Gramian::from_rows(&rows).unwrap();
        let weights = &weights[..rows.len()];
        let sum: Vec<f64> = (0..4).map(|k| rows.iter().zip(weights).map(|(r, w)| r[k] * w).sum()).collect();
        let length = sum.iter().map(|e| e * e).sum::<f64>().sqrt();
        prop_assert!((gramian.length(weights) - length).abs() <= 1e-6 * (1.0 + gramian.trace().sqrt()));
        for i in 0..rows.len() {
            for j in 0..rows.len() {
                prop_assert_eq!(gramian.get(i, j), gramian.get(j, i));
                prop_assert!(gramian.cosine(i, j).abs() <= 1.0);
            }
        }
        let doubled = gramian.scaled(&vec![2.0; rows.len()]).unwrap();
        prop_assert_eq!(doubled.trace(), 4.0 * gramian.trace());
    }
}
