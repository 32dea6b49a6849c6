//! What runs may take: asked before they are made, so that nothing swamps the machine.

use std::str::FromStr;

use mpclab_reports::units::{Unit, quantity, thousands};
use mpclab_scenarios::Diagnostic;
use serde_json::Value;

use super::{Estimate, Prepared};

/// Estimates from here on are told although they are within the budget: memory, bytes, and time,
/// nanoseconds.
const TOLD: (u64, u64) = (1_000_000_000, 60_000_000_000);

/// What runs may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Memory, bytes; as much as the machine has unless it is said.
    pub memory_bytes: Option<u64>,
    /// Time, nanoseconds; any unless it is said.
    pub time_ns: Option<u64>,
}

impl FromStr for Budget {
    type Err = String;

    /// Reads `memory=8GiB,time=2h`, or one of both.
    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || {
            format!(
                "`{text}` is no budget: memory=8GiB, time=2h, or both with a comma between them"
            )
        };
        let mut budget = Budget::default();
        for part in text.split(',') {
            let (key, amount) = part.split_once('=').ok_or_else(refuse)?;
            let (number, unit) = quantity(&Value::from(amount)).ok_or_else(refuse)?;
            let fits = (1.0..9e18).contains(&number);
            let known = match (key.trim(), unit) {
                ("memory", Unit::Bytes) if fits => &mut budget.memory_bytes,
                ("time", Unit::Time) if fits => &mut budget.time_ns,
                _ => return Err(refuse()),
            };
            if known.replace(number as u64).is_some() {
                return Err(refuse());
            }
        }
        Ok(budget)
    }
}

impl Budget {
    /// Whether what runs will take is within it.
    ///
    /// # Errors
    /// What exceeds it, by how much, and which cell takes most.
    pub fn admit(&self, prepared: &Prepared, estimate: &Estimate) -> Result<(), Vec<Diagnostic>> {
        let memory = self.memory_bytes.or_else(machine_bytes);
        let too_large = memory.filter(|budget| estimate.memory_bytes > *budget).map(|budget| {
            let [needed, budget] = [estimate.memory_bytes, budget].map(|b| Unit::Bytes.show(b));
            let own = if self.memory_bytes.is_some() { "the budget is" } else { "there are" };
            (format!("these runs need about {needed} of memory, and {own} {budget}"), "memory")
        });
        let too_long = self.time_ns.filter(|budget| estimate.time_ns > *budget).map(|budget| {
            let [needed, budget] = [estimate.time_ns, budget].map(|ns| Unit::Time.show(ns));
            let runs = thousands(estimate.runs);
            (format!("these {runs} runs need about {needed}, and the budget is {budget}"), "time")
        });
        let Some((message, key)) = too_large.or(too_long) else { return Ok(()) };
        Err(vec![refusal(prepared, estimate, message, key)])
    }
}

fn refusal(prepared: &Prepared, estimate: &Estimate, message: String, key: &str) -> Diagnostic {
    let largest = estimate.largest.and_then(|at| prepared.cells.get(at));
    let Some(largest) = largest else { return Diagnostic::without_place(message) };
    let (cell, run) = (&largest.cell, &estimate.run);
    let label = format!(
        "one run with `{}` among {}: {} values in and out, {} of payload, up to {} messages, {} of \
         memory",
        cell.protocol.label,
        cell.roles.nodes(),
        thousands(run.values),
        Unit::Bytes.show(run.payload_bytes),
        thousands(run.messages),
        Unit::Bytes.show(run.memory_bytes),
    );
    let mistake = prepared.plan.source.error(&cell.at.function, message, label);
    let mistake = mistake.with_help(format!("`--budget {key}=...` allows more"));
    match estimate.jobs {
        0 | 1 => mistake,
        jobs => mistake.with_help(format!("{jobs} runs are made at a time: `--jobs 1` needs less")),
    }
}

impl Estimate {
    /// What is worth telling before the runs are made; nothing if they are small.
    #[must_use]
    pub fn told(&self) -> Option<String> {
        let is_large = self.memory_bytes >= TOLD.0 || self.time_ns >= TOLD.1;
        is_large.then(|| {
            let (memory, time) =
                (Unit::Bytes.show(self.memory_bytes), Unit::Time.show(self.time_ns));
            format!(
                "estimated: {memory} of memory, {time} for {} runs, {} at a time",
                thousands(self.runs),
                self.jobs
            )
        })
    }
}

/// Memory of this machine, or what a container leaves of it, bytes, where the system tells.
fn machine_bytes() -> Option<u64> {
    let installed = || -> Option<u64> {
        let text = mpclab_files::system("/proc/meminfo")?;
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        kib.checked_mul(1024)
    };
    let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let limits =
        limits.into_iter().filter_map(|path| mpclab_files::system(path)?.trim().parse().ok());
    limits.chain(installed()).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_read_with_their_units() {
        let gib = Some(8 << 30);
        let hours = Some(7_200_000_000_000);
        for (text, memory_bytes, time_ns) in [
            ("memory=8GiB", gib, None),
            ("time=2h", None, hours),
            ("memory=8GiB,time=2h", gib, hours),
            ("time=2h, memory=8GiB", gib, hours),
        ] {
            assert_eq!(text.parse(), Ok(Budget { memory_bytes, time_ns }), "{text}");
        }
        for text in ["", "8GiB", "memory=8", "memory=2h", "time=8GiB", "memory=1B,memory=2B"] {
            let refused = text.parse::<Budget>().unwrap_err();
            assert!(refused.contains("memory=8GiB, time=2h"), "{refused}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_machine_tells_its_memory() {
        assert!(machine_bytes().is_some_and(|bytes| bytes > 64 << 20));
    }
}
