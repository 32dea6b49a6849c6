//! A network as the kernel sees it: every ordered pair has a link, every node two capacities.

use super::server::serialise_ns;
use crate::vocabulary::PartyId;

/// A resolved network among the nodes of a run (ideal functionalities excluded).
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Links between ordered pairs.
    pub links: LinkTable,
    /// Uplink capacity by node, bits per second; `None` is unlimited. Empty: all unlimited.
    pub uplink_bps: Vec<Option<u64>>,
    /// Downlink capacity by node, bits per second; `None` is unlimited. Empty: all unlimited.
    pub downlink_bps: Vec<Option<u64>>,
    /// Bytes that the transport adds.
    pub framing: Framing,
}

/// One direction of a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// One-way latency.
    pub latency: Delay,
    /// Capacity, bits per second; `None` is unlimited.
    pub capacity_bps: Option<u64>,
    /// Probability that a message never arrives, parts per million.
    pub loss_ppm: u32,
}

/// One-way latency: a floor plus non-negative random parts.
///
/// The floor is at least 1 ns; it is what lets a message never arrive in the instant it was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Delay {
    /// Fixed part, nanoseconds, at least 1.
    pub floor_ns: u64,
    /// Random parts, added up: the latency's own spread, and jitter.
    pub random: Vec<Distribution>,
}

/// A non-negative random number of nanoseconds.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Between 0 and `width_ns`, uniformly.
    Uniform {
        /// Upper end, nanoseconds.
        width_ns: u64,
    },
    /// Exponential.
    Exponential {
        /// Mean, nanoseconds.
        mean_ns: u64,
    },
    /// Normal; negative draws count as 0.
    Normal {
        /// Mean, nanoseconds.
        mean_ns: u64,
        /// Standard deviation, nanoseconds.
        std_ns: u64,
    },
    /// Log-normal.
    LogNormal {
        /// Median, nanoseconds.
        median_ns: u64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Pareto, shifted to start at 0.
    Pareto {
        /// Scale, nanoseconds.
        scale_ns: u64,
        /// Tail index; the mean is infinite at 1 and below.
        shape: f64,
    },
    /// Gamma.
    Gamma {
        /// Shape.
        shape: f64,
        /// Scale, nanoseconds.
        scale_ns: u64,
    },
    /// Weibull.
    Weibull {
        /// Scale, nanoseconds.
        scale_ns: u64,
        /// Shape.
        shape: f64,
    },
    /// One of these, each equally likely.
    Empirical {
        /// Samples, nanoseconds.
        samples_ns: Vec<u64>,
    },
}

/// Why a network cannot be simulated.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BadNetwork {
    /// A parameter of a distribution that has to be a positive number is not.
    #[error("{distribution}: {parameter} is {value}, but has to be a positive number")]
    Parameter {
        /// Name of the distribution.
        distribution: &'static str,
        /// Name of the parameter.
        parameter: &'static str,
        /// What it is.
        value: f64,
    },
    /// An empirical distribution without samples.
    #[error("empirical: no samples")]
    NoSamples,
    /// A message would arrive in the instant in which it was sent.
    #[error("the least latency of a link is 0 ns, but has to be at least 1 ns")]
    NoLatency,
    /// A capacity of nothing.
    #[error("the {what} is 0 bit/s, but has to be positive; unlimited is to leave it out")]
    NoCapacity {
        /// Which capacity.
        what: &'static str,
    },
    /// A list of node capacities that is neither empty nor as long as there are nodes.
    #[error("{given} {what} capacities for {nodes} nodes")]
    CapacityCount {
        /// Which capacities.
        what: &'static str,
        /// Length of the list.
        given: usize,
        /// Number of nodes.
        nodes: usize,
    },
    /// More than every message is lost.
    #[error("a loss of {0} ppm is more than 1000000 ppm")]
    Loss(u32),
    /// Segments that hold no payload.
    #[error("the largest segment is 0 bytes, but has to be at least 1 byte")]
    NoSegment,
}

impl Distribution {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`BadNetwork::Parameter`] or [`BadNetwork::NoSamples`].
    pub fn validate(&self) -> Result<(), BadNetwork> {
        let positive = |distribution, parameter, value: f64| {
            if value > 0.0 && value.is_finite() {
                Ok(())
            } else {
                Err(BadNetwork::Parameter { distribution, parameter, value })
            }
        };
        match self {
            // Without spread it is a constant, which a sweep over sigma may start from.
            Distribution::LogNormal { sigma: 0.0, .. } => Ok(()),
            Distribution::LogNormal { sigma, .. } => positive("log-normal", "sigma", *sigma),
            Distribution::Pareto { shape, .. } => positive("pareto", "shape", *shape),
            Distribution::Gamma { shape, .. } => positive("gamma", "shape", *shape),
            Distribution::Weibull { shape, .. } => positive("weibull", "shape", *shape),
            Distribution::Empirical { samples_ns } if samples_ns.is_empty() => {
                Err(BadNetwork::NoSamples)
            }
            Distribution::Uniform { .. }
            | Distribution::Exponential { .. }
            | Distribution::Normal { .. }
            | Distribution::Empirical { .. } => Ok(()),
        }
    }
}

/// Bytes that the transport adds to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// None: only the frame header counts.
    None,
    /// A header on each segment of at most this much payload.
    Segments {
        /// Largest payload of a segment, bytes.
        mss: u32,
        /// Header of a segment, bytes.
        header: u32,
    },
}

impl Framing {
    /// Bytes on the wire for a frame (header and payload) of this many bytes.
    #[must_use]
    pub fn wire_bytes(self, frame: u64) -> u64 {
        match self {
            Framing::None => frame,
            Framing::Segments { mss, header } => {
                frame + frame.div_ceil(u64::from(mss)).max(1) * u64::from(header)
            }
        }
    }
}

/// How far back [`LinkTable::from_fn`] looks for an equal link: enough for a region matrix, and no
/// quadratic search where every pair differs.
const RECENT_KINDS: usize = 128;

/// The link of every ordered pair, without a table where all are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkTable {
    kinds: Vec<Link>,
    /// Kind of pair `(from, to)` at `from * nodes + to`; empty if all pairs are of kind 0.
    kind_of: Vec<u32>,
    nodes: usize,
}

impl LinkTable {
    /// The same link everywhere.
    #[must_use]
    pub fn uniform(nodes: usize, link: Link) -> Self {
        LinkTable { kinds: vec![link], kind_of: Vec::new(), nodes }
    }

    /// A link for each ordered pair; recently seen links are stored once.
    pub fn from_fn(nodes: usize, mut link: impl FnMut(PartyId, PartyId) -> Link) -> Self {
        let mut table = LinkTable { kinds: Vec::new(), kind_of: Vec::new(), nodes };
        for from in PartyId::all(nodes) {
            for to in PartyId::all(nodes) {
                let wanted = link(from, to);
                let recent = table.kinds.len().saturating_sub(RECENT_KINDS);
                let known = table.kinds[recent..].iter().position(|kind| *kind == wanted);
                let kind = known.map_or(table.kinds.len(), |at| recent + at);
                if known.is_none() {
                    table.kinds.push(wanted);
                }
                table.kind_of.push(kind as u32);
            }
        }
        table
    }

    /// Number of nodes.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.nodes
    }

    /// Distinct links.
    #[must_use]
    pub fn kinds(&self) -> &[Link] {
        &self.kinds
    }

    /// The link from one node to another.
    #[must_use]
    pub fn get(&self, from: PartyId, to: PartyId) -> &Link {
        &self.kinds[self.kind(from, to)]
    }

    /// Which of [`LinkTable::kinds`] the link from one node to another is.
    #[must_use]
    pub fn kind(&self, from: PartyId, to: PartyId) -> usize {
        let pair = from.index() * self.nodes + to.index();
        self.kind_of.get(pair).map_or(0, |kind| *kind as usize)
    }
}

impl Network {
    /// Links of constant latency, without limits, losses or framing.
    #[must_use]
    pub fn constant(nodes: usize, latency_ns: u64) -> Self {
        let latency = Delay { floor_ns: latency_ns.max(1), random: Vec::new() };
        let link = Link { latency, capacity_bps: None, loss_ppm: 0 };
        Network {
            links: LinkTable::uniform(nodes, link),
            uplink_bps: Vec::new(),
            downlink_bps: Vec::new(),
            framing: Framing::None,
        }
    }

    /// Number of nodes.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.links.nodes()
    }

    /// Whether any capacity is limited anywhere.
    #[must_use]
    pub fn has_capacities(&self) -> bool {
        let limited = |limits: &[Option<u64>]| limits.iter().any(Option::is_some);
        limited(&self.uplink_bps)
            || limited(&self.downlink_bps)
            || self.links.kinds().iter().any(|link| link.capacity_bps.is_some())
    }

    /// Checks everything that the simulation relies on.
    ///
    /// # Errors
    /// The first [`BadNetwork`] found.
    pub fn validate(&self) -> Result<(), BadNetwork> {
        let nodes = self.nodes();
        for (what, limits) in [("uplink", &self.uplink_bps), ("downlink", &self.downlink_bps)] {
            if !limits.is_empty() && limits.len() != nodes {
                return Err(BadNetwork::CapacityCount { what, given: limits.len(), nodes });
            }
            if limits.contains(&Some(0)) {
                return Err(BadNetwork::NoCapacity { what });
            }
        }
        for link in self.links.kinds() {
            if link.latency.floor_ns == 0 {
                return Err(BadNetwork::NoLatency);
            }
            if link.capacity_bps == Some(0) {
                return Err(BadNetwork::NoCapacity { what: "link" });
            }
            if link.loss_ppm > 1_000_000 {
                return Err(BadNetwork::Loss(link.loss_ppm));
            }
            link.latency.random.iter().try_for_each(Distribution::validate)?;
        }
        match self.framing {
            Framing::Segments { mss: 0, .. } => Err(BadNetwork::NoSegment),
            _ => Ok(()),
        }
    }

    /// How long bytes take to pass the narrowest capacity between two nodes with nothing else on
    /// the way, nanoseconds; 0 if nothing limits them or a node is not on the network.
    #[must_use]
    pub fn least_serialisation_ns(&self, from: PartyId, to: PartyId, bytes: u64) -> u64 {
        let nodes = self.nodes();
        if from.index() >= nodes || to.index() >= nodes {
            return 0;
        }
        let limit = |limits: &[Option<u64>], node: PartyId| limits.get(node.index()).copied();
        let limits = [
            limit(&self.uplink_bps, from).flatten(),
            self.links.get(from, to).capacity_bps,
            limit(&self.downlink_bps, to).flatten(),
        ];
        limits.into_iter().flatten().min().map_or(0, |bps| serialise_ns(bytes, bps))
    }

    /// The smallest latency of any link between distinct nodes.
    #[must_use]
    pub fn min_latency_ns(&self) -> u64 {
        let floor_ns = |kind: usize| self.links.kinds().get(kind).map(|l| l.latency.floor_ns);
        if self.links.kind_of.is_empty() {
            return floor_ns(0).unwrap_or(1);
        }
        let nodes = self.nodes();
        let mut is_used = vec![false; self.links.kinds().len()];
        for (pair, kind) in self.links.kind_of.iter().enumerate() {
            is_used[*kind as usize] |= pair / nodes != pair % nodes;
        }
        let used = (0..is_used.len()).filter(|kind| is_used[*kind]);
        used.filter_map(floor_ns).min().unwrap_or(1)
    }

    /// What happens at one node has no effect on another earlier than this much later,
    /// nanoseconds, at least 1: not its messages, not what it tells senders about its downlink, not
    /// what an ideal functionality answers. So nodes need not hear of each other within a window of
    /// this length. The coalition of an adversary counts as one node, and faults are known from the
    /// start.
    #[must_use]
    pub fn lookahead_ns(&self) -> u64 {
        self.min_latency_ns().max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_simulated_is_refused() {
        assert_eq!(Network::constant(3, 10).validate(), Ok(()));
        let refused = |change: &dyn Fn(&mut Network, &mut Link)| {
            let mut network = Network::constant(3, 10);
            let mut link = network.links.kinds()[0].clone();
            change(&mut network, &mut link);
            network.links = LinkTable::uniform(3, link);
            network.validate().expect_err("refused").to_string()
        };
        let seen = [
            refused(&|network, _| network.uplink_bps = vec![Some(1)]),
            refused(&|network, _| network.downlink_bps = vec![Some(1), None, Some(0)]),
            refused(&|network, _| network.framing = Framing::Segments { mss: 0, header: 40 }),
            refused(&|_, link| link.capacity_bps = Some(0)),
            refused(&|_, link| link.latency.floor_ns = 0),
            refused(&|_, link| link.loss_ppm = 1_000_001),
            refused(&|_, link| {
                link.latency.random = vec![Distribution::Empirical { samples_ns: Vec::new() }];
            }),
            refused(&|_, link| {
                link.latency.random = vec![Distribution::Pareto { scale_ns: 1, shape: -1.0 }];
            }),
        ];
        let expected = [
            "1 uplink capacities for 3 nodes",
            "the downlink is 0 bit/s, but has to be positive; unlimited is to leave it out",
            "the largest segment is 0 bytes, but has to be at least 1 byte",
            "the link is 0 bit/s, but has to be positive; unlimited is to leave it out",
            "the least latency of a link is 0 ns, but has to be at least 1 ns",
            "a loss of 1000001 ppm is more than 1000000 ppm",
            "empirical: no samples",
            "pareto: shape is -1, but has to be a positive number",
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn each_segment_has_a_header_and_so_has_an_empty_frame() {
        let framing = Framing::Segments { mss: 1448, header: 52 };
        let wire = [0, 1, 1448, 1449, 14_480].map(|frame| framing.wire_bytes(frame));
        assert_eq!(wire, [52, 53, 1500, 1553, 15_000]);
        assert_eq!(Framing::None.wire_bytes(7), 7);
    }

    #[test]
    fn equal_links_are_stored_once() {
        let link = |latency_ns: u64| Network::constant(1, latency_ns).links.kinds()[0].clone();
        let table = LinkTable::from_fn(4, |from, to| link(10 + u64::from(from.0 > to.0)));
        assert_eq!(table.kinds().len(), 2);
        assert_eq!(table.get(PartyId(3), PartyId(1)).latency.floor_ns, 11);
        assert_eq!(table.get(PartyId(1), PartyId(3)).latency.floor_ns, 10);
    }

    #[test]
    fn what_a_node_would_need_to_itself_is_no_latency() {
        let link = |latency_ns: u64| Network::constant(1, latency_ns).links.kinds()[0].clone();
        let links = LinkTable::from_fn(3, |from, to| link(if from == to { 1 } else { 30 }));
        let network = Network { links, ..Network::constant(3, 7) };
        assert_eq!((network.min_latency_ns(), network.lookahead_ns()), (30, 30));
        assert_eq!(Network::constant(3, 7).lookahead_ns(), 7);
    }
}
