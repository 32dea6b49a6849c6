//! `rep3_ps`: replicated secret sharing among three with post-sacrifice, malicious with selective
//! abort, one corruption.
//!
//! Lindell and Nof, "A Framework for Constructing Fast MPC over Arithmetic Circuits with Malicious
//! Adversaries and an Honest-Majority", CCS 2017, in prime fields; Eerikson, Keller, Orlandi,
//! Pullonen, Puura and Simkin, "Use Your Brain! Arithmetic 3PC for Any Modulus with Active
//! Security", ITC 2020, its postprocessing, modulo powers of two. Products are computed as in
//! `rep3` (Araki et al., CCS 2016), which a corrupted party can only shift by an error that it
//! chooses; before anything is opened to the output, every product is checked against a second one
//! with the same right operand:
//!
//! 1. For `z = x y`, the keys give `[a]`, uniform, without a message.
//! 2. `[z] = [x][y]` and `[c] = [a][y]` are resharings, both in one message.
//! 3. When all products are there, a coin gives a challenge `alpha`.
//! 4. Open `rho = alpha x - a`.
//! 5. `[v] = alpha [z] - [c] - rho [y]` has to be zero. Everyone compares hashes of parts of all
//!    `v`: who holds `v_i` and `v_{i+1}` knows what `v_{i+2}` ought to be, which both others hold.
//! 6. Outputs are opened.
//!
//! Per product 9 elements are sent in all: 3 for `z`, 3 for `c`, 3 for `rho`. An inner product
//! sends one `z` and one `c`, and opens one `rho` per factor.
//!
//! # Why it is sound
//!
//! A corrupted party can make `z = x y + d` and `c = a y + d'` for errors of its choice, but no
//! sharing that honest parties hold inconsistently (`engine::replicated`). Then
//! `v = alpha (x y + d) - (a y + d') - (alpha x - a) y = alpha d - d'`.
//!
//! - In a field, `alpha` is uniform and drawn after `d` and `d'` are fixed: if some `d` is not
//!   zero, all `v` are zero for at most one `alpha`, so with probability at most `1 / |F|`, however
//!   many products there are. Hashes stand for vectors of all `v`, so no random linear combination
//!   adds an error of its own.
//! - Modulo `2^(k+s)`, values count modulo `2^k` and `alpha` is uniform below `2^s`. If some `d` is
//!   not zero modulo `2^k`, write `d = 2^e u` with `u` odd and `e < k`: `alpha d = d'` fixes
//!   `alpha` modulo `2^(k+s-e)`, more than `2^s`, so for at most one of the `2^s` challenges:
//!   probability at most `2^-s`. Errors that are multiples of `2^k` change no value, but may pass;
//!   therefore outputs are opened modulo `2^k` alone, and the high bits of no value are ever shown.
//!   Here `s` is the statistical security parameter, and `k` what it leaves of the ring.
//!
//! Whether `v` is zero depends on errors and challenge alone, so an abort says nothing of secrets.
//!
//! # Order and consistency
//!
//! - **Openings**: party `i` lacks part `i+2`. It gets it from the party before it, and in the same
//!   round its hash from the party after it, who holds it too. A wrong opening is found before it
//!   is used; otherwise shares would become inconsistent, and later openings could show products of
//!   an error and a secret.
//! - **The coin** is the sum of three strings from the pairwise keys, opened in the same way. The
//!   string that party `i` lacks comes from the party that receives all resharings of `i`, and is
//!   sent when they are there: `i` cannot see the challenge before its errors are fixed, however
//!   far the third party has come. What `i` gets from the third party is the hash of 32 uniform
//!   bytes, while the hash of a share could be searched in a small field.
//! - **Inputs** are dealt with keys: the owner's two peers get one part each that the other does
//!   not hold, and the third part is zero. Whatever an owner sends, it deals some input, so there
//!   is nothing to compare; with clients there would be, so they are refused.
//! - **Outputs** are opened like all else, after the check; to each party what it learns.
//!
//! What is computed in one scope is checked in the order in which it is computed, scopes in the
//! order of their names, and the party that finds an error sends nothing more.
//!
//! # Comparisons
//!
//! In fields, comparisons and truncations are those of `engine::field::compare`. They open values
//! behind masks that are `2^sigma` times wider than the value ought to be. That hides nothing of a
//! value that a cheater has made much larger: an error in a comparison may become a factor of a
//! secret in the next product, and the high bits of that would show behind its mask. Unlike the
//! products of a circuit, which may be checked at the end, all that leads up to such an opening is
//! therefore verified before it, in three rounds more. The random bits of masks are verified when
//! they are made.
//!
//! # Ranges
//!
//! Inputs come as digits of their ranges, which are checked before anything is computed on them
//! ([`InputCheck`]): a digit `b` takes its own square's place, `x = y = z = b`, and its error is
//! `d = b - b b`. It passes only if it is zero modulo `2^k`, where `b` counts, or in the field: for
//! 0 and 1. Of 6 elements per digit 3 are for `c`, and 3 for `rho`.

mod attacks;
mod field;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;
mod oracle;
mod params;
mod party;
mod ring;
mod verify;

use std::cell::Cell;
use std::sync::Arc;

use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, PartyId, Phase,
    Roles, Security, Setup, Synchrony, Threshold,
};
use mpclab_sim::{Ctx, PartyFuture};

use crate::algebra::{self, Ring, Z64, Z128};
use crate::attack::Attack;
use crate::engine::cost::{self, Checks, Cost, DotPrice, Flow, Message, Prices, Step};
use crate::engine::field::{self as in_fields, DotTriples, FieldName, Needs, in_field};
use crate::engine::inputs::InputPlan;
use crate::engine::replicated::{KEY_BYTES, neighbour};
use crate::engine::{self, InputCheck, Plan};
use crate::oracle::{EffectiveInputs, SoundnessBound, SoundnessTrial, States};
use crate::primitives::Prg;
use crate::primitives::commit;
use crate::program::{Batch, BatchKind, Inputs, Outputs};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};
use crate::rep3::RingName;
use field::InField;
use party::HASH_BYTES;
use ring::InRing;

use params::Place;
pub use params::{DomainName, Rep3PsParams};

/// The protocol.
pub struct Rep3Ps;

/// One party in a prime field. Not `async`: a field that is not there leaves nothing behind.
fn start_in_field(
    name: FieldName,
    ctx: Ctx,
    plan: Arc<Plan<Rep3PsParams>>,
    input: Inputs,
) -> PartyFuture<Outputs> {
    in_field!(name, of &DomainName::TOYS, F => Box::pin(async move {
        engine::run(InField::<F>::new(&ctx, &plan).await?, ctx, plan, input).await
    }), else in_fields::not_compiled())
}

impl Protocol for Rep3Ps {
    const NAME: &'static str = "rep3_ps";
    const INFO: Info = Info {
        about: "replicated shares of three parties, each product checked by sacrificing another",
        source: "Lindell, Nof, CCS 2017; Eerikson et al., ITC 2020",
        claims: Claims {
            adversary: AdversaryKind::Malicious,
            threshold: Threshold::Exact(1),
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Both { sigma: 40, kappa: 128 },
            setup: Setup::None,
            network: Synchrony::Eventual,
        },
        parties: (3, 3),
    };
    const HELD_PERCENT: u64 = 950;
    const ASSUMES: &'static [&'static str] = &[Prg::ASSUMPTION, commit::ASSUMPTION];
    type Params = Rep3PsParams;
    type Plan = Plan<Rep3PsParams>;

    fn variants() -> Vec<Rep3PsParams> {
        let checked = DomainName::REAL.map(|domain| Rep3PsParams { domain, ..Default::default() });
        let input_check = InputCheck::None;
        let trusted = Rep3PsParams { domain: DomainName::P128, input_check };
        checked.into_iter().chain([trusted]).collect()
    }

    fn compile(
        job: &Arc<Job>,
        params: &Rep3PsParams,
    ) -> Result<Arc<Plan<Rep3PsParams>>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        let plan =
            Plan::with_own_outputs(job, *params)?.with_inputs(params.input_check).with_levels();
        let plan = match params.domain.place() {
            Place::Field(field) => plan.with_needs(field, true, DotTriples::default()),
            Place::Ring(_) => plan,
        };
        check_roles(&job.roles)?;
        params.check_domain(job, &plan.program)?;
        Ok(Arc::new(plan))
    }

    fn claims(plan: &Plan<Rep3PsParams>) -> Claims {
        let adversary = match plan.trusts_inputs(plan.params.input_check) {
            true => AdversaryKind::SemiHonest,
            false => AdversaryKind::Malicious,
        };
        let security = Security::Both { sigma: plan.masking.sigma, kappa: 128 };
        Claims { adversary, security, ..Self::INFO.claims }
    }

    fn leaks(plan: &Plan<Rep3PsParams>) -> Option<String> {
        in_fields::leaks(&plan.program)
    }

    async fn run(ctx: Ctx, plan: Arc<Plan<Rep3PsParams>>, input: Inputs) -> Result<Outputs, Abort> {
        match plan.params.domain.place() {
            Place::Field(name) => start_in_field(name, ctx, plan, input).await,
            Place::Ring(RingName::Z64) => {
                engine::run(InRing::<Z64>::new(&ctx, &plan).await?, ctx, plan, input).await
            }
            Place::Ring(RingName::Z128) => {
                engine::run(InRing::<Z128>::new(&ctx, &plan).await?, ctx, plan, input).await
            }
        }
    }

    fn declared_cost(plan: &Plan<Rep3PsParams>) -> Option<DeclaredCost> {
        let element = plan.params.domain.element_bytes();
        let setup = Cost { bytes: 3 * KEY_BYTES as u64, rounds: 1 };
        let offline = bits_cost(&plan.needs, element);
        let online = online_cost(plan, element);
        let source = "Lindell and Nof, CCS 2017, over Araki et al., CCS 2016: 3 elements for a \
                      product, 3 for the one that is sacrificed, 3 for an opening; random bits as \
                      Damgard et al., TCC 2006; comparisons as Catrina and de Hoogh, SCN 2010";
        let phases = [(Phase::Setup, setup), (Phase::Offline, offline), (Phase::Online, online)];
        Some(cost::declare(phases, source))
    }

    fn effective_inputs(plan: &Plan<Rep3PsParams>, states: &States<'_>) -> EffectiveInputs {
        oracle::effective_inputs(plan, states)
    }

    fn evaluate(plan: &Plan<Rep3PsParams>, inputs: &[Inputs]) -> Option<Outputs> {
        oracle::evaluate(plan, inputs)
    }

    fn soundness(plan: &Plan<Rep3PsParams>) -> Vec<SoundnessBound> {
        oracle::soundness(plan)
    }

    fn soundness_trials(plan: &Plan<Rep3PsParams>) -> Vec<SoundnessTrial<Rep3PsParams>> {
        oracle::soundness_trials(&plan.params)
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn ops(plan: &Plan<Rep3PsParams>) -> Vec<Op> {
        let of_ring = match plan.params.domain.place() {
            Place::Field(name) => in_field!(name, F => F::OPS),
            Place::Ring(RingName::Z64) => Z64::OPS,
            Place::Ring(RingName::Z128) => Z128::OPS,
        };
        algebra::ops_with(of_ring)
    }

    fn domain(plan: &Plan<Rep3PsParams>) -> String {
        plan.params.domain.label().to_owned()
    }

    fn notes(plan: &Plan<Rep3PsParams>) -> Vec<String> {
        let sigma = plan.job.security.statistical;
        let bound = match plan.params.domain.place() {
            Place::Ring(_) => format!(
                "wrong products pass the check with a probability of at most 2^-{sigma}: challenges \
                 have {sigma} bits, values {} of the ring's",
                plan.params.domain.value_bits(sigma)
            ),
            Place::Field(_) => {
                "wrong products pass the check with a probability of at most 1/p".to_owned()
            }
        };
        let mut notes = vec![bound];
        if plan.trusts_inputs(plan.params.input_check) {
            notes.push(
                "input_check: none: inputs are trusted to be in range, so no malicious security is \
                 claimed"
                    .to_owned(),
            );
        }
        notes.extend(in_fields::masking_notes(plan));
        notes
    }
}

/// Inputs and outputs of the three parties alone.
fn check_roles(roles: &Roles) -> Result<(), Unsupported> {
    if roles.nodes() > roles.compute {
        return Err(Unsupported::new(
            "a client could deal shares that do not agree, and could not tell whether what it \
             learns was checked",
            "no clients: parties as a number",
        ));
    }
    if roles.output.len() < roles.compute {
        return Err(Unsupported::new(
            "outputs are opened to all three parties at once",
            "parties: { output: all }",
        ));
    }
    Ok(())
}

// ---- declared cost ----

fn online_cost(plan: &Plan<Rep3PsParams>, element: u64) -> Cost {
    let Plan { program, inputs, .. } = plan;
    // A product and the one that is sacrificed are reshared; openings go to the next party.
    let reshared = |elements: u64| Flow::new(3 * elements * element, Step::Back, 1);
    let prices = Prices {
        product: reshared(2),
        open: Flow::new(3 * element, Step::First(3), 1),
        dot: DotPrice::OneProduct,
    };
    let checked = match inputs.checked_digits() {
        0 => Flow::default(),
        digits => reshared(1).spread(digits, 1).then(verify_cost(digits, element)),
    };
    // Products since the last check.
    let unchecked = Cell::new(0);
    let batch_flow = |batch: &Batch| {
        let needs = in_fields::needs_of(program, batch, 0, DotTriples::default());
        unchecked.set(unchecked.get() + needs.products);
        flow(batch, &prices)
    };
    cost::checked(
        program,
        &Roles::all(3),
        input_messages(inputs, element),
        batch_flow,
        output_messages(plan, element),
        Some(Checks { inputs: checked, check: &mut |_| verify_cost(unchecked.take(), element) }),
    )
}

fn flow(batch: &Batch, prices: &Prices) -> Flow {
    let hashes = 3 * HASH_BYTES as u64;
    match batch.kind {
        BatchKind::Mul | BatchKind::Dot => prices.products(batch.len, 1),
        kind => {
            let flow = in_fields::comparison_cost(kind, batch.len, prices);
            // One opening, if there is anything to cut off, and its hashes beside it.
            let hashes = if flow.is_empty() { 0 } else { hashes };
            flow.then(Flow::new(hashes, Step::First(3), 0))
        }
    }
}

/// An owner sends one element per value or digit to the previous party.
fn input_messages(inputs: &InputPlan, element: u64) -> impl Iterator<Item = Message> {
    inputs.elements().map(move |(from, len)| Message {
        from,
        to: neighbour(from, 2),
        bytes: len as u64 * element,
    })
}

/// Each party's part of the next one's outputs to it, the hash of the other part of those of the
/// previous to that.
fn output_messages(plan: &Plan<Rep3PsParams>, element: u64) -> impl Iterator<Item = Message> + '_ {
    let len = |node| plan.opening.group_of(node).map_or(0, |group| group.len) as u64;
    PartyId::all(3).flat_map(move |from| {
        let [next, previous] = [1, 2].map(|ahead| neighbour(from, ahead));
        let part = Message { from, to: next, bytes: len(next) * element };
        let hash = Message { from, to: previous, bytes: HASH_BYTES as u64 };
        let sent = [part, hash].into_iter();
        sent.filter(move |message| len(message.to) > 0)
    })
}

/// Values from each party to the next, their hash to the previous.
fn opening_cost(count: usize, element: u64) -> Flow {
    Flow::new(3 * (element * count as u64 + HASH_BYTES as u64), Step::First(3), 1)
}

/// The coin, the openings, and a hash from everyone to everyone, if there is anything to check.
fn verify_cost(factors: usize, element: u64) -> Flow {
    if factors == 0 {
        return Flow::default();
    }
    let coin = 3 * (KEY_BYTES + HASH_BYTES) as u64;
    Flow::new(coin, Step::First(3), 1).then(opening_cost(factors, element)).then(Flow::new(
        6 * HASH_BYTES as u64,
        Step::First(3),
        1,
    ))
}

/// Random bits, unless a random value is zero and is drawn again (once in p): a product each,
/// opened beside its check.
fn bits_cost(needs: &[Needs], element: u64) -> Cost {
    let bits: usize = needs.iter().map(|needs| needs.bits).sum();
    if bits == 0 {
        return Cost::default();
    }
    let products = 2 * 3 * element * bits as u64;
    let beside = opening_cost(bits, element).then(verify_cost(bits, element));
    Cost { bytes: products + beside.bytes(), rounds: 1 + 3 }
}
