//! The JSON schema of a run file, made from its types.
//!
//! Editors complete and check TOML by it (a first line `#:schema FILE`), the reference of settings
//! is made from it, and [`RunFile::load`](super::RunFile::load) looks for unknown keys with it.

use schemars::{Schema, schema_for};

use super::RunConfig;

/// The JSON schema (draft 2020-12) of a run file.
pub fn run_file_schema() -> Schema {
    let mut schema = schema_for!(RunConfig);
    schema.insert("title".to_owned(), "MT-Net run file".into());
    schema
}
