//! Tests with numbers over mutants: R13 to R16 and R35.

mod data_files;
mod model_files;
mod run_files;
mod targets;
mod tokenizers;
