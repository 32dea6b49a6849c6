//! Claims depend on the job: masks make security statistical, and Shamir's threshold is chosen.

use std::sync::Arc;

use mpclab_protocols::InputCheck;
use mpclab_protocols::additive::Additive;
use mpclab_protocols::functions::{
    Function, LinearRegression, LinearRegressionParams, Millionaires, RandomBits, Sum, Truncate,
    TruncateParams, Truncation,
};
use mpclab_protocols::protocol::{Job, Protocol};
use mpclab_protocols::rep3::Rep3;
use mpclab_protocols::rep3_ps::Rep3Ps;
use mpclab_protocols::shamir::{Shamir, ShamirParams, ThresholdChoice};
use mpclab_protocols::spdz::{Spdz, SpdzParams};
use mpclab_sim::vocabulary::{AdversaryKind, Claims, Roles, Security, Threshold};

use super::plan;
use crate::harness::job;

fn of<F: Function>(n: usize) -> Arc<Job> {
    job(F::build(&F::Params::default(), n).expect("allowed"), Roles::all(n), 40)
}

fn claims<P: Protocol>(job: &Arc<Job>) -> Claims {
    P::claims(&plan::<P>(job, &P::Params::default()))
}

fn notes<P: Protocol>(job: &Arc<Job>) -> Vec<String> {
    P::notes(&plan::<P>(job, &P::Params::default()))
}

#[test]
fn only_comparisons_of_field_engines_are_statistical() {
    let (sum, compare) = (of::<Sum>(3), of::<Millionaires>(3));
    let statistical = Security::Statistical { sigma: 40 };
    assert_eq!(claims::<Additive>(&sum).security, Security::Perfect);
    assert_eq!(claims::<Shamir>(&sum).security, Security::Perfect);
    assert_eq!(claims::<Additive>(&compare).security, statistical);
    assert_eq!(claims::<Shamir>(&compare).security, statistical);
    // Keys of streams are computational, the check is statistical.
    let both = Security::Both { sigma: 40, kappa: 128 };
    assert_eq!(claims::<Rep3Ps>(&sum).security, both);
    for job in [sum, compare] {
        assert_eq!(claims::<Rep3>(&job).security, Security::Computational { kappa: 128 });
    }
}

#[test]
fn notes_speak_of_masks_where_there_are_any() {
    let masks = |job: &Arc<Job>| {
        let additive = notes::<Additive>(job);
        let shamir = notes::<Shamir>(job);
        [additive, shamir]
            .map(|notes| notes.iter().any(|note| note.contains("statistical distance of 2^-40")))
    };
    assert_eq!(masks(&of::<Sum>(3)), [false, false]);
    assert_eq!(masks(&of::<Millionaires>(3)), [true, true]);
}

/// Rounding either way is not plain truncation: where it is used, it is named, and what it leaks
/// beside outputs that it decides. By default nothing that an output depends on is rounded so.
#[test]
fn probabilistic_truncation_is_named_with_what_it_leaks() {
    let with = |truncation| {
        let params = LinearRegressionParams { truncation, ..Default::default() };
        job(LinearRegression::build(&params, 3).expect("allowed"), Roles::all(3), 40)
    };
    // Every one of its roundings decides slope or intercept.
    let line = with(Truncation::Probabilistic);
    let roundings = line.program().expect("a program").statistics().truncations;
    let secret = of::<Truncate>(3);
    let shown = Truncate::build(&TruncateParams { open: true, ..Default::default() }, 3);
    let shown = job(shown.expect("allowed"), Roles::all(3), 40);
    let named = |notes: Vec<String>| notes.iter().any(|note| note.contains("TruncPr"));
    for (job, used, leaking) in [
        (of::<LinearRegression>(3), false, 0),
        (with(Truncation::Exact), false, 0),
        (line, true, roundings),
        (of::<Millionaires>(3), false, 0),
        (secret, true, 0),
        (shown, true, 1),
    ] {
        assert_eq!(named(notes::<Additive>(&job)), used, "{}", job.function);
        assert_eq!(named(notes::<Shamir>(&job)), used);
        assert!(!named(notes::<Rep3>(&job)), "rep3 truncates exactly");
        let leaks = Additive::leaks(&plan::<Additive>(&job, &Default::default()));
        let count = format!("low bits of {leaking} truncations");
        assert_eq!(leaks.is_some(), leaking > 0, "{}", job.function);
        assert!(leaks.is_none_or(|leaks| leaks.contains(&count)), "{count}");
        assert_eq!(Rep3::leaks(&plan::<Rep3>(&job, &Default::default())), None);
    }
}

/// Where there is no input there is nothing to renounce.
#[test]
fn spdz_claims_malicious_security_unless_it_trusts_inputs() {
    let claims = |job: &Arc<Job>, input_check| {
        let params = SpdzParams { input_check, ..Default::default() };
        Spdz::claims(&plan::<Spdz>(job, &params))
    };
    for (job, trusted) in [
        (of::<RandomBits>(3), AdversaryKind::Malicious),
        (of::<Sum>(3), AdversaryKind::SemiHonest),
        (of::<Millionaires>(3), AdversaryKind::SemiHonest),
        (of::<LinearRegression>(3), AdversaryKind::SemiHonest),
    ] {
        let checked = claims(&job, InputCheck::Range);
        assert_eq!(checked.adversary, AdversaryKind::Malicious);
        assert_eq!(checked.security, Security::Both { sigma: 40, kappa: 128 });
        assert_eq!(claims(&job, InputCheck::None).adversary, trusted, "{}", job.function);
    }
}

#[test]
fn the_threshold_of_shamir_is_the_one_asked_for() {
    let threshold = |n, choice| {
        let params = ShamirParams { threshold: choice, ..Default::default() };
        Shamir::claims(&plan::<Shamir>(&of::<Sum>(n), &params)).threshold
    };
    assert_eq!(threshold(6, ThresholdChoice::Max), Threshold::Exact(2));
    assert_eq!(threshold(7, ThresholdChoice::Max), Threshold::Exact(3));
    assert_eq!(threshold(7, ThresholdChoice::Exactly(1)), Threshold::Exact(1));
}
