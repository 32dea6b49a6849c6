use std::fmt::Write;

use mpclab_reports::export::{Format, Listing};
use mpclab_sim::compute::Price;

use super::{CalibrateArgs, Exit, talk};
use crate::calibrate::{self, Calibrated, SPREAD};

/// Times every op and writes a profile; what the figures are worth goes to stderr.
pub(super) fn calibrate(arguments: &CalibrateArgs) -> Exit {
    if let Some(Err(exit)) = arguments.out.as_deref().map(talk::check_target) {
        return exit;
    }
    talk::built_in_haste();
    let found = match calibrate::calibrate(arguments.millis, arguments.rounds.max(1)) {
        Ok(found) => found,
        Err(error) => return talk::mistake(&format!("sockets of this machine: {error}")),
    };
    worth(&found);
    let text = profile(&found);
    match &arguments.out {
        None => talk::print(&text),
        Some(path) => match std::fs::write(path, text) {
            Ok(()) => Exit::Ok,
            Err(error) => talk::mistake(&format!("{}: {error}", path.display())),
        },
    }
}

/// A profile as a file.
pub(super) fn profile(found: &[Calibrated]) -> String {
    let mut text = String::from(
        "about: >\n  Measured with `mpclab calibrate`: CPU time of one core, medians. Machines \
         differ: calibrate your own.\ncores: 1\nops:\n",
    );
    for Calibrated { op, price: Price { call_ps, unit_ps }, .. } in found {
        let ns = |ps: u64| format!("{}.{:03}ns", ps / 1000, ps % 1000);
        let _ = match call_ps {
            0 => writeln!(text, "  {}: {}", op.key, ns(*unit_ps)),
            _ => {
                writeln!(text, "  {}: {{ call: {}, unit: {} }}", op.key, ns(*call_ps), ns(*unit_ps))
            }
        };
    }
    text
}

/// Says how far the figures can be trusted.
fn worth(found: &[Calibrated]) {
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let row = |of: &Calibrated| {
        let ns = |ps: u64| format!("{:.3}", ps as f64 / 1000.0);
        vec![
            of.op.key.to_owned(),
            ns(of.price.call_ps),
            ns(of.price.unit_ps),
            of.op.unit.to_owned(),
            percent(of.spread),
            percent(of.drift),
            percent(of.misfit),
            of.rounds.to_string(),
        ]
    };
    let headers = ["op", "call ns", "unit ns", "unit", "spread", "drift", "off the line", "rounds"];
    if let Ok(table) = Listing::new(&headers, found.iter().map(row)).write(Format::Table, 120) {
        talk::say(table.trim_end());
    }
    let unsettled: Vec<&str> =
        found.iter().filter(|of| of.is_unsettled()).map(|of| of.op.key).collect();
    if !unsettled.is_empty() {
        talk::say(&format!(
            "warning: after the most rounds, medians are still off by more than {}: {}",
            percent(SPREAD),
            unsettled.join(", ")
        ));
    }
    let drifted: Vec<&str> = found.iter().filter(|of| of.drifted()).map(|of| of.op.key).collect();
    if !drifted.is_empty() {
        talk::say(&format!(
            "warning: a noisy machine: the first half of the rounds differs from the second: {}",
            drifted.join(", ")
        ));
    }
}
