//! Claims do not contradict themselves, in any job.

use mpclab_sim::vocabulary::{PartyId, RoleClaim};

use crate::library::{Size, cases, parties_of};
use crate::registry::{Variant, each, variants};

/// What is wrong with claims by role among so many nodes.
fn wrong_roles(names: &[&str], roles: &[RoleClaim], nodes: usize) -> Option<String> {
    let twice = |node: &PartyId| roles.iter().filter(|role| role.has(*node)).count() > 1;
    if let Some(node) = PartyId::all(nodes).find(twice) {
        return Some(format!("{node} has two roles"));
    }
    roles.iter().find_map(|role| {
        let end = role.first.index() + role.members as usize;
        let is_within = role.max_corrupted <= role.members && role.least <= role.members;
        match role {
            _ if !names.contains(&&*role.name) => Some(format!("{} is no role", role.name)),
            _ if end > nodes => Some(format!("{role} of {nodes} nodes")),
            _ if !is_within => Some(format!("{role} is beyond its members")),
            _ => None,
        }
    })
}

#[test]
fn security_rests_on_named_assumptions_or_on_none_and_no_node_has_two_roles() {
    let bound = each(&variants(), |variant| {
        let Variant { entry, params } = *variant;
        let roles = crate::harness::clients(2, parties_of(variant), &[0]);
        let alike = mpclab_sim::vocabulary::Roles::all(parties_of(variant));
        let (mut bound, mut rests) = (0, false);
        for roles in [alike, roles] {
            for case in cases(Size::Small, roles.input.len()) {
                let Ok(subject) = variant.bind(&case.job(&roles, Size::Small)) else { continue };
                let (at, claims) = (format!("{} {params}", entry.name), subject.bound.claims);
                let is_computational = claims.security.computational().is_some();
                assert_eq!(is_computational, !subject.bound.assumes.is_empty(), "{at}: {claims:?}");
                rests |= is_computational;
                let names: Vec<&str> = entry.roles.iter().map(|role| role.name).collect();
                let wrong = wrong_roles(&names, &subject.bound.roles, roles.nodes());
                assert_eq!(wrong, None, "{at}");
                bound += 1;
            }
        }
        (entry.name, rests, bound)
    });
    // What is named is needed by some parameters, if not by all.
    for variant in variants() {
        let (name, assumes) = (variant.entry.name, !variant.entry.assumes.is_empty());
        let rests = bound.iter().any(|(of, rests, _)| *of == name && *rests);
        assert_eq!(rests, assumes, "{name}");
    }
    assert!(bound.iter().all(|(_, _, bound)| *bound > 0), "every variant does something");
}

#[test]
fn roles_that_contradict_themselves_are_noticed() {
    let role = |first: u32, members, max_corrupted| RoleClaim {
        name: "server".to_owned(),
        first: PartyId(first),
        members,
        max_corrupted,
        least: members,
    };
    let wrong = |roles: &[RoleClaim]| wrong_roles(&["server"], roles, 3).unwrap_or_default();
    assert_eq!(wrong(&[role(0, 2, 1), role(2, 1, 0)]), "");
    assert_eq!(wrong(&[role(0, 2, 1), role(1, 2, 1)]), "party 1 has two roles");
    assert_eq!(wrong(&[role(2, 2, 1)]), "server: 1 of 2 corrupted of 3 nodes");
    assert_eq!(wrong(&[role(0, 2, 3)]), "server: 3 of 2 corrupted is beyond its members");
    assert_eq!(
        wrong_roles(&["client"], &[role(0, 2, 1)], 3).unwrap_or_default(),
        "server is no role"
    );
}
