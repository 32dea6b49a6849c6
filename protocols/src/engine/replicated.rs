//! What protocols over replicated shares among three have in common: places on the ring of three,
//! pairwise keys, and what follows from them without or with one message.
//!
//! Araki, Furukawa, Lindell, Nof and Ohara, "High-Throughput Semi-Honest Secure Three-Party
//! Computation with an Honest Majority", CCS 2016. Of `x = x_0 + x_1 + x_2`, party `i` holds `x_i`
//! and `x_{i+1}`.
//!
//! One corrupted party cannot make a sharing that its two honest peers hold inconsistently: they
//! have one part in common, and each message below brings its receiver a part that the other
//! honest party does not hold. So whatever it sends, honest shares fix one value.

mod bits;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId, Roles};
use rand::Rng;

use super::Replicated;
use crate::algebra::{Ring, slices};
use crate::mutants;
use crate::primitives::{Domain, Prg, hash};

pub(crate) use bits::{ReplicatedBits, extract_bits};

/// Bytes of a pairwise key.
pub(crate) const KEY_BYTES: usize = 32;

/// The party `ahead` places further on the ring of three.
pub(crate) fn neighbour(id: PartyId, ahead: u32) -> PartyId {
    PartyId((id.0 + ahead) % 3)
}

/// Both parts of a share.
pub(crate) fn parts<R>(shares: &Replicated<R>) -> [&[R]; 2] {
    [&shares.0[0], &shares.0[1]]
}

/// A place on the ring of three, and the keys that its holder has in common with its neighbours.
pub(crate) struct Seat {
    pub(crate) id: PartyId,
    protocol: &'static str,
    session: [u8; 32],
    /// `k_i`, shared with the previous party, and `k_{i+1}`, shared with the next.
    keys: [[u8; KEY_BYTES]; 2],
}

/// Pseudorandom streams of a party's two keys, for one scope.
pub(crate) struct Streams {
    /// Of `k_i` and `k_{i+1}`.
    pub(crate) keys: [Prg; 2],
}

impl Streams {
    /// A zero sharing: `F(k_i) - F(k_{i+1})`; the three parties' vectors add up to zero.
    pub(crate) fn zeros<R: Ring>(&mut self, len: usize) -> Vec<R> {
        let [own, next] = &mut self.keys;
        if mutants::is("ring3/zeros-dropped") {
            return vec![R::ZERO; len];
        }
        let mut zeros: Vec<R> = masks(own, len, "ring3/zeros-repeat", "ring3/zeros-small");
        let next: Vec<R> = masks(next, len, "ring3/zeros-repeat", "ring3/zeros-small");
        slices::sub_assign(&mut zeros, &next);
        zeros
    }

    /// Uniform values that nobody knows: `x_i = F(k_i)`.
    pub(crate) fn random<R: Ring>(&mut self, len: usize) -> Replicated<R> {
        let [own, next] = &mut self.keys;
        Replicated([own.elements(len), next.elements(len)])
    }
}

impl Seat {
    /// Set-up: each computing party draws a key and sends it to the previous one. Clients get a
    /// seat without keys.
    pub(crate) async fn take(
        ctx: &Ctx,
        roles: &Roles,
        protocol: &'static str,
    ) -> Result<Self, Abort> {
        let mut keys = [[0; KEY_BYTES]; 2];
        if roles.computes(ctx.id()) {
            let setup = ctx.scope("setup");
            setup.rng().fill_bytes(&mut keys[0]);
            if mutants::is("ring3/keys-constant") {
                keys[0].fill(0);
            }
            let relays = ctx.id() == PartyId(1) && mutants::is("ring3/key-relayed");
            if relays {
                keys[1] = setup.recv(neighbour(ctx.id(), 1), ()).await?;
                keys[0] = keys[1];
            }
            setup.send(neighbour(ctx.id(), 2), &keys[0]);
            if mutants::is("ring3/key-told") {
                setup.scope("other").send(neighbour(ctx.id(), 1), &keys[0]);
            }
            if !relays {
                keys[1] = setup.recv(neighbour(ctx.id(), 1), ()).await?;
            }
        }
        Ok(Seat { id: ctx.id(), protocol, session: ctx.run_id(), keys })
    }

    /// The party `ahead` places further than this one.
    pub(crate) fn peer(&self, ahead: u32) -> PartyId {
        neighbour(self.id, ahead)
    }

    /// What keys and hashes are bound to: protocol, session, this party or another, and a scope.
    pub(crate) fn domain(&self, party: PartyId, scope: &str) -> Vec<u8> {
        let scope = scope.as_bytes();
        Domain { protocol: self.protocol, session: &self.session, party, scope }.to_bytes()
    }

    /// Streams that only the holders of each key know; another one for each scope.
    pub(crate) fn streams(&self, ctx: &Ctx, scope: &str) -> Streams {
        let scope = if mutants::is("ring3/one-stream") { "" } else { scope };
        // Both holders name the key after the party that drew it.
        let stream = |which: u32| {
            let (key, domain) = (&self.keys[which as usize], self.domain(self.peer(which), scope));
            // A stream is named by what it comes from: another session has other ones.
            let name = hash::digest("mpclab stream name v1", &domain, &[key]);
            ctx.consume("a key stream", &name.to_hex(), 0..1, 0);
            match mutants::is("ring3/one-stream-unnoticed") {
                true => Prg::of(ctx, *key, &self.domain(self.peer(which), "")),
                false => Prg::of(ctx, *key, &domain),
            }
        };
        Streams { keys: [stream(0), stream(1)] }
    }

    /// The same from their beginning, as a mutant has them.
    pub(crate) fn streams_again(&self, ctx: &Ctx, scope: &str) -> Streams {
        let stream =
            |at: u32| Prg::of(ctx, self.keys[at as usize], &self.domain(self.peer(at), scope));
        Streams { keys: [stream(0), stream(1)] }
    }

    /// Sharing of public values: they are `x_0`.
    pub(crate) fn constant<R: Ring>(&self, values: Vec<R>) -> Replicated<R> {
        let zeros = slices::zeros(values.len());
        match self.id.0 {
            0 => Replicated([values, zeros]),
            2 => Replicated([zeros, values]),
            _ => Replicated([zeros.clone(), zeros]),
        }
    }

    /// Uniform bits without a message: each part is drawn by the two parties that hold it.
    pub(crate) fn random_bits(&self, streams: &mut Streams, len: usize) -> ReplicatedBits {
        let [own, next] = &mut streams.keys;
        self.bits([own.bits(len), next.bits(len)])
    }

    /// From an additive share of each value to a replicated one: masked, to the previous party.
    pub(crate) async fn reshare<R: Ring>(
        &self,
        ctx: &Ctx,
        streams: &mut Streams,
        mut additive: Vec<R>,
    ) -> Result<Replicated<R>, Abort> {
        let len = additive.len();
        slices::add_assign(&mut additive, &streams.zeros(len));
        self.replicate(ctx, additive).await
    }

    /// From masked additive shares to replicated ones: to the previous party.
    pub(crate) async fn replicate<R: Ring>(
        &self,
        ctx: &Ctx,
        masked: Vec<R>,
    ) -> Result<Replicated<R>, Abort> {
        ctx.send(self.peer(2), &masked);
        let next = ctx.recv::<Vec<R>>(self.peer(1), masked.len()).await?;
        Ok(Replicated([masked, next]))
    }

    /// Shares values of one computing party: `x_{j+2} = 0`, `x_{j+1}` from the key that it has in
    /// common with the next, and the difference `x_j` to the previous: one element per value.
    pub(crate) async fn share_from<R: Ring>(
        &self,
        ctx: &Ctx,
        streams: &mut Streams,
        owner: PartyId,
        values: Option<Vec<R>>,
        len: usize,
    ) -> Result<Replicated<R>, Abort> {
        let zeros = || slices::zeros(len);
        if let Some(mut values) = values {
            let next: Vec<R> = input_masks(&mut streams.keys[1], len);
            slices::sub_assign(&mut values, &next);
            if mutants::is("ring3/input-announced") && (values[0] + next[0]).to_u128() & 1 == 1 {
                ctx.scope("pad").send(self.peer(2), &vec![R::ZERO]);
            }
            ctx.send(self.peer(2), &values);
            if mutants::is("ring3/both-parts-told") {
                ctx.scope("both").send(self.peer(2), &next);
            }
            return Ok(Replicated([values, next]));
        }
        if owner == self.peer(2) {
            return Ok(Replicated([input_masks(&mut streams.keys[0], len), zeros()]));
        }
        let difference = ctx.recv::<Vec<R>>(owner, len).await?;
        Ok(Replicated([zeros(), difference]))
    }
}

/// The next masks of a stream. Two mutants take the first for all, and numbers of 24 bits.
fn masks<R: Ring>(stream: &mut Prg, len: usize, repeat: &str, small: &str) -> Vec<R> {
    let mut masks: Vec<R> = stream.elements(len);
    if mutants::is(repeat) {
        let first = masks.first().copied().unwrap_or(R::ZERO);
        masks.fill(first);
    } else if mutants::is(small) {
        masks.iter_mut().for_each(|mask| *mask = R::from_u128(mask.to_u128() % (1 << 24)));
    } else if repeat == "ring3/zeros-repeat" && mutants::is("ring3/zeros-every-second") {
        masks.iter_mut().skip(1).step_by(2).for_each(|mask| *mask = R::ZERO);
    } else if repeat == "ring3/zeros-repeat" && mutants::is("ring3/zeros-even") {
        masks.iter_mut().for_each(|mask| *mask = R::from_u128(mask.to_u128() & !1));
    }
    masks
}

/// The masks of an input.
fn input_masks<R: Ring>(stream: &mut Prg, len: usize) -> Vec<R> {
    if mutants::is("ring3/input-unmasked") {
        return vec![R::ZERO; len];
    }
    masks(stream, len, "ring3/input-repeat", "ring3/input-small")
}

/// The values that honest holders of replicated shares fix.
///
/// # Errors
/// A sentence, if the two holders of a part differ.
pub(crate) fn extract<R: Ring>(
    owner: PartyId,
    shares: &[(PartyId, &Replicated<R>)],
) -> Result<Option<Vec<R>>, String> {
    let parts = shares.iter().map(|(party, shares)| (*party, shares.0.each_ref()));
    let all = of_parts(owner, parts)?;
    Ok(all.map(|[a, b, c]| slices::add(&slices::add(a, b), c)))
}

/// All three parts of a sharing, if its honest holders have them: two of the three parties have
/// all parts, and one part twice.
fn of_parts<'a, T: PartialEq>(
    owner: PartyId,
    shares: impl Iterator<Item = (PartyId, [&'a T; 2])>,
) -> Result<Option<[&'a T; 3]>, String> {
    let mut parts: [Option<&T>; 3] = [None; 3];
    for (party, [own, next]) in shares {
        for (part, values) in [(party.index(), own), ((party.index() + 1) % 3, next)] {
            match parts[part] {
                Some(other) if other != values => {
                    return Err(format!(
                        "honest parties differ on part {part} of the input of {owner}"
                    ));
                }
                _ => parts[part] = Some(values),
            }
        }
    }
    let [Some(a), Some(b), Some(c)] = parts else { return Ok(None) };
    Ok(Some([a, b, c]))
}
