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
    let Some(year) = number(parts[0], 4) else { return false };
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = |month: u32| match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let is_month = |month: &u32| (1..=12).contains(month);
    match parts[1..] {
        [] => true,
        [month] => number(month, 2).is_some_and(|month| is_month(&month)),
        [month, day] => number(month, 2)
            .filter(is_month)
            .is_some_and(|month| number(day, 2).is_some_and(|d| (1..=days(month)).contains(&d))),
        _ => false,
    }
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

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for date in ["2026", "2026-06", "2026-06-30", "2024-02-29", "2000-02-29", "2026-12-31"] {
            assert!(is_date(date), "{date}");
        }
        for date in [
            "2026-02-30",
            "2026-02-29",
            "1900-02-29",
            "2026-04-31",
            "2026-00",
            "2026-13",
            "2026-1-1",
            "2026-01-00",
            "2026-01-32",
            "26",
            "",
            "2026-",
            "2026-01-01-01",
            "2026-+1",
        ] {
            assert!(!is_date(date), "{date:?}");
        }
    }
}
