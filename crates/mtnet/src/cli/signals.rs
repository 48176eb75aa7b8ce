//! Signals that ask a run to stop.
//!
//! The first SIGINT (Ctrl-C) or SIGTERM asks, and the run ends after its step with a checkpoint. A
//! second one ends the program at once, from inside the handler: checkpoints are committed by one
//! rename, so the one before stays whole. The exit code is 128 + the signal's number, as a shell
//! would report a program that the signal had ended.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mtnet::train::trainer::StopToken;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::exit::Exit;

/// Signals that were heard.
#[derive(Debug)]
pub struct Signals {
    /// What a run looks at.
    pub stop: StopToken,
    heard: Arc<AtomicUsize>,
}

impl Signals {
    /// Hears from here on.
    pub fn listen() -> io::Result<Self> {
        let stop = StopToken::new();
        let heard = Arc::new(AtomicUsize::new(0));
        for (signal, exit) in [(SIGINT, Exit::Interrupted), (SIGTERM, Exit::Terminated)] {
            // In this order: the first signal finds the flag unset and sets it.
            flag::register_conditional_shutdown(signal, exit as i32, stop.flag())?;
            flag::register_usize(signal, Arc::clone(&heard), exit as usize)?;
            flag::register(signal, stop.flag())?;
        }
        Ok(Self { stop, heard })
    }

    /// The exit code of a run that stopped because of them.
    pub fn exit(&self) -> Exit {
        if self.heard.load(Ordering::SeqCst) == Exit::Terminated as usize {
            Exit::Terminated
        } else {
            Exit::Interrupted
        }
    }
}
