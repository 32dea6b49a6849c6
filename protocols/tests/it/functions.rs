//! Every protocol x every function that it supports x parties x parameters x inputs.

use std::collections::BTreeSet;

use mpclab_protocols::functions::Task;
use mpclab_protocols::program::Inputs;
use mpclab_sim::Metrics;
use mpclab_sim::vocabulary::{PartyId, Roles};

use crate::harness::{clients, has_public_keys, payload};
use crate::library::{Size, cases};
use crate::programs::runs_everything;
use crate::registry::{Entry, Variant, each, entries};

/// Runs all functions that the protocol supports among these roles; returns their names.
///
/// Who runs every operation on values as wide as a function's runs the function.
fn sweep(variant: &Variant, size: Size, roles: &Roles) -> BTreeSet<&'static str> {
    let mut ran = BTreeSet::new();
    for case in cases(size, roles.input.len()) {
        let job = case.job(roles, size);
        let subject = match variant.bind(&job) {
            Ok(subject) => subject,
            Err(why) => {
                let Task::Program(program) = &case.task else { continue };
                let bits = program.statistics().max_bits;
                assert!(
                    !runs_everything(variant, roles, bits, size.sigma()),
                    "{} {} runs every operation, but not {} {} among {roles:?}: {why}",
                    variant.entry.name,
                    variant.params,
                    case.name,
                    case.params
                );
                continue;
            }
        };
        // Public-key operations between any two take long, and what is prepared by the megabyte does:
        // neither depends on the function, and two parties are enough for most of it.
        let is_slow = has_public_keys(&subject) || payload(&subject) > 2 << 20;
        if is_slow && roles.compute > 2 && !ran.is_empty() {
            continue;
        }
        let most = if is_slow { 1 } else { usize::MAX };
        // Repetitions take three more runs: with other numbers of parties, for other inputs.
        let metrics = |(at, inputs): (usize, &Vec<Inputs>)| -> Metrics {
            let is_repeated = !is_slow && (at + roles.compute).is_multiple_of(3);
            // One seed for all inputs: what is drawn may decide what is computed, inputs may not.
            let seed = roles.compute as u64;
            match is_repeated {
                true => subject.expect(inputs, seed).metrics,
                false => subject.expect_once(inputs, seed).metrics,
            }
        };
        let metrics: Vec<Metrics> =
            case.inputs.iter().take(most).enumerate().map(metrics).collect();
        // Messages, their sizes and the charged compute tell nothing of the inputs.
        for (at, other) in metrics.iter().enumerate() {
            assert_eq!(*other, metrics[0], "{}, {}: inputs {at}", subject.name, case.name);
        }
        ran.insert(case.name);
    }
    ran
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

/// Sweeps over all protocols, parameters and the roles that `roles` gives; holds that each protocol
/// does something wherever `required` says so.
fn sweep_all(size: Size, roles: fn(&Entry) -> Vec<Roles>, required: bool) {
    let all = entries().iter().flat_map(Entry::all);
    let items: Vec<(Variant, Roles)> = all
        .flat_map(|variant| roles(variant.entry).into_iter().map(move |roles| (variant, roles)))
        .collect();
    let ran = each(&items, |(variant, roles)| sweep(variant, size, roles));
    if !required {
        return;
    }
    for ((variant, roles), _) in items.iter().zip(&ran).filter(|(_, ran)| ran.is_empty()) {
        let default = variant.entry.variants.first();
        let name = variant.entry.name;
        assert!(Some(variant.params) != default, "{name} does nothing among {roles:?}");
    }
    for variant in entries().iter().flat_map(Entry::all) {
        let of = |other: &Variant| {
            other.entry.name == variant.entry.name && other.params == variant.params
        };
        let mut ran = items.iter().zip(&ran).filter(|((other, _), _)| of(other));
        let (name, params) = (variant.entry.name, variant.params);
        assert!(ran.any(|(_, ran)| !ran.is_empty()), "{name} {params} computes no function");
    }
}

#[test]
fn protocols_compute_functions_among_peers() {
    let roles = |entry: &Entry| entry.counts().into_iter().map(Roles::all).collect();
    sweep_all(Size::Small, roles, true);
}

#[test]
fn protocols_compute_functions_of_default_width() {
    let roles = |entry: &Entry| entry.counts_in(2..=4).into_iter().map(Roles::all).collect();
    sweep_all(Size::Default, roles, false);
}

#[test]
fn protocols_serve_clients_or_say_why_not() {
    let roles = |entry: &Entry| {
        let counts = entry.counts_in(2..=3);
        counts.into_iter().flat_map(mixed).collect()
    };
    sweep_all(Size::Small, roles, false);
}
