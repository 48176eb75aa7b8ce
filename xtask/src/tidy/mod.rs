//! `tidy`: the house rules, one file a rule, each a function from the tree to its findings.

mod absences;
mod arrows;
mod code;
mod command;
mod entry_files;
mod file_length;
mod finding;
mod graph;
mod leftovers;
mod lints;
mod machine_paths;
mod module_docs;
mod tree;
mod unsafe_code;

pub use command::run;
pub use unsafe_code::counts as unsafe_counts;
