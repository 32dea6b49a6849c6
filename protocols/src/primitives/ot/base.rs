//! Base oblivious transfer: random pairs of keys, of which the receiver has one each.
//!
//! Both ends choose nothing but the receiver's bits; whoever is corrupted may influence its own
//! keys, which is what OT extension allows.
//!
//! - [`BaseOt::Endemic`]: Masny and Rindal, "Endemic Oblivious Transfer", CCS 2019, from
//!   Diffie-Hellman key agreement in one round. 64 bytes a transfer from the receiver, 32 bytes in
//!   all from the sender, who uses one message of the key agreement for all transfers of a batch and
//!   both of their sides. In the random oracle model semi-honest parties need no more than the
//!   decisional Diffie-Hellman assumption; that a malicious receiver learns nothing with the sender's
//!   message used again takes an interactive one ([`MALICIOUS_ASSUMPTION`]).
//! - [`BaseOt::Simplest`]: Chou and Orlandi, "The Simplest Protocol for Oblivious Transfer",
//!   LATINCRYPT 2015, in two rounds: 32 bytes a transfer, and 32 in all. Its simulator can't extract
//!   a malicious receiver's choices in time (Genc, Iovino, Rial, "The Simplest Protocol for
//!   Oblivious Transfer Revisited", IPL 2020), so engines that claim more than semi-honest security
//!   refuse it.
//!
//! - [`BaseOt::Ideal`]: a declared ideal functionality ([`ideal`]), for what is looked at in its
//!   hybrid model alone; its messages are metered apart and not priced.
//!
//! Points are validated when they are decoded, and every hash names session, parties, transfer and
//! side.

use std::fmt;

use mpclab_kernels::Block;
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Blocks, Pair};
use crate::algebra::bits::Bits;
use crate::primitives::group::{Encoded, Point, Scalar, random_scalar};
use crate::primitives::hash;

/// What [`BaseOt::Endemic`] rests on against malicious receivers.
pub const MALICIOUS_ASSUMPTION: &str = "the Diffie-Hellman problem is hard in ristretto255 for whoever \
     may ask for other powers of the same secret, hashed by BLAKE3, a random oracle";

/// Bytes of a point.
const POINT: u64 = 32;

/// How base transfers are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BaseOt {
    /// Masny and Rindal 2019: one round, against malicious parties.
    #[default]
    Endemic,
    /// Chou and Orlandi 2015: two rounds, half the bytes, against semi-honest parties.
    Simplest,
    /// An ideal functionality, which nobody prices.
    Ideal,
}

impl fmt::Display for BaseOt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BaseOt::Endemic => "endemic",
            BaseOt::Simplest => "simplest",
            BaseOt::Ideal => "ideal",
        })
    }
}

impl BaseOt {
    /// Whether a malicious party gains nothing.
    #[must_use]
    pub const fn is_malicious(self) -> bool {
        !matches!(self, BaseOt::Simplest)
    }

    /// Payload of so many transfers, bytes: of the sender, and of the receiver.
    #[must_use]
    pub const fn bytes(self, count: usize) -> [u64; 2] {
        match self {
            BaseOt::Endemic => [POINT, 2 * POINT * count as u64],
            BaseOt::Simplest => [POINT, POINT * count as u64],
            BaseOt::Ideal => [0, 0],
        }
    }

    /// Rounds of a batch.
    #[must_use]
    pub const fn rounds(self) -> u64 {
        match self {
            BaseOt::Endemic => 1,
            BaseOt::Simplest => 2,
            BaseOt::Ideal => 0,
        }
    }

    /// The sender's end: both keys of each transfer.
    ///
    /// # Errors
    /// `Malformed` if what comes is no point; what receiving messages may fail with.
    pub async fn send(
        self,
        ctx: &Ctx,
        pair: &Pair,
        count: usize,
    ) -> Result<Vec<[Block; 2]>, Abort> {
        // 1. m_S = [s] G, for all transfers.
        let announce = || {
            let secret = random_scalar(&mut ctx.rng());
            let own = Point::base(&secret);
            ctx.send(pair.receiver, &vec![Encoded::from(own)]);
            (secret, own)
        };
        match self {
            BaseOt::Ideal => {
                let keys = ctx.recv::<Blocks>(ctx.ideal(IDEAL), 2 * count).await?.0;
                Ok(keys.as_chunks().0.to_vec())
            }
            BaseOt::Endemic => {
                let (secret, _) = announce();
                let pairs = ctx.recv::<Vec<Encoded>>(pair.receiver, 2 * count).await?;
                let shared = |at: usize, r: &[Encoded; 2]| {
                    // 3. The two messages of the key agreement are r_b + H(r_{1-b}).
                    [0, 1].map(|side| r[side].point() + mask(pair, at, side, &r[1 - side]))
                };
                let pairs = pairs.as_chunks().0.iter().enumerate();
                let messages = pairs.map(|(at, r)| shared(at, r));
                Ok(keys(pair, &secret, messages))
            }
            BaseOt::Simplest => {
                let (secret, own) = announce();
                let chosen = ctx.recv::<Vec<Encoded>>(pair.receiver, count).await?;
                let messages = chosen.iter().map(|chosen| [chosen.point(), chosen.point() - own]);
                Ok(keys(pair, &secret, messages))
            }
        }
    }

    /// The receiver's end: of each transfer the key of its choice.
    ///
    /// # Errors
    /// `Malformed` if what comes is no point; what receiving messages may fail with.
    pub async fn receive(
        self,
        ctx: &Ctx,
        pair: &Pair,
        choices: &[bool],
    ) -> Result<Vec<Block>, Abort> {
        let mut rng = ctx.rng();
        let mut draw =
            || -> Vec<Scalar> { choices.iter().map(|_| random_scalar(&mut rng)).collect() };
        let (secrets, theirs) = match self {
            BaseOt::Ideal => {
                ctx.send(ctx.ideal(IDEAL), &choices.iter().copied().collect::<Bits>());
                return Ok(ctx.recv::<Blocks>(ctx.ideal(IDEAL), choices.len()).await?.0);
            }
            BaseOt::Endemic => {
                let secrets = draw();
                let mut messages = Vec::with_capacity(2 * choices.len());
                for (at, (choice, secret)) in choices.iter().zip(&secrets).enumerate() {
                    // 2. r_{1-c} is random, and r_c such that r_c + H(r_{1-c}) = [t] G.
                    let other = Encoded::from(Point::random(&mut rng));
                    let own = Point::base(secret) - mask(pair, at, usize::from(*choice), &other);
                    let own = Encoded::from(own);
                    messages.push(Encoded::select([own, other], *choice));
                    messages.push(Encoded::select([other, own], *choice));
                }
                ctx.send(pair.sender, &messages);
                (secrets, ctx.recv::<Vec<Encoded>>(pair.sender, 1).await?[0].point())
            }
            BaseOt::Simplest => {
                let secrets = draw();
                let theirs = ctx.recv::<Vec<Encoded>>(pair.sender, 1).await?[0].point();
                let message = |(choice, secret): (&bool, &Scalar)| {
                    let own = Point::base(secret);
                    Encoded::select([own.into(), (own + theirs).into()], *choice)
                };
                let messages: Vec<Encoded> = choices.iter().zip(&secrets).map(message).collect();
                ctx.send(pair.sender, &messages);
                (secrets, theirs)
            }
        };
        let key = |(at, (choice, secret)): (usize, (&bool, &Scalar))| {
            key(pair, at, usize::from(*choice), &theirs.times(secret))
        };
        Ok(choices.iter().zip(&secrets).enumerate().map(key).collect())
    }
}

/// Name of the ideal functionality.
pub const IDEAL: &str = "base OT";

/// The ideal functionality's part in one batch: random keys, both to the sender, and to the receiver
/// those that it chooses.
///
/// # Errors
/// What receiving messages may fail with.
pub async fn ideal(ctx: &Ctx, [sender, receiver]: [PartyId; 2], count: usize) -> Result<(), Abort> {
    let mut keys = vec![Block::ZERO; 2 * count];
    ctx.rng().fill_bytes(Block::as_bytes_mut(&mut keys));
    let choices = ctx.recv::<Bits>(receiver, count).await?;
    let both = keys.as_chunks::<2>().0.iter().zip(choices.iter());
    let chosen = both.map(|(both, choice)| both[usize::from(choice)]).collect();
    ctx.send(sender, &Blocks(keys));
    ctx.send(receiver, &Blocks(chosen));
    Ok(())
}

/// The random oracle into the group, for one side of one transfer.
fn mask(pair: &Pair, at: usize, side: usize, point: &Encoded) -> Point {
    let place = [place(at), [side as u8; 8]].concat();
    Point::hash("mpclab endemic ot mask v1", pair.domain(), &[&place, point.bytes()])
}

/// Both keys of each transfer, from the receiver's messages of key agreements.
fn keys(
    pair: &Pair,
    secret: &Scalar,
    messages: impl Iterator<Item = [Point; 2]>,
) -> Vec<[Block; 2]> {
    let keys = |(at, both): (usize, [Point; 2])| {
        [0, 1].map(|side| key(pair, at, side, &both[side].times(secret)))
    };
    messages.enumerate().map(keys).collect()
}

/// The key of one side of a transfer, from what both agreed upon.
fn key(pair: &Pair, at: usize, side: usize, shared: &Point) -> Block {
    let place = [place(at), [side as u8; 8]].concat();
    let mut key = [0; Block::BYTES];
    let parts: [&[u8]; 2] = [&place, &shared.to_bytes()];
    hash::expand("mpclab base ot key v1", pair.domain(), &parts, &mut key);
    Block::from_bytes(key)
}

fn place(at: usize) -> [u8; 8] {
    (at as u64).to_le_bytes()
}
