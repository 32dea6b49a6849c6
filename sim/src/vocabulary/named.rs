use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PartyId, Threshold};

/// A role that a protocol gives to some of its nodes, by name: server, client, garbler, dealer.
///
/// Who brings inputs, computes or learns outputs is [`super::Roles`]: that is the scenario's, this
/// the protocol's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedRole {
    /// The name, in the singular.
    pub name: &'static str,
    /// How many of those who have it may be corrupted.
    pub corrupted: Threshold,
    /// How many of them have to stay to the end.
    pub stay: Quorum,
}

/// How many of a group have to stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quorum {
    /// Everybody: nobody may drop out.
    All,
    /// More than half.
    AboveHalf,
    /// More than two thirds.
    AboveTwoThirds,
    /// This many.
    Exact(u32),
}

impl Quorum {
    /// The fewest of `n` that have to stay.
    #[must_use]
    pub fn least(self, n: usize) -> usize {
        match self {
            Quorum::All => n,
            Quorum::AboveHalf => n / 2 + 1,
            Quorum::AboveTwoThirds => 2 * n / 3 + 1,
            Quorum::Exact(least) => least as usize,
        }
        .min(n)
    }
}

impl fmt::Display for Quorum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Quorum::All => f.write_str("all"),
            Quorum::AboveHalf => f.write_str("> n/2"),
            Quorum::AboveTwoThirds => f.write_str("> 2n/3"),
            Quorum::Exact(least) => write!(f, "{least}"),
        }
    }
}

/// What a protocol claims of those who have a role in a job: nodes with consecutive ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleClaim {
    /// Name of the role, in the singular.
    pub name: String,
    /// The first node that has it.
    pub first: PartyId,
    /// How many nodes have it.
    pub members: u32,
    /// How many of them may be corrupted.
    pub max_corrupted: u32,
    /// How many of them have to stay to the end.
    pub least: u32,
}

impl fmt::Display for RoleClaim {
    /// `client: 2 of 5 corrupted, 3 have to stay`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RoleClaim { name, members, max_corrupted, least, .. } = self;
        write!(f, "{name}: {max_corrupted} of {members} corrupted")?;
        match self.spare() {
            0 => Ok(()),
            _ => write!(f, ", {least} have to stay"),
        }
    }
}

impl RoleClaim {
    /// Gives roles to the nodes of a job in ascending order: `sizes[0]` nodes have the first role,
    /// and so on.
    #[must_use]
    pub fn in_order(roles: &[NamedRole], sizes: &[usize]) -> Vec<RoleClaim> {
        let mut first = 0;
        let claim = |(role, size): (&NamedRole, &usize)| {
            let start = first;
            first += *size;
            RoleClaim {
                name: role.name.to_owned(),
                first: PartyId::from(start),
                members: *size as u32,
                max_corrupted: role.corrupted.max_corrupted(*size).min(*size) as u32,
                least: role.stay.least(*size) as u32,
            }
        };
        roles.iter().zip(sizes).map(claim).collect()
    }

    /// Those who have the role, ascending.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = PartyId> + Clone + use<> {
        (self.first.0..self.first.0.saturating_add(self.members)).map(PartyId)
    }

    /// Whether a node has the role.
    #[must_use]
    pub fn has(&self, node: PartyId) -> bool {
        node.0.checked_sub(self.first.0).is_some_and(|at| at < self.members)
    }

    /// How many may drop out.
    #[must_use]
    pub fn spare(&self) -> u32 {
        self.members.saturating_sub(self.least)
    }

    /// How many of each role a largest coalition has that fills the roles one after the other,
    /// beginning with the role at `start`: as many as each allows, and `in_all` at most.
    #[must_use]
    pub fn fill(roles: &[RoleClaim], in_all: usize, start: usize) -> Vec<usize> {
        let (mut left, mut counts) = (in_all, vec![0; roles.len()]);
        for at in (start..roles.len()).chain(0..start) {
            counts[at] = left.min(roles[at].max_corrupted as usize);
            left -= counts[at];
        }
        counts
    }

    /// How many nodes may be corrupted, whoever they are.
    #[must_use]
    pub fn whoever(roles: &[RoleClaim], in_all: usize) -> usize {
        let bounds = roles.iter().filter(|role| role.max_corrupted < role.members);
        bounds.map(|role| role.max_corrupted as usize).fold(in_all, usize::min)
    }

    /// Whether claims by role speak of a run in which these nodes are corrupted, `in_all` of them
    /// at most, and these are gone: each has a role, and no role has lost more than it may.
    #[must_use]
    pub fn cover(
        roles: &[RoleClaim],
        in_all: usize,
        corrupted: &BTreeSet<PartyId>,
        gone: &BTreeSet<PartyId>,
    ) -> bool {
        let of = |role: &RoleClaim, nodes: &BTreeSet<PartyId>| {
            nodes.iter().filter(|node| role.has(**node)).count() as u32
        };
        let has_role = |node: &PartyId| roles.iter().any(|role| role.has(*node));
        corrupted.len() <= in_all
            && corrupted.union(gone).all(has_role)
            && roles.iter().all(|role| {
                of(role, corrupted) <= role.max_corrupted && of(role, gone) <= role.spare()
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLES: [NamedRole; 2] = [
        NamedRole { name: "server", corrupted: Threshold::Exact(1), stay: Quorum::All },
        NamedRole { name: "client", corrupted: Threshold::BelowHalf, stay: Quorum::Exact(3) },
    ];

    fn set(ids: &[u32]) -> BTreeSet<PartyId> {
        ids.iter().copied().map(PartyId).collect()
    }

    #[test]
    fn roles_are_given_in_order_with_limits_by_their_size() {
        let roles = RoleClaim::in_order(&ROLES, &[3, 5]);
        let limits = roles.iter().map(|role| (role.first.0, role.max_corrupted, role.spare()));
        assert_eq!(limits.collect::<Vec<_>>(), [(0, 1, 0), (3, 2, 2)]);
        assert_eq!(roles[1].nodes().map(|node| node.0).collect::<Vec<_>>(), [3, 4, 5, 6, 7]);
        assert!(!roles[1].has(PartyId(2)) && !roles[1].has(PartyId(8)));
        assert_eq!(roles[0].to_string(), "server: 1 of 3 corrupted");
        assert_eq!(roles[1].to_string(), "client: 2 of 5 corrupted, 3 have to stay");
        let least = [Quorum::All, Quorum::AboveHalf, Quorum::AboveTwoThirds, Quorum::Exact(9)]
            .map(|quorum| quorum.least(6));
        assert_eq!(least, [6, 4, 5, 6]);
    }

    #[test]
    fn coalitions_fill_roles_up_to_their_limits() {
        let roles = RoleClaim::in_order(&ROLES, &[3, 5]);
        assert_eq!(RoleClaim::fill(&roles, 9, 0), [1, 2]);
        assert_eq!(RoleClaim::fill(&roles, 2, 0), [1, 1]);
        assert_eq!(RoleClaim::fill(&roles, 2, 1), [0, 2]);
        assert_eq!((RoleClaim::whoever(&roles, 3), RoleClaim::whoever(&roles, 0)), (1, 0));
    }

    #[test]
    fn a_run_is_covered_up_to_each_roles_limits() {
        let roles = RoleClaim::in_order(&ROLES, &[3, 5]);
        let covers = |corrupted: &[u32], gone: &[u32], in_all| {
            RoleClaim::cover(&roles, in_all, &set(corrupted), &set(gone))
        };
        assert!(covers(&[2, 3, 7], &[4, 5], 3));
        assert!(!covers(&[2, 3, 7], &[], 2), "more in all");
        assert!(!covers(&[0, 1], &[], 3), "two servers");
        assert!(!covers(&[3, 4, 5], &[], 3), "three clients");
        assert!(!covers(&[], &[0], 3), "a server is gone");
        assert!(!covers(&[], &[3, 4, 5], 3), "three clients are gone");
        assert!(!covers(&[], &[8], 3), "nobody has claimed anything of it");
    }
}
