//! What one run asks of each resource.

use std::fmt;

use mpclab_protocols::program::Outputs;
use mpclab_sim::Run;
use mpclab_sim::network::Network;
use mpclab_sim::vocabulary::{PartyId, Phase};

use super::queueing::{Demand, Fork};

/// Rounds of a phase that are told apart at most; more are put together.
const MOST_ROUNDS: u64 = 200;

/// Something that requests queue for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// A party's processor.
    Processor(PartyId),
    /// A party's uplink.
    Uplink(PartyId),
    /// A party's downlink.
    Downlink(PartyId),
    /// The link of an ordered pair.
    Link(PartyId, PartyId),
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Resource::Processor(party) => write!(f, "processor of {party}"),
            Resource::Uplink(party) => write!(f, "uplink of {party}"),
            Resource::Downlink(party) => write!(f, "downlink of {party}"),
            Resource::Link(from, to) => write!(f, "link from {from} to {to}"),
        }
    }
}

/// Every resource of a network that has an end: all processors, and what has a capacity.
#[must_use]
pub fn resources(network: &Network) -> Vec<Resource> {
    let nodes = network.nodes();
    let limited = |limits: &[Option<u64>], party: PartyId| {
        limits.get(party.index()).copied().flatten().is_some()
    };
    let mut all: Vec<Resource> = PartyId::all(nodes).map(Resource::Processor).collect();
    for party in PartyId::all(nodes) {
        if limited(&network.uplink_bps, party) {
            all.push(Resource::Uplink(party));
        }
        if limited(&network.downlink_bps, party) {
            all.push(Resource::Downlink(party));
        }
        for to in PartyId::all(nodes).filter(|to| *to != party) {
            if network.links.get(party, to).capacity_bps.is_some() {
                all.push(Resource::Link(party, to));
            }
        }
    }
    all
}

/// What a run asks of each of `resources`, in as many forks as it has rounds: compute of all
/// parties, then all transfers, then what remains of the time as a pause. Where compute and
/// transfers overlap, they share a fork. Without others in the way it takes as long as the run.
#[must_use]
pub fn demand(run: &Run<Outputs>, network: &Network, resources: &[Resource]) -> Demand {
    let mut demand = Demand::new();
    for phase in Phase::ALL {
        let time_ns = run.times.phase(phase);
        let of = |resource: &Resource| needs_ns(run, network, phase, *resource);
        let needs: Vec<u64> = resources.iter().map(of).collect();
        let rounds = u64::from(run.rounds.phase[phase.index()]).clamp(1, MOST_ROUNDS);
        if time_ns > 0 || needs.iter().any(|need| *need > 0) {
            split(&mut demand, resources, &needs, time_ns, rounds);
        }
    }
    demand
}

/// Splits a phase evenly over its rounds.
fn split(demand: &mut Demand, resources: &[Resource], needs: &[u64], time_ns: u64, rounds: u64) {
    let is_compute = |at: &usize| matches!(resources[*at], Resource::Processor(_));
    let all: Vec<usize> = (0..needs.len()).filter(|at| needs[*at] > 0).collect();
    let (compute, network): (Vec<usize>, Vec<usize>) = all.iter().copied().partition(is_compute);
    let longest = |of: &[usize]| of.iter().map(|at| needs[*at]).max().unwrap_or(0);
    let parts = if longest(&compute) + longest(&network) <= time_ns {
        vec![compute, network]
    } else {
        vec![all]
    };
    let part_of = |whole: u64, round: u64| {
        let upto = |round: u64| (u128::from(whole) * u128::from(round) / u128::from(rounds)) as u64;
        upto(round + 1) - upto(round)
    };
    let mut late = 0;
    for round in 0..rounds {
        let mut left = part_of(time_ns, round);
        for part in &parts {
            let work: Vec<(usize, u64)> =
                part.iter().map(|at| (*at, part_of(needs[*at], round))).collect();
            let longest = work.iter().map(|(_, ns)| *ns).max().unwrap_or(0);
            // Rounding may take a nanosecond more in one round than there is.
            late += longest.saturating_sub(left);
            left = left.saturating_sub(longest);
            demand.push(Fork { work, pause_ns: 0 });
        }
        let caught_up = late.min(left);
        late -= caught_up;
        if let Some(last) = demand.last_mut() {
            last.pause_ns = left - caught_up;
        }
    }
}

/// For how long a phase of a run keeps a resource busy, nanoseconds.
fn needs_ns(run: &Run<Outputs>, network: &Network, phase: Phase, resource: Resource) -> u64 {
    let counts = |party: PartyId| run.metrics.parties[party.index()].phases[phase.index()];
    let at = |limits: &[Option<u64>], party: PartyId| limits.get(party.index()).copied().flatten();
    let (bytes, bps) = match resource {
        Resource::Processor(party) => return counts(party).compute_ps / 1000,
        Resource::Uplink(party) => (counts(party).sent_wire_bytes, at(&network.uplink_bps, party)),
        Resource::Downlink(party) => {
            (counts(party).received_wire_bytes, at(&network.downlink_bps, party))
        }
        Resource::Link(from, to) => {
            // Runs too large for a link matrix are without it: no link is the bottleneck then.
            let mut links = run.metrics.links.iter().flatten();
            let found = links.find(|link| link.from == from && link.to == to);
            let bytes = found.map_or(0, |link| link.wire_bytes[phase.index()]);
            (bytes, network.links.get(from, to).capacity_bps)
        }
    };
    const BITS_NS: u128 = 8_000_000_000;
    let ns = |bps: u64| (u128::from(bytes) * BITS_NS).checked_div(u128::from(bps)).unwrap_or(0);
    bps.map_or(0, |bps| u64::try_from(ns(bps)).unwrap_or(u64::MAX))
}

/// How long a demand keeps each of `count` stations busy, nanoseconds.
#[must_use]
pub fn busy_ns(demand: &Demand, count: usize) -> Vec<u64> {
    let mut busy = vec![0; count];
    for (station, ns) in demand.iter().flat_map(|fork| &fork.work) {
        busy[*station] += ns;
    }
    busy
}

/// How long a demand takes without others in the way, nanoseconds.
#[must_use]
pub fn alone_ns(demand: &Demand) -> u64 {
    let longest = |fork: &Fork| fork.work.iter().map(|(_, ns)| *ns).max().unwrap_or(0);
    demand.iter().map(|fork| longest(fork) + fork.pause_ns).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESOURCES: [Resource; 2] =
        [Resource::Processor(PartyId(0)), Resource::Uplink(PartyId(0))];

    #[test]
    fn a_phase_takes_as_long_as_it_took_and_nothing_is_lost() {
        for (needs, time_ns) in [([10, 25], 100), ([7, 0], 11), ([60, 60], 100), ([100, 1], 100)] {
            for rounds in [1, 3, 7] {
                let mut demand = Demand::new();
                split(&mut demand, &RESOURCES, &needs, time_ns, rounds);
                assert_eq!(busy_ns(&demand, 2), needs, "{needs:?} in {rounds}");
                let alone = alone_ns(&demand);
                // Overlapping parts are rounded each on their own.
                assert!(alone.abs_diff(time_ns) <= rounds, "{alone} for {time_ns}");
            }
        }
    }
}
