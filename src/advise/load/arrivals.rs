//! When requests come.

use mpclab_scenarios::Arrivals;
use rand::Rng;
use rand_distr::{Distribution, Exp1};

/// Gaps between arrivals, the first before the first, with mean 1: what is scaled to each offered
/// load, so that loads differ in nothing else.
pub fn gaps(arrivals: &Arrivals, count: usize, rng: &mut impl Rng) -> Vec<f64> {
    match arrivals {
        Arrivals::Poisson { .. } => (0..count).map(|_| Exp1.sample(rng)).collect(),
        Arrivals::Constant { .. } => vec![1.0; count],
        Arrivals::Trace { at_ns, .. } => {
            let mean = mean_gap_ns(arrivals);
            let first = std::iter::once(0.0);
            let gaps = at_ns.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / mean);
            first.chain(gaps).take(count).collect()
        }
    }
}

/// The mean gap of the expected load, nanoseconds.
#[must_use]
pub fn mean_gap_ns(arrivals: &Arrivals) -> f64 {
    const HOUR_NS: f64 = 3.6e12;
    match arrivals {
        Arrivals::Poisson { per_hour } | Arrivals::Constant { per_hour } => {
            HOUR_NS / *per_hour as f64
        }
        Arrivals::Trace { at_ns, .. } => {
            let ends = at_ns.first().zip(at_ns.last());
            let span = ends.map_or(1, |(first, last)| (last - first).max(1));
            span as f64 / (at_ns.len().max(2) - 1) as f64
        }
    }
}

/// Arrival times with this mean gap, nanoseconds.
#[must_use]
pub fn times_ns(gaps: &[f64], mean_gap_ns: f64) -> Vec<u64> {
    let mut at = 0.0;
    let time = |gap: &f64| {
        at += gap * mean_gap_ns;
        at.round() as u64
    };
    gaps.iter().map(time).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mpclab_sim::RunSeed;
    use mpclab_sim::vocabulary::PartyId;

    #[test]
    fn a_trace_comes_when_it_says() {
        let trace = Arrivals::Trace { name: String::new(), at_ns: vec![50, 60, 160, 250] };
        let mut rng = RunSeed::new(1, 0).rng("arrivals", PartyId(0));
        let gaps = gaps(&trace, 4, &mut rng);
        assert_eq!(times_ns(&gaps, mean_gap_ns(&trace)), [0, 10, 110, 200]);
        let twice: Vec<u64> = times_ns(&gaps, mean_gap_ns(&trace) / 2.0);
        assert_eq!(twice, [0, 5, 55, 100]);
    }

    #[test]
    fn rates_are_means() {
        assert_eq!(mean_gap_ns(&Arrivals::Constant { per_hour: 7_200 }), 5e8);
        let poisson = Arrivals::Poisson { per_hour: 3_600 };
        let mut rng = RunSeed::new(1, 0).rng("arrivals", PartyId(0));
        let times = times_ns(&gaps(&poisson, 100_000, &mut rng), mean_gap_ns(&poisson));
        let mean = times[99_999] as f64 / 100_000.0;
        assert!((mean / 1e9 - 1.0).abs() < 0.02, "{mean}");
    }
}
