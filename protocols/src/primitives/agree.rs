//! What parties agree upon over channels between two each: commitments that are opened later, and
//! that all have been told the same.
//!
//! Messages are point to point, so a cheater could tell each party something else. Everyone
//! therefore echoes a hash of what it was told: broadcast with abort (Goldwasser and Lindell,
//! "Secure Multi-Party Computation without Agreement", Journal of Cryptology 2005).

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId, PerParty};
use mpclab_sim::wire::Wire;

use crate::mutants;
use crate::primitives::{Domain, commit, hash};

/// Bytes of a commitment, of its nonce, and of a hash.
pub(crate) const HASH_BYTES: usize = 32;

/// A hash of 256 bits.
pub(crate) type Hash = [u8; HASH_BYTES];

/// Messages of one party to one other in [`commit_then_open`], for an opening of so many bytes.
pub(crate) const fn commit_then_open_bytes(message: usize) -> u64 {
    (HASH_BYTES + message + 2 * HASH_BYTES) as u64
}

/// Everyone commits to a message and opens it when it has all commitments: two rounds.
///
/// All nodes take part. Nobody's message depends on another's, and with its opening everyone sends
/// a hash of all commitments that it has, so that all have the same messages, or abort.
/// `domain` says where this happens; its party is put in here.
///
/// # Errors
/// `Cheating` if an opening does not belong to its commitment, with who sent it; `CheckFailed` if
/// parties were told different commitments, nobody can say by whom.
pub(crate) async fn commit_then_open<M: Wire + Clone + Sync>(
    ctx: &Ctx,
    domain: &Domain<'_>,
    own: M,
) -> Result<PerParty<M>, Abort> {
    let of = |party| bound(domain, party);
    let shape = own.shape();
    // 1. Draw a nonce, and send a commitment to everyone.
    let mut nonce = commit::nonce(&mut ctx.rng());
    if mutants::is("agree/nonce-constant") {
        nonce.fill(0);
    } else if mutants::is("agree/nonce-short") {
        nonce[1..].fill(0);
    } else if mutants::is("agree/nonce-is-session") {
        nonce.copy_from_slice(domain.session);
    } else if mutants::is("agree/nonce-from-message") {
        nonce = *hash::digest("mpclab nonce v1", &[], &[&bytes(&own)]).as_bytes();
    }
    let commits = ctx.scope("commit");
    let commitment = commit::commit(&of(ctx.id()), &committed(&own), &nonce);
    commits.broadcast(&commitment);
    let opens = ctx.scope("open");
    let early = mutants::is("agree/opens-early");
    if early {
        opens.broadcast(&((own.clone(), nonce), Hash::default()));
    }
    let to_last = mutants::is("agree/last-told-early");
    let last = PartyId::from(ctx.n().saturating_sub(1));
    if to_last && ctx.id() != last {
        opens.send(last, &((own.clone(), nonce), Hash::default()));
    }
    // 2. When all commitments are there, open.
    let commitments = commits.gather::<Hash>(()).await?;
    let mut all = commitments.clone();
    all.insert(ctx.id(), commitment);
    let view = view(&of(PartyId(0)), &all);
    if to_last {
        let others = PartyId::all(last.index()).filter(|party| *party != ctx.id());
        opens.send_to(others, &((own.clone(), nonce), view));
    } else if !early {
        opens.broadcast(&((own.clone(), nonce), view));
    }
    // 3. Check every opening.
    let openings = opens.gather::<((M, Hash), Hash)>(((shape, ()), ())).await?;
    let (mut messages, mut culprits) = (PerParty::default(), Vec::new());
    messages.insert(ctx.id(), own);
    let mut agreed = true;
    for ((party, commitment), (_, opening)) in commitments.into_iter().zip(openings) {
        let ((message, nonce), their_view) = opening;
        agreed &= early || (to_last && ctx.id() == last) || their_view == view;
        let unchecked = mutants::is("agree/opening-unchecked")
            || (party == last && mutants::is("agree/last-opening-unchecked"))
            || (mutants::is("agree/opening-one-byte")
                && commit::commit(&of(party), &committed(&message), &nonce)[0] == commitment[0]);
        if !unchecked && !commit::verify(&of(party), &committed(&message), &nonce, &commitment) {
            if mutants::is("coin/cheater-left-out") {
                continue;
            }
            culprits.push(party);
        }
        messages.insert(party, message);
    }
    if !culprits.is_empty() {
        return Err(ctx.cheating(culprits, format!("openings in {}", ctx.path())));
    }
    // 4. All have the same commitments, or somebody equivocated. Whoever did has seen the messages
    //    by then, but could have seen them and aborted anyway.
    if !mutants::is("agree/view-unchecked") && !agreed {
        return Err(ctx.check_failed(format!("equal commitments in {}", ctx.path())));
    }
    Ok(messages)
}

/// What a commitment of a party is bound to.
fn bound<'a>(domain: &Domain<'a>, party: PartyId) -> Domain<'a> {
    let mut bound = Domain { party, ..*domain };
    if mutants::is("agree/identity-unbound") {
        bound.party = PartyId(0);
    } else if mutants::is("agree/session-unbound") {
        bound.session = &[0; 32];
    }
    bound
}

/// What is committed to.
fn committed<M: Wire>(message: &M) -> Vec<u8> {
    match mutants::is("agree/content-unbound") {
        true => Vec::new(),
        false => bytes(message),
    }
}

/// Everyone says what it was told, as a hash, and compares: one round.
///
/// # Errors
/// `CheckFailed` if somebody was told, or says, something else; nobody can tell who lies.
pub(crate) async fn echo(ctx: &Ctx, heard: Hash) -> Result<(), Abort> {
    ctx.broadcast(&heard);
    let echoes = ctx.gather::<Hash>(()).await?;
    if mutants::is("agree/echo-unheeded") || echoes.values().all(|echo| *echo == heard) {
        return Ok(());
    }
    Err(ctx.check_failed(format!("equal broadcasts in {}", ctx.path())))
}

/// A hash of all commitments, in order of parties. It is the same for all, so no party is its own.
pub(crate) fn view(domain: &Domain<'_>, commitments: &PerParty<Hash>) -> Hash {
    let bytes = if mutants::is("agree/view-one-byte") { 1 } else { HASH_BYTES };
    let mut parts: Vec<&[u8]> = commitments.values().map(|hash| &hash[..bytes]).collect();
    if mutants::is("agree/view-without-last") {
        parts.pop();
    }
    *hash::digest("mpclab commitments v1", &domain.to_bytes(), &parts).as_bytes()
}

/// The encoding of a message, to commit to.
pub(crate) fn bytes<M: Wire>(message: &M) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(M::len(&message.shape()));
    message.encode(&mut bytes);
    bytes
}
