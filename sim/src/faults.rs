//! Scheduled faults of honest parties: what a network or a machine does to them.

use crate::vocabulary::PartyId;

/// Something that happens to a party at a given time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Whom it happens to.
    pub party: PartyId,
    /// Virtual time, nanoseconds.
    pub at_ns: u64,
    /// What happens.
    pub kind: FaultKind,
}

/// What happens to a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The party ends; with its `host` silently, as a `process` closing its channels.
    Crash(CrashKind),
    /// The party does nothing until this time, then goes on where it was.
    Pause {
        /// Virtual time, nanoseconds.
        until_ns: u64,
    },
    /// The party loses all state and begins anew at this time, with fresh randomness.
    Restart {
        /// Virtual time, nanoseconds.
        up_at_ns: u64,
    },
}

/// What peers notice of a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrashKind {
    /// Nothing: the machine is gone.
    Host,
    /// Channels close: the operating system survived.
    Process,
}
