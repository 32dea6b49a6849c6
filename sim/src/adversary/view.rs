use std::sync::Arc;

use crate::message::{Body, Layout};
use crate::vocabulary::PartyId;
use crate::wire::Field;

/// What a coalition saw: messages to and from its parties, and their randomness.
///
/// Inputs and outputs are known to whoever started the run.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Messages that reached one of its parties, in order of arrival, also those that its code
    /// no longer read.
    pub received: Vec<Seen>,
    /// Messages of its parties as they departed, after the adversary's changes.
    pub sent: Vec<Seen>,
    /// Its parties' generators, in order of use by each party.
    pub draws: Vec<Draws>,
}

/// One message in a view.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Virtual time of the arrival, or of the departure of a message that was sent, nanoseconds.
    pub at_ns: u64,
    /// Sender.
    pub from: PartyId,
    /// Receiver.
    pub to: PartyId,
    /// Place in its channel: messages of this sender to this receiver in this scope before it.
    pub occurrence: u32,
    pub(crate) body: Arc<Body>,
}

impl Seen {
    /// Payload.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body.bytes
    }

    fn layout(&self) -> Option<&Layout> {
        self.body.layout.as_deref()
    }

    /// Path of the scope; empty for what an adversary made up.
    #[must_use]
    pub fn scope(&self) -> &str {
        self.layout().map_or("", |layout| &layout.scope)
    }

    /// Name of the message's type; empty for what an adversary made up.
    #[must_use]
    pub fn label(&self) -> &str {
        self.layout().map_or("", |layout| layout.label)
    }

    /// Where which elements lie.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        self.layout().map_or(&[], |layout| &layout.fields)
    }
}

/// One generator that a corrupted party asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draws {
    /// Whose.
    pub party: PartyId,
    /// Path of the scope that it was asked for in.
    pub scope: String,
    /// Which call in this scope, from 1.
    pub call: u64,
    /// Seed of the ChaCha12 stream.
    pub seed: [u8; 32],
}
