//! Building a graph node by node: every value has one name, every constant is stored once.

use std::collections::{BTreeMap, BTreeSet};

use super::proto::{
    AttributeProto, Dimension, DimensionProto, GraphProto, NodeProto, TensorProto,
    TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};

/// The name of a value in the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value(pub String);

/// Domain of the operators that ONNX Runtime adds to the standard.
pub(super) const CONTRIB: &str = "com.microsoft";

/// Element types by their numbers in `TensorProto.DataType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    Float = 1,
    Int8 = 3,
    Int32 = 6,
    Int64 = 7,
}

/// An axis of an input or output.
#[derive(Clone, Copy, Debug)]
pub(super) enum Axis {
    /// Of that size.
    Size(usize),
    /// Of a size that is known when the graph runs, by name.
    Named(&'static str),
}

/// A setting of a node.
#[derive(Clone, Debug)]
pub(super) enum Attribute {
    Int(i64),
    Ints(Vec<i64>),
    Float(f32),
}

/// A graph in the making.
#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: Vec<NodeProto>,
    initializers: Vec<TensorProto>,
    inputs: Vec<ValueInfoProto>,
    outputs: Vec<ValueInfoProto>,
    /// Small constants by type, shape and content.
    constants: BTreeMap<(i32, Vec<i64>, Vec<u8>), Value>,
    /// How often a name was given.
    names: BTreeMap<String, usize>,
    scope: String,
}

impl Graph {
    /// Names nodes below `scope` from here on.
    pub(super) fn enter(&mut self, scope: impl Into<String>) {
        self.scope = scope.into();
    }

    /// An input of the graph.
    pub(super) fn input(&mut self, name: &str, element: Element, shape: &[Axis]) -> Value {
        self.inputs.push(value_info(name, element, shape));
        Value(name.to_owned())
    }

    /// Makes `value` an output of that name.
    pub(super) fn output(&mut self, name: &str, value: &Value, shape: &[Axis]) {
        self.nodes.push(NodeProto {
            input: vec![value.0.clone()],
            output: vec![name.to_owned()],
            name: format!("output/{name}"),
            op_type: "Identity".to_owned(),
            ..NodeProto::default()
        });
        self.outputs.push(value_info(name, Element::Float, shape));
    }

    /// A weight under its own name.
    pub(super) fn weight(&mut self, name: &str, shape: &[usize], values: &[f32]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        self.initializer(name, Element::Float, shape, bytes.collect())
    }

    /// A weight in whole numbers under its own name.
    pub(super) fn weight_int8(&mut self, name: &str, shape: &[usize], values: &[i8]) -> Value {
        let bytes = values.iter().map(|&value| value.to_le_bytes()[0]);
        self.initializer(name, Element::Int8, shape, bytes.collect())
    }

    /// A constant number.
    pub(super) fn float(&mut self, value: f32) -> Value {
        self.constant(Element::Float, vec![], value.to_le_bytes().to_vec())
    }

    /// A constant whole number.
    pub(super) fn int(&mut self, value: i64) -> Value {
        self.constant(Element::Int64, vec![], value.to_le_bytes().to_vec())
    }

    /// A constant list of whole numbers.
    pub(super) fn ints(&mut self, values: &[i64]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        let dims = vec![values.len() as i64];
        self.constant(Element::Int64, dims, bytes.collect())
    }

    /// A node of the standard with one output.
    pub(super) fn node(
        &mut self,
        op: &str,
        inputs: &[&Value],
        attributes: &[(&str, Attribute)],
    ) -> Value {
        self.push("", op, inputs, attributes, 1).remove(0)
    }

    /// A node of the standard with several outputs.
    pub(super) fn node_with<const N: usize>(&mut self, op: &str, inputs: &[&Value]) -> [Value; N] {
        self.push("", op, inputs, &[], N)
            .try_into()
            .expect("as many outputs as were asked for")
    }

    /// A node that ONNX Runtime adds to the standard.
    pub(super) fn contrib(
        &mut self,
        op: &str,
        inputs: &[&Value],
        attributes: &[(&str, Attribute)],
    ) -> Value {
        self.push(CONTRIB, op, inputs, attributes, 1).remove(0)
    }

    /// The graph, without nodes and constants that no output needs.
    pub(super) fn finish(mut self, name: &str) -> GraphProto {
        let outputs = self.outputs.iter().map(|output| output.name.clone());
        let mut needed: BTreeSet<String> = outputs.collect();
        let mut nodes = Vec::with_capacity(self.nodes.len());
        while let Some(node) = self.nodes.pop() {
            if node.output.iter().any(|output| needed.contains(output)) {
                needed.extend(node.input.iter().cloned());
                nodes.push(node);
            }
        }
        nodes.reverse();
        self.initializers
            .retain(|tensor| needed.contains(&tensor.name));
        GraphProto {
            node: nodes,
            name: name.to_owned(),
            initializer: self.initializers,
            input: self.inputs,
            output: self.outputs,
        }
    }

    fn push(
        &mut self,
        domain: &str,
        op: &str,
        inputs: &[&Value],
        attributes: &[(&str, Attribute)],
        outputs: usize,
    ) -> Vec<Value> {
        let name = self.fresh(&format!("{}/{op}", self.scope));
        let outputs: Vec<Value> = (0..outputs)
            .map(|index| Value(format!("{name}_output_{index}")))
            .collect();
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|value| value.0.clone()).collect(),
            output: outputs.iter().map(|value| value.0.clone()).collect(),
            name,
            op_type: op.to_owned(),
            attribute: attributes
                .iter()
                .map(|(name, value)| attribute(name, value))
                .collect(),
            domain: domain.to_owned(),
        });
        outputs
    }

    fn initializer(
        &mut self,
        name: &str,
        element: Element,
        shape: &[usize],
        raw_data: Vec<u8>,
    ) -> Value {
        self.initializers.push(TensorProto {
            dims: shape.iter().map(|&size| size as i64).collect(),
            data_type: element as i32,
            name: name.to_owned(),
            raw_data,
        });
        Value(name.to_owned())
    }

    fn constant(&mut self, element: Element, dims: Vec<i64>, bytes: Vec<u8>) -> Value {
        let key = (element as i32, dims, bytes);
        if let Some(known) = self.constants.get(&key) {
            return known.clone();
        }
        let value = Value(format!("constant_{}", self.constants.len()));
        self.initializers.push(TensorProto {
            dims: key.1.clone(),
            data_type: key.0,
            name: value.0.clone(),
            raw_data: key.2.clone(),
        });
        self.constants.insert(key, value.clone());
        value
    }

    fn fresh(&mut self, name: &str) -> String {
        let count = self.names.entry(name.to_owned()).or_default();
        *count += 1;
        match *count {
            1 => name.to_owned(),
            more => format!("{name}_{}", more - 1),
        }
    }
}

fn attribute(name: &str, value: &Attribute) -> AttributeProto {
    // Numbers of `AttributeProto.AttributeType`.
    let mut proto = AttributeProto {
        name: name.to_owned(),
        ..AttributeProto::default()
    };
    match value {
        Attribute::Float(value) => (proto.r#type, proto.f) = (1, Some(*value)),
        Attribute::Int(value) => (proto.r#type, proto.i) = (2, Some(*value)),
        Attribute::Ints(values) => (proto.r#type, proto.ints) = (7, values.clone()),
    }
    proto
}

fn value_info(name: &str, element: Element, shape: &[Axis]) -> ValueInfoProto {
    let dim = |axis: &Axis| DimensionProto {
        value: Some(match axis {
            Axis::Size(size) => Dimension::DimValue(*size as i64),
            Axis::Named(name) => Dimension::DimParam((*name).to_owned()),
        }),
    };
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto {
            tensor_type: Some(TensorTypeProto {
                elem_type: element as i32,
                shape: Some(TensorShapeProto {
                    dim: shape.iter().map(dim).collect(),
                }),
            }),
        }),
    }
}
