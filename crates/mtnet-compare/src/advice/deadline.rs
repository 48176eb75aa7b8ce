//! A request to stop that is asked when time is over.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use mtnet_train::trainer::StopToken;

/// Asks its token after a while, unless it is dropped before.
pub(super) struct Deadline {
    pub token: StopToken,
    ended: Option<Sender<()>>,
    watch: Option<JoinHandle<()>>,
}

impl Deadline {
    /// Begins to wait.
    pub fn after(time: Duration) -> Self {
        let token = StopToken::new();
        if time.is_zero() {
            token.ask();
        }
        let (ended, told) = channel();
        let asked = token.clone();
        let watch = thread::spawn(move || {
            if told.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
                asked.ask();
            }
        });
        Self {
            token,
            ended: Some(ended),
            watch: Some(watch),
        }
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        // The watch wakes up as its channel closes.
        self.ended = None;
        if let Some(watch) = self.watch.take() {
            let _ = watch.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_that_is_over_is_told_and_time_that_is_not_ends_with_the_deadline() {
        assert!(Deadline::after(Duration::ZERO).token.is_asked());
        let soon = Deadline::after(Duration::from_millis(1));
        while !soon.token.is_asked() {
            thread::yield_now();
        }
        // Dropping does not wait for the hour.
        let late = Deadline::after(Duration::from_secs(3600));
        let token = late.token.clone();
        drop(late);
        assert!(!token.is_asked());
    }
}
