//! A border that panics of other people's parsers do not cross.
//!
//! Some libraries index or unwrap where a damaged file leads them. [`guarded`] runs such a call and
//! turns a panic into a value; the message that the panic would have written to standard error is
//! kept in it and not printed. It needs `panic = "unwind"`, the default: with `abort` nothing can be
//! caught, and a process ends at the panic.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

/// What a call panicked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panicked {
    message: String,
}

impl Panicked {
    /// The message of the panic.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Panicked {}

thread_local! {
    /// How many guarded calls this thread is in.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Runs `call`, and gives a panic on this thread as a value.
///
/// What `call` was changing when it panicked must not be used afterwards; hand in what it reads,
/// and take out what it returns.
///
/// # Errors
/// [`Panicked`] where the call panics.
pub fn guarded<T>(call: impl FnOnce() -> T) -> Result<T, Panicked> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            if DEPTH.get() == 0 {
                before(info);
            }
        }));
    });
    DEPTH.set(DEPTH.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(call));
    DEPTH.set(DEPTH.get() - 1);
    result.map_err(|payload| Panicked {
        message: message(payload.as_ref()),
    })
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_value_and_the_next_call_works() {
        let list = [1, 2, 3];
        let index = list.len();
        let error = guarded(|| list[index]).unwrap_err();
        assert!(error.message().contains("out of bounds"), "{error}");
        assert_eq!(guarded(|| list[0]), Ok(1));
        let inner = guarded(|| guarded(|| panic!("inside {}", 7)).map_err(|e| e.to_string()));
        assert_eq!(inner, Ok(Err::<(), _>("inside 7".to_owned())));
        assert_eq!(DEPTH.get(), 0);
    }
}
