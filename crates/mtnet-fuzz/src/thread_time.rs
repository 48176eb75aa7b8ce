//! Processor time of this thread, which other programs on the machine do not lengthen.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Time that this thread has run on a processor, as Linux counts it (`schedstat`, nanoseconds);
/// elsewhere the time on the clock. Only differences mean something.
pub fn thread_time() -> Duration {
    static BEGUN: OnceLock<Instant> = OnceLock::new();
    let begun = *BEGUN.get_or_init(Instant::now);
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = counted.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| begun.elapsed(), Duration::from_nanos)
}
