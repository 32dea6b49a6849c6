//! The memory allocator of the command `mpclab`.
//!
//! Vectors of shares and messages come and go in sizes for which the system's allocator asks for
//! new pages each time; mimalloc keeps them, and gives them back when nobody wanted them for a
//! while. Runs on large vectors take longer than that while, so that most of their time went into
//! pages that were given back and asked for again: an inner product of 10^6 under `spdz` took 2.7
//! times as long as with pages that are kept (`docs/compute.md`).

use std::ffi::c_long;

use libmimalloc_sys::{mi_option_get, mi_option_set, mi_option_t};
pub use mimalloc::MiMalloc;

/// `mi_option_purge_delay`: after how many ms unused pages are given back. Its number is that of
/// mimalloc 3; the bindings name only the options before it.
const PURGE_DELAY: mi_option_t = 15;

/// What mimalloc 3 sets it to, unless its environment says something else.
const USUAL_DELAY_MS: c_long = 1_000;

/// Lets the process keep the pages that it once had, until it ends. Whoever chose a delay through
/// `MIMALLOC_PURGE_DELAY` keeps that. For the beginning of `main`: threads that allocate meanwhile
/// may read either delay.
pub fn keep_pages() {
    // SAFETY: both read or write one entry of a table of numbers that is there from the start; the
    // index is below its length.
    unsafe {
        if mi_option_get(PURGE_DELAY) == USUAL_DELAY_MS {
            mi_option_set(PURGE_DELAY, -1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[global_allocator]
    static ALLOCATOR: MiMalloc = MiMalloc;

    fn delay_ms() -> c_long {
        // SAFETY: as above.
        unsafe { mi_option_get(PURGE_DELAY) }
    }

    /// Another release of mimalloc may number its options in another way.
    #[test]
    fn the_option_is_the_one_that_is_meant() {
        assert_eq!(delay_ms(), USUAL_DELAY_MS);
        keep_pages();
        assert_eq!(delay_ms(), -1);
        keep_pages();
        assert_eq!(delay_ms(), -1);
    }
}
