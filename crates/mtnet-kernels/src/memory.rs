//! Settings of the process that a program should make before its first tensor.
//!
//! Every tensor of a step is a fresh allocation of some hundred kilobytes. glibc serves those by
//! `mmap` and gives them back when freed, so that a training step of plain candle spends a third
//! of its time on page faults and on zeroing pages. candle's own pool of threads, which waits by
//! spinning, gets in the way of the one that the loops here run on.

use std::sync::Once;

/// Keeps freed memory in the process, and leaves threads to rayon.
///
/// Call it first in `main`, before other threads run. It does nothing where the allocator is not
/// glibc's, and respects a `CANDLE_NUM_THREADS` that is set already.
pub fn prepare_process() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        retain_freed_memory();
        if std::env::var_os("CANDLE_NUM_THREADS").is_none() {
            // SAFETY: as documented, the caller has started no thread that could read the
            // environment at the same time.
            unsafe { std::env::set_var("CANDLE_NUM_THREADS", "1") };
        }
    });
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn retain_freed_memory() {
    // The largest threshold that glibc takes: half of a heap of 64 MiB.
    const LARGEST_THRESHOLD: libc::c_int = 32 << 20;
    // SAFETY: `mallopt` takes two integers and only changes settings of the allocator; it may be
    // called at any time.
    let taken = unsafe {
        [
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGEST_THRESHOLD),
            libc::mallopt(libc::M_TRIM_THRESHOLD, libc::c_int::MAX),
            libc::mallopt(libc::M_TOP_PAD, 64 << 20),
        ]
    };
    debug_assert_eq!(taken, [1; 3], "the allocator refused a setting");
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn retain_freed_memory() {}
