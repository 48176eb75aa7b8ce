//! What published configurations call activation functions.

use mtnet_kernels::Activation;

/// Published name and function; the first name of a function is the one that is written.
const NAMES: [(&str, Activation); 10] = [
    ("gelu", Activation::Gelu),
    ("gelu_python", Activation::Gelu),
    ("gelu_new", Activation::GeluTanh),
    ("gelu_fast", Activation::GeluTanh),
    ("gelu_pytorch_tanh", Activation::GeluTanh),
    ("relu", Activation::Relu),
    ("silu", Activation::Silu),
    ("swish", Activation::Silu),
    ("tanh", Activation::Tanh),
    ("linear", Activation::Identity),
];

/// The function of that published name.
pub(super) fn from_name(name: &str) -> Option<Activation> {
    NAMES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|&(_, activation)| activation)
}

/// The published name of a function.
pub(super) fn name_of(activation: Activation) -> Option<&'static str> {
    NAMES
        .iter()
        .find(|(_, known)| *known == activation)
        .map(|&(name, _)| name)
}
