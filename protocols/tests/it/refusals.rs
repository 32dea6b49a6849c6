//! Jobs that a protocol can't do are refused before anything runs, with what would work.

use std::sync::Arc;

use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{Builder, Decoding, Type};
use mpclab_protocols::protocol::{Job, Unsupported};
use mpclab_sim::vocabulary::{PartyId, Roles};
use serde_json::Value;

use crate::harness::{clients, job};
use crate::library::{Size, cases, parties_of};
use crate::registry::{Variant, each, entries, variants};

/// A program that compares and opens values of so many bits, with masks of so many.
fn wide(bits: u32, sigma: u32, compares: bool, roles: Roles) -> Arc<Job> {
    let mut builder = Builder::new();
    let ty = Type::Int { bits };
    let [x, y] = [0, 1].map(|party| builder.input("x", party, 1, ty).expect("allowed"));
    builder.output("x", x, Decoding::Integer).expect("allowed");
    if compares {
        let less = builder.less(x, y).expect("allowed");
        builder.output("less", less, Decoding::Integer).expect("allowed");
    }
    job(Task::Program(Arc::new(builder.finish().expect("allowed"))), roles, sigma)
}

/// Everyone, clients of each kind, and one party alone that learns.
fn roles(n: usize) -> Vec<Roles> {
    vec![
        Roles::all(n),
        clients(2, n, &[0]),
        clients(3, n, &[n, n + 1, n + 2]),
        Roles { output: vec![PartyId(0)], ..Roles::all(n) },
        Roles { output: vec![PartyId::from(n)], ..Roles::all(n) },
    ]
}

/// Jobs of which most protocols refuse some: functions of every kind, values and masks of every
/// width, roles of every kind.
fn jobs(variant: &Variant) -> Vec<Arc<Job>> {
    let n = parties_of(variant);
    let mut jobs = Vec::new();
    for roles in roles(n) {
        for size in Size::ALL {
            let cases = cases(size, roles.input.len());
            jobs.extend(cases.iter().map(|case| case.job(&roles, size)));
        }
    }
    for bits in [8, 33, 60, 61, 62, 63, 64, 65, 88, 100, 124] {
        for (sigma, compares) in [(8, false), (8, true), (40, false), (40, true), (100, true)] {
            jobs.push(wide(bits, sigma, compares, Roles::all(n)));
        }
    }
    jobs
}

/// `params: { key: value }` put into these parameters.
fn advised(params: &Value, instead: &str) -> Option<Value> {
    let inner = instead.strip_prefix("params: {")?.strip_suffix('}')?;
    let (key, value) = inner.split_once(':')?;
    let value = value.trim();
    let value = value.parse::<u64>().map_or_else(|_| Value::from(value), Value::from);
    let mut params = params.clone();
    params.as_object_mut()?.insert(key.trim().to_owned(), value);
    Some(params)
}

/// Parameters that are in the way exist, and those that would work do.
#[test]
fn what_would_work_instead_works() {
    let advised = each(&variants(), |variant| {
        let Variant { entry, params } = *variant;
        let mut followed = 0;
        for job in jobs(variant) {
            let Err(why) = variant.bind(&job) else { continue };
            let Unsupported { instead, param, .. } = &why;
            let at = format!("{} {params} on {}, {:?}: {why}", entry.name, job.function, job.roles);
            if let Some(param) = param {
                assert!(entry.default.get(param).is_some(), "{at}: there is no {param}");
            }
            let Some(better) = advised(params, instead) else { continue };
            let tried = entry.bind(&job, &better);
            assert!(tried.is_ok(), "{at}; but {:?}", tried.err());
            followed += 1;
        }
        followed
    });
    assert!(advised.iter().sum::<usize>() > 0, "some advice names parameters");
}

#[test]
fn numbers_of_parties_outside_the_range_are_refused() {
    for entry in entries() {
        let (least, most) = entry.info.parties;
        for variant in entry.all() {
            for n in [least.checked_sub(1), most.checked_add(1)].into_iter().flatten() {
                if n == 0 {
                    continue;
                }
                for case in cases(Size::Small, 2) {
                    let outside = Roles { compute: n, ..clients(2, n, &[0]) };
                    let all = Roles::all(n);
                    for roles in [outside, Roles { input: vec![PartyId(0), PartyId(1)], ..all }] {
                        let refused = variant.bind(&case.job(&roles, Size::Small)).err();
                        let at = format!("{} on {} among {n}", entry.name, case.name);
                        let why = refused.unwrap_or_else(|| panic!("{at} is not refused"));
                        let named = why.why.starts_with(&format!("{n} computing parties"));
                        assert!(named || !is_done(&variant, case.name), "{at}: {why}");
                    }
                }
            }
        }
    }
}

/// Whether a protocol does a function among the parties that it is made for.
fn is_done(variant: &Variant, function: &str) -> bool {
    let roles = Roles::all(parties_of(variant));
    let mut cases = cases(Size::Small, roles.input.len()).into_iter();
    cases.any(|case| case.name == function && variant.bind(&case.job(&roles, Size::Small)).is_ok())
}

#[test]
fn parameters_of_another_type_are_refused() {
    for entry in entries() {
        let job = wide(8, 8, false, Roles::all(entry.typical()));
        let why = entry.code.bind(&job, &"parameters").err().expect("they are no parameters");
        assert_eq!(why.why, "its parameters are another protocol's", "{}", entry.name);
    }
}

/// What a protocol wants to be covered: the default first, and nothing twice.
#[test]
fn variants_begin_with_the_default_and_differ() {
    for entry in entries() {
        assert_eq!(entry.variants.first(), Some(&entry.default), "{}", entry.name);
        for (at, params) in entry.variants.iter().enumerate() {
            let before = &entry.variants[..at];
            assert!(!before.contains(params), "{}: {params} twice", entry.name);
        }
    }
}
