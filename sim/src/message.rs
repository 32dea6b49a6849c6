//! What travels: opaque bodies with a fixed frame header.

use std::sync::Arc;

use crate::vocabulary::Phase;
use crate::wire::Field;

/// Bytes of the frame header, simulated and live alike: length (4), scope (8), depths (4 + 4).
///
/// They count as wire bytes, never as payload.
pub const FRAME_HEADER_BYTES: u64 = 20;

/// An encoded message, shared by all receivers of a broadcast.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) hash: u64,
    pub(crate) bytes: Vec<u8>,
    /// What it is, kept where an adversary looks at it.
    pub(crate) layout: Option<Box<Layout>>,
}

/// What a body is: where it was sent, as which type, and which elements it holds.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) scope: String,
    pub(crate) label: &'static str,
    pub(crate) fields: Vec<Field>,
}

impl Body {
    pub(crate) fn new(bytes: Vec<u8>, layout: Option<Box<Layout>>) -> Arc<Self> {
        Arc::new(Body { hash: xxhash_rust::xxh3::xxh3_64(&bytes), bytes, layout })
    }
}

/// Causal depth: the longest chain of messages behind a strand, in total and by phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Depth {
    pub(crate) total: u32,
    pub(crate) phase: [u32; 3],
}

impl Depth {
    pub(crate) fn merge(&mut self, other: &Depth) {
        self.total = self.total.max(other.total);
        for (mine, theirs) in self.phase.iter_mut().zip(other.phase) {
            *mine = (*mine).max(theirs);
        }
    }

    pub(crate) fn consume(&mut self, phase: Phase, total: u32, in_phase: u32) {
        self.total = self.total.max(total);
        let mine = &mut self.phase[phase.index()];
        *mine = (*mine).max(in_phase);
    }
}

/// A message on its way; `body` is `None` for the close that follows a party's last message.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) body: Option<Arc<Body>>,
    pub(crate) scope: u64,
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) depth_total: u32,
    pub(crate) depth_phase: u32,
}

/// A packet in its sender's outbox, stamped with the sender's clock.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) stamp_ns: u64,
    pub(crate) packet: Packet,
}
