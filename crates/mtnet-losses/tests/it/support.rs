//! Small helpers of all tests.

use candle_core::{DType, Device, Tensor, Var};

/// A variable `(rows, columns)` of the given type.
pub fn matrix(rows: &[&[f64]], dtype: DType) -> Var {
    let columns = rows.first().map_or(0, |row| row.len());
    let values: Vec<f64> = rows.concat();
    let tensor = Tensor::from_vec(values, (rows.len(), columns), &Device::Cpu)
        .and_then(|tensor| tensor.to_dtype(dtype))
        .expect("rows of one length");
    Var::from_tensor(&tensor).expect("a contiguous tensor")
}

/// All entries, row-major.
pub fn entries(tensor: &Tensor) -> Vec<f64> {
    tensor
        .flatten_all()
        .and_then(|flat| flat.to_dtype(DType::F64))
        .and_then(|flat| flat.to_vec1())
        .expect("a tensor of numbers")
}

/// The only entry.
pub fn scalar(tensor: &Tensor) -> f64 {
    assert_eq!(tensor.dims(), [0usize; 0], "expected a scalar");
    entries(tensor)[0]
}

/// Gradient of the sum of `loss` with respect to `input`, row-major.
pub fn gradient(loss: &Tensor, input: &Tensor) -> Vec<f64> {
    let gradients = loss.backward().expect("a differentiable loss");
    let gradient = gradients
        .get(input)
        .expect("the loss to depend on the input");
    assert_eq!(gradient.dims(), input.dims());
    entries(gradient)
}

/// Compares entry by entry, with a tolerance relative to the largest expected entry and the same
/// as an absolute floor.
pub fn assert_close(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}: number of entries");
    let largest = expected
        .iter()
        .fold(1f64, |top, entry| top.max(entry.abs()));
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() <= tolerance * largest,
            "{what}, entry {at}: {found}, expected {expected}"
        );
    }
}

/// Numbers that look random and are the same in every run, between -`size` and `size`.
pub fn spread(count: usize, size: f64, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state as f64 / u64::MAX as f64 * 2. - 1.) * size
        })
        .collect()
}
