//! All that a method learned, as one value that saves and loads whole.
//!
//! Numbers are written as decimal strings in the shortest form that reads back to
//! the same bits, because a JSON parser may round a plain number and has no NaN
//! or infinity. That is slow for millions of them: [`BalanceState::take_long_vectors`]
//! hands those over to be written in another way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::BalanceError;

/// The savable state of a method: named counters and named vectors.
///
/// A method without state has an empty one. The vectors of most methods hold one
/// number a task; those that average gradients hold one number a task and
/// parameter, which a checkpoint should write as tensors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BalanceState {
    /// The method that wrote it, as run files name it.
    pub method: String,
    /// Counters by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counters: BTreeMap<String, Vec<u64>>,
    /// Vectors by name.
    #[serde(default, with = "exact", skip_serializing_if = "BTreeMap::is_empty")]
    pub vectors: BTreeMap<String, Vec<f64>>,
    /// States of what the method is made of (wrappers around it), outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<BalanceState>,
}

impl BalanceState {
    /// The empty state of `method`.
    pub fn new(method: &'static str) -> Self {
        Self {
            method: method.to_owned(),
            ..Self::default()
        }
    }

    /// With a vector added.
    #[must_use]
    pub fn with_vector(mut self, name: &str, values: Vec<f64>) -> Self {
        self.vectors.insert(name.to_owned(), values);
        self
    }

    /// With counters added.
    #[must_use]
    pub fn with_counters(mut self, name: &str, values: Vec<u64>) -> Self {
        self.counters.insert(name.to_owned(), values);
        self
    }

    /// Takes the vector called `name` out, `expected` numbers long.
    ///
    /// # Errors
    /// [`BalanceError::State`] if it is missing or of another length.
    pub fn take_vector(
        &mut self,
        method: &'static str,
        name: &str,
        expected: usize,
    ) -> Result<Vec<f64>, BalanceError> {
        check_length(method, name, self.vectors.remove(name), expected)
    }

    /// Takes the counters called `name` out, `expected` of them.
    ///
    /// # Errors
    /// [`BalanceError::State`] if they are missing or of another number.
    pub fn take_counters(
        &mut self,
        method: &'static str,
        name: &str,
        expected: usize,
    ) -> Result<Vec<u64>, BalanceError> {
        check_length(method, name, self.counters.remove(name), expected)
    }

    /// Takes out the vectors of at least `length` numbers, here and in the parts. Each has a
    /// path, `/`-separated positions of parts and then its name, by which
    /// [`put_vector`](Self::put_vector) gives it back. In the order of the paths.
    pub fn take_long_vectors(&mut self, length: usize) -> Vec<(String, Vec<f64>)> {
        let long = |_: &String, values: &mut Vec<f64>| values.len() >= length;
        let mut taken: Vec<_> = self.vectors.extract_if(.., long).collect();
        for (position, part) in self.parts.iter_mut().enumerate() {
            let of_part = part.take_long_vectors(length).into_iter();
            taken.extend(of_part.map(|(path, values)| (format!("{position}/{path}"), values)));
        }
        taken
    }

    /// Puts a vector back to where [`take_long_vectors`](Self::take_long_vectors) found it.
    ///
    /// # Errors
    /// [`BalanceError::State`] if the path leads through a part that is not there.
    pub fn put_vector(&mut self, path: &str, values: Vec<f64>) -> Result<(), BalanceError> {
        let mut state = self;
        let mut rest = path;
        while let Some((position, path)) = rest.split_once('/') {
            let part = position.parse().ok();
            state = part
                .and_then(|position: usize| state.parts.get_mut(position))
                .ok_or_else(|| BalanceError::State {
                    method: "balance",
                    problem: format!("`{rest}` leads to a part that was not saved"),
                })?;
            rest = path;
        }
        state.vectors.insert(rest.to_owned(), values);
        Ok(())
    }

    /// Refuses a state that another method wrote.
    ///
    /// # Errors
    /// [`BalanceError::State`] naming both methods.
    pub fn check_method(&self, method: &'static str) -> Result<(), BalanceError> {
        if self.method == method {
            Ok(())
        } else {
            Err(BalanceError::State {
                method,
                problem: format!("the state was saved by `{}`", self.method),
            })
        }
    }
}

fn check_length<T>(
    method: &'static str,
    name: &str,
    values: Option<Vec<T>>,
    expected: usize,
) -> Result<Vec<T>, BalanceError> {
    match values {
        Some(values) if values.len() == expected => Ok(values),
        Some(values) => Err(BalanceError::State {
            method,
            problem: format!(
                "`{name}` holds {} numbers, expected {expected}",
                values.len()
            ),
        }),
        None => Err(BalanceError::State {
            method,
            problem: format!("`{name}` is missing"),
        }),
    }
}

/// Vectors of `f64` as decimal strings.
mod exact {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(
        vectors: &BTreeMap<String, Vec<f64>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(vectors.iter().map(|(name, values)| {
            let written: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
            (name, written)
        }))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, Vec<f64>>, D::Error> {
        let written = BTreeMap::<String, Vec<String>>::deserialize(deserializer)?;
        written
            .into_iter()
            .map(|(name, values)| {
                let values = values
                    .iter()
                    .map(|value| {
                        value.parse().map_err(|_| {
                            D::Error::custom(format!("`{name}` holds `{value}`, expected a number"))
                        })
                    })
                    .collect::<Result<_, _>>()?;
                Ok((name, values))
            })
            .collect()
    }
}
