//! Every protocol x every function that it supports x parties x algebras x inputs.

use std::collections::BTreeSet;

use mpclab_protocols::additive::{Additive, AdditiveParams};
use mpclab_protocols::circuit::Optimise;
use mpclab_protocols::coin_toss::CoinToss as CoinTossProtocol;
use mpclab_protocols::functions::*;
use mpclab_protocols::gmw::{Gmw, GmwParams};
use mpclab_protocols::program::{InputDecl, Inputs};
use mpclab_protocols::protocol::Protocol;
use mpclab_protocols::rep3::{Rep3, Rep3Params, RingName};
use mpclab_protocols::rep3_ps::{DomainName, Rep3Ps, Rep3PsParams};
use mpclab_protocols::shamir::{Shamir, ShamirParams, ThresholdChoice};
use mpclab_protocols::spdz::{Spdz, SpdzParams};
use mpclab_protocols::{DotTriples, FieldName, InputCheck};
use mpclab_sim::vocabulary::{PartyId, Roles};
use mpclab_sim::{Metrics, RunSeed};

use crate::harness::{clients, expect, job};

/// A function with its parameters, and inputs for it.
struct Case {
    name: &'static str,
    task: Task,
    inputs: Vec<Vec<Inputs>>,
}

/// Parameters of every function.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Size {
    /// So narrow that statistical masks of 8 bits fit in the small field.
    Small,
    /// As wide as a scenario has them by default, with fewer values.
    Default,
}

impl Size {
    fn sigma(self) -> u32 {
        match self {
            Size::Small => 8,
            Size::Default => 40,
        }
    }
}

fn cases(size: Size, parties: usize) -> Vec<Case> {
    let small = size == Size::Small;
    let pick = |narrow: u32, wide: u32| if small { narrow } else { wide };
    let mut cases = vec![
        case::<And>(AndParams { width: pick(2, 4) as usize }, parties),
        case::<CoinToss>(CoinTossParams { bits: pick(5, 128) as usize }, parties),
        case::<Histogram>(HistogramParams { bins: pick(3, 8) as usize, length: 2 }, parties),
        case::<InnerProduct>(
            InnerProductParams { bits: pick(8, 16), length: 5, decimals: None },
            parties,
        ),
        case::<Max>(
            MaxParams { bits: pick(2, 32), length: 1, argmax: false, decimals: None },
            parties,
        ),
        case::<Max>(
            MaxParams { bits: pick(8, 32), length: 2, argmax: true, decimals: None },
            parties,
        ),
        case::<MeanVariance>(
            MeanVarianceParams { bits: pick(8, 20), length: 2, decimals: None },
            parties,
        ),
        case::<Millionaires>(MillionairesParams { bits: pick(1, 32), decimals: None }, parties),
        case::<Product>(ProductParams { bits: pick(3, 8), decimals: None }, parties),
        case::<SecondPriceAuction>(
            SecondPriceAuctionParams { bits: pick(8, 32), decimals: None },
            parties,
        ),
        case::<Sum>(SumParams { bits: pick(8, 32), length: 3, decimals: None }, parties),
    ];
    let regression = match size {
        Size::Small => {
            LinearRegressionParams { bits: 4, frac: 1, rows: 2, output_frac: 4, precision: 9 }
        }
        Size::Default => LinearRegressionParams { rows: 2, ..LinearRegressionParams::default() },
    };
    cases.push(case::<LinearRegression>(regression, parties));
    let (division, root) = match size {
        Size::Small => (
            DivideParams { bits: 4, length: 2, frac: 3, precision: 9, ..Default::default() },
            SquareRootParams { bits: 4, length: 2, frac: 3, precision: 9, ..Default::default() },
        ),
        Size::Default => (
            DivideParams { truncation: Truncation::Exact, ..Default::default() },
            SquareRootParams::default(),
        ),
    };
    cases.push(case::<Divide>(division, parties));
    cases.push(case::<SquareRoot>(root, parties));
    if !small {
        cases.push(case::<Divide>(DivideParams::default(), parties));
        let params = MeanVarianceParams { length: 1, decimals: Some(2), ..Default::default() };
        cases.push(case::<MeanVariance>(params, parties));
    }
    cases
}

fn case<F: Function>(params: F::Params, parties: usize) -> Case {
    let task = F::build(&params, parties).expect("the parameters are allowed");
    let random = |repetition| -> Vec<Inputs> {
        let seed = RunSeed::new(1, repetition);
        let of = |k| F::generate(&params, k, parties, &mut seed.rng("input", PartyId::from(k)));
        (0..parties).map(of).collect()
    };
    let inputs = [random(0), random(1)].into_iter().chain(extremes(&task, parties)).collect();
    Case { name: F::NAME, task, inputs }
}

/// Every combination of ends of the ranges that tells parties or rows apart.
fn extremes(task: &Task, parties: usize) -> Vec<Vec<Inputs>> {
    let fill = |end: fn(&InputDecl, usize) -> i128| -> Vec<Inputs> {
        let column = |decl: &InputDecl| {
            (decl.name.to_string(), (0..decl.len).map(|row| end(decl, row)).collect())
        };
        (0..parties).map(|k| task.inputs_of(k).iter().map(column).collect()).collect()
    };
    vec![
        fill(|decl, _| decl.range.lo),
        fill(|decl, _| decl.range.hi),
        fill(|decl, _| if decl.party % 2 == 0 { decl.range.lo } else { decl.range.hi }),
        fill(|decl, row| if (decl.party + row) % 2 == 1 { decl.range.lo } else { decl.range.hi }),
    ]
}

/// Runs all functions that the protocol supports; returns their names.
fn sweep<P: Protocol>(params: P::Params, size: Size, roles: &[Roles]) -> BTreeSet<&'static str> {
    let params = std::sync::Arc::new(params);
    let mut ran = BTreeSet::new();
    for roles in roles {
        for case in cases(size, roles.input.len()) {
            let job = job(case.task, roles.clone(), size.sigma());
            if P::compile(&job, &params).is_err() {
                continue;
            }
            let runs = case.inputs.iter().enumerate();
            let metrics: Vec<Metrics> = runs
                .map(|(seed, inputs)| expect::<P>(&job, &params, inputs, seed as u64).metrics)
                .collect();
            // Messages, their sizes and the charged compute tell nothing of the inputs.
            for (at, other) in metrics.iter().enumerate() {
                assert_eq!(*other, metrics[0], "{}, {}: inputs {at}", P::NAME, case.name);
            }
            ran.insert(case.name);
        }
    }
    ran
}

/// Everyone does everything.
fn peers(n: std::ops::RangeInclusive<usize>) -> Vec<Roles> {
    n.map(Roles::all).collect()
}

/// Clients, and parties that only bring, only compute or only learn.
fn mixed(compute: usize) -> Vec<Roles> {
    let all: Vec<usize> = (0..compute + 5).collect();
    let one_by_one = |ids: &[usize]| ids.iter().copied().map(PartyId::from).collect();
    vec![
        clients(5, compute, &all),
        clients(5, compute, &all[compute..]),
        clients(5, compute, &all[..compute]),
        clients(2, compute, &[0]),
        clients(2, compute, &[compute - 1, compute + 2]),
        Roles { compute, input: one_by_one(&[0, 1]), output: one_by_one(&[1]) },
        Roles { compute, input: one_by_one(&[1, compute]), output: one_by_one(&[compute - 1]) },
    ]
}

/// All functions but the tasks of dedicated protocols.
fn programs() -> BTreeSet<&'static str> {
    struct Names(BTreeSet<&'static str>);
    impl FunctionVisitor for Names {
        fn visit<F: Function>(&mut self) {
            self.0.insert(F::NAME);
        }
    }
    let mut names = Names(BTreeSet::new());
    visit_all(&mut names);
    assert!(names.0.remove(CoinToss::NAME));
    names.0
}

fn additive(field: FieldName, dot: DotTriples) -> AdditiveParams {
    AdditiveParams { field, dot }
}

#[test]
fn additive_computes_every_function_among_peers() {
    for dot in [DotTriples::Triples, DotTriples::InnerProduct] {
        for field in [FieldName::M61, FieldName::P128] {
            let ran = sweep::<Additive>(additive(field, dot), Size::Small, &peers(2..=7));
            assert_eq!(ran, programs(), "{field:?}");
        }
    }
    let params = additive(FieldName::P128, DotTriples::Triples);
    assert_eq!(sweep::<Additive>(params, Size::Default, &peers(2..=5)), programs());
}

#[test]
fn additive_serves_clients() {
    for compute in [2, 3] {
        let params = additive(FieldName::M61, DotTriples::InnerProduct);
        assert_eq!(sweep::<Additive>(params, Size::Small, &mixed(compute)), programs());
    }
}

#[test]
fn gmw_computes_every_function() {
    for optimise in [Optimise::Size, Optimise::Depth] {
        let params = GmwParams { optimise };
        assert_eq!(sweep::<Gmw>(params, Size::Small, &peers(2..=5)), programs(), "{optimise:?}");
        assert_eq!(sweep::<Gmw>(params, Size::Default, &peers(2..=3)), programs());
        assert_eq!(sweep::<Gmw>(params, Size::Small, &mixed(3)), programs());
    }
}

#[test]
fn spdz_computes_every_function_among_peers() {
    let peers = [2, 3, 5].map(Roles::all);
    for field in [FieldName::M61, FieldName::P128] {
        for input_check in [InputCheck::Range, InputCheck::None] {
            let params = SpdzParams { field, input_check };
            assert_eq!(sweep::<Spdz>(params, Size::Small, &peers), programs(), "{field:?}");
        }
    }
    assert_eq!(sweep::<Spdz>(SpdzParams::default(), Size::Default, &peers[..2]), programs());
}

fn shamir(field: FieldName, t: u32) -> ShamirParams {
    ShamirParams { field, threshold: ThresholdChoice::Exactly(t) }
}

#[test]
fn shamir_computes_every_function_among_peers() {
    for field in [FieldName::M61, FieldName::P128] {
        for t in 1..=3 {
            let ran = sweep::<Shamir>(shamir(field, t), Size::Small, &peers(3..=7));
            assert_eq!(ran, programs(), "{field:?}, t = {t}");
        }
    }
    let params = ShamirParams::default();
    assert_eq!(sweep::<Shamir>(params, Size::Default, &peers(3..=5)), programs());
}

#[test]
fn shamir_serves_clients() {
    for (compute, t) in [(3, 1), (5, 1), (5, 2)] {
        let ran = sweep::<Shamir>(shamir(FieldName::M61, t), Size::Small, &mixed(compute));
        assert_eq!(ran, programs());
    }
}

#[test]
fn rep3_computes_every_function() {
    for ring in [RingName::Z64, RingName::Z128] {
        let ran = sweep::<Rep3>(Rep3Params { ring }, Size::Small, &peers(3..=3));
        assert_eq!(ran, programs(), "{ring:?}");
        let ran = sweep::<Rep3>(Rep3Params { ring }, Size::Default, &peers(3..=3));
        assert_eq!(ran, programs(), "{ring:?}");
        let ran = sweep::<Rep3>(Rep3Params { ring }, Size::Small, &mixed(3));
        assert_eq!(ran, programs(), "{ring:?}");
    }
}

/// Rings take the functions of products and sums.
#[test]
fn rep3_ps_computes_every_function_that_its_domain_allows() {
    let ran = |domain, size| {
        let params = Rep3PsParams { domain, ..Default::default() };
        sweep::<Rep3Ps>(params, size, &peers(3..=3))
    };
    for domain in [DomainName::M61, DomainName::P128] {
        assert_eq!(ran(domain, Size::Small), programs(), "{domain:?}");
    }
    assert_eq!(ran(DomainName::P128, Size::Default), programs());
    let products = BTreeSet::from([
        And::NAME,
        InnerProduct::NAME,
        MeanVariance::NAME,
        Product::NAME,
        Sum::NAME,
    ]);
    for domain in [DomainName::Z64, DomainName::Z128] {
        assert_eq!(ran(domain, Size::Small), products, "{domain:?}");
    }
    assert_eq!(ran(DomainName::Z128, Size::Default), products);
}

#[test]
fn coin_toss_tosses_common_bits() {
    for size in [Size::Small, Size::Default] {
        let ran = sweep::<CoinTossProtocol>(Default::default(), size, &peers(2..=7));
        assert_eq!(ran, BTreeSet::from([CoinToss::NAME]));
    }
}
