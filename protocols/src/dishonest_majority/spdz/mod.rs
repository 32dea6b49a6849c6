//! `spdz`: additive shares with MACs in a prime field, malicious, any number of corruptions.
//!
//! The online phase of Damgård, Pastro, Smart and Zakarias, "Multiparty Computation from Somewhat
//! Homomorphic Encryption", CRYPTO 2012, with the MAC check of Damgård, Keller, Larraia, Pastro,
//! Scholl and Smart, "Practical Covertly Secure MPC for Dishonest Majority - Or: Breaking the SPDZ
//! Limits", ESORICS 2013 (`MACCheck`), which leaves the key unopened. Every value is shared with
//! its product with a key that nobody knows; what is opened is checked in batches (`check`):
//! before the outputs are opened, and when they are. Checks never overlap, and the key does not
//! survive a failed one (`key`).
//!
//! What a product opens is uniform, and may be checked late. What a comparison opens is not: its
//! mask hides a value in range only. An error that a cheater adds to a product can move it out of
//! range, so that the opening would give away the other factor before a check at the end notices.
//! Therefore whatever a comparison or truncation depends on is checked before it starts.
//!
//! Key shares, triples, random bits and masks come from a declared trusted dealer (`dealer`): an
//! ideal functionality whose messages are metered apart, and whose cost is not priced.
//!
//! Inputs that feed a comparison, truncation or equality test come as bits that are checked, and
//! whose check is verified before anything else is computed ([`InputCheck`]).
//!
//! A cheater is caught but for a probability of `2/p` in all: whoever cheats in a check for the
//! first time either passes, with that probability, or ends the run.

mod attacks;
mod check;
mod dealer;
mod key;
mod ledger;
mod oracle;
mod party;
mod shares;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, Phase, Security,
    Setup, Synchrony, Threshold,
};
use mpclab_sim::{Ctx, Ideal, PartyFuture};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algebra::Ring;
use crate::attack::Attack;
use crate::engine::cost::{self, Checks, Flow, Step};
use crate::engine::field::compare::Prices;
use crate::engine::field::{self, DotTriples, FieldName, in_field};
use crate::engine::{self, InputCheck, Plan};
use crate::oracle::{EffectiveInputs, Reach, SoundnessBound, SoundnessTrial, States};
use crate::primitives::{CHACHA_BYTE, commit, hash};
use crate::program::{Inputs, Outputs};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};
use party::Party;

/// The protocol.
pub struct Spdz;

/// Parameters of [`Spdz`].
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SpdzParams {
    /// Where values live.
    pub field: FieldName,
    /// How inputs are held to their ranges.
    pub input_check: InputCheck,
}

impl Protocol for Spdz {
    const NAME: &'static str = "spdz";
    const INFO: Info = Info {
        about: "additive shares with MACs in a prime field, triples from a trusted dealer",
        source: "Damgard, Pastro, Smart, Zakarias, CRYPTO 2012; Damgard et al., ESORICS 2013",
        claims: Claims {
            adversary: AdversaryKind::Malicious,
            threshold: Threshold::BelowAll,
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Statistical { sigma: 40 },
            setup: Setup::TrustedDealer,
            network: Synchrony::Eventual,
        },
        parties: (2, usize::MAX),
    };
    type Params = SpdzParams;
    type Plan = Plan<SpdzParams>;

    fn variants() -> Vec<SpdzParams> {
        let with = |input_check| FieldName::REAL.map(|field| SpdzParams { field, input_check });
        [InputCheck::Range, InputCheck::None].into_iter().flat_map(with).collect()
    }

    fn compile(job: &Arc<Job>, params: &SpdzParams) -> Result<Arc<Plan<SpdzParams>>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        let roles = &job.roles;
        if roles.nodes() > roles.compute || roles.output.len() < roles.compute {
            return Err(Unsupported::new(
                "the MACs of inputs and outputs are checked by all computing parties among \
                 themselves, so there are no clients, and all of them learn the output",
                "every input party computes, and the output is for all: parties as a number",
            ));
        }
        let plan = Plan::new(job, *params)?
            .with_inputs(params.input_check)
            .with_levels()
            .with_needs(DotTriples::Triples);
        field::check_width(job, &plan.program, params.field)?;
        field::check_soundness(job, params.field)?;
        field::check_input_width(plan.inputs.needed_bits(), params.field)?;
        Ok(Arc::new(plan))
    }

    fn claims(plan: &Plan<SpdzParams>) -> Claims {
        let adversary = match plan.trusts_inputs(plan.params.input_check) {
            true => AdversaryKind::SemiHonest,
            false => AdversaryKind::Malicious,
        };
        let security = Security::Statistical { sigma: plan.job.security.statistical };
        Claims { adversary, security, ..Self::INFO.claims }
    }

    async fn run(ctx: Ctx, plan: Arc<Plan<SpdzParams>>, input: Inputs) -> Result<Outputs, Abort> {
        in_field!(plan.params.field, F => {
            engine::run(Party::<F>::new(&ctx, &plan), ctx, plan, input).await
        })
    }

    fn ideals(plan: &Arc<Plan<SpdzParams>>) -> Vec<Ideal> {
        let plan = Arc::clone(plan);
        let start = move |ctx: Ctx| -> PartyFuture<()> {
            let plan = Arc::clone(&plan);
            in_field!(plan.params.field, F => Box::pin(dealer::deal::<F>(ctx, plan)))
        };
        vec![Ideal { name: dealer::DEALER, start: Arc::new(start) }]
    }

    fn declared_cost(plan: &Plan<SpdzParams>) -> Option<DeclaredCost> {
        let (program, roles, inputs) = (&plan.program, &plan.job.roles, &plan.inputs);
        let (n, element) = (roles.compute, plan.params.field.bytes());
        // An opening: every party to every other. A product: two openings.
        let (open, step) = ((n * (n - 1)) as u64 * element, Step::First(n));
        let prices = Prices { open_bytes: open, open: step, mul_bytes: 2 * open, mul: step };
        // What was broadcast is compared in the first check.
        let mut heard = plan.input_elements().next().is_some();
        let mut check = |opened| check::cost(n, element, std::mem::take(&mut heard), opened);
        let mut checked = Flow::default();
        if inputs.checked_digits() > 0 {
            checked = prices.products(inputs.checked_digits(), 1).then(check(true));
            checked = checked.then(prices.openings(inputs.zeros())).then(check(true));
        }
        let online = cost::checked(
            program,
            roles,
            field::input_messages(plan.input_elements(), roles, element),
            |batch| field::dealer::triple_flow(program, batch, &prices),
            field::output_messages(program, roles, n, element),
            Some(Checks { inputs: checked, check: &mut check }),
        );
        let source = "Damgard, Pastro, Smart, Zakarias, CRYPTO 2012: an input is one element to \
                      each, a product opens two values; MAC checks of Damgard et al., ESORICS \
                      2013, with hash commitments; comparisons as Catrina and de Hoogh, SCN 2010; \
                      range checks of inputs by their bits";
        Some(cost::declare([(Phase::Online, online)], source))
    }

    fn effective_inputs(plan: &Plan<SpdzParams>, states: &States<'_>) -> EffectiveInputs {
        oracle::effective_inputs(plan, states)
    }

    fn evaluate(plan: &Plan<SpdzParams>, inputs: &[Inputs]) -> Option<Outputs> {
        let field = plan.params.field;
        in_field!(field, F => engine::oracle::evaluate_centred::<F>(&plan.program, inputs))
    }

    fn reach(plan: &Plan<SpdzParams>, known: &[Option<Inputs>], outputs: &Outputs) -> Reach {
        let field = plan.params.field;
        in_field!(field, F => engine::oracle::reach::<F>(&plan.program, known, outputs))
    }

    fn soundness(plan: &Plan<SpdzParams>) -> Vec<SoundnessBound> {
        oracle::soundness(&plan.params)
    }

    fn soundness_trials(plan: &Plan<SpdzParams>) -> Vec<SoundnessTrial<SpdzParams>> {
        oracle::soundness_trials(&plan.params)
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn ops(plan: &Plan<SpdzParams>) -> Vec<Op> {
        let arithmetic = in_field!(plan.params.field, F => [F::ADD, F::MUL]);
        arithmetic.into_iter().chain([CHACHA_BYTE, commit::COMMIT, hash::BLAKE3_BYTE]).collect()
    }

    fn domain(plan: &Plan<SpdzParams>) -> String {
        format!("{}; BLAKE3 commitments", plan.params.field.label())
    }

    fn notes(plan: &Plan<SpdzParams>) -> Vec<String> {
        let mut notes = vec![
            "key shares, triples, random bits and masks come from a trusted dealer; their cost is \
             not priced"
                .to_owned(),
            format!(
                "a forged opening passes the MAC checks with probability at most 2/p in {} (Damgard \
                 et al., ESORICS 2013); coins, commitments and the comparison of broadcasts rest on \
                 BLAKE3 as a random oracle",
                plan.params.field.label()
            ),
        ];
        if plan.trusts_inputs(plan.params.input_check) {
            notes.push(
                "input_check: none: inputs are trusted to be in range, so no malicious security is \
                 claimed"
                    .to_owned(),
            );
        }
        notes.extend(field::masking_notes(plan));
        notes
    }
}
