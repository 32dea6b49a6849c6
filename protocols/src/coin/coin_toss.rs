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
#[cfg(feature = "mutants")]
pub(crate) mod mutants;

use std::sync::Arc;

use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, Phase, Security,
    Setup, Synchrony, Threshold,
};
use mpclab_sim::{Ctx, PartyRng};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algebra::{self, Bits};
use crate::attack::Attack;
use crate::engine::cost::{self, Cost};
use crate::functions::{self, Function};
use crate::primitives::agree::{commit_then_open, commit_then_open_bytes};
use crate::primitives::{Domain, commit};
use crate::program::{Inputs, Outputs};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};

/// The protocol.
pub struct CoinToss;

/// Parameters of [`CoinToss`]: none.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CoinTossParams {}

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
    const ASSUMES: &'static [&'static str] = &[commit::ASSUMPTION];
    type Params = CoinTossParams;
    type Plan = Job;

    fn compile(job: &Arc<Job>, _: &CoinTossParams) -> Result<Arc<Job>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        job.relation(<functions::CoinToss as Function>::NAME)?;
        if job.roles.nodes() > job.roles.compute {
            return Err(Unsupported::new(
                "its parties toss for themselves",
                "no clients: parties as a number",
            ));
        }
        // Whoever takes part hears every opening.
        if job.roles.output.len() < job.roles.compute {
            return Err(Unsupported::new(
                "all who toss learn the coin",
                "parties: { output: all }",
            ));
        }
        Ok(Arc::clone(job))
    }

    async fn run(ctx: Ctx, job: Arc<Job>, _: Inputs) -> Result<Outputs, Abort> {
        let len = job.task.output_len();
        let online = ctx.scope("online");
        let domain = Domain {
            protocol: Self::NAME,
            session: &ctx.run_id(),
            party: ctx.id(),
            scope: b"online",
        };
        // 1. Draw bits.
        let own = own_bits(len, &mut online.rng());
        // 2, 3. Commit to them; when all commitments are there, open and check.
        let openings = commit_then_open(&online, &domain, own).await?;
        // 4. The coin is the sum of all bits.
        let mut coin = Bits::zeros(len);
        let counted = if crate::mutants::is("coin/one-decides") { 1 } else { openings.len() };
        openings.values().take(counted).for_each(|bits| coin ^= bits);
        if let (true, Some(first)) =
            (crate::mutants::is("coin/last-bit-of-one"), openings.values().next())
        {
            coin.set(len - 1, first.get(len - 1));
        }
        Ok(if job.roles.learns_output(ctx.id()) {
            Outputs::of("bits", coin)
        } else {
            Outputs::none()
        })
    }

    fn declared_cost(job: &Job) -> Option<DeclaredCost> {
        let pairs = (job.roles.compute * (job.roles.compute - 1)) as u64;
        let message = commit_then_open_bytes(job.task.output_len().div_ceil(8));
        let online = Cost { bytes: pairs * message, rounds: 2 };
        let source = "Blum, CRYPTO 1981: commit, then open; with each opening the hash of all \
                      commitments, Goldwasser and Lindell, 2005";
        Some(cost::declare([(Phase::Online, online)], source))
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn ops(_: &Job) -> Vec<Op> {
        algebra::ops_with(&[])
    }

    fn domain(_: &Job) -> String {
        "bits; BLAKE3 commitments".to_owned()
    }
}

/// The bits that a party adds.
fn own_bits(len: usize, rng: &mut PartyRng) -> Bits {
    let mut bits = Bits::random(len, rng);
    if crate::mutants::is("coin/bits-tied") {
        bits.set(len - 1, bits.get(0));
    }
    if crate::mutants::is("coin/bits-zero") {
        return Bits::zeros(len);
    }
    if crate::mutants::is("coin/bits-biased") {
        return bits.and(&Bits::random(len, rng));
    }
    bits
}
