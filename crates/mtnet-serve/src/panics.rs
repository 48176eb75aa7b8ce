//! Panics are told by their place alone: their messages can hold pieces of a text.

use std::panic;

/// Replaces the process's panic hook by one that logs where a panic happened, and not what it said.
///
/// A program that serves calls it once. Slicing a string at a wrong byte, for one, panics with the
/// string in its message, and what people send must not end in a log.
pub fn tell_panics_without_text() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string);
        tracing::error!(
            place = place.as_deref().unwrap_or("unknown"),
            thread = std::thread::current().name().unwrap_or("unnamed"),
            "panicked"
        );
    }));
}
