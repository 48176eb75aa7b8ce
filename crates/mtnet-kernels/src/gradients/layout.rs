//! Which parameter's gradient lies where in a flat buffer.

use std::collections::BTreeMap;
use std::ops::Range;

use candle_core::{DType, Var};

/// A parameter and its place.
#[derive(Clone, Debug)]
pub struct GradientEntry {
    /// Name of the parameter.
    pub name: String,
    /// The parameter.
    pub variable: Var,
    /// Its numbers in the flat buffer.
    pub range: Range<usize>,
}

impl GradientEntry {
    /// Numbers in one row of the parameter: all but its first dimension; 1 for a scalar.
    pub fn row_width(&self) -> usize {
        self.variable.dims().iter().skip(1).product()
    }
}

/// Parameters one behind the other, in the order they were given.
#[derive(Clone, Debug, Default)]
pub struct GradientLayout {
    entries: Vec<GradientEntry>,
    index: BTreeMap<String, usize>,
    length: usize,
}

impl GradientLayout {
    /// Lays out variables in this order. A name that comes twice counts once.
    pub fn new(variables: impl IntoIterator<Item = (String, Var)>) -> Self {
        let mut layout = Self::default();
        for (name, variable) in variables {
            if layout.index.contains_key(&name) {
                continue;
            }
            let end = layout.length + variable.elem_count();
            layout.index.insert(name.clone(), layout.entries.len());
            layout.entries.push(GradientEntry {
                name,
                variable,
                range: layout.length..end,
            });
            layout.length = end;
        }
        layout
    }

    /// The parameters in order.
    pub fn entries(&self) -> &[GradientEntry] {
        &self.entries
    }

    /// Position of a parameter among the entries.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// Numbers of all parameters together.
    pub fn length(&self) -> usize {
        self.length
    }

    /// The numbers of some consecutive entries.
    pub fn numbers(&self, entries: Range<usize>) -> Range<usize> {
        match self.entries.get(entries.clone()) {
            Some([]) | None => 0..0,
            Some(some) => some[0].range.start..some[some.len() - 1].range.end,
        }
    }

    /// Whether all parameters are `f32` in main memory, where one flat buffer can hold them.
    pub(super) fn is_host(&self) -> bool {
        self.entries
            .iter()
            .all(|entry| entry.variable.device().is_cpu() && entry.variable.dtype() == DType::F32)
    }
}
