//! Soundness curves: checks are as sound as their theorems say, and one that is not is found.

use mpclab::prelude::*;
use mpclab::protocols::attack::{Plan, Setting};
use mpclab::protocols::oracle::{EffectiveInputs, SoundnessBound, SoundnessTrial, States};
use mpclab::protocols::rep3_ps::{Rep3Ps, Rep3PsParams};
use mpclab::reports::battery::{Battery, Family, SoundnessPoint};
use mpclab::sim::vocabulary::{Observed, Standing};
use mpclab::{Registry, registry};

use crate::support::battered;

fn measured(registry: &Registry, protocols: &str) -> Battery {
    let scenario = format!(
        "about: Soundness.\nfunction: {{ name: product, params: {{ bits: 4 }} }}\nparties: 3\n\
         protocols: [{protocols}]\nnetwork: ideal\ncompute: none\nseed: 3\n"
    );
    battered(registry, &scenario, &[Family::Soundness], (0, 0))
}

/// How often the strategies succeed, derived for each of them.
fn expected(protocol: &str, point: &SoundnessPoint) -> f64 {
    match (protocol, point.label.ends_with("bits")) {
        // The guess of the key is right, or the coefficient is zero.
        ("spdz", _) => 1.0 - (1.0 - 1.0 / point.value).powi(2),
        (_, true) => (-point.value).exp2(),
        (_, false) => 1.0 / point.value,
    }
}

#[test]
fn cheating_succeeds_as_often_as_it_can_and_no_more_often_than_theorems_allow() {
    let battery =
        measured(&registry(), "rep3_ps, { name: rep3_ps, params: { domain: z64 } }, spdz");
    assert_eq!(battery.soundness.len(), 3, "{:?}", battery.notes);
    assert!(battery.notes.is_empty(), "{:?}", battery.notes);
    for curve in &battery.soundness {
        assert!(curve.points.len() >= 3);
        assert_eq!(curve.verdict.standing(), Standing::Held, "{curve:?}");
        assert!(matches!(curve.verdict.observed(), Observed::NotRefuted { .. }));
        for point in &curve.points {
            // Without the best strategy a curve below the bound would say nothing.
            let rate = expected(&curve.protocol, point);
            assert!(point.lower <= rate && rate <= point.upper, "{}: {point:?}", curve.protocol);
            assert!(rate <= point.bound && point.trials >= 4000);
        }
    }
    for row in &battery.rows {
        let [bounds, cell] = &row.cells[..] else { panic!("{:?}", row.cells) };
        assert_eq!((bounds.attack.as_str(), bounds.counts.held), ("bounds of theorems", 1));
        assert!(cell.evidence.is_empty() && cell.counts.broken > 0, "{cell:?}");
    }
}

/// Whoever guesses which circuits are evaluated succeeds, and whoever cheats otherwise does not: with
/// `s` circuits of which any are evaluated, and with two of which one is.
#[test]
#[ignore = "takes half a minute: thousands of batches of circuits"]
fn cheating_garblers_succeed_as_often_as_they_guess_and_no_more_often() {
    let scenario = "about: Garblers.\nfunction: { name: product, params: { bits: 4 } }\nparties: 2\n\
         protocols:\n  - { name: yao_cut_and_choose, params: { ot: { base: ideal } } }\n  \
         - { name: yao_covert, params: { replicas: 2, ot: { base: ideal } } }\n\
         network: ideal\ncompute: none\nseed: 3\n";
    let battery = battered(&registry(), scenario, &[Family::Soundness], (0, 0));
    let [cut, covert] = &battery.soundness[..] else { panic!("{:?}", battery.notes) };
    assert_eq!((cut.points.len(), covert.points.len()), (3, 1));
    for curve in [cut, covert] {
        assert_eq!(curve.verdict.standing(), Standing::Held, "{curve:?}");
        for point in &curve.points {
            // A negated product may be one of another factor: then it is no wrong output.
            assert!(point.successes > 0 && point.upper > 0.7 * point.bound, "{point:?}");
        }
    }
    assert!((cut.points[0].bound - 1.0 / 3.0).abs() < 1e-3);
    assert!((covert.points[0].bound - 0.5).abs() < 1e-3);
}

/// `rep3_ps`, but challenges have two bits less than the proof says.
struct Shortened;

fn shortened(job: &Job) -> Arc<Job> {
    let mut job = job.clone();
    job.security.statistical -= 2;
    Arc::new(job)
}

/// What is claimed, and what is run.
struct Plans {
    claimed: Arc<<Rep3Ps as Protocol>::Plan>,
    run: Arc<<Rep3Ps as Protocol>::Plan>,
}

impl Protocol for Shortened {
    const NAME: &'static str = "shortened";
    const INFO: Info = Rep3Ps::INFO;
    type Params = Rep3PsParams;

    type Plan = Plans;

    fn compile(job: &Arc<Job>, params: &Rep3PsParams) -> Result<Arc<Self::Plan>, Unsupported> {
        Ok(Arc::new(Plans {
            claimed: Rep3Ps::compile(job, params)?,
            run: Rep3Ps::compile(&shortened(job), params)?,
        }))
    }

    async fn run(ctx: Ctx, plan: Arc<Self::Plan>, input: Inputs) -> Result<Outputs, Abort> {
        Rep3Ps::run(ctx, Arc::clone(&plan.run), input).await
    }

    fn effective_inputs(plan: &Self::Plan, states: &States<'_>) -> EffectiveInputs {
        Rep3Ps::effective_inputs(&plan.claimed, states)
    }

    fn evaluate(plan: &Self::Plan, inputs: &[Inputs]) -> Option<Outputs> {
        Rep3Ps::evaluate(&plan.claimed, inputs)
    }

    fn soundness(plan: &Self::Plan) -> Vec<SoundnessBound> {
        Rep3Ps::soundness(&plan.claimed)
    }

    fn soundness_trials(plan: &Self::Plan) -> Vec<SoundnessTrial<Rep3PsParams>> {
        let mut trials = Rep3Ps::soundness_trials(&plan.claimed);
        for trial in &mut trials {
            trial.points.retain(|point| point.statistical >= 4);
            let [strategy] = &mut trial.strategies[..] else { continue };
            let Plan::Outbox(start) = strategy.plan.clone() else { continue };
            // Whoever knows the code guesses among the challenges that there are.
            strategy.plan = Plan::Outbox(Arc::new(move |setting| {
                start(&Setting { job: shortened(&setting.job), ..setting.clone() })
            }));
        }
        trials
    }
}

#[test]
fn a_check_with_fewer_challenges_than_its_proof_says_is_violated() {
    let registry = registry().with::<Shortened>();
    let battery = measured(&registry, "{ name: shortened, params: { domain: z64 } }");
    let [curve] = &battery.soundness[..] else { panic!("{:?}", battery.notes) };
    assert_eq!(curve.verdict.standing(), Standing::Violated, "{curve:?}");
    assert!(curve.points.iter().all(SoundnessPoint::exceeds), "{curve:?}");
    let violated: Vec<_> = battery.cells(Standing::Violated).collect();
    let [(_, cell)] = violated[..] else { panic!("{violated:?}") };
    assert_eq!(
        (cell.family, cell.guarantee.to_string().as_str()),
        (Family::Soundness, "soundness")
    );
    assert_eq!(cell.evidence.len(), curve.points.len());
}
