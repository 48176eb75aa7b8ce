//! Keeping freed memory in the process.
//!
//! Every tensor of a step is a fresh allocation of some hundred kilobytes. glibc serves those by
//! `mmap` and gives them back when freed, so that a training step spends a third of its time on
//! page faults and on zeroing pages (measured on candle: `docs/performance.md`).

/// Tells the C library's allocator to keep freed memory and to serve large blocks from it.
///
/// Meant to be called once, at the start of a program. Where the allocator is not glibc's it does
/// nothing. Returns whether the settings were taken.
pub fn retain_freed_memory() -> bool {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        const LARGE: libc::c_int = 1 << 30;
        // SAFETY: `mallopt` takes two integers and only changes settings of the allocator; it is
        // documented as callable at any time.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE) == 1
                && libc::mallopt(libc::M_TRIM_THRESHOLD, LARGE) == 1
                && libc::mallopt(libc::M_TOP_PAD, 64 << 20) == 1
        }
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    {
        false
    }
}
