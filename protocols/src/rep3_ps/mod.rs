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
//!   not zero modulo `2^k`, write `d = 2^e u` with `u` odd and `e < k`: `alpha d = d'` fixes `alpha`
//!   modulo `2^(k+s-e)`, more than `2^s`, so for at most one of the `2^s` challenges: probability at
//!   most `2^-s`. Errors that are multiples of `2^k` change no value, but may pass; therefore outputs
//!   are opened modulo `2^k` alone, and the high bits of no value are ever shown. Here `s` is the
//!   statistical security parameter, and `k` what it leaves of the ring.
//!
//! Whether `v` is zero depends on errors and challenge alone, so an abort says nothing of secrets.
//!
//! # Order and consistency
//!
//! - **Openings**: party `i` lacks part `i+2`. It gets it from the party before it, and in the same
//!   round its hash from the party after it, who holds it too. A wrong opening is found before it is
//!   used; otherwise shares would become inconsistent, and later openings could show products of an
//!   error and a secret.
//! - **The coin** is the sum of three strings from the pairwise keys, opened in the same way. The
//!   string that party `i` lacks comes from the party that receives all resharings of `i`, and is
//!   sent when they are there: `i` cannot see the challenge before its errors are fixed, however far
//!   the third party has come. What `i` gets from the third party is the hash of 32 uniform bytes,
//!   while the hash of a share could be searched in a small field.
//! - **Inputs** are dealt with keys: the owner's two peers get one part each that the other does not
//!   hold, and the third part is zero. Whatever an owner sends, it deals some input, so there is
//!   nothing to compare; with clients there would be, so they are refused.
//! - **Outputs** are opened like all else, after the check.
//!
//! Everything is checked in order of the program's batches, one check at a time, and the party that
//! finds an error sends nothing more. Comparisons are refused.

mod attacks;
mod party;
mod verify;

use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, Phase, Roles,
    Security, Setup, Synchrony, Threshold,
};
use mpclab_sim::wire::Element;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algebra::{M61, P128, PrimeField, Ring, Z64, Z128};
use crate::attack::Attack;
use crate::engine::cost::{self, Cost, Flow, Message, Step};
use crate::engine::replicated::{KEY_BYTES, extract, neighbour};
use crate::engine::{self, Replicated, oracle};
use crate::oracle::{EffectiveInputs, SoundnessBound, States};
use crate::primitives::CHACHA_BYTE;
use crate::primitives::hash::BLAKE3_BYTE;
use crate::program::{Batch, BatchKind, Inputs, Outputs, Program};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};
use party::{HASH_BYTES, Party, Room};

/// The protocol.
pub struct Rep3Ps;

/// Parameters of [`Rep3Ps`].
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rep3PsParams {
    /// Where values live.
    pub domain: DomainName,
}

/// The field or ring of the protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DomainName {
    /// The field of p = 2^61 - 1: 8 bytes an element, soundness error 1/p.
    #[default]
    M61,
    /// The field of p = 2^128 - 173: 16 bytes an element, soundness error 1/p.
    P128,
    /// Integers modulo 2^64, of which the statistical security parameter takes its part: 8 bytes an
    /// element.
    Z64,
    /// Integers modulo 2^128, of which the statistical security parameter takes its part: 16 bytes
    /// an element.
    Z128,
}

impl DomainName {
    const ALL: [DomainName; 4] =
        [DomainName::M61, DomainName::P128, DomainName::Z64, DomainName::Z128];

    fn name(self) -> &'static str {
        match self {
            DomainName::M61 => M61::NAME,
            DomainName::P128 => P128::NAME,
            DomainName::Z64 => Z64::NAME,
            DomainName::Z128 => Z128::NAME,
        }
    }

    fn label(self) -> &'static str {
        match self {
            DomainName::M61 => M61::LABEL,
            DomainName::P128 => P128::LABEL,
            DomainName::Z64 => Z64::LABEL,
            DomainName::Z128 => Z128::LABEL,
        }
    }

    fn element_bytes(self) -> u64 {
        match self {
            DomainName::M61 | DomainName::Z64 => 8,
            DomainName::P128 | DomainName::Z128 => 16,
        }
    }

    /// The largest sigma for which the soundness error is at most 2^-sigma.
    fn max_sigma(self) -> u32 {
        match self {
            DomainName::M61 => 60,
            DomainName::P128 => 127,
            DomainName::Z64 => 63,
            DomainName::Z128 => 127,
        }
    }

    /// Bits that a value may have at a soundness error of 2^-sigma.
    fn value_bits(self, sigma: u32) -> u32 {
        match self {
            DomainName::M61 => 60,
            DomainName::P128 => 127,
            DomainName::Z64 => 64u32.saturating_sub(sigma),
            DomainName::Z128 => 128u32.saturating_sub(sigma),
        }
    }

    fn is_ring(self) -> bool {
        matches!(self, DomainName::Z64 | DomainName::Z128)
    }

    /// Whether values of so many bits fit, and a check is as sound as it has to be.
    fn fits(self, bits: u32, sigma: u32) -> bool {
        sigma <= self.max_sigma() && bits <= self.value_bits(sigma)
    }
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
            security: Security::Computational { kappa: 128 },
            setup: Setup::None,
            network: Synchrony::Eventual,
        },
        parties: (3, 3),
    };
    type Params = Rep3PsParams;

    fn supports(job: &Job, params: &Rep3PsParams) -> Result<(), Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        let program = job.program()?;
        check_roles(&job.roles)?;
        check_operations(program)?;
        check_domain(params.domain, program.statistics().max_bits, job.security.statistical)
    }

    async fn run(
        ctx: Ctx,
        job: Arc<Job>,
        params: Arc<Rep3PsParams>,
        input: Inputs,
    ) -> Result<Outputs, Abort> {
        match params.domain {
            DomainName::M61 => {
                engine::run(Party::<M61>::in_field(&ctx, &job).await?, ctx, job, input).await
            }
            DomainName::P128 => {
                engine::run(Party::<P128>::in_field(&ctx, &job).await?, ctx, job, input).await
            }
            DomainName::Z64 => {
                engine::run(Party::<Z64>::in_ring(&ctx, &job).await?, ctx, job, input).await
            }
            DomainName::Z128 => {
                engine::run(Party::<Z128>::in_ring(&ctx, &job).await?, ctx, job, input).await
            }
        }
    }

    fn declared_cost(job: &Job, params: &Rep3PsParams) -> Option<DeclaredCost> {
        let program = job.program().ok()?;
        let element = params.domain.element_bytes();
        let setup = Cost { bytes: 3 * KEY_BYTES as u64, rounds: 1 };
        let checked: usize =
            program.schedule().batches.iter().map(|batch| factors(program, batch)).sum();
        let outputs: usize = program.outputs().iter().map(|output| output.len).sum();
        let verify = if checked > 0 { verify_cost(checked, element) } else { Flow::default() };
        let online = cost::online_then(
            program,
            &job.roles,
            input_messages(program, element),
            // Each party reshares a product and its triple's.
            |batch| Flow::new(2 * 3 * element * batch.len as u64, Step::Back, 1),
            verify.then(opening_cost(outputs, element)),
            std::iter::empty(),
        );
        let source = "Lindell and Nof, CCS 2017, over Araki et al., CCS 2016: 3 elements for a \
                      product, 3 for the one that is sacrificed, 3 for an opening";
        Some(cost::declare([(Phase::Setup, setup), (Phase::Online, online)], source))
    }

    fn effective_inputs(job: &Job, params: &Rep3PsParams, states: &States<'_>) -> EffectiveInputs {
        /// Of a ring element the low bits are the value.
        fn values<R: Ring>(job: &Job, states: &States<'_>, room: Room) -> EffectiveInputs {
            oracle::effective_inputs::<Replicated<R>, R>(job, states, |owner, shares| {
                let values = extract(owner, shares)?;
                Ok(values.map(|all| all.into_iter().map(|value| room.centred(value)).collect()))
            })
        }
        let sigma = job.security.statistical;
        match params.domain {
            DomainName::M61 => values::<M61>(job, states, Room::Field),
            DomainName::P128 => values::<P128>(job, states, Room::Field),
            DomainName::Z64 => values::<Z64>(job, states, Room::ring(Z64::BITS, sigma)),
            DomainName::Z128 => values::<Z128>(job, states, Room::ring(Z128::BITS, sigma)),
        }
    }

    fn evaluate(job: &Job, params: &Rep3PsParams, inputs: &[Inputs]) -> Option<Outputs> {
        fn centred<R: Ring>(job: &Job, inputs: &[Inputs], room: Room) -> Option<Outputs> {
            let outputs = oracle::evaluate::<R>(job.program().ok()?, inputs)?;
            Some(outputs.into_iter().map(|value| room.centred(value).to_i128()).collect())
        }
        let sigma = job.security.statistical;
        match params.domain {
            DomainName::M61 => centred::<M61>(job, inputs, Room::Field),
            DomainName::P128 => centred::<P128>(job, inputs, Room::Field),
            DomainName::Z64 => centred::<Z64>(job, inputs, Room::ring(Z64::BITS, sigma)),
            DomainName::Z128 => centred::<Z128>(job, inputs, Room::ring(Z128::BITS, sigma)),
        }
    }

    fn soundness(job: &Job, params: &Rep3PsParams) -> Vec<SoundnessBound> {
        let sigma = job.security.statistical;
        let probability = match params.domain {
            DomainName::M61 => 1.0 / M61::MODULUS as f64,
            DomainName::P128 => 1.0 / P128::MODULUS as f64,
            DomainName::Z64 | DomainName::Z128 => (-f64::from(sigma)).exp2(),
        };
        vec![SoundnessBound {
            event: "a wrong product passes the check",
            probability,
            source: "Lindell and Nof, CCS 2017; Eerikson et al., ITC 2020; derived in the module",
        }]
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn ops(params: &Rep3PsParams) -> Vec<Op> {
        let [add, mul] = match params.domain {
            DomainName::M61 => [M61::ADD, M61::MUL],
            DomainName::P128 => [P128::ADD, P128::MUL],
            DomainName::Z64 => [Z64::ADD, Z64::MUL],
            DomainName::Z128 => [Z128::ADD, Z128::MUL],
        };
        vec![add, mul, CHACHA_BYTE, BLAKE3_BYTE]
    }

    fn domain(params: &Rep3PsParams) -> String {
        params.domain.label().to_owned()
    }

    fn notes(job: &Job, params: &Rep3PsParams) -> Vec<String> {
        let sigma = job.security.statistical;
        let bound = if params.domain.is_ring() {
            format!(
                "a wrong product passes the check with probability at most 2^-{sigma}: challenges \
                 have {sigma} bits, values {} of the ring's",
                params.domain.value_bits(sigma)
            )
        } else {
            "a wrong product passes the check with probability at most 1/p".to_owned()
        };
        vec![bound]
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

/// Products alone.
fn check_operations(program: &Program) -> Result<(), Unsupported> {
    let multiplies = |batch: &Batch| matches!(batch.kind, BatchKind::Mul | BatchKind::Dot);
    if program.schedule().batches.iter().all(multiplies) {
        return Ok(());
    }
    Err(Unsupported::new(
        "it multiplies, but does not compare or truncate",
        "a function of products and sums",
    ))
}

/// Whether values fit beside what the check needs.
fn check_domain(domain: DomainName, bits: u32, sigma: u32) -> Result<(), Unsupported> {
    if domain.fits(bits, sigma) {
        return Ok(());
    }
    let label = domain.label();
    let why = if sigma > domain.max_sigma() {
        format!("a check in {label} is sound up to 2^-{}, not 2^-{sigma}", domain.max_sigma())
    } else if domain.is_ring() {
        format!(
            "values of {bits} bits and challenges of {sigma} bits do not fit together in {label}"
        )
    } else {
        format!(
            "values of {bits} bits do not fit in {label}, which has {}",
            domain.value_bits(sigma) + 1
        )
    };
    let instead = match DomainName::ALL.into_iter().find(|other| other.fits(bits, sigma)) {
        Some(other) => format!("params: {{ domain: {} }}", other.name()),
        None => "smaller parameters of the function; no larger domain is built in".to_owned(),
    };
    Err(Unsupported::new(why, instead).of("domain"))
}

// ---- declared cost ----

/// Left factors of a batch: each has a mask that is opened.
fn factors(program: &Program, batch: &Batch) -> usize {
    match batch.kind {
        BatchKind::Dot => engine::dot_lengths(program, &batch.members).iter().sum(),
        _ => batch.len,
    }
}

/// An owner sends one element per value to the previous party.
fn input_messages(program: &Program, element: u64) -> impl Iterator<Item = Message> {
    let owners = engine::inputs_by_owner(program, &Roles::all(3)).into_iter();
    owners.map(move |(from, len)| Message {
        from,
        to: neighbour(from, 2),
        bytes: len as u64 * element,
    })
}

/// Values from each party to the next, their hash to the previous.
fn opening_cost(count: usize, element: u64) -> Flow {
    Flow::new(3 * (element * count as u64 + HASH_BYTES as u64), Step::First(3), 1)
}

/// The coin, the openings, and a hash from everyone to everyone.
fn verify_cost(factors: usize, element: u64) -> Flow {
    let coin = 3 * (KEY_BYTES + HASH_BYTES) as u64;
    Flow::new(coin, Step::First(3), 1).then(opening_cost(factors, element)).then(Flow::new(
        6 * HASH_BYTES as u64,
        Step::First(3),
        1,
    ))
}
