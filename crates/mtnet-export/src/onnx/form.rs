//! How sequences lie in the graph's tensors: padded rows with a mask, or end to end with borders.
//!
//! Inside the graph both are `(batch, sequence, width)`; a packed batch is one row of all tokens,
//! whose attention is kept within the borders by a mask. What follows from the layout (positions,
//! masks, windows of neighbours, pooling) is computed here, so that encoders are written once.

use mtnet_kernels::Pooling;

use super::graph::{Attribute, Axis, Element, Graph, Value};

/// Ends of a slice that reaches to the end of its axis.
const TO_THE_END: i64 = i64::MAX;

/// The inputs of the graph and what follows from them.
#[derive(Debug)]
pub(super) struct Form {
    /// Token ids, as `(batch, sequence)`.
    pub input_ids: Value,
    /// Segments, as `(batch, sequence)`; absent where the encoder does not tell them apart.
    type_ids: Option<Value>,
    layout: Layout,
}

#[derive(Debug)]
enum Layout {
    Padded {
        /// 1 at tokens and 0 at padding, `i64` `(batch, sequence)`.
        mask: Value,
        /// The same as `f32` `(batch, sequence, 1)`.
        column: Value,
    },
    Packed {
        /// First token of each sequence, `i64` `(sequences)`.
        starts: Value,
        /// Whether a token belongs to a sequence, `f32` `(sequences, tokens)`.
        member: Value,
        /// Place of each token in its sequence, `f32` `(1, tokens)`.
        position: Value,
        /// Tokens of each token's sequence, `f32` `(1, tokens)`.
        length: Value,
    },
}

impl Form {
    /// Declares the inputs.
    pub(super) fn new(graph: &mut Graph, packed: bool, types: bool) -> Self {
        graph.enter("/inputs");
        if packed {
            packed_form(graph, types)
        } else {
            padded_form(graph, types)
        }
    }

    /// Segments of the tokens; where the encoder does not tell them apart, all are of the first.
    pub(super) fn types(&self, graph: &mut Graph) -> Value {
        match &self.type_ids {
            Some(types) => types.clone(),
            None => graph.int(0),
        }
    }

    /// Axes of a tensor with one row a token.
    pub(super) fn token_axes(&self, width: usize) -> Vec<Axis> {
        match self.layout {
            Layout::Padded { .. } => {
                vec![
                    Axis::Named("batch"),
                    Axis::Named("sequence"),
                    Axis::Size(width),
                ]
            }
            Layout::Packed { .. } => vec![Axis::Named("tokens"), Axis::Size(width)],
        }
    }

    /// Axes of a tensor with one row a sequence.
    pub(super) fn sequence_axes(&self, width: usize) -> Vec<Axis> {
        let batch = match self.layout {
            Layout::Padded { .. } => "batch",
            Layout::Packed { .. } => "sequences",
        };
        vec![Axis::Named(batch), Axis::Size(width)]
    }

    /// A tensor with one row a token as it leaves the graph.
    pub(super) fn token_output(&self, graph: &mut Graph, x: &Value) -> Value {
        match self.layout {
            Layout::Padded { .. } => x.clone(),
            Layout::Packed { .. } => graph.squeeze(x, &[0]),
        }
    }

    /// Rows of the position table, `i64` `(batch, sequence)`: how many tokens stand before each,
    /// from `offset`.
    pub(super) fn positions(&self, graph: &mut Graph, offset: u32) -> Value {
        match &self.layout {
            Layout::Padded { mask, .. } => {
                let axis = graph.int(1);
                let counted = graph.node("CumSum", &[mask, &axis], &[]);
                let shift = graph.int(i64::from(offset) - 1);
                graph.add(&counted, &shift)
            }
            Layout::Packed { position, .. } => {
                let position = graph.cast(position, Element::Int64);
                let shift = graph.int(i64::from(offset));
                graph.add(&position, &shift)
            }
        }
    }

    /// What is added to attention scores `(batch, heads, sequence, sequence)`: 0 where a token may
    /// look, the smallest number where it may not.
    pub(super) fn attention_bias(&self, graph: &mut Graph) -> Value {
        let seen = match &self.layout {
            Layout::Padded { column, .. } => {
                let rows = graph.transpose(column, &[0, 2, 1]);
                graph.unsqueeze(&rows, &[1])
            }
            Layout::Packed { member, .. } => {
                let turned = graph.transpose(member, &[1, 0]);
                let same = graph.matmul(&turned, member);
                graph.unsqueeze(&same, &[0, 1])
            }
        };
        let (one, least) = (graph.float(1.0), graph.float(f32::MIN));
        let hidden = graph.sub(&one, &seen);
        graph.mul(&hidden, &least)
    }

    /// The mask that attention of the domain `com.microsoft` takes, `i32`: `(batch, sequence)`, or
    /// `(1, tokens, tokens)` of a packed batch.
    pub(super) fn fused_mask(&self, graph: &mut Graph) -> Value {
        match &self.layout {
            Layout::Padded { mask, .. } => graph.cast(mask, Element::Int32),
            Layout::Packed { member, .. } => {
                let turned = graph.transpose(member, &[1, 0]);
                let same = graph.matmul(&turned, member);
                let same = graph.cast(&same, Element::Int32);
                graph.unsqueeze(&same, &[0])
            }
        }
    }

    /// Each row with its `radius` neighbours to both sides, zero past the ends of its sequence:
    /// `(batch, sequence, width)` to `(batch, sequence, (2 · radius + 1) · width)`.
    pub(super) fn window(&self, graph: &mut Graph, x: &Value, radius: usize) -> Value {
        let radius = radius as i64;
        let x = match &self.layout {
            Layout::Padded { column, .. } => graph.mul(x, column),
            Layout::Packed { .. } => x.clone(),
        };
        let pads = graph.ints(&[0, radius, 0, 0, radius, 0]);
        let wide = graph.node("Pad", &[&x, &pads], &[]);
        let neighbours: Vec<Value> = (-radius..=radius)
            .map(|at| {
                let end = match at - radius {
                    0 => TO_THE_END,
                    short => short,
                };
                let shifted = graph.slice(&wide, 1, at + radius, end);
                self.within(graph, &shifted, at)
            })
            .collect();
        let neighbours: Vec<&Value> = neighbours.iter().collect();
        graph.node("Concat", &neighbours, &[("axis", Attribute::Int(2))])
    }

    /// Rows of the neighbours at distance `at`, zero where that is another sequence's.
    fn within(&self, graph: &mut Graph, shifted: &Value, at: i64) -> Value {
        let Layout::Packed {
            position, length, ..
        } = &self.layout
        else {
            return shifted.clone();
        };
        if at == 0 {
            return shifted.clone();
        }
        let distance = graph.float(at as f32);
        let place = graph.add(position, &distance);
        let inside = if at < 0 {
            let zero = graph.float(0.0);
            graph.node("GreaterOrEqual", &[&place, &zero], &[])
        } else {
            graph.node("Less", &[&place, length], &[])
        };
        let inside = graph.cast(&inside, Element::Float);
        let inside = graph.unsqueeze(&inside, &[2]);
        graph.mul(shifted, &inside)
    }

    /// For each token the mean row of its sequence, `(batch, sequence, width)`.
    pub(super) fn text_rows(&self, graph: &mut Graph, x: &Value) -> Value {
        match &self.layout {
            Layout::Padded { column, .. } => {
                let kept = graph.mul(x, column);
                let total = graph.sum(&kept, 1, true);
                let count = graph.sum(column, 1, true);
                let mean = graph.div(&total, &count);
                graph.mul(&mean, column)
            }
            Layout::Packed { member, length, .. } => {
                let turned = graph.transpose(member, &[1, 0]);
                let same = graph.matmul(&turned, member);
                let total = graph.matmul(&same, x);
                let count = graph.unsqueeze(length, &[2]);
                graph.div(&total, &count)
            }
        }
    }

    /// One row a sequence, `(sequences, hidden)`.
    pub(super) fn pool(&self, graph: &mut Graph, hidden: &Value, pooling: Pooling) -> Value {
        graph.enter("/pooling");
        match (&self.layout, pooling) {
            (Layout::Padded { .. }, Pooling::First) => {
                let first = graph.int(0);
                graph.gather(hidden, &first, 1)
            }
            (Layout::Padded { column, .. }, Pooling::Mean) => {
                let kept = graph.mul(hidden, column);
                let total = graph.sum(&kept, 1, false);
                let count = graph.sum(column, 1, false);
                graph.div(&total, &count)
            }
            (Layout::Padded { column, .. }, Pooling::Max) => {
                let kept = kept_or_least(graph, hidden, column);
                graph.max(&kept, 1)
            }
            (Layout::Packed { starts, .. }, Pooling::First) => {
                let rows = graph.squeeze(hidden, &[0]);
                graph.gather(&rows, starts, 0)
            }
            (Layout::Packed { member, .. }, Pooling::Mean) => {
                let rows = graph.squeeze(hidden, &[0]);
                let total = graph.matmul(member, &rows);
                let count = graph.sum(member, 1, true);
                graph.div(&total, &count)
            }
            (Layout::Packed { member, .. }, Pooling::Max) => {
                let column = graph.unsqueeze(member, &[2]);
                let kept = kept_or_least(graph, hidden, &column);
                graph.max(&kept, 1)
            }
        }
    }
}

/// `hidden` where `column` is 1, the smallest number where it is 0.
fn kept_or_least(graph: &mut Graph, hidden: &Value, column: &Value) -> Value {
    let (half, least) = (graph.float(0.5), graph.float(f32::MIN));
    let kept = graph.node("Greater", &[column, &half], &[]);
    graph.node("Where", &[&kept, hidden, &least], &[])
}

fn padded_form(graph: &mut Graph, types: bool) -> Form {
    let axes = [Axis::Named("batch"), Axis::Named("sequence")];
    let input_ids = graph.input("input_ids", Element::Int64, &axes);
    let mask = graph.input("attention_mask", Element::Int64, &axes);
    let type_ids = types.then(|| graph.input("token_type_ids", Element::Int64, &axes));
    let floats = graph.cast(&mask, Element::Float);
    let column = graph.unsqueeze(&floats, &[2]);
    Form {
        input_ids,
        type_ids,
        layout: Layout::Padded { mask, column },
    }
}

fn packed_form(graph: &mut Graph, types: bool) -> Form {
    let tokens = [Axis::Named("tokens")];
    let ids = graph.input("input_ids", Element::Int64, &tokens);
    let types = types.then(|| graph.input("token_type_ids", Element::Int64, &tokens));
    let borders = graph.input("cu_seqlens", Element::Int64, &[Axis::Named("borders")]);

    let starts = graph.slice(&borders, 0, 0, -1);
    let ends = graph.slice(&borders, 0, 1, TO_THE_END);
    let count = graph.node("Shape", &[&ids], &[]);
    let count = graph.squeeze(&count, &[0]);
    let (zero, one) = (graph.int(0), graph.int(1));
    let index = graph.node("Range", &[&zero, &count, &one], &[]);
    let index = graph.unsqueeze(&index, &[0]);
    let (first, behind) = (graph.unsqueeze(&starts, &[1]), graph.unsqueeze(&ends, &[1]));
    let begun = graph.node("GreaterOrEqual", &[&index, &first], &[]);
    let going = graph.node("Less", &[&index, &behind], &[]);
    let member = graph.node("And", &[&begun, &going], &[]);
    let member = graph.cast(&member, Element::Float);
    // A token's own border is the sum over the sequences of border times membership.
    let of_token = |graph: &mut Graph, border: &Value| {
        let border = graph.cast(border, Element::Float);
        let row = graph.unsqueeze(&border, &[0]);
        graph.matmul(&row, &member)
    };
    let start = of_token(graph, &starts);
    let end = of_token(graph, &ends);
    let index = graph.cast(&index, Element::Float);
    Form {
        input_ids: graph.unsqueeze(&ids, &[0]),
        type_ids: types.map(|types| graph.unsqueeze(&types, &[0])),
        layout: Layout::Packed {
            position: graph.sub(&index, &start),
            length: graph.sub(&end, &start),
            starts,
            member,
        },
    }
}
