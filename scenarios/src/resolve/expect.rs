//! What must hold in every run.

use mpclab_sim::vocabulary::{Guarantee, MetricName, Standing};
use serde_json::Value;

use super::exactly_one;
use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::plan::{Bounds, Cell, Expectation, Expected};
use crate::source::Place;
use crate::sweep::shown_as;
use crate::units::{self, Units};
use crate::wire::{Amount, ExpectWire, StandingWord};

/// What expectations may name.
pub(crate) struct Known<'a> {
    /// Labels and names of all protocols.
    pub(crate) protocols: Vec<String>,
    /// Swept key paths with their values.
    pub(crate) sweep: &'a [(String, Vec<Value>)],
}

/// Gives an expectation its meaning.
pub(crate) fn resolve(
    wire: &ExpectWire,
    at: &KeyPath,
    known: &Known<'_>,
    place: Place,
) -> Result<Expectation, Mistake> {
    let guarantees = Guarantee::ALL.map(|guarantee| (guarantee, asked(wire, guarantee)));
    let mut kinds: Vec<_> =
        guarantees.iter().map(|(_, (key, word))| (*key, word.is_some())).collect();
    kinds.push(("metric", wire.metric.is_some()));
    exactly_one(at, &kinds)?;
    let expected = match &wire.metric {
        Some(metric) => bounds(wire, metric, at)?,
        None => {
            let given =
                guarantees.iter().find_map(|(guarantee, (_, word))| Some((*guarantee, (*word)?)));
            let (guarantee, word) = given.unwrap_or((Guarantee::Correctness, StandingWord::Held));
            for (key, amount) in [("max", &wire.max), ("min", &wire.min), ("equals", &wire.equals)]
            {
                if amount.is_some() {
                    let message = format!("`{key}` needs `metric`");
                    let label = "bounds are for metrics";
                    return Err(Mistake::new(&at.key(key), message, label).on_key());
                }
            }
            Expected::Verdict { guarantee, standing: standing(word) }
        }
    };
    if let Some(protocol) = &wire.protocol
        && !known.protocols.contains(protocol)
    {
        let at = at.key("protocol");
        return Err(Mistake::new(&at, format!("no protocol `{protocol}` in this file"), "unknown")
            .known(protocol, "protocols", &known.protocols));
    }
    let mut when = Vec::new();
    for (key, value) in wire.when.iter().flatten() {
        let at = at.key("when").key(key);
        let Some((_, values)) = known.sweep.iter().find(|(swept, _)| swept == key) else {
            let keys: Vec<_> = known.sweep.iter().map(|(key, _)| key).collect();
            return Err(Mistake::new(&at, format!("`{key}` is not swept"), "no key of `sweep`")
                .on_key()
                .known(key, "swept keys", &keys));
        };
        let value = shown_as(key, value.clone());
        if !values.contains(&value) {
            let values: Vec<_> = values.iter().map(ToString::to_string).collect();
            let message = format!("`{key}` never takes this value");
            return Err(Mistake::new(&at, message, format!("it takes {}", values.join(", "))));
        }
        when.push((key.clone(), value));
    }
    Ok(Expectation { expected, protocol: wire.protocol.clone(), when, place })
}

/// The key of a guarantee, and what is said there.
fn asked(wire: &ExpectWire, guarantee: Guarantee) -> (&'static str, Option<StandingWord>) {
    match guarantee {
        Guarantee::Correctness => ("correctness", wire.correctness),
        Guarantee::Agreement => ("agreement", wire.agreement),
        Guarantee::AbortKind => ("abort_kind", wire.abort_kind),
        Guarantee::Identification => ("identification", wire.identification),
        Guarantee::Fairness => ("fairness", wire.fairness),
        Guarantee::Delivery => ("delivery", wire.delivery),
        Guarantee::InputIndependence => ("input_independence", wire.input_independence),
        Guarantee::Privacy => ("privacy", wire.privacy),
        Guarantee::Soundness => ("soundness", wire.soundness),
        Guarantee::Invariants => ("invariants", wire.invariants),
        Guarantee::DeclaredCost => ("declared_cost", wire.declared_cost),
    }
}

fn standing(word: StandingWord) -> Standing {
    match word {
        StandingWord::Held => Standing::Held,
        StandingWord::Violated => Standing::Violated,
        StandingWord::OutOfClaim => Standing::OutOfClaim,
        StandingWord::Inconclusive => Standing::Inconclusive,
    }
}

fn bounds(wire: &ExpectWire, name: &str, at: &KeyPath) -> Result<Expected, Mistake> {
    let metric: MetricName = name.parse().map_err(|why: String| {
        Mistake::new(&at.key("metric"), format!("unknown metric `{name}`"), why)
    })?;
    let kind = match metric.metric().map(|metric| metric.unit) {
        Some("B") => &units::BYTES,
        Some("ns") => &units::TIME,
        Some("nUSD") => &units::MONEY,
        _ => &units::COUNT,
    };
    let amount = |key: &str, given: &Option<Amount>| {
        given.as_ref().map(|amount| amount_of(amount, kind, &at.key(key), name)).transpose()
    };
    let equals = amount("equals", &wire.equals)?;
    let (min, max) = (amount("min", &wire.min)?, amount("max", &wire.max)?);
    match (equals, min, max) {
        (None, None, None) => {
            let message = "an expected metric needs a bound";
            let label = "needs one of max, min, equals";
            Err(Mistake::new(&at.key("metric"), message, label))
        }
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            let message = "`equals` excludes `min` and `max`";
            Err(Mistake::new(&at.key("equals"), message, "one bound too many").on_key())
        }
        (None, Some(min), Some(max)) if min > max => {
            let message = "no value is at least `min` and at most `max`";
            Err(Mistake::new(&at.key("max"), message, "below `min`"))
        }
        _ => {
            let bounds = Bounds { min: equals.or(min), max: equals.or(max) };
            Ok(Expected::Metric { metric, bounds })
        }
    }
}

fn amount_of(amount: &Amount, kind: &Units, at: &KeyPath, metric: &str) -> Result<u64, Mistake> {
    units::parse(&amount.0, kind).map_err(|why| {
        let message = format!("`{metric}` needs {}", kind.expected);
        Mistake::new(at, message, format!("`{}`: {why}", amount.0))
    })
}

impl Expectation {
    /// Whether it is about a cell.
    #[must_use]
    pub fn concerns(&self, cell: &Cell) -> bool {
        let is_protocol =
            |wanted: &String| *wanted == cell.protocol.label || *wanted == cell.protocol.name;
        self.protocol.as_ref().is_none_or(is_protocol)
            && self.when.iter().all(|wanted| cell.sweep.contains(wanted))
    }
}
