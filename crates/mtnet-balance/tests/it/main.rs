//! Tests of the public interface.

mod aggregators;
mod config;
mod coordinates;
mod fixture;
mod gradient_norm;
mod gramian;
mod loss_only;
mod matrices;
mod methods;
mod properties;
mod registry;
mod sequences;
mod state;
mod symmetries;
mod weightings;
mod wrappers;
