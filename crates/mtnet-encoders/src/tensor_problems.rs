//! How the tensors of a file differ from those that a model needs: all of them at once, so that
//! nobody has to repair a file one message at a time.

use std::collections::BTreeMap;
use std::fmt;

use safetensors::Dtype;

/// Tensors named one by one in a message; the rest is counted.
const NAMED: usize = 20;

/// A tensor as a file states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// Its shape.
    pub shape: Vec<usize>,
    /// The type of its numbers.
    pub dtype: Dtype,
}

impl TensorInfo {
    /// Whether its numbers are of a type that weights are stored in.
    pub(crate) fn is_float(&self) -> bool {
        matches!(
            self.dtype,
            Dtype::F64 | Dtype::F32 | Dtype::F16 | Dtype::BF16
        )
    }
}

/// What is wrong with the tensors of a file, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TensorProblems {
    /// Tensors that are needed and not there, with the shapes that they should have.
    pub missing: BTreeMap<String, Vec<usize>>,
    /// Tensors of another shape, or not of floating-point numbers, with the shapes expected.
    pub wrong: BTreeMap<String, (TensorInfo, Vec<usize>)>,
    /// Tensors that nothing asks for.
    pub unused: Vec<String>,
}

impl TensorProblems {
    /// Holds what a file has against what is expected.
    pub fn new(
        expected: &BTreeMap<String, Vec<usize>>,
        found: &BTreeMap<String, TensorInfo>,
    ) -> Self {
        let mut problems = Self::default();
        for (name, shape) in expected {
            match found.get(name) {
                None => {
                    problems.missing.insert(name.clone(), shape.clone());
                }
                Some(info) if info.shape != *shape || !info.is_float() => {
                    let both = (info.clone(), shape.clone());
                    problems.wrong.insert(name.clone(), both);
                }
                Some(_) => {}
            }
        }
        let unused = found.keys().filter(|name| !expected.contains_key(*name));
        problems.unused = unused.cloned().collect();
        problems
    }

    /// Whether everything fits.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.wrong.is_empty() && self.unused.is_empty()
    }
}

impl fmt::Display for TensorProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missing = self
            .missing
            .iter()
            .map(|(name, shape)| format!("tensor `{name}` of shape {shape:?} is missing"));
        let wrong = self.wrong.iter().map(|(name, (found, expected))| {
            if found.is_float() {
                let found = &found.shape;
                format!("tensor `{name}` has shape {found:?}, expected {expected:?}")
            } else {
                let dtype = found.dtype;
                format!("tensor `{name}` holds {dtype:?}, expected floating-point numbers")
            }
        });
        let unused = self
            .unused
            .iter()
            .map(|name| format!("tensor `{name}` has no place in the model"));
        let mut all: Vec<String> = missing.chain(wrong).chain(unused).collect();
        if all.len() > NAMED {
            let more = all.len() - NAMED;
            all.truncate(NAMED);
            all.push(format!("and {more} more"));
        }
        f.write_str(&all.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_are_told_together() {
        let info = |shape: &[usize], dtype| TensorInfo {
            shape: shape.to_vec(),
            dtype,
        };
        let expected = BTreeMap::from([
            ("a".to_owned(), vec![2]),
            ("b".to_owned(), vec![3]),
            ("c".to_owned(), vec![4]),
            ("d".to_owned(), vec![5]),
        ]);
        let found = BTreeMap::from([
            ("b".to_owned(), info(&[4], Dtype::F32)),
            ("c".to_owned(), info(&[4], Dtype::I64)),
            ("d".to_owned(), info(&[5], Dtype::F16)),
            ("e".to_owned(), info(&[1], Dtype::F32)),
        ]);
        let problems = TensorProblems::new(&expected, &found);
        assert_eq!(
            problems.to_string(),
            "tensor `a` of shape [2] is missing; tensor `b` has shape [4], expected [3]; \
             tensor `c` holds I64, expected floating-point numbers; \
             tensor `e` has no place in the model"
        );
        assert!(!problems.is_empty());
        let many: BTreeMap<String, Vec<usize>> = (0..30)
            .map(|number| (format!("{number:02}"), vec![1]))
            .collect();
        let message = TensorProblems::new(&many, &BTreeMap::new()).to_string();
        assert!(
            message.ends_with("`19` of shape [1] is missing; and 10 more"),
            "{message}"
        );
    }
}
