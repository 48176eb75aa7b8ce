//! Tests of the public interface.

mod aggregators;
mod blocks;
mod config;
mod coordinates;
mod fixture;
mod gradient_norm;
mod gramian;
mod jacobians;
mod loss_only;
mod matrices;
mod methods;
mod optimality;
mod options;
mod properties;
mod registry;
mod sequences;
mod state;
mod symmetries;
mod weightings;
mod wrappers;
