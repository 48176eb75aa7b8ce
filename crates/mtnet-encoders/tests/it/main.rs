//! The encoders against reference vectors, and what they promise of any batch and any folder.

mod config;
mod dropout;
mod gradients;
mod hub;
#[cfg(feature = "hub")]
mod hub_download;
mod init;
mod loading;
mod mt_net;
mod packing;
mod parity;
mod pass;
mod precision;
mod real_models;
mod source;
mod support;
mod word_vectors;
