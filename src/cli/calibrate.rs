use std::fmt::Write;
use std::time::Instant;

use mpclab_protocols::{algebra, primitives};
use mpclab_sim::vocabulary::Op;

use super::{CalibrateArgs, Exit, talk};

/// Samples of each primitive; the median is taken.
const SAMPLES: usize = 9;

/// Times every primitive and writes a profile.
pub(super) fn calibrate(arguments: &CalibrateArgs) -> Exit {
    if let Some(Err(exit)) = arguments.out.as_deref().map(talk::check_target) {
        return exit;
    }
    let mut text = String::from(
        "about: >\n  Measured with `mpclab calibrate` on one core; medians. Machines differ: \
         calibrate your own.\ncores: 1\nops:\n",
    );
    for op in algebra::OPS.iter().chain(primitives::OPS) {
        let ps = price_ps(op, arguments.millis);
        let _ = writeln!(text, "  {}: {}.{:03}ns", op.key, ps / 1000, ps % 1000);
    }
    match &arguments.out {
        None => talk::print(&text),
        Some(path) => match std::fs::write(path, text) {
            Ok(()) => Exit::Ok,
            Err(error) => talk::mistake(&format!("{}: {error}", path.display())),
        },
    }
}

/// Picoseconds for one unit: the median over samples that share the given time.
fn price_ps(op: &Op, millis: u64) -> u128 {
    let sample_ns = u128::from(millis) * 1_000_000 / SAMPLES as u128;
    let mut times = 64u64;
    // Doubled until one sample takes long enough for the clock.
    while time_ns(op, times) < sample_ns / 2 && times < 1 << 40 {
        times *= 2;
    }
    let mut samples: Vec<u128> =
        (0..SAMPLES).map(|_| time_ns(op, times) * 1000 / u128::from(times)).collect();
    samples.sort_unstable();
    samples[SAMPLES / 2].max(1)
}

fn time_ns(op: &Op, times: u64) -> u128 {
    let start = Instant::now();
    (op.calibrate)(times);
    start.elapsed().as_nanos()
}
