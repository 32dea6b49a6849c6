//! Controls of adversaries that copy, choose late, or tell one party something else in one step.

use std::sync::Arc;

use mpclab_protocols::algebra::{Bits, M61, Ring, slices};
use mpclab_protocols::oracle::{CHALLENGE, Challenge, EffectiveInputs, States};
use mpclab_protocols::program::{Inputs, Outputs};
use mpclab_protocols::protocol::{Info, Job, Protocol, Unsupported};
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, AdversaryKind, Claims, PerParty, Threshold};
use rand::Rng;

use super::leaky::{NoParams, is_linear};
use super::*;
use crate::battery::privacy::{adaptive, challenges, independent};
use crate::battery::twins;

/// Commitments name who commits.
const BOUND: usize = 0;
/// They do not.
const UNBOUND: usize = 1;
/// A name stands beside the hash, and can be written over.
const BESIDE: usize = 2;
/// Only nonces are committed to.
const NOTHING: usize = 3;
/// Two steps: the first is compared by all, the second by nobody.
const SECOND_UNCOMPARED: usize = 4;
/// Two steps: the first is compared by all; what the first party adds up in the second is not.
const KING: usize = 5;

const NAMES: [&str; 6] =
    ["bound", "unbound", "name_beside", "nothing_bound", "second_uncompared", "king_uncompared"];

/// A coin, and a challenge, from 32 bytes of each party.
struct Sealed<const FAULT: usize>;

/// Each party sends a hash of its input, and then the input.
struct Announced<const HAS_NONCE: bool>;

fn registry() -> Registry {
    leaky::registry()
        .with::<Sealed<BOUND>>()
        .with::<Sealed<UNBOUND>>()
        .with::<Sealed<BESIDE>>()
        .with::<Sealed<NOTHING>>()
        .with::<Sealed<SECOND_UNCOMPARED>>()
        .with::<Sealed<KING>>()
        .with::<Announced<false>>()
        .with::<Announced<true>>()
}

const MALICIOUS: Info = Info {
    claims: Claims {
        adversary: AdversaryKind::Malicious,
        threshold: Threshold::BelowAll,
        ..leaky::INFO.claims
    },
    ..leaky::INFO
};

type Bytes = [u8; 32];

fn fresh(ctx: &Ctx) -> Bytes {
    let mut bytes = [0; 32];
    ctx.rng().fill_bytes(&mut bytes);
    bytes
}

fn hash(ctx: &Ctx, parts: &[&[u8]]) -> Bytes {
    let mut hasher = blake3::Hasher::new_keyed(&ctx.run_id());
    parts.iter().for_each(|part| {
        hasher.update(part);
    });
    *hasher.finalize().as_bytes()
}

fn seal(ctx: &Ctx, party: PartyId, bytes: &Bytes, nonce: &Bytes, fault: usize) -> Bytes {
    match fault {
        UNBOUND | BESIDE => hash(ctx, &[bytes, nonce]),
        NOTHING => hash(ctx, &[&party.0.to_le_bytes(), nonce]),
        _ => hash(ctx, &[&party.0.to_le_bytes(), bytes, nonce]),
    }
}

/// The bytes of all, committed to and opened.
async fn toss(ctx: &Ctx, fault: usize) -> Result<PerParty<Bytes>, Abort> {
    let (own, nonce) = (fresh(&ctx.scope("own")), fresh(&ctx.scope("nonce")));
    let name = |party: PartyId| match fault {
        BESIDE => (100 + party.0).to_be_bytes(),
        _ => [0; 4],
    };
    let (commits, opens) = (ctx.scope("commit"), ctx.scope("open"));
    commits.broadcast(&(name(ctx.id()), seal(ctx, ctx.id(), &own, &nonce, fault)));
    let commitments = commits.gather::<([u8; 4], Bytes)>(((), ())).await?;
    opens.broadcast(&(name(ctx.id()), (own, nonce)));
    let openings = opens.gather::<([u8; 4], (Bytes, Bytes))>(((), ((), ()))).await?;
    let mut all = PerParty::default();
    all.insert(ctx.id(), own);
    for (party, (named, (bytes, nonce))) in openings {
        let sealed = (name(party), seal(ctx, party, &bytes, &nonce, fault));
        if named != name(party) || commitments.get(party) != Some(&sealed) {
            return Err(opens.check_failed("openings"));
        }
        all.insert(party, bytes);
    }
    Ok(all)
}

/// Everybody is told the same bytes, or some abort.
async fn compared(ctx: &Ctx) -> Result<PerParty<Bytes>, Abort> {
    let own = fresh(&ctx.scope("own"));
    ctx.broadcast(&own);
    let mut all = ctx.gather::<Bytes>(()).await?;
    all.insert(ctx.id(), own);
    let parts: Vec<&[u8]> = all.values().map(Bytes::as_slice).collect();
    let heard = hash(ctx, &parts);
    let echoes = ctx.scope("echo");
    echoes.broadcast(&heard);
    match echoes.gather::<Bytes>(()).await?.values().all(|echo| *echo == heard) {
        true => Ok(all),
        false => Err(ctx.check_failed("all were told the same")),
    }
}

/// The first party adds up what all tell it, and says twice what it is.
async fn crowned(ctx: &Ctx, own: &Bytes) -> Result<Bytes, Abort> {
    let king = PartyId(0);
    let (tell, told, again) = (ctx.scope("tell"), ctx.scope("told"), ctx.scope("again"));
    if ctx.id() == king {
        let mut sum = *own;
        tell.gather::<Bytes>(()).await?.values().for_each(|bytes| xor(&mut sum, bytes));
        told.broadcast(&sum);
        again.broadcast(&hash(ctx, &[&sum]));
        return Ok(sum);
    }
    tell.send(king, own);
    let sum: Bytes = told.recv(king, ()).await?;
    match again.recv::<Bytes>(king, ()).await? == hash(ctx, &[&sum]) {
        true => Ok(sum),
        false => Err(ctx.check_failed("it says the same twice")),
    }
}

fn xor(sum: &mut Bytes, bytes: &Bytes) {
    sum.iter_mut().zip(bytes).for_each(|(sum, byte)| *sum ^= byte);
}

impl<const FAULT: usize> Protocol for Sealed<FAULT> {
    const NAME: &'static str = NAMES[FAULT];
    const INFO: Info = MALICIOUS;
    type Params = NoParams;
    type Plan = Job;

    fn compile(job: &Arc<Job>, _: &NoParams) -> Result<Arc<Job>, Unsupported> {
        job.relation("coin_toss").map(|_| Arc::clone(job))
    }

    fn run(
        ctx: Ctx,
        job: Arc<Job>,
        _: Inputs,
    ) -> impl Future<Output = Result<Outputs, Abort>> + Send {
        coin(ctx, job, FAULT)
    }
}

/// Compiled once for all faults.
async fn coin(ctx: Ctx, job: Arc<Job>, fault: usize) -> Result<Outputs, Abort> {
    let (len, online) = (job.task.output_len(), ctx.scope("online"));
    let all = match fault {
        SECOND_UNCOMPARED | KING => compared(&online.scope("first")).await?,
        _ => PerParty::default(),
    };
    let second = online.scope("second");
    let sum = match (fault, all.get(ctx.id())) {
        (KING, Some(own)) => crowned(&second, own).await?,
        _ => {
            let mut sum = [0; 32];
            toss(&second, fault).await?.values().for_each(|bytes| xor(&mut sum, bytes));
            sum
        }
    };
    let word = u64::from_le_bytes(sum[16..24].try_into().unwrap());
    online.tap(CHALLENGE, || Challenge { among: 1 << 61, drawn: vec![u128::from(word >> 3)] });
    let bit = |at: usize| sum[0] >> at & 1 == 1;
    Ok(Outputs::of("bits", (0..len).map(bit).collect::<Bits>()))
}

impl<const HAS_NONCE: bool> Protocol for Announced<HAS_NONCE> {
    const NAME: &'static str = if HAS_NONCE { "sealed_bid" } else { "hashed_bid" };
    const INFO: Info = MALICIOUS;
    type Params = NoParams;
    type Plan = Job;

    fn compile(job: &Arc<Job>, _: &NoParams) -> Result<Arc<Job>, Unsupported> {
        is_linear(job.program()?)?;
        Ok(Arc::clone(job))
    }

    async fn run(ctx: Ctx, job: Arc<Job>, input: Inputs) -> Result<Outputs, Abort> {
        let program = job.program().map_err(|why| Abort::Bug(why.to_string()))?;
        let len = program.inputs().first().map_or(0, |decl| decl.len);
        let online = ctx.scope("online");
        let mut own: Vec<M61> = input.all_integers().map(|value| M61::from_i128(*value)).collect();
        own.resize(len, M61::ZERO);
        let nonce = if HAS_NONCE { fresh(&online.scope("nonce")) } else { [0; 32] };
        let sealed = |party: PartyId, values: &[M61], nonce: &Bytes| {
            let values: Vec<u8> =
                values.iter().flat_map(|value| value.to_i128().to_le_bytes()).collect();
            hash(&ctx, &[&party.0.to_le_bytes(), &values, nonce])
        };
        let (commits, opens) = (online.scope("commit"), online.scope("open"));
        commits.broadcast(&sealed(ctx.id(), &own, &nonce));
        let commitments = commits.gather::<Bytes>(()).await?;
        opens.broadcast(&(own.clone(), nonce));
        let mut sum = own;
        for (party, (values, nonce)) in opens.gather::<(Vec<M61>, Bytes)>((len, ())).await? {
            if commitments.get(party) != Some(&sealed(party, &values, &nonce)) {
                return Err(opens.check_failed("openings"));
            }
            slices::add_assign(&mut sum, &values);
            online.tap("heard", || (party, values));
        }
        let sum: Vec<i128> = sum.into_iter().map(Ring::to_i128).collect();
        Ok(program.to_outputs(&sum))
    }

    fn effective_inputs(job: &Job, states: &States<'_>) -> EffectiveInputs {
        leaky::Open::effective_inputs(job, states)
    }
}

const BITS: &str = "{ name: coin_toss, params: { bits: 4 } }";
/// A sum of one value of each party.
const BIDS: &str = "{ name: sum, params: { bits: 8 } }";

fn judged(function: &str, protocol: &str, seed: u64) -> Privacy {
    let registry = registry();
    let prepared = prepared(&registry, function, protocol, seed);
    let target = Target::new(&registry, &prepared, &prepared.cells[0]).unwrap();
    let probe = Probe { target: &target, cell: undisturbed(target.cell), effort: FEW };
    let tested = |block: u32| {
        let mut tests = independent::tests(&probe, block, |_| true);
        tests.extend(adaptive::tests(&probe, block, |_| true));
        tests.extend(challenges::tests(&probe, block, |_| true));
        Tested { seeds: seeds(block), tests }
    };
    findings::conclude(&target, tested(0), |_| tested(1), ALPHA)
}

#[test]
fn openings_said_again_under_another_name_are_flagged() {
    for fault in [UNBOUND, BESIDE, NOTHING] {
        let privacy = judged(BITS, NAMES[fault], 1);
        let violated = violated(&privacy);
        for test in [independent::NAMED, challenges::COPIED] {
            assert!(violated.contains(&test), "{}: {violated:?}", NAMES[fault]);
        }
        // What is said again as it was is refused where a name stands beside it.
        let is_plain = violated.contains(&"coin under copying");
        assert!(fault != BESIDE || !is_plain, "{violated:?}");
    }
}

#[test]
fn an_input_taken_from_what_was_announced_is_flagged() {
    assert!(violated(&judged(BIDS, "open", 1)).contains(&adaptive::NAME));
    assert_eq!(violated(&judged(BIDS, "hashed_bid", 1)), [adaptive::NAME]);
}

#[test]
fn names_that_are_bound_and_inputs_that_are_sealed_are_quiet() {
    for seed in 1..=2 {
        for (function, protocol) in [
            (BITS, NAMES[BOUND]),
            (BITS, "coin_toss"),
            (BIDS, "sealed_bid"),
            (PRODUCT, "spdz"),
            (PRODUCT, "rep3_ps"),
        ] {
            let privacy = judged(function, protocol, seed);
            assert_eq!(violated(&privacy), [""; 0], "{protocol}, seed {seed}");
            let tests: &[&str] = match protocol {
                "spdz" | "rep3_ps" => &[challenges::COPIED, adaptive::NAME],
                "sealed_bid" => &[adaptive::NAME],
                "coin_toss" => &[independent::NAMED],
                _ => &[challenges::COPIED, independent::NAMED],
            };
            for test in tests {
                let quiet = observed(&privacy, test);
                assert!(matches!(quiet, Observed::NotRefuted { .. }), "{protocol}: {quiet:?}");
            }
        }
    }
}

const STEP: &str = "twins in one step";

/// How many twins differ in one step, and what any twin breaks.
fn met(target: &Target<'_>) -> (usize, Vec<(String, Guarantee)>) {
    let cases = twins::cases(target, &target.coalitions().largest().tried);
    let mut broken = Vec::new();
    for case in &cases {
        let verdicts = case.run(target).verdicts.into_iter();
        let violated = verdicts.filter(|verdict| verdict.standing() == Standing::Violated);
        broken.extend(violated.map(|verdict| (case.attack.clone(), verdict.guarantee)));
    }
    (cases.iter().filter(|case| case.attack == STEP).count(), broken)
}

/// A check of the first step does not speak of the second.
#[test]
fn twins_in_one_step_part_those_who_compare_another() {
    let registry = registry();
    for (function, protocol, is_split) in [
        (BITS, NAMES[SECOND_UNCOMPARED], true),
        (BITS, NAMES[KING], true),
        (BITS, "coin_toss", false),
        (PRODUCT, "spdz", false),
        (PRODUCT, "rep3_ps", false),
    ] {
        for seed in 1..=3 {
            let prepared = prepared(&registry, function, protocol, seed);
            let target = Target::new(&registry, &prepared, &prepared.cells[0]).unwrap();
            let (cases, broken) = met(&target);
            assert!(cases > 0, "{protocol}");
            assert_eq!(!broken.is_empty(), is_split, "{protocol}: {broken:?}");
            assert!(broken.iter().all(|(attack, _)| attack == STEP), "{broken:?}");
        }
    }
}
