//! The smallest machine and the smallest link that meet the deadline, by bisection.

use mpclab_reports::advice::{Sizing, Try};
use mpclab_scenarios::ComputeChoice;

use super::measure::{Measured, measure};
use super::option::Weighed;
use super::{Advisor, NoAdvice, bug, what_if};
use crate::runner::PreparedCell;

/// Runs of each size that is tried.
const REPETITIONS: u32 = 5;

/// Cores that are tried.
const CORES: [u32; 10] = [1, 2, 3, 4, 6, 8, 12, 16, 32, 64];

/// Capacities that are tried: 1, 2 and 5 times powers of ten from 1 kbit/s to 100 Gbit/s.
fn capacities() -> Vec<u64> {
    let decades = (3..=10).flat_map(|power| [1, 2, 5].map(|factor| factor * 10u64.pow(power)));
    decades.chain([100_000_000_000]).collect()
}

impl Advisor<'_> {
    /// Sizes machines and links of an option; nothing without a deadline.
    pub(super) fn size(&self, one: &mut Weighed<'_>) -> Result<(), NoAdvice> {
        let Some(deadline) = self.deployment.required.deadline else { return Ok(()) };
        let mut cores = self.size_cores(one, deadline.within_ns)?;
        let links = self.size_links(one, deadline.within_ns)?;
        one.choice.sizing.extend(cores.take());
        one.choice.sizing.push(links);
        Ok(())
    }

    fn size_cores(&self, one: &Weighed<'_>, within_ns: u64) -> Result<Option<Sizing>, NoAdvice> {
        if one.cell.cell.compute == ComputeChoice::None {
            return Ok(None);
        }
        let name =
            |cores: &u32| if *cores == 1 { "1 core".to_owned() } else { format!("{cores} cores") };
        let late = |cores: &u32| match self.loaded(&one.measured) {
            Some(loaded) => Ok(Some(loaded.with_cores(*cores).expected().late_ns)),
            None => match what_if::with_cores(one.cell, *cores) {
                Some(cell) => self.late(&cell),
                None => Ok(None),
            },
        };
        let (smallest, tried) = bisect(&CORES, within_ns, name, late)?;
        let note = match self.deployment.load {
            Some(_) => {
                "cores serve different requests at a time, each request one core at each \
                        party; by the model of load, which real sessions can't check beyond 1 core"
            }
            None => "cores share only what protocols mark as parallel; each size is run",
        };
        let what = "machine".to_owned();
        Ok(Some(Sizing { what, smallest, tried, note: note.to_owned() }))
    }

    fn size_links(&self, one: &Weighed<'_>, within_ns: u64) -> Result<Sizing, NoAdvice> {
        let name = |bps: &u64| capacity(*bps);
        let late = |bps: &u64| self.late(&what_if::with_capacity(one.cell, *bps));
        let (smallest, tried) = bisect(&capacities(), within_ns, name, late)?;
        let note = format!(
            "the same capacity up and down at every node, other capacities as they are; steps of \
             1, 2, 5; each size is run {REPETITIONS} times"
        );
        Ok(Sizing { what: "link".to_owned(), smallest, tried, note })
    }

    /// The time of a changed cell that the deadline is held against.
    fn late(&self, cell: &PreparedCell) -> Result<Option<u64>, NoAdvice> {
        self.goes_on()?;
        let measured: Measured = measure(self.registry, self.prepared, cell, REPETITIONS);
        bug(&measured.records)?;
        Ok(self.cost(&measured).ok().map(|cost| cost.decisive_ns()))
    }
}

/// The smallest of ascending sizes that meets the deadline, if a larger one never does worse; and
/// everything that was tried.
fn bisect<S>(
    sizes: &[S],
    within_ns: u64,
    name: impl Fn(&S) -> String,
    late: impl Fn(&S) -> Result<Option<u64>, NoAdvice>,
) -> Result<(Option<String>, Vec<Try>), NoAdvice> {
    let mut tried = Vec::new();
    let mut meets = |at: usize| -> Result<bool, NoAdvice> {
        let late_ns = late(&sizes[at])?;
        let meets = late_ns.is_some_and(|late| late <= within_ns);
        tried.push(Try { size: name(&sizes[at]), late_ns, meets });
        Ok(meets)
    };
    let mut found = None;
    if let Some(last) = sizes.len().checked_sub(1)
        && meets(last)?
    {
        let (mut low, mut high) = (0, last);
        while low < high {
            let middle = (low + high) / 2;
            match meets(middle)? {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        found = Some(name(&sizes[high]));
    }
    Ok((found, tried))
}

fn capacity(bps: u64) -> String {
    let units = [("Gbit/s", 1_000_000_000), ("Mbit/s", 1_000_000), ("kbit/s", 1_000)];
    let whole = units.into_iter().find(|(_, factor)| bps >= *factor && bps.is_multiple_of(*factor));
    let (unit, factor) = whole.unwrap_or(("bit/s", 1));
    format!("{} {unit}", bps / factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(within_ns: u64) -> (Option<String>, usize) {
        let late = |size: &u64| Ok(Some(1000 / size));
        let sizes: Vec<u64> = (1..=64).collect();
        let (found, tried) = bisect(&sizes, within_ns, u64::to_string, late).unwrap();
        (found, tried.len())
    }

    #[test]
    fn the_smallest_that_meets_is_found() {
        for within_ns in [16, 100, 333, 1000] {
            let wanted = (1..=64).find(|size| 1000 / size <= within_ns).unwrap();
            let (size, tried) = found(within_ns);
            assert_eq!(size, Some(wanted.to_string()));
            assert!(tried <= 8, "{tried}");
        }
        assert_eq!(found(5), (None, 1));
    }

    #[test]
    fn capacities_ascend_and_read_well() {
        let all = capacities();
        assert!(all.is_sorted());
        assert_eq!(
            (capacity(all[0]), capacity(all[24])),
            ("1 kbit/s".to_owned(), "100 Gbit/s".to_owned())
        );
    }
}
