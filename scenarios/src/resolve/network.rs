//! A network's form to what it says about each pair and node.

use std::collections::BTreeMap;

use mpclab_sim::network::{Delay, Distribution, Framing, Link, LinkTable, Network};
use mpclab_sim::vocabulary::PartyId;
use serde_json::{Value, json};

use super::exactly_one;
use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::wire::network::{
    DistributionWire, FramingWord, NetworkWire, OverrideWire, Placement, RegionsWire,
};
use crate::wire::{Alt, Time};

/// Largest number of regions.
const MAX_REGIONS: usize = 256;

/// A network before it is known how many nodes it has.
#[derive(Clone, Debug)]
pub(crate) struct NetworkSpec {
    pub(crate) name: String,
    latency: Latency,
    jitter: Delay,
    uplink: Option<u64>,
    downlink: Option<u64>,
    link: Option<u64>,
    loss_ppm: u32,
    framing: Framing,
    overrides: Vec<Override>,
}

#[derive(Clone, Debug)]
enum Latency {
    Same(Delay),
    Regions { names: Vec<String>, one_way_ns: Vec<Vec<u64>>, placement: Option<Vec<usize>> },
}

#[derive(Clone, Debug)]
enum Override {
    Pair { from: usize, to: usize, symmetric: bool, change: Change },
    Node { party: usize, uplink: Option<Option<u64>>, downlink: Option<Option<u64>> },
}

/// What is different for a pair; an inner `None` of `link` is unlimited.
#[derive(Clone, Debug)]
struct Change {
    latency: Option<Delay>,
    jitter: Option<Delay>,
    link: Option<Option<u64>>,
    loss_ppm: Option<u32>,
}

const NO_DELAY: Delay = Delay { floor_ns: 0, random: Vec::new() };

/// Gives a network its meaning; `nodes` is the largest number of nodes of any protocol.
pub(crate) fn resolve(
    wire: &NetworkWire,
    at: &KeyPath,
    nodes: usize,
) -> Result<NetworkSpec, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let latency = latency_of(wire, at, nodes).map_err(|m| mistakes.extend(m)).ok();
    let jitter = match &wire.jitter {
        Some(jitter) => delay(jitter, &at.key("jitter"), 1).map_err(|m| mistakes.push(m)).ok(),
        None => Some(NO_DELAY),
    };
    let framing = framing_of(wire, at).map_err(|m| mistakes.push(m)).ok();
    let mut overrides = Vec::new();
    for (index, wire) in wire.overrides.iter().flatten().enumerate() {
        let at = at.key("overrides").index(index);
        match override_of(wire, &at, nodes) {
            Ok(found) => overrides.push(found),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    match (latency, jitter, framing) {
        (Some(latency), Some(jitter), Some(framing)) if mistakes.is_empty() => Ok(NetworkSpec {
            name: wire.name.clone().unwrap_or_else(|| "custom".to_owned()),
            latency,
            jitter,
            uplink: wire.uplink.and_then(|capacity| capacity.0),
            downlink: wire.downlink.and_then(|capacity| capacity.0),
            link: wire.link.and_then(|capacity| capacity.0),
            loss_ppm: wire.loss.map_or(0, |loss| loss.0),
            framing,
            overrides,
        }),
        _ => Err(mistakes),
    }
}

fn framing_of(wire: &NetworkWire, at: &KeyPath) -> Result<Framing, Mistake> {
    match &wire.framing {
        None | Some(Alt::Short(FramingWord::None)) => Ok(Framing::None),
        Some(Alt::Short(FramingWord::Tcp)) => Ok(Framing::Segments { mss: 1448, header: 52 }),
        Some(Alt::Long(segments)) if segments.mss == 0 => {
            let at = at.key("framing").key("mss");
            Err(Mistake::new(&at, "a segment holds at least 1 byte", "this is 0"))
        }
        Some(Alt::Long(segments)) => {
            Ok(Framing::Segments { mss: segments.mss, header: segments.header })
        }
    }
}

fn latency_of(wire: &NetworkWire, at: &KeyPath, nodes: usize) -> Result<Latency, Vec<Mistake>> {
    if let Some(regions) = &wire.regions {
        for (key, given) in [("latency", wire.latency.is_some()), ("rtt", wire.rtt.is_some())] {
            if given {
                let message = format!("`{key}` and `regions` exclude each other");
                let label = "the regions say how long each pair needs";
                let mistake = Mistake::new(&at.key(key), message, label).on_key();
                return Err(vec![mistake.help("single pairs are changed under `overrides`")]);
            }
        }
        return regions_of(regions, wire.placement.as_ref(), at, nodes);
    }
    if wire.placement.is_some() {
        let message = "`placement` needs `regions`";
        return Err(vec![Mistake::new(&at.key("placement"), message, "no regions here").on_key()]);
    }
    let found = one_way(wire.latency.as_ref(), wire.rtt.as_ref(), at).map_err(|m| vec![m])?;
    Ok(Latency::Same(found.unwrap_or(NO_DELAY)))
}

/// The one-way latency that `latency` or `rtt` gives, if one does.
fn one_way(
    latency: Option<&Alt<Time, DistributionWire>>,
    rtt: Option<&Alt<Time, DistributionWire>>,
    at: &KeyPath,
) -> Result<Option<Delay>, Mistake> {
    let (given, key, halves) = match (latency, rtt) {
        (None, None) => return Ok(None),
        (Some(latency), None) => (latency, "latency", 1),
        (None, Some(rtt)) => (rtt, "rtt", 2),
        (Some(_), Some(_)) => {
            let message = "`latency` and `rtt` exclude each other";
            let label = "`latency` is given, too";
            let help = "`latency` is one-way; `rtt` is there and back, and halved";
            return Err(Mistake::new(&at.key("rtt"), message, label).on_key().help(help));
        }
    };
    match given {
        Alt::Short(Time(ns)) => Ok(Some(Delay { floor_ns: ns / halves, random: Vec::new() })),
        Alt::Long(wire) => delay(wire, &at.key(key), halves).map(Some),
    }
}

/// A distribution, all its durations divided by `halves`.
fn delay(wire: &DistributionWire, at: &KeyPath, halves: u64) -> Result<Delay, Mistake> {
    let kinds = [
        ("uniform", wire.uniform.is_some()),
        ("exponential", wire.exponential.is_some()),
        ("normal", wire.normal.is_some()),
        ("lognormal", wire.lognormal.is_some()),
        ("pareto", wire.pareto.is_some()),
        ("gamma", wire.gamma.is_some()),
        ("weibull", wire.weibull.is_some()),
        ("empirical", wire.empirical.is_some()),
    ];
    exactly_one(at, &kinds)?;
    let ns = |time: Time| time.0 / halves;
    let mut floor_ns = wire.floor.map_or(0, ns);
    let shape = |kind: &str, shape: f64| match (0.01..=1000.0).contains(&shape) {
        true => Ok(shape),
        false => {
            let message = "`shape` must be 0.01 to 1000";
            Err(Mistake::new(&at.key(kind).key("shape"), message, "out of range"))
        }
    };
    let random = if let Some(uniform) = &wire.uniform {
        let (min, max) = match uniform {
            Alt::Short(max) => (0, ns(*max)),
            Alt::Long(range) => (ns(range.min), ns(range.max)),
        };
        let Some(width_ns) = max.checked_sub(min) else {
            let at = at.key("uniform").key("max");
            return Err(Mistake::new(&at, "`max` must not be below `min`", "too small"));
        };
        floor_ns = floor_ns.saturating_add(min);
        Distribution::Uniform { width_ns }
    } else if let Some(wire) = &wire.exponential {
        Distribution::Exponential { mean_ns: ns(wire.mean) }
    } else if let Some(wire) = &wire.normal {
        Distribution::Normal { mean_ns: ns(wire.mean), std_ns: ns(wire.std) }
    } else if let Some(wire) = &wire.lognormal {
        if !(0.0..=10.0).contains(&wire.sigma) {
            let at = at.key("lognormal").key("sigma");
            return Err(Mistake::new(&at, "`sigma` must be 0 to 10", "out of range"));
        }
        Distribution::LogNormal { median_ns: ns(wire.median), sigma: wire.sigma }
    } else if let Some(wire) = &wire.pareto {
        Distribution::Pareto { scale_ns: ns(wire.scale), shape: shape("pareto", wire.shape)? }
    } else if let Some(wire) = &wire.gamma {
        Distribution::Gamma { scale_ns: ns(wire.scale), shape: shape("gamma", wire.shape)? }
    } else if let Some(wire) = &wire.weibull {
        Distribution::Weibull { scale_ns: ns(wire.scale), shape: shape("weibull", wire.shape)? }
    } else {
        let samples = wire.empirical.iter().flatten().map(|sample| sample.0 / halves);
        let samples: Vec<u64> = samples.collect();
        let Some(least) = samples.iter().min().copied() else {
            let at = at.key("empirical");
            return Err(Mistake::new(&at, "`empirical` needs at least one sample", "empty"));
        };
        floor_ns = floor_ns.saturating_add(least);
        Distribution::Empirical { samples_ns: samples.iter().map(|ns| ns - least).collect() }
    };
    Ok(Delay { floor_ns, random: vec![random] })
}

fn regions_of(
    wire: &RegionsWire,
    placement: Option<&Placement>,
    at: &KeyPath,
    nodes: usize,
) -> Result<Latency, Vec<Mistake>> {
    let (names, count) = (&wire.names, wire.names.len());
    let here = at.key("regions");
    let mut mistakes = Vec::new();
    if !(1..=MAX_REGIONS).contains(&count) {
        let message = format!("there must be 1 to {MAX_REGIONS} regions");
        return Err(vec![Mistake::new(&here.key("names"), message, format!("regions: {count}"))]);
    }
    for (index, name) in names.iter().enumerate() {
        if names[..index].contains(name) {
            let at = here.key("names").index(index);
            mistakes.push(Mistake::new(&at, "regions need distinct names", "named before"));
        }
    }
    if wire.rtt.len() != count {
        let message = "`rtt` needs a row for each region";
        let label = format!("rows: {}, regions: {count}", wire.rtt.len());
        mistakes.push(Mistake::new(&here.key("rtt"), message, label));
    }
    for (index, row) in wire.rtt.iter().enumerate().filter(|(_, row)| row.len() != count) {
        let message = "each row of `rtt` needs an entry for each region";
        let label = format!("entries: {}, regions: {count}", row.len());
        mistakes.push(Mistake::new(&here.key("rtt").index(index), message, label));
    }
    let placement = match placement {
        None | Some(Placement::RoundRobin) => None,
        Some(Placement::Regions(list)) => {
            let at = at.key("placement");
            if list.len() < nodes {
                let message = "`placement` needs a region for each node";
                let label = format!("entries: {}, nodes: {nodes}", list.len());
                mistakes.push(Mistake::new(&at, message, label));
            }
            let mut indices = Vec::new();
            for (index, wanted) in list.iter().enumerate() {
                match names.iter().position(|name| name == wanted) {
                    Some(region) => indices.push(region),
                    None => {
                        let message = format!("unknown region `{wanted}`");
                        let mistake = Mistake::new(&at.index(index), message, "unknown");
                        mistakes.push(mistake.known(wanted, "regions", names));
                    }
                }
            }
            Some(indices)
        }
    };
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let halved = |row: &Vec<crate::wire::Milliseconds>| row.iter().map(|rtt| rtt.0 / 2).collect();
    let one_way_ns = wire.rtt.iter().map(halved).collect();
    Ok(Latency::Regions { names: names.clone(), one_way_ns, placement })
}

fn override_of(wire: &OverrideWire, at: &KeyPath, nodes: usize) -> Result<Override, Mistake> {
    let node = |key: &str, party: u64| match usize::try_from(party) {
        Ok(party) if party < nodes => Ok(party),
        _ => {
            let message = format!("there is no node {party}");
            Err(Mistake::new(&at.key(key), message, format!("nodes are 0 to {}", nodes - 1)))
        }
    };
    let of_pair = [
        ("latency", wire.latency.is_some()),
        ("rtt", wire.rtt.is_some()),
        ("jitter", wire.jitter.is_some()),
        ("link", wire.link.is_some()),
        ("loss", wire.loss.is_some()),
    ];
    let of_node = [("uplink", wire.uplink.is_some()), ("downlink", wire.downlink.is_some())];
    let refuse = |keys: &[(&'static str, bool)], why: &str| {
        keys.iter().find(|(_, given)| *given).map_or(Ok(()), |(key, _)| {
            let message = format!("`{key}` does not fit here");
            Err(Mistake::new(&at.key(*key), message, why).on_key())
        })
    };
    match (wire.from, wire.to, wire.party) {
        (Some(from), Some(to), None) => {
            refuse(&of_node, "a capacity of a node, but this is about a pair; see `party`")?;
            let (from, to) = (node("from", from)?, node("to", to)?);
            if from == to {
                let message = "`from` and `to` must differ";
                return Err(Mistake::new(&at.key("to"), message, "nobody sends to itself"));
            }
            let jitter = wire.jitter.as_ref().map(|jitter| delay(jitter, &at.key("jitter"), 1));
            let change = Change {
                latency: one_way(wire.latency.as_ref(), wire.rtt.as_ref(), at)?,
                jitter: jitter.transpose()?,
                link: wire.link.map(|capacity| capacity.0),
                loss_ppm: wire.loss.map(|loss| loss.0),
            };
            Ok(Override::Pair { from, to, symmetric: wire.symmetric.unwrap_or(false), change })
        }
        (None, None, Some(party)) => {
            refuse(&of_pair, "of a pair, but this is about a node; see `from` and `to`")?;
            refuse(&[("symmetric", wire.symmetric.is_some())], "a node has no direction")?;
            let party = node("party", party)?;
            let uplink = wire.uplink.map(|capacity| capacity.0);
            Ok(Override::Node { party, uplink, downlink: wire.downlink.map(|c| c.0) })
        }
        _ => {
            let message = "an override is about a pair or about a node";
            let label = "needs `from` and `to`, or else `party`";
            Err(Mistake::new(at, message, label))
        }
    }
}

impl NetworkSpec {
    /// The network among this many nodes.
    pub(crate) fn build(&self, nodes: usize) -> Network {
        let mut changes: BTreeMap<(usize, usize), Vec<&Change>> = BTreeMap::new();
        for found in &self.overrides {
            if let Override::Pair { from, to, symmetric, change } = found {
                changes.entry((*from, *to)).or_default().push(change);
                if *symmetric {
                    changes.entry((*to, *from)).or_default().push(change);
                }
            }
        }
        let is_uniform = matches!(self.latency, Latency::Same(_)) && changes.is_empty();
        let links = if is_uniform {
            LinkTable::uniform(nodes, self.link(0, 0, &[]))
        } else {
            LinkTable::from_fn(nodes, |from, to| {
                let (from, to) = (from.index(), to.index());
                self.link(from, to, changes.get(&(from, to)).map_or(&[], Vec::as_slice))
            })
        };
        Network {
            links,
            uplink_bps: self.capacities(nodes, self.uplink, |found, node| match found {
                Override::Node { party, uplink, .. } if *party == node => *uplink,
                _ => None,
            }),
            downlink_bps: self.capacities(nodes, self.downlink, |found, node| match found {
                Override::Node { party, downlink, .. } if *party == node => *downlink,
                _ => None,
            }),
            framing: self.framing,
        }
    }

    /// The region of each of this many nodes; none if the network has no regions.
    pub(crate) fn regions(&self, nodes: usize) -> Vec<String> {
        let Latency::Regions { names, placement, .. } = &self.latency else { return Vec::new() };
        let region = |node| names[region_of(node, placement.as_deref(), names.len())].clone();
        (0..nodes).map(region).collect()
    }

    fn capacities(
        &self,
        nodes: usize,
        base: Option<u64>,
        changed: impl Fn(&Override, usize) -> Option<Option<u64>>,
    ) -> Vec<Option<u64>> {
        let last = |node| self.overrides.iter().rev().find_map(|found| changed(found, node));
        let all: Vec<_> = (0..nodes).map(|node| last(node).unwrap_or(base)).collect();
        if all.iter().any(Option::is_some) { all } else { Vec::new() }
    }

    fn link(&self, from: usize, to: usize, changes: &[&Change]) -> Link {
        let mut base = match &self.latency {
            Latency::Same(delay) => delay.clone(),
            Latency::Regions { one_way_ns, placement, .. } => {
                let region = |node| region_of(node, placement.as_deref(), one_way_ns.len());
                let floor_ns = one_way_ns[region(from)][region(to)];
                Delay { floor_ns, random: Vec::new() }
            }
        };
        let mut extra = self.jitter.clone();
        let (mut capacity_bps, mut loss_ppm) = (self.link, self.loss_ppm);
        for change in changes {
            base = change.latency.clone().unwrap_or(base);
            extra = change.jitter.clone().unwrap_or(extra);
            capacity_bps = change.link.unwrap_or(capacity_bps);
            loss_ppm = change.loss_ppm.unwrap_or(loss_ppm);
        }
        let floor_ns = base.floor_ns.saturating_add(extra.floor_ns).max(1);
        let random = [base.random, extra.random].concat();
        Link { latency: Delay { floor_ns, random }, capacity_bps, loss_ppm }
    }
}

fn region_of(node: usize, placement: Option<&[usize]>, regions: usize) -> usize {
    placement.map_or(node % regions, |placement| placement[node])
}

/// Everything about a network that can affect a run, whatever file or unit it came from.
pub(crate) fn identity(network: &Network) -> Value {
    let kinds: Vec<_> = network.links.kinds().iter().map(link_identity).collect();
    // Runs of pairs of the same kind, in row order: short for uniform and regional networks alike.
    let mut runs: Vec<(usize, u64)> = Vec::new();
    let nodes = network.nodes();
    let pairs = if kinds.len() == 1 { 0 } else { nodes };
    for from in PartyId::all(pairs) {
        for to in PartyId::all(pairs) {
            let link = network.links.get(from, to);
            let kind = network.links.kinds().iter().position(|kind| std::ptr::eq(kind, link));
            let kind = kind.unwrap_or(0);
            match runs.last_mut() {
                Some((last, length)) if *last == kind => *length += 1,
                _ => runs.push((kind, 1)),
            }
        }
    }
    let framing = match network.framing {
        Framing::None => Value::Null,
        Framing::Segments { mss, header } => json!({ "mss": mss, "header": header }),
    };
    json!({
        "nodes": nodes,
        "kinds": kinds,
        "pairs": runs,
        "uplink_bps": network.uplink_bps,
        "downlink_bps": network.downlink_bps,
        "framing": framing,
    })
}

fn link_identity(link: &Link) -> Value {
    let random: Vec<_> = link.latency.random.iter().map(distribution_identity).collect();
    json!({
        "floor_ns": link.latency.floor_ns,
        "random": random,
        "capacity_bps": link.capacity_bps,
        "loss_ppm": link.loss_ppm,
    })
}

fn distribution_identity(distribution: &Distribution) -> Value {
    match distribution {
        Distribution::Uniform { width_ns } => json!(["uniform", width_ns]),
        Distribution::Exponential { mean_ns } => json!(["exponential", mean_ns]),
        Distribution::Normal { mean_ns, std_ns } => json!(["normal", mean_ns, std_ns]),
        Distribution::LogNormal { median_ns, sigma } => json!(["lognormal", median_ns, sigma]),
        Distribution::Pareto { scale_ns, shape } => json!(["pareto", scale_ns, shape]),
        Distribution::Gamma { shape, scale_ns } => json!(["gamma", scale_ns, shape]),
        Distribution::Weibull { scale_ns, shape } => json!(["weibull", scale_ns, shape]),
        Distribution::Empirical { samples_ns } => json!(["empirical", samples_ns]),
    }
}
