//! A post office delivers everyone's value to everyone, and opens letters now and then: whoever
//! tells others different values is caught as often.

use mpclab::prelude::*;
use mpclab::protocols::algebra::{M61, Ring};
use mpclab::protocols::attack::{Attack, Expected, Plan, add_one_at};
use mpclab::protocols::oracle::{
    EffectiveInputs, SoundnessBound, SoundnessPoint, SoundnessTrial, States,
};
use mpclab::reports::battery::{Battery, Family};
use mpclab::sim::vocabulary::{Guarantee, Observed};
use mpclab::sim::{Ideal, PartyFuture};
use mpclab::{Registry, registry};
use rand::Rng;

use super::toys::{CLAIMS, brought, product};
use super::{PRODUCT, THREE, attack, is_flagged, scenario, violations};
use crate::protocols::NoParams;

/// Of how many runs in four letters are opened.
const OPENED: [u32; 5] = [2, 1, 3, 3, 3];
/// Of how many runs in four a cheater is named.
const NAMED: [u32; 5] = [2, 1, 1, 3, 3];
const NAMES: [&str; 5] = ["audited", "audited_seldom", "audited_mute", "post", "post_adding"];

/// Half of all cheats are caught, as claimed.
const HALF: usize = 0;
/// A quarter is.
const SELDOM: usize = 1;
/// Three quarters are, but most cheaters are not named.
const MUTE: usize = 2;
/// Three quarters are, which is what its theorem says; it claims malicious security otherwise.
const POST: usize = 3;
/// The same, but letters are added up before they are compared.
const ADDING: usize = 4;

struct Audited<const HOW: usize>;

const OFFICE: &str = "office";
/// Label of the values that a party was told, in order of parties.
const TOLD: &str = "told";

async fn deliver(ctx: Ctx, how: usize) -> Result<(), Abort> {
    let online = ctx.scope("online");
    let everybody: Vec<PartyId> = PartyId::all(ctx.n()).collect();
    let mut letters: Vec<Vec<M61>> = Vec::new();
    for party in &everybody {
        letters.push(online.recv::<Vec<M61>>(*party, ctx.n()).await?);
    }
    let coin = ctx.rng().next_u32() % 4;
    let differ = |letter: &Vec<M61>| match how {
        ADDING => {
            let sum = letter.iter().fold(M61::ZERO, |sum, value| sum + *value);
            let last = letter[letter.len() - 1];
            sum != letter.iter().fold(M61::ZERO, |sum, _| sum + last)
        }
        _ => letter.iter().any(|value| *value != letter[0]),
    };
    let is_caught = coin < OPENED[how];
    let caught = letters.iter().map(|letter| u8::from(is_caught && differ(letter)));
    let caught: Vec<u8> = caught.chain([u8::from(coin < NAMED[how])]).collect();
    for party in &everybody {
        let told: Vec<M61> = letters.iter().map(|letter| letter[party.index()]).collect();
        online.send(*party, &(caught.clone(), told));
    }
    Ok(())
}

const EVENT: &str = "an equivocation goes unnoticed";

fn tells_one_party_something_else() -> Attack {
    Attack {
        name: "another-value-for-the-first",
        about: "tells the first party another value",
        source: "none",
        honest: 1,
        plan: Plan::rule("online", add_one_at(0)),
        expected: Expected::Caught,
    }
}

impl<const HOW: usize> Protocol for Audited<HOW> {
    const NAME: &'static str = NAMES[HOW];
    const INFO: Info = Info {
        about: "a toy, for tests",
        source: "none",
        claims: Claims {
            adversary: match HOW {
                POST | ADDING => AdversaryKind::Malicious,
                _ => AdversaryKind::Covert(0.5),
            },
            threshold: Threshold::Exact(1),
            output: OutputGuarantee::IdentifiableAbort,
            ..CLAIMS
        },
        parties: (3, 3),
    };
    type Params = NoParams;
    type Plan = Job;

    fn compile(job: &Arc<Job>, _: &NoParams) -> Result<Arc<Job>, Unsupported> {
        job.program().map(|_| Arc::clone(job))
    }

    fn ideals(_: &Arc<Job>) -> Vec<Ideal> {
        let start = |ctx: Ctx| -> PartyFuture<()> { Box::pin(deliver(ctx, HOW)) };
        vec![Ideal { name: OFFICE, start: Arc::new(start) }]
    }

    async fn run(ctx: Ctx, _: Arc<Job>, input: Inputs) -> Result<Outputs, Abort> {
        let own = input.integers("value").map_or(M61::ONE, |column| M61::from_i128(column[0]));
        let (online, office, n) = (ctx.scope("online"), ctx.ideal(OFFICE), ctx.n());
        online.send(office, &vec![own; n]);
        let (caught, told) = online.recv::<(Vec<u8>, Vec<M61>)>(office, (n + 1, n)).await?;
        let culprits = PartyId::all(n).zip(&caught).filter(|(_, caught)| **caught == 1);
        let culprits: Vec<PartyId> = culprits.map(|(party, _)| party).collect();
        if !culprits.is_empty() && caught[n] == 1 {
            return Err(ctx.cheating(culprits, "letters"));
        }
        if !culprits.is_empty() {
            return Err(ctx.check_failed("letters"));
        }
        online.tap(TOLD, || told.clone());
        Ok(product(&told))
    }

    fn effective_inputs(_: &Job, states: &States<'_>) -> EffectiveInputs {
        let mut inputs = EffectiveInputs::default();
        for party in states.corrupted {
            let mut values = states.tapped::<Vec<M61>>(TOLD).map(|(_, told)| told[party.index()]);
            let Some(first) = values.next() else { continue };
            inputs.insert(*party, brought(first, values.all(|value| value == first)));
        }
        inputs
    }

    fn attacks() -> Vec<Attack> {
        vec![tells_one_party_something_else()]
    }

    fn soundness(_: &Job) -> Vec<SoundnessBound> {
        let bound = SoundnessBound { event: EVENT, probability: 0.25, source: "counted" };
        if HOW >= POST { vec![bound] } else { Vec::new() }
    }

    fn soundness_trials(_: &Job) -> Vec<SoundnessTrial<NoParams>> {
        let trial = SoundnessTrial {
            event: EVENT,
            strategies: vec![tells_one_party_something_else()],
            function: "product",
            parameter: "quarters",
            points: vec![SoundnessPoint {
                value: 3.0,
                label: "three".to_owned(),
                params: NoParams {},
                statistical: 40,
            }],
        };
        if HOW >= POST { vec![trial] } else { Vec::new() }
    }
}

fn with_all() -> Registry {
    registry()
        .with::<Audited<HALF>>()
        .with::<Audited<SELDOM>>()
        .with::<Audited<MUTE>>()
        .with::<Audited<POST>>()
        .with::<Audited<ADDING>>()
}

fn measured(how: usize, seed: u32) -> Battery {
    attack(&with_all(), &scenario(PRODUCT, NAMES[how], THREE, seed), &[Family::Soundness])
}

fn flags(how: usize, seed: u32) -> [bool; 2] {
    let battery = measured(how, seed);
    let guarantees = [Guarantee::Soundness, Guarantee::Identification];
    guarantees.map(|guarantee| is_flagged(&battery, Family::Soundness, guarantee))
}

/// With deterrence one half, half of all cheats may pass, and no more: neither unnoticed nor
/// unnamed.
#[test]
fn covert_claims_are_held_against_their_deterrence() {
    for seed in 1..=3 {
        let battery = measured(HALF, seed);
        assert_eq!(violations(&battery), [""; 0], "seed {seed}");
        for curve in &battery.soundness {
            let [point] = &curve.points[..] else { panic!("{curve:?}") };
            // The best cheat does as well as it can; the author's alone fails more often.
            assert!(point.lower < 0.5 && point.upper > 0.5 && point.bound == 0.5, "{curve:?}");
            assert!(matches!(curve.verdict.observed(), Observed::NotRefuted { .. }));
        }
        assert_eq!(battery.soundness.len(), 2);
    }
    assert_eq!(flags(SELDOM, 1), [true, true]);
    assert_eq!(flags(MUTE, 1), [false, true]);
}

/// What the author thought of is caught; errors that cancel are not.
#[test]
fn a_hole_that_the_authors_strategy_misses_is_found() {
    for seed in 1..=3 {
        assert_eq!(violations(&measured(POST, seed)), [""; 0], "seed {seed}");
    }
    let battery = measured(ADDING, 1);
    assert!(is_flagged(&battery, Family::Soundness, Guarantee::Soundness));
    let [curve] = &battery.soundness[..] else { panic!("{:?}", battery.soundness) };
    assert!(curve.strategy.starts_with("errors that cancel in online"), "{}", curve.strategy);
    assert!(curve.strategy.contains("another-value-for-the-first"), "{}", curve.strategy);
}
