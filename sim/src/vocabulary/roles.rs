use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PartyId;

/// Who brings inputs, who computes, who learns outputs.
///
/// Computing parties are nodes `0..compute`; pure clients follow. The `k`-th entry of `input` is
/// input party `k` of the function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roles {
    /// Number of computing parties.
    pub compute: usize,
    /// Nodes that bring inputs, ascending.
    pub input: Vec<PartyId>,
    /// Nodes that learn the output, ascending.
    pub output: Vec<PartyId>,
}

impl Roles {
    /// Everyone does everything.
    #[must_use]
    pub fn all(n: usize) -> Self {
        Roles { compute: n, input: PartyId::all(n).collect(), output: PartyId::all(n).collect() }
    }

    /// Number of nodes, clients included.
    #[must_use]
    pub fn nodes(&self) -> usize {
        let last = |ids: &[PartyId]| ids.last().map_or(0, |id| id.index() + 1);
        self.compute.max(last(&self.input)).max(last(&self.output))
    }

    /// The computing parties.
    pub fn computing(
        &self,
    ) -> impl DoubleEndedIterator<Item = PartyId> + ExactSizeIterator + Clone {
        PartyId::all(self.compute)
    }

    /// Whether a node computes.
    #[must_use]
    pub fn computes(&self, party: PartyId) -> bool {
        party.index() < self.compute
    }

    /// Which input party of the function a node is.
    #[must_use]
    pub fn input_index(&self, party: PartyId) -> Option<usize> {
        self.input.binary_search(&party).ok()
    }

    /// Whether a node learns the output.
    #[must_use]
    pub fn learns_output(&self, party: PartyId) -> bool {
        self.output.binary_search(&party).is_ok()
    }
}

/// The security level that every protocol of a scenario has to reach, bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecurityLevel {
    /// Computational security parameter kappa.
    pub computational: u32,
    /// Statistical security parameter sigma.
    pub statistical: u32,
}

impl Default for SecurityLevel {
    fn default() -> Self {
        SecurityLevel { computational: 128, statistical: 40 }
    }
}
