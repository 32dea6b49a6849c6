//! What the party that is polled has done since the kernel last looked.
//!
//! Primitives count their own work here, so that no protocol can forget to: the kernel takes the
//! counts where it ends a segment (a send, a receive, another scope or strand, the end of a poll)
//! and charges them to the scope in which the work was done. One party is polled at a time on a
//! thread, and what is counted outside of polls is dropped, so nothing leaks from one to another.

use std::cell::RefCell;

use crate::metrics::Charged;
use crate::vocabulary::Op;

#[derive(Default)]
struct Tally {
    ops: Vec<(Op, Charged)>,
    /// Work at hand that is nobody's: see [`apart`].
    apart: u32,
}

thread_local! {
    static TALLY: RefCell<Tally> = const { RefCell::new(Tally { ops: Vec::new(), apart: 0 }) };
}

/// Counts one call of so many units.
#[inline]
pub fn did(op: Op, units: usize) {
    did_calls(op, 1, units);
}

/// Counts several calls with so many units in all.
pub fn did_calls(op: Op, calls: usize, units: usize) {
    let charged = Charged { calls: calls as u64, units: units as u64 };
    TALLY.with_borrow_mut(|tally| {
        if tally.apart > 0 {
            return;
        }
        match tally.ops.iter_mut().find(|(other, _)| *other == op) {
            Some((_, sum)) => sum.add(charged),
            None => tally.ops.push((op, charged)),
        }
    });
}

/// Does what no party is charged for: what is public and computed once for all of them, or what
/// only a checker asks for.
pub fn apart<T>(act: impl FnOnce() -> T) -> T {
    struct Ends;
    impl Drop for Ends {
        fn drop(&mut self) {
            TALLY.with_borrow_mut(|tally| tally.apart = tally.apart.saturating_sub(1));
        }
    }
    TALLY.with_borrow_mut(|tally| tally.apart += 1);
    let _ends = Ends;
    act()
}

/// What was counted since it was taken last.
pub(crate) fn take() -> Vec<(Op, Charged)> {
    TALLY.with_borrow_mut(|tally| std::mem::take(&mut tally.ops))
}
