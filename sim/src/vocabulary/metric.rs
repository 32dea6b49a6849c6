use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Phase;

/// A measured quantity, as the registry describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Name between the phase and the aggregate.
    pub name: &'static str,
    /// Unit of its values.
    pub unit: &'static str,
    /// What it counts.
    pub about: &'static str,
    /// Aggregates that it has; the first is the default.
    pub aggregates: &'static [Aggregate],
}

/// How a quantity is folded over parties or links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// Sum over all parties.
    Sum,
    /// The largest party.
    MaxParty,
    /// The largest ordered pair.
    MaxLink,
    /// Of the run as a whole.
    Run,
}

impl Aggregate {
    /// Name in a metric's key.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Aggregate::Sum => "sum",
            Aggregate::MaxParty => "max_party",
            Aggregate::MaxLink => "max_link",
            Aggregate::Run => "run",
        }
    }
}

/// The registry of metrics.
pub const METRICS: &[Metric] = &[
    Metric {
        name: "bytes",
        unit: "B",
        about: "payload sent, self-delivery excluded",
        aggregates: &[Aggregate::Sum, Aggregate::MaxParty, Aggregate::MaxLink],
    },
    Metric {
        name: "wire_bytes",
        unit: "B",
        about: "payload, frame headers and transport framing sent",
        aggregates: &[Aggregate::Sum, Aggregate::MaxParty, Aggregate::MaxLink],
    },
    Metric {
        name: "messages",
        unit: "messages",
        about: "messages sent",
        aggregates: &[Aggregate::Sum, Aggregate::MaxParty],
    },
    Metric {
        name: "rounds",
        unit: "rounds",
        about: "causal rounds: longest chain of messages, each sent after the one before was read",
        aggregates: &[Aggregate::Run],
    },
    Metric {
        name: "time_ns",
        unit: "ns",
        about: "virtual time; phases add up to the total, each from where the last party leaves the \
            one before, so it can be a hop shorter than its rounds",
        aggregates: &[Aggregate::Run],
    },
    Metric {
        name: "compute_ns",
        unit: "ns",
        about: "compute charged, under the run's profile",
        aggregates: &[Aggregate::Sum, Aggregate::MaxParty],
    },
    Metric {
        name: "ideal_bytes",
        unit: "B",
        about: "payload exchanged with ideal functionalities; not part of bytes",
        aggregates: &[Aggregate::Sum],
    },
    Metric {
        name: "money_nusd",
        unit: "nUSD",
        about: "machines and traffic, under the run's prices; absent where nothing is priced",
        aggregates: &[Aggregate::Sum, Aggregate::MaxParty],
    },
    Metric {
        name: "machine_nusd",
        unit: "nUSD",
        about: "the part of money that machines cost, held by every node from start to end",
        aggregates: &[Aggregate::Sum, Aggregate::MaxParty],
    },
    Metric {
        name: "egress_nusd",
        unit: "nUSD",
        about: "the part of money that traffic costs, framing included",
        aggregates: &[Aggregate::Sum, Aggregate::MaxParty],
    },
];

/// A metric's key: `<phase|total>.<name>[.<aggregate>]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MetricName {
    /// The phase, or the whole run.
    pub phase: Option<Phase>,
    /// Name in [`METRICS`].
    pub name: &'static str,
    /// How it is folded.
    pub aggregate: Aggregate,
}

impl MetricName {
    /// The registry entry.
    #[must_use]
    pub fn metric(&self) -> Option<&'static Metric> {
        METRICS.iter().find(|metric| metric.name == self.name)
    }
}

impl fmt::Display for MetricName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = self.phase.map_or("total", Phase::name);
        write!(f, "{phase}.{}", self.name)?;
        let default = self.metric().map(|metric| metric.aggregates[0]);
        if default == Some(self.aggregate) {
            Ok(())
        } else {
            write!(f, ".{}", self.aggregate.name())
        }
    }
}

impl FromStr for MetricName {
    type Err = String;

    /// # Errors
    /// A sentence that says which part of the key is unknown and what is allowed there.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split('.');
        let (phase, name) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let phase =
            match phase {
                "total" => None,
                _ => Some(Phase::ALL.into_iter().find(|p| p.name() == phase).ok_or_else(|| {
                    format!("`{phase}` is none of total, setup, offline, online")
                })?),
            };
        let metric = METRICS.iter().find(|metric| metric.name == name).ok_or_else(|| {
            let names: Vec<_> = METRICS.iter().map(|metric| metric.name).collect();
            format!("`{name}` is no metric; there are {}", names.join(", "))
        })?;
        let aggregate = match parts.next() {
            None => metric.aggregates[0],
            Some(wanted) => {
                *metric.aggregates.iter().find(|a| a.name() == wanted).ok_or_else(|| {
                    let names: Vec<_> = metric.aggregates.iter().map(|a| a.name()).collect();
                    format!("`{wanted}` is no aggregate of {name}; it has {}", names.join(", "))
                })?
            }
        };
        if parts.next().is_some() {
            return Err("a metric is <phase|total>.<name>[.<aggregate>]".to_owned());
        }
        Ok(MetricName { phase, name: metric.name, aggregate })
    }
}
