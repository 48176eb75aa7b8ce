//! What becomes of a row that cannot be used.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What becomes of a bad row: a line, row or sentence that breaks its format, or an example whose
/// text or target cannot be used. Written `"error"`, `"skip"` or `{ limit = 100 }`.
///
/// Damage that reaches beyond rows, such as a header with a column twice or a broken row group of a
/// Parquet file, is an error whatever is said here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnBadRow {
    /// The first ends the reading.
    #[default]
    Error,
    /// It is left out and counted.
    Skip,
    /// So many of each split are left out and counted; one more ends the reading.
    Limit(usize),
}
