//! Whom an adversary corrupts: coalitions as large as the claims cover, and larger ones.
//!
//! Claims limit how many computing parties are corrupted. Clients, who bring inputs, and consumers,
//! who only learn outputs, are corrupted besides: with as many servers all clients but one, with the
//! consumers and without, or the consumers; and one alone.

use mpclab_sim::RunSeed;
use mpclab_sim::vocabulary::{Claims, PartyId, RoleClaim, Roles};
use rand::seq::SliceRandom;

/// All coalitions are tried among at most so many nodes that are alike.
const EXHAUSTED: usize = 5;
/// Coalitions that are tried among more.
const SAMPLED: usize = 12;
/// Coalitions of each kind that has clients.
const WITH_CLIENTS: usize = 6;

/// What reports call nodes that do not compute: those that bring inputs, and those that only learn
/// outputs.
const CLIENT: &str = "client";
const CONSUMER: &str = "consumer";

/// Nodes that are alike.
struct Peers {
    /// Name of their role, if they have one.
    name: Option<String>,
    nodes: Vec<PartyId>,
    /// How many of them may be corrupted.
    limit: usize,
}

/// The coalitions of one protocol among its nodes.
pub(super) struct Coalitions {
    peers: Vec<Peers>,
    /// The first so many are those that claims count; others only bring inputs or learn outputs.
    counted: usize,
    /// By kind, how many of each of the peers the largest coalitions within the claims have.
    largest: Vec<Vec<usize>>,
    /// The same of those that are too large by one.
    beyond: Vec<Vec<usize>>,
    seed: RunSeed,
}

/// Coalitions of one size.
pub(super) struct Tried {
    /// Those that are tried.
    pub(super) tried: Vec<Vec<PartyId>>,
    /// How many there are; `None` if 2^64 or more.
    pub(super) in_all: Option<u64>,
}

impl Coalitions {
    /// Among computing parties that are alike and their clients, or among those who have named
    /// roles; one of them stays honest. Those that are drawn come from the seed.
    pub(super) fn new(claims: &Claims, roles: &[RoleClaim], nodes: &Roles, seed: RunSeed) -> Self {
        if roles.is_empty() {
            return Coalitions::alike(claims, nodes, seed);
        }
        let peers = |role: &RoleClaim| Peers {
            name: Some(role.name.clone()),
            nodes: role.nodes().collect(),
            limit: role.max_corrupted as usize,
        };
        let peers: Vec<Peers> = roles.iter().map(peers).collect();
        let members: usize = peers.iter().map(|peers| peers.nodes.len()).sum();
        let in_all = claims.threshold.max_corrupted(members).min(members.saturating_sub(1));
        let fill = |in_all: usize| {
            let all = (0..roles.len()).map(|start| RoleClaim::fill(roles, in_all, start));
            let mut kinds: Vec<Vec<usize>> = Vec::new();
            all.for_each(|kind| {
                if !kinds.contains(&kind) {
                    kinds.push(kind)
                }
            });
            kinds
        };
        // One more of a role than it allows, and nobody else; then one more in all.
        let one_more = |at: usize| {
            let mut kind = vec![0; peers.len()];
            kind[at] = peers[at].limit + 1;
            kind
        };
        let limited = (0..peers.len()).filter(|at| peers[*at].limit < peers[*at].nodes.len());
        let mut beyond: Vec<Vec<usize>> = limited.map(one_more).collect();
        let limits: usize = peers.iter().map(|peers| peers.limit).sum();
        if limits > in_all {
            beyond.extend(fill(in_all + 1));
        }
        beyond.retain(|kind| kind.iter().sum::<usize>() < members);
        Coalitions { counted: peers.len(), largest: fill(in_all), peers, beyond, seed }
    }

    fn alike(claims: &Claims, roles: &Roles, seed: RunSeed) -> Self {
        let n = roles.compute;
        let limit = claims.threshold.max_corrupted(n).min(n - 1);
        let mut peers = vec![Peers { name: None, nodes: PartyId::all(n).collect(), limit }];
        let outside = || PartyId::all(roles.nodes()).skip(n);
        let brings = |id: &PartyId| roles.input_index(*id).is_some();
        let learns = |id: &PartyId| !brings(id) && roles.learns_output(*id);
        let mut add = |name: &str, nodes: Vec<PartyId>| {
            let limit = nodes.len();
            peers.push(Peers { name: Some(name.to_owned()), nodes, limit });
            limit
        };
        let clients = add(CLIENT, outside().filter(brings).collect());
        let consumers = add(CONSUMER, outside().filter(learns).collect());
        // Somebody has to be left whom a coalition could harm.
        let serves_itself = roles.input.iter().chain(&roles.output).any(|id| roles.computes(*id));
        let most = if serves_itself { clients } else { clients.saturating_sub(1) };
        let alone = |is: usize| usize::from(is > 0);
        let kinds = [
            [limit, 0, 0],
            [limit, most, consumers],
            [0, alone(clients), 0],
            [limit, most, 0],
            [limit, 0, consumers],
            [0, 0, alone(consumers)],
        ];
        let mut largest: Vec<Vec<usize>> = Vec::new();
        for kind in kinds.map(Vec::from) {
            if kind.iter().any(|size| *size > 0) && !largest.contains(&kind) {
                largest.push(kind);
            }
        }
        let beyond = if limit + 1 < n { vec![vec![limit + 1, 0, 0]] } else { Vec::new() };
        Coalitions { peers, counted: 1, largest, beyond, seed }
    }

    /// Nodes that claims count, honest or not.
    pub(super) fn nodes(&self) -> impl Iterator<Item = PartyId> {
        self.peers[..self.counted].iter().flat_map(|peers| peers.nodes.iter().copied())
    }

    /// Nodes that may be corrupted, honest or not.
    pub(super) fn everybody(&self) -> impl Iterator<Item = PartyId> {
        self.peers.iter().flat_map(|peers| peers.nodes.iter().copied())
    }

    /// Size of the largest coalitions that the claims cover, without clients.
    pub(super) fn size(&self) -> usize {
        let size = |kind: &Vec<usize>| kind[..self.counted].iter().sum();
        self.largest.iter().map(size).max().unwrap_or(0)
    }

    /// The largest coalitions that the claims cover: of each role as many as it allows. With
    /// clients, the first few are of all kinds.
    pub(super) fn largest(&self) -> Tried {
        if self.counted == self.peers.len() {
            return self.of_kinds(&self.largest);
        }
        let mut kinds: Vec<Tried> = self.largest.iter().map(|kind| self.of_kind(kind)).collect();
        for Tried { tried, .. } in kinds.iter_mut().skip(1) {
            // Clients are alike: of many coalitions with them, some with each server.
            let stride = tried.len().div_ceil(WITH_CLIENTS).max(1);
            *tried = tried.iter().step_by(stride).cloned().collect();
        }
        let in_all = kinds.iter().try_fold(0u64, |sum, tried| sum.checked_add(tried.in_all?));
        let most = kinds.iter().map(|kind| kind.tried.len()).max().unwrap_or(0);
        let at = |at: usize| kinds.iter().filter_map(move |kind| kind.tried.get(at).cloned());
        Tried { tried: (0..most).flat_map(at).collect(), in_all }
    }

    /// The largest coalitions without clients.
    pub(super) fn counted_alone(&self) -> Vec<Vec<PartyId>> {
        let counted: Vec<PartyId> = self.nodes().collect();
        let mut tried = self.largest().tried;
        tried.retain(|coalition| coalition.iter().all(|node| counted.contains(node)));
        tried
    }

    /// Single nodes that may be corrupted, unless they are the largest coalitions.
    pub(super) fn alone(&self) -> Vec<Vec<PartyId>> {
        if self.size() < 2 {
            return Vec::new();
        }
        let kinds = (0..self.counted).filter(|at| self.peers[*at].limit > 0);
        let kinds = kinds.map(|at| (0..self.peers.len()).map(|i| usize::from(i == at)).collect());
        self.of_kinds(&kinds.collect::<Vec<_>>()).tried
    }

    /// Coalitions of one node more than is claimed, by kind.
    pub(super) fn beyond(&self) -> impl Iterator<Item = Vec<Vec<PartyId>>> {
        self.beyond.iter().map(|kind| self.of_kind(kind).tried)
    }

    /// How many of whom some nodes are: `2 of 5`, `1 of 3 (server), 2 of 5 (client)`.
    pub(super) fn describe(&self, coalition: &[PartyId]) -> String {
        let of = |peers: &Peers| {
            let count = coalition.iter().filter(|node| peers.nodes.contains(node)).count();
            let among = peers.nodes.len();
            match &peers.name {
                None if count == 0 && !coalition.is_empty() => None,
                None => Some(format!("{count} of {among}")),
                Some(name) => (count > 0).then(|| format!("{count} of {among} ({name})")),
            }
        };
        self.peers.iter().filter_map(of).collect::<Vec<_>>().join(", ")
    }

    /// Sets of members of one role, all of few members, some of many.
    pub(super) fn of_role(&self, name: &str, size: usize) -> Vec<Vec<PartyId>> {
        let kind = |peers: &Peers| if peers.name.as_deref() == Some(name) { size } else { 0 };
        self.of_kind(&self.peers.iter().map(kind).collect::<Vec<_>>()).tried
    }

    fn of_kinds(&self, kinds: &[Vec<usize>]) -> Tried {
        let all: Vec<Tried> = kinds.iter().map(|kind| self.of_kind(kind)).collect();
        let in_all = all.iter().try_fold(0u64, |sum, tried| sum.checked_add(tried.in_all?));
        Tried { tried: all.into_iter().flat_map(|tried| tried.tried).collect(), in_all }
    }

    /// Coalitions with so many of each of the peers.
    fn of_kind(&self, kind: &[usize]) -> Tried {
        let chosen = self.peers.iter().zip(kind).filter(|(_, size)| **size > 0);
        let mut chosen: Vec<Tried> =
            chosen.map(|(peers, size)| self.choose(peers, *size)).collect();
        if chosen.len() < 2 {
            return chosen.pop().unwrap_or(Tried { tried: Vec::new(), in_all: Some(0) });
        }
        let in_all = chosen.iter().try_fold(1u64, |product, of| product.checked_mul(of.in_all?));
        let mut tried = vec![Vec::new()];
        for of in &chosen {
            let with = |begun: &Vec<PartyId>| -> Vec<Vec<PartyId>> {
                of.tried.iter().map(|more| [begun.as_slice(), more].concat()).collect()
            };
            tried = tried.iter().flat_map(with).collect();
        }
        tried.iter_mut().for_each(|coalition: &mut Vec<PartyId>| coalition.sort_unstable());
        if tried.len() > SAMPLED {
            // The first and the last of each role, and others at random.
            let last = tried.pop();
            let mut rng = self.seed.rng("coalitions of roles", PartyId(0));
            tried[1..].shuffle(&mut rng);
            tried.truncate(SAMPLED - 1);
            tried.extend(last);
        }
        Tried { tried, in_all }
    }

    /// So many of nodes that are alike: all of few; of many those with the first and the last,
    /// which protocols give tasks to, and others at random.
    fn choose(&self, peers: &Peers, size: usize) -> Tried {
        let n = peers.nodes.len();
        let in_all = binomial(n as u64, size as u64);
        let nodes = |places: Vec<PartyId>| -> Vec<PartyId> {
            places.into_iter().filter_map(|at| peers.nodes.get(at.index()).copied()).collect()
        };
        if n <= EXHAUSTED {
            let tried = subsets(n, size).into_iter().map(nodes).collect();
            return Tried { tried, in_all };
        }
        let mut tried: Vec<Vec<PartyId>> =
            vec![PartyId::all(size).collect(), PartyId::all(n).skip(n - size).collect()];
        let mut rng = self.seed.rng("coalitions", PartyId(0));
        let mut parties: Vec<PartyId> = PartyId::all(n).collect();
        for _ in 0..10 * SAMPLED {
            parties.shuffle(&mut rng);
            let mut coalition = parties[..size].to_vec();
            coalition.sort_unstable();
            if !tried.contains(&coalition) {
                tried.push(coalition);
            }
            if tried.len() == SAMPLED {
                break;
            }
        }
        Tried { tried: tried.into_iter().map(nodes).collect(), in_all }
    }
}

/// All subsets of a size, in lexicographic order.
fn subsets(n: usize, size: usize) -> Vec<Vec<PartyId>> {
    let chosen = |mask: &u32| mask.count_ones() as usize == size;
    let mut all: Vec<Vec<PartyId>> = (0..1u32 << n)
        .filter(chosen)
        .map(|mask| PartyId::all(n).filter(|party| mask >> party.0 & 1 == 1).collect())
        .collect();
    all.sort_unstable();
    all.retain(|subset| !subset.is_empty());
    all
}

fn binomial(n: u64, k: u64) -> Option<u64> {
    (0..k.min(n - k)).try_fold(1u64, |product, i| Some(product.checked_mul(n - i)? / (i + 1)))
}

#[cfg(test)]
mod tests {
    use mpclab_sim::vocabulary::{
        AbortKind, AdversaryKind, NamedRole, OutputGuarantee, Quorum, Security, Setup, Synchrony,
        Threshold,
    };

    use super::*;

    const ROLES: [NamedRole; 2] = [
        NamedRole { name: "server", corrupted: Threshold::Exact(1), stay: Quorum::All },
        NamedRole { name: "client", corrupted: Threshold::Exact(2), stay: Quorum::Exact(3) },
    ];

    const CLAIMS: Claims = Claims {
        adversary: AdversaryKind::SemiHonest,
        threshold: Threshold::BelowHalf,
        output: OutputGuarantee::Abort,
        abort: AbortKind::Selective,
        security: Security::Perfect,
        setup: Setup::None,
        network: Synchrony::Eventual,
    };

    fn coalitions(threshold: Threshold, sizes: &[usize]) -> Coalitions {
        let claims = Claims { threshold, ..CLAIMS };
        let roles = RoleClaim::in_order(&ROLES, sizes);
        Coalitions::new(&claims, &roles, &Roles::all(4), RunSeed::new(1, 0))
    }

    fn with_clients(input: &[u32], output: &[u32]) -> Coalitions {
        let of = |ids: &[u32]| ids.iter().copied().map(PartyId).collect();
        let nodes = Roles { compute: 3, input: of(input), output: of(output) };
        let claims = Claims { threshold: Threshold::BelowHalf, ..CLAIMS };
        Coalitions::new(&claims, &[], &nodes, RunSeed::new(1, 0))
    }

    /// Servers alone, with all clients but one, and a client alone, the first of each kind first.
    #[test]
    fn clients_are_corrupted_with_servers_and_alone() {
        let all = with_clients(&[3, 4, 5], &[3, 4, 5]);
        let tried = all.largest();
        let kinds: Vec<String> = tried.tried.iter().take(3).map(|c| all.describe(c)).collect();
        assert_eq!(kinds, ["1 of 3", "1 of 3, 2 of 3 (client)", "1 of 3 (client)"]);
        assert_eq!((tried.tried.len(), tried.in_all, all.size()), (11, Some(15), 1));
        assert_eq!(all.counted_alone(), [[PartyId(0)], [PartyId(1)], [PartyId(2)]]);
        assert_eq!((all.nodes().count(), all.everybody().count()), (3, 6));
        assert!(all.alone().is_empty());
        let beyond: Vec<String> = all.beyond().flatten().map(|c| all.describe(&c)).collect();
        assert_eq!(beyond, ["2 of 3"; 3]);
        // Where servers bring inputs, all clients may be against them; a lone client has nobody
        // to harm but whom it talks to.
        let consumer = with_clients(&[0, 1, 2], &[3]);
        assert!(consumer.largest().tried.contains(&vec![PartyId(1), PartyId(3)]));
        let split = with_clients(&[3, 4], &[5]);
        let kinds: Vec<String> = split.largest().tried.iter().map(|c| split.describe(c)).collect();
        let first = [
            "1 of 3",
            "1 of 3, 1 of 2 (client), 1 of 1 (consumer)",
            "1 of 2 (client)",
            "1 of 3, 1 of 2 (client)",
            "1 of 3, 1 of 1 (consumer)",
            "1 of 1 (consumer)",
        ];
        assert_eq!(kinds[..6], first);
        let alone = with_clients(&[3], &[3]);
        let kinds: Vec<String> = alone.largest().tried.iter().map(|c| alone.describe(c)).collect();
        assert_eq!(kinds, ["1 of 3", "1 of 1 (client)", "1 of 3", "1 of 3"]);
    }

    #[test]
    fn subsets_are_all_there_are() {
        assert_eq!(subsets(4, 2).len(), 6);
        assert_eq!(subsets(3, 1), [[PartyId(0)], [PartyId(1)], [PartyId(2)]]);
        assert!(subsets(3, 0).is_empty());
        assert_eq!((binomial(5, 2), binomial(100, 50)), (Some(10), None));
    }

    #[test]
    fn parties_that_are_alike_collude_up_to_the_threshold() {
        let alike = coalitions(Threshold::BelowHalf, &[]);
        assert_eq!((alike.size(), alike.largest().tried.len()), (1, 4));
        let beyond: Vec<_> = alike.beyond().flatten().collect();
        assert_eq!((beyond.len(), alike.describe(&beyond[0])), (6, "2 of 4".to_owned()));
        assert!(alike.alone().is_empty());
        assert_eq!(coalitions(Threshold::BelowAll, &[]).beyond().count(), 0);
    }

    #[test]
    fn each_role_is_corrupted_up_to_its_limit_and_one_beyond() {
        let all = coalitions(Threshold::Exact(3), &[3, 5]);
        let Tried { tried, in_all } = all.largest();
        assert_eq!((tried.len(), in_all, all.size()), (SAMPLED, Some(30), 3));
        assert!(tried.iter().all(|c| all.describe(c) == "1 of 3 (server), 2 of 5 (client)"));
        let kinds: Vec<Vec<String>> =
            all.beyond().map(|tried| tried.iter().map(|c| all.describe(c)).collect()).collect();
        assert_eq!((kinds.len(), kinds[0].len(), kinds[1].len()), (2, 3, 10));
        assert!(kinds[0].iter().all(|kind| kind == "2 of 3 (server)"), "{kinds:?}");
        assert!(kinds[1].iter().all(|kind| kind == "3 of 5 (client)"), "{kinds:?}");
        assert_eq!((all.alone().len(), all.of_role("client", 4).len()), (8, 5));
    }

    /// Where fewer may be corrupted in all, coalitions fill one role first, or the other.
    #[test]
    fn roles_share_a_limit() {
        let all = coalitions(Threshold::Exact(2), &[3, 5]);
        let kinds: Vec<String> = all.largest().tried.iter().map(|c| all.describe(c)).collect();
        let count = |kind: &str| kinds.iter().filter(|other| *other == kind).count();
        assert_eq!(count("1 of 3 (server), 1 of 5 (client)"), SAMPLED);
        assert_eq!(count("2 of 5 (client)"), 10);
        let beyond: Vec<Vec<Vec<PartyId>>> = all.beyond().collect();
        let last = beyond.last().and_then(|tried| tried.first()).expect("more in all");
        assert_eq!(all.describe(last), "1 of 3 (server), 2 of 5 (client)");
    }
}
