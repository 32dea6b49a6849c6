//! `shamir`: BGW with Shamir shares, semi-honest, honest majority.
//!
//! Ben-Or, Goldwasser and Wigderson, "Completeness Theorems for Non-Cryptographic Fault-Tolerant
//! Distributed Computation", STOC 1988, with the degree reduction of Gennaro, Rabin and Rabin
//! (PODC 1998): to multiply, `2t + 1` parties multiply their shares and share the products anew;
//! the new share is the Lagrange combination of what they sent. Any `n` and `t < n/2`, in a prime
//! field.
//!
//! Comparisons draw on random bits and masks that the parties make among themselves in the offline
//! phase, so everything is priced.

mod attacks;
mod reshare;

use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, OutputGuarantee, PartyId, Phase, Security, Setup,
    Synchrony, Threshold,
};

use crate::algebra::PrimeField;
use crate::attack::Attack;
use crate::engine::Plan;
use crate::engine::cost::{Cost, DotPrice, Flow, Message, Prices, Step};
use crate::engine::field::FieldEngine;
use crate::engine::shamir::{self, Party, offline};
use crate::protocol::{Info, Job, Unsupported};

pub use crate::engine::shamir::{ShamirParams, ThresholdChoice};
pub use reshare::Reshare;

/// The protocol.
pub struct Shamir;

impl FieldEngine for Shamir {
    const NAME: &'static str = "shamir";
    const INFO: Info = Info {
        about: "Shamir shares in a prime field, multiplication by resharing",
        source: "Ben-Or, Goldwasser, Wigderson, STOC 1988; Gennaro, Rabin, Rabin, PODC 1998",
        claims: Claims {
            adversary: AdversaryKind::SemiHonest,
            threshold: Threshold::BelowHalf,
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Statistical { sigma: 40 },
            setup: Setup::None,
            network: Synchrony::Eventual,
        },
        parties: (3, usize::MAX),
    };
    const COST_SOURCE: &'static str = "Gennaro, Rabin, Rabin, PODC 1998: (2t+1)(n-1) elements per product; random bits as Damgard \
         et al., TCC 2006, from Damgard and Nielsen, CRYPTO 2007; comparisons as Catrina and de \
         Hoogh, SCN 2010";
    const OWN_OUTPUTS: bool = true;
    type Params = ShamirParams;
    type Party<F: PrimeField> = Party<F, Reshare>;

    fn variants() -> Vec<ShamirParams> {
        ShamirParams::variants()
    }

    fn supports(job: &Job, params: &ShamirParams) -> Result<(), Unsupported> {
        params.check(job)
    }

    async fn party<F: PrimeField>(
        ctx: &Ctx,
        plan: &Arc<Plan<ShamirParams>>,
    ) -> Result<Party<F, Reshare>, Abort> {
        Party::new(ctx, plan)
    }

    /// Products: `2t + 1` parties reshare. Openings: `t + 1` parties send to everyone.
    fn prices(plan: &Plan<ShamirParams>) -> Prices {
        let (n, t) = (plan.job.roles.compute as u64, plan.threshold());
        let to_all = |senders: usize| {
            let bytes = senders as u64 * (n - 1) * plan.params.field.bytes();
            Flow::new(bytes, Step::First(senders), 1)
        };
        Prices { product: to_all(2 * t + 1), open: to_all(t + 1), dot: DotPrice::OneProduct }
    }

    fn preparation(plan: &Plan<ShamirParams>, prices: &Prices) -> Vec<(Phase, Cost)> {
        offline::cost(plan, prices, |_| 0)
    }

    fn output_messages(plan: &Plan<ShamirParams>) -> Vec<Message> {
        plan.opened_by_few()
    }

    fn claims(plan: &Plan<ShamirParams>) -> Claims {
        plan.claims(Self::INFO.claims)
    }

    fn extract<F: PrimeField>(
        plan: &Plan<ShamirParams>,
        owner: PartyId,
        shares: &[(PartyId, &Vec<F>)],
    ) -> Result<Option<Vec<F>>, String> {
        shamir::extract(owner, shares, plan.threshold())
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }
}
