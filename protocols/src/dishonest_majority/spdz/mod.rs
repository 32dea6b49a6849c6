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
//! Therefore whatever a comparison or truncation depends on is checked before it starts. Inputs need
//! no check for that: digits are in range whatever is broadcast, and to whom; who tells two parties
//! different offsets adds a multiple of their shares of a mask, which says nothing of an input.
//!
//! Key shares, triples, random bits and masks come from a declared trusted dealer (`dealer`): an
//! ideal functionality whose messages are metered apart, and whose cost is not priced.
//!
//! What not all learn is opened under masks that the dealer hands out (`output`).
//!
//! Inputs come as digits of their ranges under masks that are bits, so that they can be nothing else
//! ([`InputCheck`], `input`).
//!
//! A cheater is caught but for a probability of `2/p` in all: whoever cheats in a check for the
//! first time either passes, with that probability, or ends the run.

mod attacks;
mod check;
mod dealer;
mod input;
mod key;
mod ledger;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;
mod oracle;
mod output;
mod party;
mod shares;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, OutputGuarantee, PartyId, Security, Setup, Synchrony,
    Threshold,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algebra::PrimeField;
use crate::attack::Attack;
use crate::engine::cost::{DotPrice, Message, Prices};
use crate::engine::field::{self, CheckCost, FieldEngine, FieldName, FieldParams, OpeningName};
use crate::engine::{InputCheck, Plan};
use crate::oracle::{EffectiveInputs, SoundnessBound, SoundnessTrial, States};
use crate::primitives::{Prg, commit};
use crate::protocol::{Info, Job, Unsupported};

pub use party::Party;
pub use shares::Authenticated;

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
    /// How values are opened inside the computation; outputs are opened directly.
    #[serde(skip_serializing_if = "OpeningName::is_default")]
    pub opening: OpeningName,
}

impl FieldParams for SpdzParams {
    fn field(&self) -> FieldName {
        self.field
    }

    fn input_check(&self) -> InputCheck {
        self.input_check
    }
}

impl FieldEngine for Spdz {
    const NAME: &'static str = "spdz";
    const INFO: Info = Info {
        about: "additive shares with MACs in a prime field, triples from a trusted dealer",
        source: "Damgard, Pastro, Smart, Zakarias, CRYPTO 2012; Damgard et al., ESORICS 2013",
        claims: Claims {
            adversary: AdversaryKind::Malicious,
            threshold: Threshold::BelowAll,
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Both { sigma: 40, kappa: 128 },
            setup: Setup::TrustedDealer,
            network: Synchrony::Eventual,
        },
        parties: (2, usize::MAX),
    };
    const HELD_PERCENT: u64 = 500;
    const ASSUMES: &'static [&'static str] = &[Prg::ASSUMPTION, commit::ASSUMPTION];
    const TOYS: &'static [FieldName] = &oracle::FIELDS;
    const COST_SOURCE: &'static str = "Damgard, Pastro, Smart, Zakarias, CRYPTO 2012: an input is one element to each, or a bit \
         for each of its digits, a product opens two values; MAC checks of Damgard et al., ESORICS \
         2013, with hash commitments; comparisons as Catrina and de Hoogh, SCN 2010";
    const VERIFIES: bool = true;
    const OWN_OUTPUTS: bool = true;
    type Params = SpdzParams;
    type Party<F: PrimeField> = Party<F>;

    fn variants() -> Vec<SpdzParams> {
        let with = |(input_check, opening)| {
            FieldName::REAL.map(|field| SpdzParams { field, input_check, opening })
        };
        let direct = OpeningName::Direct;
        let all = [(InputCheck::Range, direct), (InputCheck::None, direct)];
        let mut all: Vec<SpdzParams> = all.into_iter().flat_map(with).collect();
        all.push(SpdzParams { opening: OpeningName::Star, ..all[0] });
        all
    }

    fn supports(job: &Job, _: &SpdzParams) -> Result<(), Unsupported> {
        let roles = &job.roles;
        if roles.nodes() > roles.compute || roles.output.len() < roles.compute {
            return Err(Unsupported::new(
                "the MACs of inputs and outputs are checked by all computing parties among \
                 themselves, so there are no clients, and all of them learn the output",
                "every input party computes, and the output is for all: parties as a number",
            ));
        }
        Ok(())
    }

    fn fits(plan: &Plan<SpdzParams>) -> Result<(), Unsupported> {
        field::check_soundness(&plan.job, plan.params.field)
    }

    fn ideal(_: &Plan<SpdzParams>) -> Option<&'static str> {
        Some(dealer::DEALER)
    }

    async fn party<F: PrimeField>(
        ctx: &Ctx,
        plan: &Arc<Plan<SpdzParams>>,
    ) -> Result<Party<F>, Abort> {
        Ok(Party::new(ctx, plan))
    }

    async fn deal<F: PrimeField>(ctx: Ctx, plan: Arc<Plan<SpdzParams>>) -> Result<(), Abort> {
        dealer::deal::<F>(ctx, plan).await
    }

    /// A product: two openings.
    fn prices(plan: &Plan<SpdzParams>) -> Prices {
        let (n, element) = (plan.job.roles.compute, plan.params.field.bytes());
        let open = |elements| plan.params.opening.flow(n, n, elements * element);
        Prices { open: open(1), product: open(2), dot: DotPrice::ProductPerTerm }
    }

    /// An owner tells every other party: an element for each value, or a bit for each digit.
    fn input_messages(plan: &Plan<SpdzParams>) -> Vec<Message> {
        let bytes = |len: usize| match plan.params.input_check {
            InputCheck::Range => len.div_ceil(8) as u64,
            InputCheck::None => len as u64 * plan.params.field.bytes(),
        };
        let all = || plan.job.roles.computing();
        let messages = |(from, len): (PartyId, usize)| {
            let to = all().filter(move |to| *to != from);
            to.map(move |to| Message { from, to, bytes: bytes(len) })
        };
        plan.input_elements().flat_map(messages).collect()
    }

    /// What is opened is opened to all, masked if it is not for all.
    fn output_messages(plan: &Plan<SpdzParams>) -> Vec<Message> {
        let bytes = output::opened(plan) as u64 * plan.params.field.bytes();
        let all = || plan.job.roles.computing();
        let to = |from| all().filter(move |to| *to != from);
        all().flat_map(|from| to(from).map(move |to| Message { from, to, bytes })).collect()
    }

    /// What was broadcast is compared in the first check.
    fn checks(plan: &Plan<SpdzParams>) -> Option<CheckCost<'_>> {
        let (n, element) = (plan.job.roles.compute, plan.params.field.bytes());
        let mut heard = plan.input_elements().next().is_some();
        Some(Box::new(move |opened| check::cost(n, element, std::mem::take(&mut heard), opened)))
    }

    fn claims(plan: &Plan<SpdzParams>) -> Claims {
        let adversary = match plan.trusts_inputs(plan.params.input_check) {
            true => AdversaryKind::SemiHonest,
            false => AdversaryKind::Malicious,
        };
        let security = Security::Both { sigma: plan.masking.sigma, kappa: 128 };
        Claims { adversary, security, ..Self::INFO.claims }
    }

    /// Digits, each with its MAC: as the dealer sends them, as masks, and as shares.
    fn held_bytes(plan: &Plan<SpdzParams>) -> u64 {
        let (n, digits) = (plan.job.roles.compute, plan.inputs.checked_digits());
        3 * (2 * n * digits) as u64 * plan.params.field.bytes()
    }

    fn effective_inputs(plan: &Plan<SpdzParams>, states: &States<'_>) -> EffectiveInputs {
        oracle::effective_inputs(plan, states)
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
        notes
    }
}
