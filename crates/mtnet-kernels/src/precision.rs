//! The numbers that the matrix products of a [`Stack`](crate::Stack) take.
//!
//! Only operands change their type. Sums, norms, softmax, residuals, embeddings and the weights
//! that training changes stay in `f32`.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::product::has_fast_int8;

/// The type of a product's operands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floating point.
    #[default]
    F32,
    /// Both operands rounded to bf16, the upper 16 bits of an `f32`; products are summed in `f32`.
    Bf16,
    /// Both operands rounded to 8-bit integers: a weight with a scale for each output column when
    /// it is laid out, activations with a scale and a zero point for each row as they come. For
    /// answers only.
    Int8,
}

impl Precision {
    /// All of them, the widest first.
    pub const ALL: [Self; 3] = [Self::F32, Self::Bf16, Self::Int8];

    /// `f32`, `bf16` or `int8`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::Int8 => "int8",
        }
    }

    /// What a user should know before choosing it on this processor; `None` where it does what one
    /// chooses it for.
    pub fn caution(self) -> Option<&'static str> {
        match self {
            Self::F32 => None,
            Self::Bf16 => Some(
                "hardly faster than f32 here, and not at all in training: products on bf16 tiles \
                 (AMX) are not built, so they are f32 products of rounded numbers",
            ),
            Self::Int8 if has_fast_int8() => None,
            Self::Int8 => Some(
                "not faster than f32 here, since the instructions in use have no products of 8-bit \
                 integers (AVX-512 VNNI); it takes a quarter of the memory for weights",
            ),
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// A name that is no precision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPrecision(String);

impl fmt::Display for UnknownPrecision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(found) = self;
        write!(
            formatter,
            "unknown precision `{found}`, expected f32, bf16 or int8"
        )
    }
}

impl std::error::Error for UnknownPrecision {}

impl FromStr for Precision {
    type Err = UnknownPrecision;

    fn from_str(name: &str) -> Result<Self, UnknownPrecision> {
        Self::ALL
            .into_iter()
            .find(|precision| precision.as_str() == name)
            .ok_or_else(|| UnknownPrecision(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for precision in Precision::ALL {
            assert_eq!(precision.to_string().parse(), Ok(precision));
        }
        let error = "fp16".parse::<Precision>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown precision `fp16`, expected f32, bf16 or int8"
        );
    }
}
