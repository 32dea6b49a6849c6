//! One ordered pair of nodes in the fabric: what waits at its sender, and what is on its way.

use super::queue::{NONE, Queue};

/// Set in the payload of an [`super::Ask::Arrive`] that resumes a flow instead of moving a chunk.
pub(super) const RESUME: u64 = 1 << 63;

/// What a flow is doing about its next chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing is queued.
    Idle,
    /// A chunk is at the uplink.
    Serving,
    /// Enough is under way to the downlink.
    AwaitsDownlink,
    /// Enough waits for the link.
    AwaitsLink,
}

/// An ordered pair: one cache line, because there may be a million.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Flow {
    pub(super) from: u32,
    pub(super) to: u32,
    /// Messages that have not left entirely.
    pub(super) queued: Queue,
    /// Chunks of which the sender has not heard that they passed the downlink.
    pub(super) under_way: Queue,
    /// First chunk of `under_way` that has not passed the downlink.
    pub(super) unserved: u32,
    /// First chunk of `under_way` that has not arrived.
    pub(super) in_transit: u32,
    /// How many flows shared the downlink, as the sender heard last; 1 if it knows nothing.
    pub(super) crowd: u32,
    pub(super) state: State,
    /// When the service of the chunk at the uplink began.
    pub(super) chunk_start_ns: u64,
    /// Latest arrival or delivery so far; nothing overtakes it.
    pub(super) last_arrival_ns: u64,
    /// Bytes of `under_way`.
    pub(super) outstanding: u64,
}

impl Flow {
    pub(super) fn new(from: u32, to: u32) -> Self {
        Flow {
            from,
            to,
            queued: Queue::EMPTY,
            under_way: Queue::EMPTY,
            unserved: NONE,
            in_transit: NONE,
            crowd: 1,
            state: State::Idle,
            chunk_start_ns: 0,
            last_arrival_ns: 0,
            outstanding: 0,
        }
    }

    pub(super) fn begin(&mut self, now_ns: u64) {
        self.state = State::Serving;
        self.chunk_start_ns = now_ns;
    }

    /// Whether a chunk has arrived that has not passed the downlink.
    pub(super) fn is_at_downlink(&self) -> bool {
        self.unserved != NONE && self.unserved != self.in_transit
    }

    /// Whether a chunk has passed the downlink of which the sender has not heard.
    pub(super) fn has_news(&self) -> bool {
        self.under_way.head != self.unserved
    }

    /// The payload of an [`super::Ask::Arrive`] of this flow.
    pub(super) fn pair(&self) -> u64 {
        u64::from(self.from) << 32 | u64::from(self.to)
    }
}
