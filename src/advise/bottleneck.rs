//! Where the time of a run goes, in a sentence.

use std::collections::BTreeMap;

use mpclab_reports::record::{PathRow, Record};
use mpclab_sim::trace::Cause;
use mpclab_sim::vocabulary::Phase;

/// The largest cause on the critical path with its largest part; where no path was kept, the
/// longest phase.
pub(super) fn bottleneck(record: &Record) -> String {
    match &record.critical_path {
        Some(path) if !path.is_empty() => of_path(path),
        _ => of_phases(record),
    }
}

fn of_path(path: &[PathRow]) -> String {
    let total: u64 = path.iter().map(|row| row.time_ns).sum();
    let mut causes: BTreeMap<Cause, u64> = BTreeMap::new();
    for row in path {
        *causes.entry(row.cause).or_default() += row.time_ns;
    }
    // The first of equals.
    let largest = causes.iter().rev().max_by_key(|(_, time_ns)| **time_ns);
    let Some((cause, time_ns)) = largest else { return String::new() };
    let rows = path.iter().filter(|row| row.cause == *cause);
    let Some(row) = rows.max_by_key(|row| row.time_ns) else { return String::new() };
    let whose = match row.to {
        Some(to) => format!("{} to {to}", row.party),
        None => row.party.to_string(),
    };
    let scope = if row.scope.is_empty() { "outside all scopes" } else { &row.scope };
    let share = percent(*time_ns, total);
    format!("{share} {}, most of it {whose} in {scope}", cause.name().replace('_', "-"))
}

fn of_phases(record: &Record) -> String {
    let time = |phase: Option<Phase>| {
        let name = phase.map_or("total", Phase::name);
        record.metrics.get(&format!("{name}.time_ns")).copied().unwrap_or(0)
    };
    let longest = Phase::ALL.into_iter().max_by_key(|phase| time(Some(*phase)));
    longest.map_or_else(String::new, |phase| {
        format!("{} {phase} phase", percent(time(Some(phase)), time(None)))
    })
}

fn percent(part: u64, whole: u64) -> String {
    format!("{:.0} %", 100.0 * part as f64 / whole.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mpclab_sim::vocabulary::PartyId;

    #[test]
    fn parts_of_one_cause_add_up() {
        let row = |cause, party, to: Option<u32>, scope: &str, time_ns| PathRow {
            cause,
            party: PartyId(party),
            to: to.map(PartyId),
            scope: scope.to_owned(),
            time_ns,
            stretches: 1,
        };
        let path = [
            row(Cause::Compute, 0, None, "online/mul", 40),
            row(Cause::Propagation, 1, Some(2), "online/less", 35),
            row(Cause::Propagation, 2, Some(1), "online/mul", 25),
        ];
        assert_eq!(
            of_path(&path),
            "60 % propagation, most of it party 1 to party 2 in online/less"
        );
    }
}
