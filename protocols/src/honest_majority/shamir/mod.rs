//! `shamir`: BGW with Shamir shares, semi-honest, honest majority.
//!
//! Ben-Or, Goldwasser and Wigderson, "Completeness Theorems for Non-Cryptographic Fault-Tolerant
//! Distributed Computation", STOC 1988, with the degree reduction of Gennaro, Rabin and Rabin
//! (PODC 1998): to multiply, `2t + 1` parties multiply their shares and share the products anew;
//! the new share is the Lagrange combination of what they sent. Any `n` and `t < n/2`, in a prime
//! field.
//!
//! Comparisons draw on random bits and masks that the parties make among themselves in the offline
//! phase (`offline`), so everything is priced.

mod attacks;
mod offline;
mod params;
mod party;

use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, PartyId, Phase,
    Security, Setup, Synchrony, Threshold,
};

use crate::algebra::{PrimeField, Ring, shamir};
use crate::attack::Attack;
use crate::engine::cost::{self, Step};
use crate::engine::field::compare::Prices;
use crate::engine::field::{self, DotTriples, in_field};
use crate::engine::{self, Plan};
use crate::oracle::{EffectiveInputs, Reach, States};
use crate::primitives::CHACHA_BYTE;
use crate::program::{BatchKind, Inputs, Outputs};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};

pub use params::{ShamirParams, ThresholdChoice};
use party::Party;

/// The protocol.
pub struct Shamir;

impl Plan<ShamirParams> {
    /// Degree of the polynomials.
    fn threshold(&self) -> usize {
        self.params.threshold.of(self.job.roles.compute)
    }
}

impl Protocol for Shamir {
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
    type Params = ShamirParams;
    type Plan = Plan<ShamirParams>;

    fn compile(
        job: &Arc<Job>,
        params: &ShamirParams,
    ) -> Result<Arc<Plan<ShamirParams>>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        let n = job.roles.compute;
        let max = Threshold::BelowHalf.max_corrupted(n);
        let t = params.threshold.of(n);
        if !(1..=max).contains(&t) {
            return Err(Unsupported::new(
                format!("t = {t} of n = {n} is not below n/2, or is zero"),
                format!("threshold 1 to {max}, or max"),
            )
            .of("threshold"));
        }
        // Party i stands at the point i + 1, which must not be zero, nor another party's.
        let p = in_field!(params.field, F => F::MODULUS);
        if n as u128 >= p {
            return Err(Unsupported::new(
                format!("{n} parties do not have different points in {}", params.field.label()),
                format!("fewer than {p} parties, or a larger field"),
            )
            .of("field"));
        }
        let plan = Plan::with_own_outputs(job, *params)?.with_needs(DotTriples::default());
        field::check_width(job, &plan.program, params.field)?;
        Ok(Arc::new(plan))
    }

    fn claims(plan: &Plan<ShamirParams>) -> Claims {
        let sigma = plan.job.security.statistical;
        let compares = field::compares(&plan.program);
        Claims {
            threshold: Threshold::Exact(plan.threshold() as u32),
            security: if compares { Security::Statistical { sigma } } else { Security::Perfect },
            ..Self::INFO.claims
        }
    }

    async fn run(ctx: Ctx, plan: Arc<Plan<ShamirParams>>, input: Inputs) -> Result<Outputs, Abort> {
        in_field!(plan.params.field, F => {
            engine::run(Party::<F>::new(&ctx, &plan)?, ctx, plan, input).await
        })
    }

    fn declared_cost(plan: &Plan<ShamirParams>) -> Option<DeclaredCost> {
        let Plan { job, program, .. } = plan;
        let element = plan.params.field.bytes();
        let roles = &job.roles;
        let (n, t) = (roles.compute as u64, plan.threshold() as u64);
        // Products: 2t + 1 parties reshare. Openings: t + 1 parties send to everyone.
        let prices = Prices {
            mul_bytes: (2 * t + 1) * (n - 1) * element,
            mul: Step::First(2 * t as usize + 1),
            open_bytes: (t + 1) * (n - 1) * element,
            open: Step::First(t as usize + 1),
        };
        let online = cost::online(
            program,
            roles,
            field::input_messages(plan.input_elements(), roles, element),
            |batch| match batch.kind {
                BatchKind::Mul | BatchKind::Dot => prices.products(batch.len, 1),
                kind => field::comparison_cost(kind, batch.len, &prices),
            },
            field::output_messages(program, roles, t as usize + 1, element),
        );
        let offline = offline::cost(&plan.needs, n, t, element, &prices);
        let source = "Gennaro, Rabin, Rabin, PODC 1998: (2t+1)(n-1) elements per product; random \
                      bits as Damgard et al., TCC 2006, from Damgard and Nielsen, CRYPTO 2007; \
                      comparisons as Catrina and de Hoogh, SCN 2010";
        Some(cost::declare([(Phase::Offline, offline), (Phase::Online, online)], source))
    }

    /// Honest shares fix an input if there are `t + 1` of them, and contradict each other if they
    /// lie on no polynomial of degree `t`.
    fn effective_inputs(plan: &Plan<ShamirParams>, states: &States<'_>) -> EffectiveInputs {
        let t = plan.threshold();
        in_field!(plan.params.field, F => {
            engine::oracle::effective_inputs::<Vec<F>, F, _>(plan, states, |owner, shares| {
                let shares: Vec<(PartyId, &[F])> =
                    shares.iter().map(|(party, share)| (*party, share.as_slice())).collect();
                if !shamir::consistent_degree(&shares, t) {
                    return Err(format!(
                        "honest shares of the input of {owner} lie on no polynomial of degree {t}"
                    ));
                }
                Ok(shamir::reconstruct(&shares, t))
            })
        })
    }

    fn evaluate(plan: &Plan<ShamirParams>, inputs: &[Inputs]) -> Option<Outputs> {
        let field = plan.params.field;
        in_field!(field, F => engine::oracle::evaluate_centred::<F>(&plan.program, inputs))
    }

    fn reach(plan: &Plan<ShamirParams>, known: &[Option<Inputs>], outputs: &Outputs) -> Reach {
        let field = plan.params.field;
        in_field!(field, F => engine::oracle::reach::<F>(&plan.program, known, outputs))
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn ops(plan: &Plan<ShamirParams>) -> Vec<Op> {
        in_field!(plan.params.field, F => vec![F::ADD, F::MUL, CHACHA_BYTE])
    }

    fn domain(plan: &Plan<ShamirParams>) -> String {
        plan.params.field.label().to_owned()
    }

    fn notes(plan: &Plan<ShamirParams>) -> Vec<String> {
        field::masking_notes(plan)
    }
}
