//! The same cell with one thing changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpclab_scenarios::ComputeChoice;
use mpclab_sim::compute::AS_FAST;
use mpclab_sim::network::{Distribution, Link, LinkTable, Network};
use mpclab_sim::vocabulary::PartyId;

use crate::runner::{PreparedCell, fingerprint};

/// How much slower a slow party is.
pub(super) const SLOWER: u32 = 4;

/// The cell with twice the latency on every link, jitter included.
pub(super) fn doubled_rtt(cell: &PreparedCell) -> PreparedCell {
    with_links(cell, |link| {
        link.latency.floor_ns = link.latency.floor_ns.saturating_mul(2);
        link.latency.random.iter_mut().for_each(double);
    })
}

fn double(distribution: &mut Distribution) {
    let twice = |ns: &mut u64| *ns = ns.saturating_mul(2);
    match distribution {
        Distribution::Uniform { width_ns } => twice(width_ns),
        Distribution::Exponential { mean_ns } => twice(mean_ns),
        Distribution::Normal { mean_ns, std_ns } => {
            twice(mean_ns);
            twice(std_ns);
        }
        Distribution::LogNormal { median_ns, .. } => twice(median_ns),
        Distribution::Pareto { scale_ns, .. }
        | Distribution::Gamma { scale_ns, .. }
        | Distribution::Weibull { scale_ns, .. } => twice(scale_ns),
        Distribution::Empirical { samples_ns } => samples_ns.iter_mut().for_each(twice),
    }
}

/// The cell with half of every capacity.
///
/// # Errors
/// If none is limited.
pub(super) fn halved_capacity(cell: &PreparedCell) -> Result<PreparedCell, String> {
    if !cell.cell.network.has_capacities() {
        return Err("no capacity is limited".to_owned());
    }
    let half = |bps: u64| (bps / 2).max(1);
    let mut changed = with_links(cell, |link| link.capacity_bps = link.capacity_bps.map(half));
    with_network(&mut changed, |network| {
        for limit in network.uplink_bps.iter_mut().chain(&mut network.downlink_bps) {
            *limit = limit.map(half);
        }
    });
    Ok(changed)
}

/// The cell with this capacity at every node, up and down.
pub(super) fn with_capacity(cell: &PreparedCell, bps: u64) -> PreparedCell {
    let mut changed = cell.clone();
    let nodes = cell.cell.network.nodes();
    with_network(&mut changed, |network| {
        network.uplink_bps = vec![Some(bps); nodes];
        network.downlink_bps = vec![Some(bps); nodes];
    });
    changed
}

/// The cell with a party whose machine is [`SLOWER`] times slower than it was.
///
/// # Errors
/// If compute is free.
pub(super) fn slower(cell: &PreparedCell, party: PartyId) -> Result<PreparedCell, String> {
    if cell.cell.compute == ComputeChoice::None {
        return Err("compute has no price here".to_owned());
    }
    let mut changed = cell.clone();
    let slowdown: &mut BTreeMap<PartyId, u32> = &mut changed.cell.slowdown_permille;
    let permille = slowdown.entry(party).or_insert(AS_FAST);
    *permille = permille.saturating_mul(SLOWER);
    changed.fingerprint = fingerprint(&changed.cell);
    Ok(changed)
}

/// The cell with so many cores for what is marked parallel; `None` without a profile.
pub(super) fn with_cores(cell: &PreparedCell, cores: u32) -> Option<PreparedCell> {
    let mut changed = cell.clone();
    let ComputeChoice::Profile(profile) = &mut changed.cell.compute else { return None };
    profile.cores = cores;
    changed.fingerprint = fingerprint(&changed.cell);
    Some(changed)
}

fn with_links(cell: &PreparedCell, change: impl Fn(&mut Link)) -> PreparedCell {
    let mut changed = cell.clone();
    with_network(&mut changed, |network| {
        let links = &network.links;
        network.links = LinkTable::from_fn(links.nodes(), |from, to| {
            let mut link = links.get(from, to).clone();
            change(&mut link);
            link
        });
    });
    changed
}

fn with_network(cell: &mut PreparedCell, change: impl FnOnce(&mut Network)) {
    let mut network = (*cell.cell.network).clone();
    change(&mut network);
    cell.cell.network = Arc::new(network);
    cell.cell.network_name = format!("{}*", cell.cell.network_name.trim_end_matches('*'));
    cell.fingerprint = fingerprint(&cell.cell);
}
