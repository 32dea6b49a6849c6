//! `coin_toss`: everyone commits to random bits, then opens; the coin is the sum of all.
//!
//! Blum, "Coin Flipping by Telephone", CRYPTO 1981, with `n` parties and hash commitments. No
//! honest party's bits are known before all have committed, so nobody controls a coin that comes
//! out. The last to open sees the coin first and may abort (Cleve, STOC 1986): abort is selective,
//! and there is no fairness.
//!
//! Messages are point to point, so a cheater could commit to each party to something else, and
//! honest parties would end with different coins. With its opening everyone therefore sends a hash
//! of all commitments that it has: broadcast with abort (Goldwasser and Lindell, "Secure
//! Multi-Party Computation without Agreement", Journal of Cryptology 2005), in the same round.
//! Whoever equivocates has seen the coin by then, but could have seen it and aborted anyway.

mod attacks;

use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, PartyId, PerParty,
    Phase, Security, Setup, Synchrony, Threshold,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algebra::Bits;
use crate::attack::Attack;
use crate::engine::cost::{self, Cost};
use crate::functions::{self, Function};
use crate::primitives::{CHACHA_BYTE, Domain, commit, hash};
use crate::program::{Inputs, Outputs};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};

/// The protocol.
pub struct CoinToss;

/// Parameters of [`CoinToss`]: none.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CoinTossParams {}

/// Bytes of a commitment, of its nonce, and of the hash of all commitments.
const HASH_BYTES: usize = 32;

/// Bits and nonce, and the hash of all commitments.
type Opening = ((Bits, [u8; HASH_BYTES]), [u8; HASH_BYTES]);

impl Protocol for CoinToss {
    const NAME: &'static str = "coin_toss";
    const INFO: Info = Info {
        about: "commit to random bits, then open; the coin is their sum",
        source: "Blum, CRYPTO 1981; Goldwasser, Lindell, J. Cryptology 2005",
        claims: Claims {
            adversary: AdversaryKind::Malicious,
            threshold: Threshold::BelowAll,
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Computational { kappa: 128 },
            setup: Setup::None,
            network: Synchrony::Eventual,
        },
        parties: (2, usize::MAX),
    };
    type Params = CoinTossParams;

    fn supports(job: &Job, _: &CoinTossParams) -> Result<(), Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        job.relation(<functions::CoinToss as Function>::NAME)?;
        if job.roles.nodes() > job.roles.compute {
            return Err(Unsupported::new(
                "its parties toss for themselves",
                "no clients: parties as a number",
            ));
        }
        Ok(())
    }

    async fn run(
        ctx: Ctx,
        job: Arc<Job>,
        _: Arc<CoinTossParams>,
        _: Inputs,
    ) -> Result<Outputs, Abort> {
        let len = job.task.output_len();
        let online = ctx.scope("online");
        let domain =
            |party| Domain { protocol: Self::NAME, session: &job.session, party, scope: b"online" };
        // 1. Draw bits and a nonce, and send a commitment to everyone.
        let mut rng = online.rng();
        let own = Bits::random(len, &mut rng);
        let nonce = commit::nonce(&mut rng);
        online.charge(CHACHA_BYTE, (len.div_ceil(8) + HASH_BYTES) as u64);
        online.charge(commit::COMMIT, 1);
        let commits = online.scope("commit");
        let commitment = commit::commit(&domain(ctx.id()), &bytes(&own), &nonce);
        commits.broadcast(&commitment);
        // 2. When all commitments are there, open.
        let commitments = commits.gather::<[u8; HASH_BYTES]>(()).await?;
        let mut all = commitments.clone();
        all.insert(ctx.id(), commitment);
        online.charge(hash::BLAKE3_BYTE, (all.len() * HASH_BYTES) as u64);
        // It speaks of all parties' commitments and is the same for all: no party is its own.
        let view = view(&domain(PartyId(0)), &all);
        let opens = online.scope("open");
        opens.broadcast(&((own.clone(), nonce), view));
        // 3. Check every opening; the coin is the sum of all bits.
        let openings = opens.gather::<Opening>(((len, ()), ())).await?;
        online.charge(commit::COMMIT, openings.len() as u64);
        let mut coin = own;
        let mut agreed = true;
        let mut culprits: Vec<PartyId> = Vec::new();
        for ((party, commitment), (_, opening)) in commitments.into_iter().zip(openings) {
            let ((bits, nonce), their_view) = opening;
            agreed &= their_view == view;
            if commit::verify(&domain(party), &bytes(&bits), &nonce, &commitment) {
                coin ^= &bits;
            } else {
                culprits.push(party);
            }
        }
        if !culprits.is_empty() {
            return Err(ctx.cheating(culprits, "3: openings"));
        }
        // 4. All have the same commitments, or somebody equivocated; nobody can tell who.
        if !agreed {
            return Err(ctx.check_failed("4: equal commitments"));
        }
        Ok(if job.roles.learns_output(ctx.id()) {
            coin.iter().map(i128::from).collect()
        } else {
            Vec::new()
        })
    }

    fn declared_cost(job: &Job, _: &CoinTossParams) -> Option<DeclaredCost> {
        let pairs = (job.roles.compute * (job.roles.compute - 1)) as u64;
        let opening = job.task.output_len().div_ceil(8) + 2 * HASH_BYTES;
        let online = Cost { bytes: pairs * (HASH_BYTES + opening) as u64, rounds: 2 };
        let source = "Blum, CRYPTO 1981: commit, then open; with each opening the hash of all \
                      commitments, Goldwasser and Lindell, 2005";
        Some(cost::declare([(Phase::Online, online)], source))
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn ops(_: &CoinTossParams) -> Vec<Op> {
        vec![CHACHA_BYTE, commit::COMMIT, hash::BLAKE3_BYTE]
    }

    fn domain(_: &CoinTossParams) -> String {
        "bits; BLAKE3 commitments".to_owned()
    }
}

/// A hash of all commitments, in order of parties.
fn view(domain: &Domain<'_>, commitments: &PerParty<[u8; HASH_BYTES]>) -> [u8; HASH_BYTES] {
    let parts: Vec<&[u8]> = commitments.values().map(<[u8; HASH_BYTES]>::as_slice).collect();
    *hash::digest("mpclab coin_toss commitments v1", &domain.to_bytes(), &parts).as_bytes()
}

fn bytes(bits: &Bits) -> Vec<u8> {
    bits.words().iter().flat_map(|word| word.to_le_bytes()).collect()
}
