//! What machines and traffic cost.

use mpclab_sim::adversary::Pattern;

use super::exactly_one;
use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::prices::{EgressPrice, MachinePrice, PairKind, Prices, Rate, Tariff};
use crate::wire::Alt;
use crate::wire::prices::{BilledWord, EgressWire, PairWord, PricesWire};

/// Gives `prices` its meaning; `None` where nothing is priced, or a file could not be read.
pub(crate) fn resolve(
    wire: &Alt<String, PricesWire>,
    at: &KeyPath,
) -> Result<Option<Prices>, Mistake> {
    let Alt::Long(wire) = wire else { return Ok(None) };
    if wire.source.trim().is_empty() {
        let message = "`source` must say where the prices come from";
        return Err(Mistake::new(&at.key("source"), message, "empty"));
    }
    if !is_date(&wire.date) {
        let message = "`date` must be a day, a month or a year, such as `2026-06`";
        return Err(Mistake::new(&at.key("date"), message, "no date"));
    }
    let machine_at = at.key("machine");
    let machine = match (wire.machine.vcpu_hour, wire.machine.party_hour) {
        (Some(price), None) => MachinePrice::VcpuHour(price.0),
        (None, Some(price)) => MachinePrice::PartyHour(price.0),
        (vcpu, party) => {
            let given = [("vcpu_hour", vcpu.is_some()), ("party_hour", party.is_some())];
            exactly_one(&machine_at, &given)?;
            return Ok(None);
        }
    };
    Ok(Some(Prices {
        name: wire.name.clone().unwrap_or_else(|| "custom".to_owned()),
        source: wire.source.trim().to_owned(),
        date: wire.date.clone(),
        machine,
        egress: wire.egress.iter().map(egress).collect(),
    }))
}

fn egress(wire: &EgressWire) -> EgressPrice {
    let pattern = |text: &Option<String>| text.clone().map(Pattern);
    EgressPrice {
        pair: wire.pair.map(|pair| match pair {
            PairWord::SameRegion => PairKind::SameRegion,
            PairWord::InterRegion => PairKind::InterRegion,
            PairWord::Internet => PairKind::Internet,
        }),
        from: pattern(&wire.from),
        to: pattern(&wire.to),
        rate: Rate { gb_nusd: wire.gb.0, both: matches!(wire.billed, Some(BilledWord::Both)) },
    }
}

/// `2026`, `2026-06` or `2026-06-30`.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &str, digits: usize| {
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u32>().ok().filter(|_| is_number)
    };
    let is_in = |at: usize, most: u32| {
        let part = parts.get(at).map(|part| number(part, 2));
        part.is_none_or(|part| part.is_some_and(|part| (1..=most).contains(&part)))
    };
    parts.len() <= 3 && number(parts[0], 4).is_some() && is_in(1, 12) && is_in(2, 31)
}

/// The prices among the nodes of a cell.
pub(crate) fn among(
    prices: &Prices,
    at: &KeyPath,
    nodes: usize,
    regions: &[String],
    cores: u32,
) -> Result<Tariff, Mistake> {
    prices.among(nodes, regions, cores).map_err(|(from, to)| {
        let name = &prices.name;
        let message = match (from, to) {
            (Some(from), Some(to)) if from == to => {
                format!("prices `{name}` have none for traffic inside {from}")
            }
            (Some(from), Some(to)) => {
                format!("prices `{name}` have none for traffic from {from} to {to}")
            }
            _ => format!("prices `{name}` have none for a network without regions"),
        };
        let help = "add an entry to `egress`; `{ gb: 0 USD }` at its end fits every pair";
        Mistake::new(&at.key("egress"), message, "no entry fits").help(help)
    })
}
