//! What engines over authenticated bits have in common: inputs, who learns what, claims.

use std::collections::BTreeMap;
use std::ops::Range;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, Op, PartyId, Roles};

use super::opening::opening_bytes;
use super::{AuthBits, OPS, Preparation, Prepared};
use crate::algebra;
use crate::algebra::bits::Bits;
use crate::engine::SharedBits;
use crate::engine::cost::Message;
use crate::mutants;
use crate::oracle::{Effective, EffectiveInputs, SoundnessBound, States};
use crate::primitives::ot::{self, OtParams, Scheme, base, silent};
use crate::primitives::{Prg, commit, group};
use crate::program::Inputs;
use crate::protocol::Unsupported;

/// What bits with MACs from OT extension rest on.
pub const ASSUMES: &[&str] = &[
    group::ASSUMPTION,
    base::MALICIOUS_ASSUMPTION,
    ot::ASSUMPTION,
    Prg::ASSUMPTION,
    commit::ASSUMPTION,
];

/// The same, and what silent transfers rest on.
const ASSUMES_SILENT: &[&str] = &[
    group::ASSUMPTION,
    base::MALICIOUS_ASSUMPTION,
    ot::ASSUMPTION,
    Prg::ASSUMPTION,
    commit::ASSUMPTION,
    silent::ASSUMPTION,
];

/// What bits rest on with such transfers.
#[must_use]
pub fn assumes(ot: OtParams) -> &'static [&'static str] {
    match ot.extension {
        Scheme::SoftSpoken => ASSUMES,
        Scheme::Silent => ASSUMES_SILENT,
    }
}

/// Every op of what is prepared, opened and checked.
#[must_use]
pub fn ops(ot: OtParams) -> Vec<Op> {
    let own = group::OPS.into_iter().chain(ot.ops()).chain(OPS);
    algebra::ops_with(&own.collect::<Vec<_>>())
}

/// Refuses clients: whoever has no global key can't tell a share from another bit.
///
/// # Errors
/// If a node does not compute.
pub fn no_clients(roles: &Roles) -> Result<(), Unsupported> {
    if roles.nodes() == roles.compute {
        return Ok(());
    }
    Err(Unsupported::new(
        "MACs of inputs and outputs are under keys of those who compute: there are no clients",
        "whoever brings an input or learns an output computes: parties as a number",
    ))
}

/// What theorems say of what is prepared.
#[must_use]
pub fn soundness(preparation: &Preparation) -> Vec<SoundnessBound> {
    let ands = SoundnessBound {
        event: "a cheater knows a bit of an AND and is not caught",
        probability: preparation.leaks(),
        source: "Wang, Ranellucci, Katz, CCS 2017, buckets of leaky ANDs",
    };
    let keys = preparation.hides_keys().map(|probability| SoundnessBound {
        event: "a cheater has two global keys and is not caught",
        probability,
        source: "Wang, Ranellucci, Katz, CCS 2017, Pi_aShare, step 3",
    });
    [ands].into_iter().chain(keys).collect()
}

/// Bytes of one party's share of a wire among so many.
#[must_use]
pub const fn wire_bytes(n: u64) -> u64 {
    1 + 32 * (n - 1)
}

// ---- inputs ----

/// Masks of all input wires in their order: shared bits that their owners know, then others for
/// random bits of a program. They are gone then.
///
/// Masks of inputs are shared among all, too: an output that is a sum of inputs is opened by
/// shares, and a share that was all of an owner's mask would tell its input.
#[must_use]
pub fn masks(ctx: &Ctx, shared: &SharedBits, prepared: &mut Prepared) -> AuthBits {
    let mut own = BTreeMap::new();
    for (owner, ..) in shared.owners() {
        own.insert(owner, prepared.take_own(ctx, owner));
    }
    for (owner, share) in &own {
        ctx.tap(SHARE_OF_MASK, || (*owner, share.bits().clone()));
    }
    let mut masks = AuthBits::none(prepared.holder);
    for (owner, place) in shared.columns() {
        if let Some(of) = own.get(&owner) {
            masks.extend(&of.slice(place));
        }
    }
    masks.extend(&prepared.take_shared(ctx, shared.random_bits()));
    masks
}

/// Every owner broadcasts its bits under its masks; all input wires in their order, random bits of
/// a program as zeros. That all have heard the same is checked with the ledger.
///
/// # Errors
/// What receiving messages may fail with.
pub async fn masked_inputs(
    ctx: &Ctx,
    shared: &SharedBits,
    input: &Inputs,
    prepared: &mut Prepared,
) -> Result<Bits, Abort> {
    let holder = prepared.holder;
    let (own, ledger) = (prepared.take_known(), &mut prepared.ledger);
    let mut told = BTreeMap::new();
    if !own.is_empty() {
        let masked = shared.encode(holder.me, input)?.xor(&own);
        ctx.send_to(holder.peers(), &masked);
        if mutants::is("auth/masks-told") {
            ctx.scope("masks").send_to(holder.peers(), &own);
        }
        told.insert(holder.me, masked);
    }
    for (owner, _, len) in shared.owners().filter(|(owner, ..)| *owner != holder.me) {
        told.insert(owner, ctx.recv::<Bits>(owner, len).await?);
    }
    told.iter().for_each(|(owner, bits)| ledger.hear(*owner, bits));
    for (owner, bits) in &told {
        ctx.tap(HEARD, || (*owner, bits.clone()));
    }
    let columns =
        shared.columns().filter_map(|(owner, place)| Some(told.get(&owner)?.slice(place)));
    let mut all = Bits::concat(&columns.collect::<Vec<_>>());
    all.append(&Bits::zeros(shared.random_bits()));
    Ok(all)
}

/// What is tapped of an owner and its bits: a party's share of their masks, and what it heard.
type Of = (PartyId, Bits);

/// Label of each party's share of the masks of an owner's input.
const SHARE_OF_MASK: &str = "share of input masks";

/// Label of the masked input of an owner, as each party heard it.
const HEARD: &str = "masked input";

/// The inputs of corrupted owners: what honest parties heard, and the sum of all shares of masks.
/// Whose bits these shares are is fixed by transfers, which the functionality for bits with MACs
/// hears, and a party's code says.
#[must_use]
pub fn effective_inputs(shared: &SharedBits, states: &States<'_>) -> EffectiveInputs {
    let owners = shared.owners().map(|(owner, ..)| owner);
    let corrupted = owners.filter(|owner| states.corrupted.contains(owner));
    corrupted.map(|owner| (owner, effective(shared, states, owner))).collect()
}

fn effective(shared: &SharedBits, states: &States<'_>, owner: PartyId) -> Effective {
    let is_of = |(_, (of, _)): &(PartyId, &Of)| *of == owner;
    let mut heard = states.tapped::<Of>(HEARD).filter(is_of).map(|(_, (_, bits))| bits);
    let Some(masked) = heard.next() else { return Effective::Unknown };
    if heard.any(|other| other != masked) {
        return Effective::Undefined(format!("{owner} tells different masked inputs"));
    }
    let honest = states.tapped::<Of>(SHARE_OF_MASK).filter(is_of);
    let theirs = states.of_corrupted::<Of>(SHARE_OF_MASK).filter(is_of);
    let shares: Vec<&Bits> = honest.chain(theirs).map(|(_, (_, share))| share).collect();
    if shares.len() < shared.computing() || shares.iter().any(|of| of.len() != masked.len()) {
        return Effective::Unknown;
    }
    let bits = shares.into_iter().fold(masked.clone(), |sum, share| sum.xor(share));
    Effective::Input(shared.decode(owner, &bits))
}

/// Each of these parties broadcasts so many bytes.
pub(crate) fn to_others(
    roles: &Roles,
    broadcasts: impl Iterator<Item = (PartyId, u64)>,
) -> impl Iterator<Item = Message> {
    broadcasts.flat_map(|(from, bytes)| {
        let to = roles.computing().filter(move |to| *to != from);
        to.map(move |to| Message { from, to, bytes })
    })
}

// ---- outputs ----

/// Some of the output bits.
#[must_use]
pub fn places(shares: &AuthBits, places: &[Range<usize>]) -> AuthBits {
    let parts: Vec<AuthBits> = places.iter().map(|place| shares.slice(place.clone())).collect();
    AuthBits::concat(shares.holder(), &parts)
}

/// What each party sends to those who learn outputs: shares, and the hash of their MACs.
pub(crate) fn outputs(roles: &Roles, shared: &SharedBits) -> impl Iterator<Item = Message> {
    shared.learners().flat_map(move |(nodes, places)| {
        let bytes = opening_bytes(places.iter().map(ExactSizeIterator::len).sum());
        nodes.iter().flat_map(move |to| {
            let from = roles.computing().filter(move |from| from != to);
            from.map(move |from| Message { from, to: *to, bytes })
        })
    })
}
