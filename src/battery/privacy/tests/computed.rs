//! Controls of adversaries that compute: coins whose commitments can be guessed or whose bits one
//! party chooses, challenges that are known or repeat, inputs behind short nonces.

use std::sync::Arc;

use mpclab_protocols::algebra::Bits;
use mpclab_protocols::oracle::{CHALLENGE, Challenge, SoundnessBound};
use mpclab_protocols::program::{Inputs, Outputs};
use mpclab_protocols::protocol::{Info, Job, Protocol, Unsupported};
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, AdversaryKind, Claims, Threshold};
use rand::Rng;

use super::leaky::NoParams;
use super::*;
use crate::battery::privacy::{challenges, guesses, independent, redrawn};
use crate::battery::twins;

const SOUND: usize = 0;
/// Nonces have eight bits.
const SHORT_NONCE: usize = 1;
/// The coin is the first party's.
const FIRST: usize = 2;
/// The coin follows from the session's name.
const PUBLIC: usize = 3;
/// All bits of the coin are one.
const ALIKE: usize = 4;
/// Challenges follow from the session's name, have four bits, or are two times the same.
const KNOWN: usize = 5;
const SMALL: usize = 6;
const TWICE: usize = 7;
/// They are the first party's own.
const OWN: usize = 8;
/// Of openings no commitment is compared, or one byte of it.
const UNBOUND: usize = 9;
const BRIEF: usize = 10;
/// A theorem counts on challenges, and none are tapped.
const UNTAPPED: usize = 11;

const NAMES: [&str; 12] = [
    "sound_toss",
    "short_nonce",
    "first_decides",
    "public_coin",
    "alike",
    "known_challenge",
    "small_challenge",
    "challenge_twice",
    "own_challenge",
    "unbound_challenge",
    "briefly_bound_challenge",
    "untapped_challenge",
];

/// Commits to 32 bytes and opens them; the sum is a coin, and two challenges.
struct Toss<const FAULT: usize>;

fn registry() -> Registry {
    leaky::registry()
        .with::<Toss<SOUND>>()
        .with::<Toss<SHORT_NONCE>>()
        .with::<Toss<FIRST>>()
        .with::<Toss<PUBLIC>>()
        .with::<Toss<ALIKE>>()
        .with::<Toss<KNOWN>>()
        .with::<Toss<SMALL>>()
        .with::<Toss<TWICE>>()
        .with::<Toss<OWN>>()
        .with::<Toss<UNBOUND>>()
        .with::<Toss<BRIEF>>()
        .with::<Toss<UNTAPPED>>()
}

impl<const FAULT: usize> Protocol for Toss<FAULT> {
    const NAME: &'static str = NAMES[FAULT];
    const INFO: Info = Info {
        claims: Claims {
            adversary: AdversaryKind::Malicious,
            threshold: Threshold::BelowAll,
            ..leaky::INFO.claims
        },
        ..leaky::INFO
    };
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
        flawed(ctx, job, FAULT)
    }

    fn soundness(_: &Job) -> Vec<SoundnessBound> {
        let bound = SoundnessBound {
            event: "a wrong sum is not seen",
            probability: 0.5f64.powi(61),
            source: "this test",
        };
        [bound].into_iter().filter(|_| FAULT == UNTAPPED).collect()
    }
}

/// Compiled once for all faults.
async fn flawed(ctx: Ctx, job: Arc<Job>, fault: usize) -> Result<Outputs, Abort> {
    let (len, online) = (job.task.output_len(), ctx.scope("online"));
    let (mut own, mut nonce) = ([0u8; 32], [0u8; 32]);
    let mut rng = online.rng();
    rng.fill_bytes(&mut own);
    rng.fill_bytes(&mut nonce);
    // So few that they can be tried.
    own[1..16].fill(0);
    own[0] &= 15;
    if fault == SHORT_NONCE {
        nonce[1..].fill(0);
        own[16..].fill(0);
    }
    let (commits, opens) = (online.scope("commit"), online.scope("open"));
    commits.broadcast(&sealed(&ctx, ctx.id(), &own, &nonce));
    let commitments = commits.gather::<[u8; 32]>(()).await?;
    opens.broadcast(&(own, nonce));
    let (mut sum, mut first) = (own, if ctx.id() == PartyId(0) { own } else { [0; 32] });
    for (party, (bytes, nonce)) in opens.gather::<([u8; 32], [u8; 32])>(((), ())).await? {
        let compared = [32, 0, 1, 32][fault.saturating_sub(UNBOUND - 1)];
        let opened = sealed(&ctx, party, &bytes, &nonce);
        if commitments.get(party).unwrap()[..compared] != opened[..compared] {
            return Err(opens.check_failed("openings"));
        }
        sum.iter_mut().zip(&bytes).for_each(|(sum, byte)| *sum ^= byte);
        if party == PartyId(0) {
            first = bytes;
        }
    }
    let drawn = match fault {
        KNOWN => ctx.run_id(),
        OWN => first,
        _ => sum,
    };
    let word = |at: usize| u64::from_le_bytes(drawn[at..at + 8].try_into().unwrap());
    let words = [16, if fault == TWICE { 16 } else { 24 }].map(|at| match fault {
        SMALL => word(at) & 15,
        _ => word(at) >> 3,
    });
    let tapped = if fault == UNTAPPED { "a challenge of another name" } else { CHALLENGE };
    online.tap(tapped, || Challenge { among: 1 << 61, drawn: words.map(u128::from).to_vec() });
    let coin = match fault {
        FIRST => first,
        PUBLIC => ctx.run_id(),
        _ => sum,
    };
    let bit = |at: usize| coin[0] >> (if fault == ALIKE { 0 } else { at }) & 1 == 1;
    Ok(Outputs::of("bits", (0..len).map(bit).collect::<Bits>()))
}

fn sealed(ctx: &Ctx, party: PartyId, bytes: &[u8; 32], nonce: &[u8; 32]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(&ctx.run_id());
    hasher.update(&party.0.to_le_bytes()).update(bytes).update(nonce);
    *hasher.finalize().as_bytes()
}

const BITS: &str = "{ name: coin_toss, params: { bits: 4 } }";

/// Tests of coins, of challenges and of what is guessed.
fn judged(function: &str, protocol: &str, seed: u64) -> Privacy {
    let registry = registry();
    let prepared = prepared(&registry, function, protocol, seed);
    let target = Target::new(&registry, &prepared, &prepared.cells[0]).unwrap();
    let probe = Probe { target: &target, cell: undisturbed(target.cell), effort: FEW };
    let tested = |block: u32| {
        let mut tests = independent::tests(&probe, block, |_| independent::is_coin(&probe));
        tests.extend(guesses::tests(&probe, block, |_, _| true));
        tests.extend(challenges::tests(&probe, block, |_| true));
        tests.extend(redrawn::tests(&probe, block, |_| true));
        Tested { seeds: seeds(block), tests }
    };
    findings::conclude(&target, tested(0), |_| tested(1), ALPHA)
}

#[test]
fn coins_that_somebody_chooses_or_knows_are_flagged() {
    let chosen = "coin under chosen randomness";
    for (fault, test) in
        [(SHORT_NONCE, guesses::COIN), (FIRST, chosen), (PUBLIC, chosen), (ALIKE, chosen)]
    {
        let privacy = judged(BITS, NAMES[fault], 1);
        let violated = violated(&privacy);
        assert!(violated.contains(&test), "{}: {violated:?}", NAMES[fault]);
    }
}

#[test]
fn challenges_that_are_known_small_or_equal_are_flagged() {
    for (fault, test) in [
        (KNOWN, challenges::KNOWN),
        (SMALL, challenges::FRESH),
        (TWICE, challenges::FRESH),
        (OWN, challenges::KNOWN),
        (UNBOUND, redrawn::NAME),
        (BRIEF, redrawn::NAME),
    ] {
        let privacy = judged(BITS, NAMES[fault], 1);
        let violated = violated(&privacy);
        assert!(violated.contains(&test), "{}: {violated:?}", NAMES[fault]);
    }
}

#[test]
fn challenges_that_a_theorem_counts_on_and_nobody_taps_are_missed() {
    let privacy = judged(BITS, NAMES[UNTAPPED], 1);
    let missed = observed(&privacy, challenges::FRESH);
    assert!(matches!(missed, Observed::Inconclusive), "{missed:?}");
}

#[test]
fn an_input_behind_a_short_nonce_is_guessed() {
    assert!(violated(&judged(SUM, "hashed_input", 1)).contains(&guesses::OPAQUE));
    let sealed = judged(SUM, "sealed_input", 1);
    assert_eq!(violated(&sealed), [""; 0]);
    assert!(matches!(observed(&sealed, guesses::OPAQUE), Observed::NotRefuted { .. }));
}

#[test]
fn sound_coins_checks_and_commitments_are_quiet() {
    for seed in 1..=6 {
        for (function, protocol) in
            [(BITS, NAMES[SOUND]), (BITS, "coin_toss"), (PRODUCT, "spdz"), (PRODUCT, "rep3_ps")]
        {
            let privacy = judged(function, protocol, seed);
            assert_eq!(violated(&privacy), [""; 0], "{protocol}, seed {seed}");
            let tests: &[&str] = match function {
                BITS => &["coin under chosen randomness", guesses::COIN],
                _ => &[challenges::FRESH, challenges::KNOWN, redrawn::NAME],
            };
            for test in tests {
                let quiet = observed(&privacy, test);
                assert!(matches!(quiet, Observed::NotRefuted { .. }), "{protocol}: {quiet:?}");
            }
        }
    }
}

/// Commitments that nobody compares let a party be another one to each.
#[test]
fn twins_in_one_session_part_those_who_compare_nothing() {
    let registry = registry();
    for (function, protocol, is_split) in [
        (BITS, NAMES[SOUND], true),
        (BITS, "coin_toss", false),
        (PRODUCT, "spdz", false),
        (PRODUCT, "rep3_ps", false),
    ] {
        let prepared = prepared(&registry, function, protocol, 1);
        let target = Target::new(&registry, &prepared, &prepared.cells[0]).unwrap();
        let cases = twins::cases(&target, &target.coalitions().largest().tried);
        assert!(!cases.is_empty(), "{protocol}");
        let verdicts = cases.iter().flat_map(|case| case.run(&target).verdicts);
        let broken: Vec<_> =
            verdicts.filter(|verdict| verdict.standing() == Standing::Violated).collect();
        assert_eq!(!broken.is_empty(), is_split, "{protocol}: {broken:?}");
    }
}
