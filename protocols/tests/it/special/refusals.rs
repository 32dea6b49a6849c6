//! Refusals in full: the bounds that they rest on, and what would work.

use std::sync::Arc;

use mpclab_protocols::FieldName;
use mpclab_protocols::additive::{Additive, AdditiveParams};
use mpclab_protocols::coin_toss::CoinToss;
use mpclab_protocols::engine::Plan;
use mpclab_protocols::functions::{self, Function, SecondPriceAuction, Sum, SumParams, Task};
use mpclab_protocols::program::{Builder, Decoding, Recipients, Type};
use mpclab_protocols::protocol::{Job, Protocol, Unsupported};
use mpclab_protocols::rep3::{Rep3, Rep3Params, RingName};
use mpclab_protocols::shamir::{Shamir, ShamirParams, ThresholdChoice};
use mpclab_protocols::spdz::{Spdz, SpdzParams};
use mpclab_sim::vocabulary::{PartyId, Roles, SecurityLevel};

use crate::harness::{clients, job};

/// Whether a protocol can do a job, or why not.
fn supports<P: Protocol>(job: &Arc<Job>, params: &P::Params) -> Result<(), Unsupported> {
    P::compile(job, params).map(|_| ())
}

fn refusal<P: Protocol>(job: &Arc<Job>, params: &P::Params) -> String {
    supports::<P>(job, params).expect_err("should be refused").to_string()
}

fn of<F: Function>(params: &F::Params, roles: Roles, sigma: u32) -> Arc<Job> {
    let task = F::build(params, roles.input.len()).expect("allowed");
    Arc::new(Job { function: F::NAME.to_owned(), ..(*job(task, roles, sigma)).clone() })
}

fn auction(n: usize, sigma: u32) -> Arc<Job> {
    of::<SecondPriceAuction>(&Default::default(), Roles::all(n), sigma)
}

fn sum(n: usize) -> Arc<Job> {
    of::<Sum>(&SumParams::default(), Roles::all(n), 40)
}

fn coins(roles: Roles) -> Arc<Job> {
    of::<functions::CoinToss>(&Default::default(), roles, 40)
}

fn in_m61(threshold: ThresholdChoice) -> ShamirParams {
    ShamirParams { field: FieldName::M61, threshold, ..Default::default() }
}

/// 33 bits hold the difference of two bids of 32, and 33 + 40 + 3 + 1 is more than 61.
#[test]
fn masks_that_do_not_fit_in_the_small_field_are_refused() {
    let expected = "comparing 33-bit values behind statistical masks needs bits + sigma + log2 n \
                    + 1 = 33 + 40 + 3 + 1 = 77 < log2 p, but Z_p, p = 2^61 - 1 has 61; a \
                    comparison looks at a difference, one bit wider than its operands; would \
                    work: params: { field: p128 }";
    let job = auction(5, 40);
    let additive = AdditiveParams { field: FieldName::M61, ..Default::default() };
    assert_eq!(refusal::<Additive>(&job, &additive), expected);
    assert_eq!(refusal::<Shamir>(&job, &in_m61(ThresholdChoice::Max)), expected);
    assert_eq!(supports::<Additive>(&job, &AdditiveParams::default()), Ok(()));
    assert_eq!(supports::<Shamir>(&job, &ShamirParams::default()), Ok(()));
    // The bound itself: 33 + 22 + 3 + 1 = 59 bits fit, and sigma 23 too; 24 is one too many.
    for (sigma, fits) in [(22, true), (23, true), (24, false)] {
        assert_eq!(supports::<Additive>(&auction(5, sigma), &additive).is_ok(), fits, "{sigma}");
    }
}

/// Party `i` holds the value at `i + 1`: a third party would hold the secret itself modulo 3.
#[test]
fn shamir_needs_a_point_for_each_party() {
    let of_bits =
        |n| of::<Sum>(&SumParams { bits: 2, length: 1, decimals: None }, Roles::all(n), 40);
    let toy = ShamirParams { field: FieldName::P7, ..Default::default() };
    assert_eq!(
        refusal::<Shamir>(&of_bits(7), &toy),
        "7 parties do not have different points in Z_p, p = 7; would work: fewer than 7 parties, \
         or a larger field"
    );
    assert_eq!(supports::<Shamir>(&wide(1), &toy), Ok(()));
    let none = ShamirParams { field: FieldName::P251, ..Default::default() };
    assert_eq!(
        refusal::<Shamir>(&of_bits(3), &none),
        "it has no code in Z_p, p = 251; would work: field p128, m61, p7"
    );
}

/// An engine that opens all to all does not open a secret of one to the others.
#[test]
fn outputs_of_some_need_an_engine_that_opens_to_each_its_own() {
    let mut builder = Builder::new();
    let v = builder.input("v", 0, 1, Type::Bit).expect("allowed");
    let to = Recipients::These(vec![1]);
    builder.output_to("v", v, Decoding::Integer, to).expect("allowed");
    let program = Arc::new(builder.finish().expect("allowed"));
    let job = job(Task::Program(program), Roles::all(3), 40);
    let refused = Plan::new(&job, ()).err().expect("should be refused").to_string();
    assert!(refused.contains("it opens outputs to all output parties"), "{refused}");
    assert!(Plan::with_own_outputs(&job, ()).is_ok());
}

/// Whoever asks for a toy field by mistake hears of a real one.
#[test]
fn values_that_do_not_fit_in_a_toy_field_are_refused() {
    let toy = AdditiveParams { field: FieldName::P3, ..Default::default() };
    assert_eq!(
        refusal::<Additive>(&wide(8), &toy),
        "values of 8 bits do not fit in Z_p, p = 3, which has 2; would work: params: { field: m61 }"
    );
    assert_eq!(supports::<Additive>(&wide(1), &toy), Ok(()));
    assert!(refusal::<Additive>(&auction(5, 40), &toy).ends_with("params: { field: p128 }"));
}

/// 2/p is at most 2^-sigma for sigma up to 59 in the small field and up to 6 modulo 251.
#[test]
fn spdz_refuses_fields_in_which_forging_is_too_easy() {
    let supports = |sigma, field| {
        let job = Arc::new(Job {
            security: SecurityLevel { statistical: sigma, ..Default::default() },
            ..(*wide(5)).clone()
        });
        supports::<Spdz>(&job, &SpdzParams { field, ..Default::default() })
    };
    assert_eq!(supports(59, FieldName::M61), Ok(()));
    assert_eq!(
        supports(60, FieldName::M61).map_err(|why| why.to_string()),
        Err("a forged opening passes a MAC check with probability 2/p, which has to be at most \
             2^-60, but Z_p, p = 2^61 - 1 has 61 bits; would work: params: { field: p128 }"
            .to_owned())
    );
    assert_eq!(supports(6, FieldName::P251), Ok(()));
    let toy = supports(7, FieldName::P251).expect_err("2/251 is more than 1/128");
    assert_eq!((toy.instead.as_str(), toy.param), ("params: { field: m61 }", Some("field")));
    assert_eq!(supports(126, FieldName::P128), Ok(()));
    assert!(supports(127, FieldName::P128).is_err_and(|why| why.instead.contains("no larger")));
}

#[test]
fn spdz_has_no_clients_and_no_partial_outputs() {
    let servers = |roles| of::<Sum>(&SumParams::default(), roles, 40);
    for roles in [
        clients(2, 3, &[0, 1, 2]),
        Roles { output: vec![PartyId(0), PartyId(2)], ..Roles::all(3) },
        Roles { output: vec![PartyId(0), PartyId(1), PartyId(2), PartyId(3)], ..Roles::all(3) },
    ] {
        assert_eq!(
            refusal::<Spdz>(&servers(roles), &SpdzParams::default()),
            "the MACs of inputs and outputs are checked by all computing parties among themselves, \
             so there are no clients, and all of them learn the output; would work: every input \
             party computes, and the output is for all: parties as a number"
        );
    }
    let one_brings = Roles { input: vec![PartyId(1)], ..Roles::all(3) };
    assert_eq!(supports::<Spdz>(&servers(one_brings), &SpdzParams::default()), Ok(()));
}

#[test]
fn masks_that_fit_in_no_field_are_refused() {
    assert_eq!(
        refusal::<Additive>(&auction(3, 100), &AdditiveParams::default()),
        "comparing 33-bit values behind statistical masks needs bits + sigma + log2 n + 1 = 33 + \
         100 + 2 + 1 = 136 < log2 p, but Z_p, p = 2^128 - 173 has 128; a comparison looks \
         at a difference, one bit wider than its operands; would work: smaller parameters of the \
         function; no larger field is built in"
    );
}

#[test]
fn thresholds_of_half_the_parties_or_none_are_refused() {
    for (n, t) in [(3, 2), (4, 2), (5, 3), (5, 7), (6, 3)] {
        let most = (n - 1) / 2;
        assert_eq!(
            refusal::<Shamir>(&sum(n), &in_m61(ThresholdChoice::Exactly(t))),
            format!(
                "t = {t} of n = {n} is not below n/2, or is zero; would work: threshold 1 to \
                 {most}, or max"
            )
        );
    }
    let zero = refusal::<Shamir>(&sum(3), &in_m61(ThresholdChoice::Exactly(0)));
    assert!(zero.starts_with("t = 0 of n = 3"), "{zero}");
    for (n, t) in [(3, 1), (4, 1), (5, 2), (6, 2), (7, 3)] {
        let exactly = in_m61(ThresholdChoice::Exactly(t));
        assert_eq!(supports::<Shamir>(&sum(n), &exactly), Ok(()), "t = {t} of n = {n}");
    }
}

#[test]
fn wrong_numbers_of_parties_are_refused() {
    for n in [2, 4] {
        assert_eq!(
            refusal::<Rep3>(&sum(n), &Rep3Params::default()),
            format!("{n} computing parties are asked for; would work: exactly 3 computing parties")
        );
    }
    assert_eq!(
        refusal::<Shamir>(&sum(2), &ShamirParams::default()),
        "2 computing parties are asked for; would work: 3 or more computing parties"
    );
    assert_eq!(
        refusal::<Additive>(&sum(1), &AdditiveParams::default()),
        "1 computing parties are asked for; would work: 2 or more computing parties"
    );
    // Five clients of three servers are three computing parties.
    let clients = of::<Sum>(&SumParams::default(), clients(5, 3, &[0]), 40);
    assert_eq!(supports::<Rep3>(&clients, &Rep3Params::default()), Ok(()));
}

#[test]
fn tasks_and_programs_go_to_their_own_protocols() {
    let engine = "coin_toss is no program that an engine could run; would work: the dedicated \
                  protocol for coin_toss";
    let coins = |n| coins(Roles::all(n));
    assert_eq!(refusal::<Additive>(&coins(3), &AdditiveParams::default()), engine);
    assert_eq!(refusal::<Shamir>(&coins(3), &ShamirParams::default()), engine);
    assert_eq!(refusal::<Rep3>(&coins(3), &Rep3Params::default()), engine);
    assert_eq!(refusal::<Spdz>(&coins(3), &SpdzParams::default()), engine);
    assert_eq!(
        refusal::<CoinToss>(&sum(3), &Default::default()),
        "it realises coin_toss, not sum; would work: function coin_toss, or a generic engine for \
         sum"
    );
    assert_eq!(supports::<CoinToss>(&coins(3), &Default::default()), Ok(()));
}

#[test]
fn coin_toss_has_no_clients() {
    assert_eq!(
        refusal::<CoinToss>(&coins(clients(2, 3, &[0])), &Default::default()),
        "its parties toss for themselves; would work: no clients: parties as a number"
    );
    let one = Roles { output: vec![PartyId(0)], ..Roles::all(3) };
    assert_eq!(
        refusal::<CoinToss>(&coins(one), &Default::default()),
        "all who toss learn the coin; would work: parties: { output: all }"
    );
}

/// A program that opens one value of so many bits.
fn wide(bits: u32) -> Arc<Job> {
    let mut builder = Builder::new();
    let x = builder.input("x", 0, 1, Type::Int { bits }).expect("allowed");
    builder.output("x", x, Decoding::Integer).expect("allowed");
    job(Task::Program(Arc::new(builder.finish().expect("allowed"))), Roles::all(3), 40)
}

#[test]
fn values_wider_than_the_algebra_are_refused() {
    let z64 = Rep3Params::default();
    assert_eq!(
        refusal::<Rep3>(&wide(65), &z64),
        "values of 65 bits do not fit in 64 bits; would work: params: { ring: z128 }"
    );
    assert_eq!(supports::<Rep3>(&wide(64), &z64), Ok(()));
    let z128 = Rep3Params { ring: RingName::Z128, ..z64 };
    assert_eq!(supports::<Rep3>(&wide(127), &z128), Ok(()));
    let m61 = AdditiveParams { field: FieldName::M61, ..Default::default() };
    assert_eq!(
        refusal::<Additive>(&wide(61), &m61),
        "values of 61 bits do not fit in Z_p, p = 2^61 - 1, which has 61; would work: params: { \
         field: p128 }"
    );
    assert_eq!(supports::<Additive>(&wide(60), &m61), Ok(()));
    assert_eq!(supports::<Additive>(&wide(127), &AdditiveParams::default()), Ok(()));
    // The difference that a comparison looks at is a value too.
    let mut builder = Builder::new();
    let ty = Type::Int { bits: 64 };
    let [x, y] = [0, 1].map(|party| builder.input("x", party, 1, ty).expect("allowed"));
    let less = builder.less(x, y).expect("allowed");
    builder.output("less", less, Decoding::Integer).expect("allowed");
    let program = builder.finish().expect("allowed");
    let job = job(Task::Program(Arc::new(program)), Roles::all(3), 40);
    assert!(refusal::<Rep3>(&job, &z64).starts_with("values of 65 bits"));
}
