//! Reading the vectors of published implementations, and comparing with them.

use candle_core::{DType, Device, Tensor, Var};
use serde_json::Value;

use crate::support::{assert_close, entries};

/// One input of a loss with what a reference gives for it.
pub struct Case {
    /// Names the case in messages.
    pub name: String,
    value: Value,
    tolerance: f64,
}

/// The cases of a loss.
pub fn cases(id: &str) -> Vec<Case> {
    let text = include_str!("../fixtures/losses.json");
    let file: Value = serde_json::from_str(text).expect("the fixture to be JSON");
    let losses = file["losses"].as_array().expect("a list of losses");
    let loss = losses
        .iter()
        .find(|loss| loss["id"] == id)
        .expect("the fixture to hold the loss");
    let cases = loss["cases"].as_array().expect("a list of cases");
    assert!(!cases.is_empty());
    let tolerance = loss["tolerance"].as_f64().expect("a tolerance");
    cases
        .iter()
        .enumerate()
        .map(|(number, case)| Case {
            name: format!("{id}, case {number}"),
            value: case.clone(),
            tolerance,
        })
        .collect()
}

/// Both types that losses are computed in.
pub const PRECISIONS: [DType; 2] = [DType::F64, DType::F32];

impl Case {
    /// A number among the parameters.
    pub fn param(&self, name: &str) -> Option<f64> {
        self.value["params"][name].as_f64()
    }

    /// The name of the reduction.
    pub fn reduction(&self) -> &str {
        self.value["params"]["reduction"]
            .as_str()
            .expect("a reduction")
    }

    /// Whether a flag among the parameters is set.
    pub fn flag(&self, name: &str) -> bool {
        self.value["params"][name].as_bool().expect("a flag")
    }

    /// Numbers of an input, row-major, if it has that input.
    pub fn input(&self, name: &str) -> Option<Vec<f64>> {
        let input = &self.value["inputs"][name];
        (!input.is_null()).then(|| flatten(input))
    }

    /// Number of columns of an input.
    pub fn columns(&self, name: &str) -> usize {
        *shape(&self.value["inputs"][name]).last().expect("a list")
    }

    /// An input as a variable.
    pub fn var(&self, name: &str, dtype: DType) -> Var {
        let input = &self.value["inputs"][name];
        let tensor = Tensor::from_vec(flatten(input), shape(input), &Device::Cpu)
            .and_then(|tensor| tensor.to_dtype(dtype))
            .expect("a nested list of numbers");
        Var::from_tensor(&tensor).expect("a contiguous tensor")
    }

    /// A further expected output.
    pub fn extra(&self, name: &str) -> &Value {
        &self.value[name]
    }

    /// Whether the reference gives NaN.
    pub fn is_undefined(&self) -> bool {
        self.value["value"].is_null()
    }

    /// The expected value, row-major.
    pub fn expected(&self) -> Vec<f64> {
        flatten(&self.value["value"])
    }

    /// What a computation in this type may be off.
    pub fn tolerance(&self, dtype: DType) -> f64 {
        match dtype {
            DType::F64 => self.tolerance,
            _ => self.tolerance.max(2e-4),
        }
    }

    /// Compares the value in its shape, and the gradient of its sum with respect to each input.
    pub fn check(&self, loss: &Tensor, inputs: &[(&str, &Var)]) {
        assert_eq!(loss.dims(), shape(&self.value["value"]), "{}", self.name);
        let tolerance = self.tolerance(loss.dtype());
        assert_close(&entries(loss), &self.expected(), tolerance, &self.name);
        self.check_gradients(loss, inputs);
    }

    /// Compares the gradient of the sum of `loss` with respect to each input.
    pub fn check_gradients(&self, loss: &Tensor, inputs: &[(&str, &Var)]) {
        let gradients = loss.backward().expect("a differentiable loss");
        for (name, input) in inputs {
            let found = gradients
                .get(input)
                .unwrap_or_else(|| panic!("{}: no gradient of {name}", self.name));
            assert_eq!(found.dims(), input.dims());
            let expected = match &self.value["grads"][*name] {
                Value::Null => vec![0.; input.elem_count()],
                expected => flatten(expected),
            };
            let what = format!("{}, gradient of {name}", self.name);
            assert_close(
                &entries(found),
                &expected,
                self.tolerance(loss.dtype()),
                &what,
            );
        }
    }
}

/// Numbers of a nested list, row-major.
pub fn flatten(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(entries) => entries.iter().flat_map(flatten).collect(),
        Value::Number(number) => vec![number.as_f64().expect("a number")],
        other => panic!("expected numbers, found {other}"),
    }
}

/// Dimensions of a nested list.
fn shape(value: &Value) -> Vec<usize> {
    match value {
        Value::Array(entries) => {
            let mut dims = vec![entries.len()];
            dims.extend(entries.first().map(shape).unwrap_or_default());
            dims
        }
        _ => Vec::new(),
    }
}
