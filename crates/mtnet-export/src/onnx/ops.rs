//! Small expressions over values: arithmetic, activations, shapes.

use mtnet_kernels::Activation;

use super::graph::{Attribute, Element, Graph, Value};

impl Graph {
    pub(super) fn add(&mut self, a: &Value, b: &Value) -> Value {
        self.node("Add", &[a, b], &[])
    }

    pub(super) fn sub(&mut self, a: &Value, b: &Value) -> Value {
        self.node("Sub", &[a, b], &[])
    }

    pub(super) fn mul(&mut self, a: &Value, b: &Value) -> Value {
        self.node("Mul", &[a, b], &[])
    }

    pub(super) fn div(&mut self, a: &Value, b: &Value) -> Value {
        self.node("Div", &[a, b], &[])
    }

    pub(super) fn matmul(&mut self, a: &Value, b: &Value) -> Value {
        self.node("MatMul", &[a, b], &[])
    }

    /// Rows of a table.
    pub(super) fn gather(&mut self, table: &Value, rows: &Value, axis: i64) -> Value {
        self.node("Gather", &[table, rows], &[("axis", Attribute::Int(axis))])
    }

    pub(super) fn cast(&mut self, value: &Value, to: Element) -> Value {
        self.node("Cast", &[value], &[("to", Attribute::Int(to as i64))])
    }

    pub(super) fn unsqueeze(&mut self, value: &Value, axes: &[i64]) -> Value {
        let axes = self.ints(axes);
        self.node("Unsqueeze", &[value, &axes], &[])
    }

    pub(super) fn squeeze(&mut self, value: &Value, axes: &[i64]) -> Value {
        let axes = self.ints(axes);
        self.node("Squeeze", &[value, &axes], &[])
    }

    /// `start..end` of one axis; negative ends count from behind.
    pub(super) fn slice(&mut self, value: &Value, axis: i64, start: i64, end: i64) -> Value {
        let (starts, ends, axes) = (self.ints(&[start]), self.ints(&[end]), self.ints(&[axis]));
        self.node("Slice", &[value, &starts, &ends, &axes], &[])
    }

    pub(super) fn reshape(&mut self, value: &Value, shape: &[i64]) -> Value {
        let shape = self.ints(shape);
        self.node("Reshape", &[value, &shape], &[])
    }

    pub(super) fn transpose(&mut self, value: &Value, order: &[i64]) -> Value {
        let order = Attribute::Ints(order.to_vec());
        self.node("Transpose", &[value], &[("perm", order)])
    }

    pub(super) fn softmax(&mut self, value: &Value) -> Value {
        self.node("Softmax", &[value], &[("axis", Attribute::Int(-1))])
    }

    /// Sum over one axis.
    pub(super) fn sum(&mut self, value: &Value, axis: i64, keep: bool) -> Value {
        let axes = self.ints(&[axis]);
        let keep = Attribute::Int(i64::from(keep));
        self.node("ReduceSum", &[value, &axes], &[("keepdims", keep)])
    }

    /// Largest number of one axis, which is dropped.
    pub(super) fn max(&mut self, value: &Value, axis: i64) -> Value {
        let axes = Attribute::Ints(vec![axis]);
        self.node(
            "ReduceMax",
            &[value],
            &[("axes", axes), ("keepdims", Attribute::Int(0))],
        )
    }

    /// An activation in the standard's operators. GELU is written as the exporters of PyTorch write
    /// it, which is the pattern that runtimes look for.
    pub(super) fn activate(&mut self, x: &Value, activation: Activation) -> Value {
        match activation {
            Activation::Identity => x.clone(),
            Activation::Relu => self.node("Relu", &[x], &[]),
            Activation::Tanh => self.node("Tanh", &[x], &[]),
            Activation::Silu => {
                let gate = self.node("Sigmoid", &[x], &[]);
                self.mul(x, &gate)
            }
            Activation::Gelu => {
                let (root, one, half) = (
                    self.float(std::f32::consts::SQRT_2),
                    self.float(1.0),
                    self.float(0.5),
                );
                let scaled = self.div(x, &root);
                let erf = self.node("Erf", &[&scaled], &[]);
                let raised = self.add(&erf, &one);
                let product = self.mul(x, &raised);
                self.mul(&product, &half)
            }
            Activation::GeluTanh => {
                let (cubic, one, half) = (self.float(0.044_715), self.float(1.0), self.float(0.5));
                let root = self.float((2.0 / std::f64::consts::PI).sqrt() as f32);
                let square = self.mul(x, x);
                let cube = self.mul(&square, x);
                let cube = self.mul(&cube, &cubic);
                let sum = self.add(x, &cube);
                let inner = self.mul(&sum, &root);
                let tanh = self.node("Tanh", &[&inner], &[]);
                let raised = self.add(&tanh, &one);
                let product = self.mul(x, &raised);
                self.mul(&product, &half)
            }
        }
    }
}
