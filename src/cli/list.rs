use mpclab_protocols::attack::Attack;
use mpclab_protocols::circuit::STANDARD;
use mpclab_reports::export::{Format, Listing};
use mpclab_scenarios::{NETWORKS, PRICES, PROFILES};
use mpclab_sim::vocabulary::{Claims, METRICS, NamedRole, Quorum, Setup, Threshold};
use serde_json::Value;

use super::{Exit, ListArgs, talk};
use crate::calibrate::ops;
use crate::registry::Registry;

/// What can be listed.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(super) enum What {
    /// Protocols with their claims and sources
    Protocols,
    /// Known attacks on the protocols
    Attacks,
    /// Functions
    Functions,
    /// Standard circuits that `circuit` writes
    Circuits,
    /// Network presets
    Networks,
    /// Compute profiles
    Profiles,
    /// Prices of machines and traffic
    Prices,
    /// Metrics with their units
    Metrics,
    /// Primitives that a compute profile prices
    Ops,
}

/// Lists from the registry.
pub(super) fn list(registry: &Registry, arguments: &ListArgs) -> Exit {
    let listing = match arguments.what {
        What::Protocols => protocols(registry),
        What::Attacks => attacks(registry),
        What::Functions => Listing::new(
            &["function", "computes", "parameters"],
            registry
                .functions()
                .map(|f| vec![f.name.to_owned(), f.about.to_owned(), parameters(&f.schema)]),
        ),
        What::Circuits => Listing::new(
            &["circuit", "about"],
            STANDARD.iter().map(|known| vec![known.name.to_owned(), known.about.to_owned()]),
        ),
        What::Networks => Listing::new(
            &["network", "about"],
            NETWORKS.iter().map(|preset| vec![preset.name.to_owned(), preset.about()]),
        ),
        What::Profiles => Listing::new(
            &["profile", "about"],
            PROFILES.iter().map(|preset| vec![preset.name.to_owned(), preset.about()]),
        ),
        What::Prices => Listing::new(
            &["prices", "about"],
            PRICES.iter().map(|preset| vec![preset.name.to_owned(), preset.about()]),
        ),
        What::Metrics => Listing::new(
            &["metric", "unit", "aggregates", "counts"],
            METRICS.iter().map(|metric| {
                let aggregates: Vec<&str> = metric.aggregates.iter().map(|a| a.name()).collect();
                let cells = [metric.name, metric.unit, &aggregates.join(", "), metric.about];
                cells.map(str::to_owned).to_vec()
            }),
        ),
        What::Ops => Listing::new(
            &["op", "unit"],
            ops().map(|op| vec![op.key.to_owned(), op.unit.to_owned()]),
        ),
    };
    let format = arguments.format;
    if format == Format::Latex {
        return talk::mistake("lists are written as table, markdown, csv or json");
    }
    match listing.write(format, talk::width()) {
        Ok(text) => talk::print(&text),
        Err(error) => talk::mistake(&error.to_string()),
    }
}

fn protocols(registry: &Registry) -> Listing {
    Listing::new(
        &["protocol", "adversary", "corrupted", "parties", "setup", "source"],
        registry.protocols().map(|protocol| {
            let Claims { adversary, threshold, setup, .. } = protocol.info.claims;
            let (least, most) = protocol.info.parties;
            let parties = match most {
                usize::MAX => format!("{least} or more"),
                most if most == least => least.to_string(),
                most => format!("{least} to {most}"),
            };
            vec![
                protocol.name.to_owned(),
                adversary.to_string(),
                corrupted(threshold, protocol.roles),
                parties,
                setup_name(setup).to_owned(),
                protocol.info.source.to_owned(),
            ]
        }),
    )
}

fn attacks(registry: &Registry) -> Listing {
    let of = |protocol: &'static str| {
        registry.attacks(protocol).into_iter().map(move |attack| {
            let Attack { name, about, source, expected, .. } = attack;
            let expected = expected.to_string();
            let texts = [name, protocol, about, source].map(str::to_owned);
            texts.into_iter().chain([expected]).collect()
        })
    };
    Listing::new(
        &["attack", "protocol", "about", "source", "expected"],
        registry.protocols().flat_map(|protocol| of(protocol.name)),
    )
}

/// Parameters with their limits, units and defaults, one a line.
fn parameters(schema: &Value) -> String {
    let properties = schema.get("properties").and_then(Value::as_object);
    let line = |(name, of): (&String, &Value)| {
        let about = of.get("description").and_then(Value::as_str).unwrap_or_default();
        let about = about.split_whitespace().collect::<Vec<_>>().join(" ");
        let default = match of.get("default") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(word)) => format!(" Default: {word}."),
            Some(value) => format!(" Default: {value}."),
        };
        format!("{name}: {about}{default}")
    };
    properties.into_iter().flatten().map(line).collect::<Vec<_>>().join("\n")
}

/// How many may be corrupted, of each role if there are several: `server: t = 1; client: t < n/2, 3
/// have to stay`.
fn corrupted(threshold: Threshold, roles: &[NamedRole]) -> String {
    if roles.is_empty() {
        return threshold_name(threshold);
    }
    let role = |role: &NamedRole| {
        let NamedRole { name, corrupted, stay } = role;
        let stay = match stay {
            Quorum::All => String::new(),
            some => format!(", {some} have to stay"),
        };
        format!("{name}: {}{stay}", threshold_name(*corrupted))
    };
    roles.iter().map(role).collect::<Vec<_>>().join("; ")
}

fn threshold_name(threshold: Threshold) -> String {
    match threshold {
        Threshold::BelowThird => "t < n/3".to_owned(),
        Threshold::BelowHalf => "t < n/2".to_owned(),
        Threshold::BelowAll => "t < n".to_owned(),
        Threshold::Exact(t) => format!("t = {t}"),
    }
}

fn setup_name(setup: Setup) -> &'static str {
    match setup {
        Setup::None => "none",
        Setup::TrustedDealer => "trusted dealer",
        Setup::Pki => "PKI",
        Setup::Crs => "CRS",
        Setup::CorrelatedRandomness => "correlated randomness",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_named_roles_are_listed_one_by_one() {
        let roles = [
            NamedRole { name: "server", corrupted: Threshold::Exact(1), stay: Quorum::All },
            NamedRole { name: "client", corrupted: Threshold::BelowHalf, stay: Quorum::Exact(3) },
        ];
        let listed = corrupted(Threshold::Exact(3), &roles);
        assert_eq!(listed, "server: t = 1; client: t < n/2, 3 have to stay");
        assert_eq!(corrupted(Threshold::BelowAll, &[]), "t < n");
    }
}
