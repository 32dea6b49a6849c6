use std::collections::BTreeMap;

use mpclab_sim::vocabulary::{Abort, PartyId};
use mpclab_sim::wire::Wire;
use mpclab_sim::work;

use super::key::MacKey;
use crate::algebra::{PrimeField, slices};
use crate::mutants;
use crate::primitives::agree::Hash;
use crate::primitives::{Domain, hash};

/// What has been said and is not checked yet, and the key to check it with.
pub(super) struct Ledger<F: PrimeField> {
    pub(super) key: MacKey<F>,
    /// What an input node broadcast, as it was read.
    heard: BTreeMap<PartyId, Vec<u8>>,
    /// Openings by the path of their scope, in its order: strands run side by side, and no two
    /// parties finish them in the same order.
    opened: BTreeMap<String, Opened<F>>,
    checking: bool,
    /// The first coin, where a mutant tosses no other.
    #[cfg(feature = "mutants")]
    pub(super) coin: Option<[u8; 32]>,
}

/// Opened values, and this party's shares of their MACs.
#[derive(Default)]
struct Opened<F> {
    values: Vec<F>,
    macs: Vec<F>,
}

/// What one check is about.
pub(super) struct Pending<F> {
    pub(super) heard: BTreeMap<PartyId, Vec<u8>>,
    pub(super) values: Vec<F>,
    pub(super) macs: Vec<F>,
}

impl<F: PrimeField> Ledger<F> {
    pub(super) fn new() -> Self {
        Ledger {
            key: MacKey::none(),
            heard: BTreeMap::new(),
            opened: BTreeMap::new(),
            checking: false,
            #[cfg(feature = "mutants")]
            coin: None,
        }
    }

    /// Notes what an input node broadcast.
    pub(super) fn hear<M: Wire>(&mut self, from: PartyId, broadcast: &M) {
        let bytes = self.heard.entry(from).or_default();
        let before = bytes.len();
        broadcast.encode(bytes);
        work::did(F::PLACE, (bytes.len() - before) / F::BYTES);
    }

    /// Notes what was opened in a scope.
    pub(super) fn open(&mut self, path: String, values: &[F], mut macs: Vec<F>) {
        if mutants::is("spdz/products-unchecked") && path.contains("/mul") {
            return;
        }
        let opened = self.opened.entry(path).or_default();
        slices::append(&mut opened.values, values);
        append(&mut opened.macs, &mut macs);
    }

    /// Hands out all that is to be checked, in an order that all parties agree upon.
    ///
    /// # Errors
    /// `Bug` if another check has not ended: checks of one key come one after the other.
    pub(super) fn begin(&mut self) -> Result<Pending<F>, Abort> {
        if self.checking {
            return Err(Abort::Bug("two MAC checks at a time".to_owned()));
        }
        self.checking = true;
        let heard = std::mem::take(&mut self.heard);
        let mut pending = Pending { heard, values: Vec::new(), macs: Vec::new() };
        for (_, mut opened) in std::mem::take(&mut self.opened) {
            append(&mut pending.values, &mut opened.values);
            append(&mut pending.macs, &mut opened.macs);
        }
        Ok(pending)
    }

    /// The check has ended; if it failed, the key is of no more use to anybody.
    pub(super) fn end(&mut self, passed: bool) {
        self.checking = false;
        if !passed && !mutants::is("spdz/key-survives") {
            self.key.erase();
        }
    }
}

impl<F: PrimeField> Pending<F> {
    /// A hash of all that was broadcast, the same for all parties if all were told the same.
    pub(super) fn heard_hash(&self, domain: &Domain<'_>) -> Hash {
        let parts: Vec<&[u8]> = self.heard.values().map(Vec::as_slice).collect();
        *hash::digest("mpclab spdz broadcasts v1", &domain.to_bytes(), &parts).as_bytes()
    }
}

/// Moves all of `more` to the end; nothing is copied if there was nothing before it.
fn append<F: PrimeField>(all: &mut Vec<F>, more: &mut Vec<F>) {
    let more = std::mem::take(more);
    match all.is_empty() {
        true => *all = more,
        false => slices::append(all, &more),
    }
}
