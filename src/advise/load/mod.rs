//! A standing deployment under load: requests queue for processors and links.
//!
//! What one run asks of each resource is measured; how requests wait for each other is a network
//! of queues ([`queueing`]), because thousands of real sessions at many loads would take too long.
//! [`sessions`] really runs some of them, and holds the model against that.

pub mod arrivals;
pub mod demand;
pub mod queueing;
pub mod sessions;

use mpclab_reports::advice::{self, LoadCheck, LoadPoint, Times};
use mpclab_reports::stats::percentile;
use mpclab_scenarios::Load;
use mpclab_sim::RunSeed;
use mpclab_sim::vocabulary::PartyId;
use rand::RngExt;

use arrivals::{gaps, mean_gap_ns, times_ns};
use demand::{Resource, busy_ns};
use queueing::{Demand, Request, simulate};

/// Shares of saturation at which the curve is drawn, percent.
const CURVE: [u64; 9] = [10, 25, 50, 70, 80, 90, 95, 105, 120];

/// Shares of saturation at which the model is held against real sessions.
const CHECKED: [f64; 2] = [0.3, 0.8];

/// Sessions that are run for that.
const SESSIONS: usize = 100;

const SECOND_NS: f64 = 1e9;

/// Requests at a deployment whose demands are known.
pub(super) struct Loaded<'a> {
    load: &'a Load,
    resources: &'a [Resource],
    demands: &'a [Demand],
    /// Gaps of mean 1.
    gaps: Vec<f64>,
    /// Which demand each request has.
    kinds: Vec<usize>,
    /// Percent of requests that has to meet the deadline.
    percent: usize,
    /// Servers of each processor.
    cores: u32,
}

/// What is busy first, and how often it may be asked.
pub(super) struct Saturation {
    /// Requests per second.
    pub per_second: f64,
    /// What it is.
    pub because: String,
}

impl<'a> Loaded<'a> {
    /// At least one demand.
    pub(super) fn new(
        load: &'a Load,
        (resources, demands): (&'a [Resource], &'a [Demand]),
        seed: u64,
        percent: usize,
    ) -> Self {
        // Loads of all protocols meet the same arrivals.
        let seed = RunSeed::new(seed, 0);
        let gaps = gaps(&load.arrivals, load.requests, &mut seed.rng("arrivals", PartyId(0)));
        let mut rng = seed.rng("demands", PartyId(0));
        let kinds = gaps.iter().map(|_| rng.random_range(0..demands.len().max(1))).collect();
        Loaded { load, resources, demands, gaps, kinds, percent, cores: 1 }
    }

    /// The same with so many servers for each processor.
    pub(super) fn with_cores(mut self, cores: u32) -> Self {
        self.cores = cores;
        self
    }

    fn servers(&self) -> Vec<u32> {
        let of = |resource: &Resource| match resource {
            Resource::Processor(_) => self.cores,
            _ => 1,
        };
        self.resources.iter().map(of).collect()
    }

    /// The resource that is busy longest for each request, or the limit on requests in flight,
    /// whichever comes first.
    pub(super) fn saturation(&self) -> Saturation {
        let count = self.demands.len().max(1) as f64;
        let mut busy = vec![0.0; self.resources.len()];
        for demand in self.demands {
            for (sum, ns) in busy.iter_mut().zip(busy_ns(demand, self.resources.len())) {
                *sum += ns as f64 / count;
            }
        }
        let servers = self.servers();
        let per_second = |at: usize| SECOND_NS * f64::from(servers[at]) / busy[at];
        let asked = (0..busy.len()).filter(|at| busy[*at] > 0.0);
        let first = asked.min_by(|a, b| per_second(*a).total_cmp(&per_second(*b)));
        let alone = self.demands.iter().map(|demand| demand::alone_ns(demand) as f64).sum::<f64>();
        let in_flight = SECOND_NS * self.load.in_flight as f64 / (alone / count).max(1.0);
        match first {
            Some(at) if per_second(at) <= in_flight => {
                Saturation { per_second: per_second(at), because: self.resources[at].to_string() }
            }
            _ => Saturation {
                per_second: in_flight,
                because: format!("{} requests in flight", self.load.in_flight),
            },
        }
    }

    /// The expected load.
    pub(super) fn expected(&self) -> LoadPoint {
        self.at(mean_gap_ns(&self.load.arrivals))
    }

    fn at(&self, mean_gap_ns: f64) -> LoadPoint {
        let times = times_ns(&self.gaps, mean_gap_ns);
        let requests: Vec<Request> = times
            .iter()
            .zip(&self.kinds)
            .map(|(at_ns, demand)| Request { at_ns: *at_ns, demand: *demand })
            .collect();
        let finish = simulate(&self.servers(), self.demands, &requests, self.load.in_flight);
        point(&times, &finish, mean_gap_ns, self.percent)
    }

    /// Rising loads up to beyond saturation.
    pub(super) fn curve(&self) -> Vec<LoadPoint> {
        let saturation = self.saturation().per_second;
        let at = |percent: &u64| self.at(SECOND_NS / (saturation * *percent as f64 / 100.0));
        CURVE.iter().map(at).collect()
    }

    /// The model against sessions that `run` really runs, given their arrivals.
    pub(super) fn checks(
        &self,
        run: impl Fn(&[u64]) -> Result<Vec<u64>, String>,
    ) -> Vec<LoadCheck> {
        let saturation = self.saturation().per_second;
        let check = |utilisation: &f64| {
            let count = SESSIONS.min(self.gaps.len());
            let gap_ns = SECOND_NS / (saturation * utilisation);
            let times = times_ns(&self.gaps[..count], gap_ns);
            let requests = times.iter().enumerate();
            let requests: Vec<Request> = requests
                .map(|(at, at_ns)| Request { at_ns: *at_ns, demand: at % self.demands.len() })
                .collect();
            let modelled = simulate(&self.servers(), self.demands, &requests, self.load.in_flight);
            let summary = |finish: &[u64]| {
                let point = point(&times, finish, gap_ns, self.percent);
                Times { median_ns: point.median_ns, p95_ns: point.p95_ns }
            };
            LoadCheck {
                utilisation: *utilisation,
                sessions: count,
                model: summary(&modelled),
                measured: run(&times).map(|finish| summary(&finish)),
            }
        };
        CHECKED.iter().map(check).collect()
    }

    /// All of it but the checks.
    pub(super) fn report(&self) -> advice::Load {
        let saturation = self.saturation();
        advice::Load {
            saturation_per_second: saturation.per_second,
            bottleneck: saturation.because,
            expected: self.expected(),
            curve: self.curve(),
            checks: Vec::new(),
        }
    }
}

/// Statistics over all requests but the first tenth, which meet an empty deployment.
fn point(arrivals: &[u64], finish: &[u64], mean_gap_ns: f64, percent: usize) -> LoadPoint {
    let skipped = arrivals.len() / 10;
    let pairs = arrivals.iter().zip(finish).skip(skipped);
    let times: Vec<u64> = pairs.map(|(arrival, end)| end.saturating_sub(*arrival)).collect();
    let mut ends: Vec<u64> = finish.to_vec();
    ends.sort_unstable();
    let ends = &ends[skipped.min(ends.len())..];
    let span_ns = ends.first().zip(ends.last()).map_or(0, |(first, last)| last - first);
    let of = |percent| percentile(&times, percent).unwrap_or(0);
    LoadPoint {
        offered_per_second: SECOND_NS / mean_gap_ns,
        done_per_second: (ends.len().max(1) - 1) as f64 * SECOND_NS / span_ns.max(1) as f64,
        median_ns: of(50),
        p95_ns: of(95),
        p99_ns: of(99),
        late_ns: of(percent),
    }
}

#[cfg(test)]
mod tests {
    use super::queueing::Fork;
    use super::*;
    use mpclab_scenarios::Arrivals;

    fn load(in_flight: usize) -> Load {
        Load { arrivals: Arrivals::Constant { per_hour: 3_600 }, in_flight, requests: 1000 }
    }

    const RESOURCES: [Resource; 2] =
        [Resource::Processor(PartyId(0)), Resource::Uplink(PartyId(1))];

    /// 10 ms of processor, 40 ms of uplink, 150 ms of distance.
    fn demands() -> Vec<Demand> {
        vec![vec![Fork { work: vec![(0, 10_000_000), (1, 40_000_000)], pause_ns: 150_000_000 }]]
    }

    #[test]
    fn saturation_is_one_over_the_largest_demand() {
        let (load, demands) = (load(1000), demands());
        let loaded = Loaded::new(&load, (&RESOURCES, &demands), 1, 95);
        let saturation = loaded.saturation();
        assert_eq!((saturation.per_second, &saturation.because[..]), (25.0, "uplink of party 1"));
        let curve = loaded.curve();
        let last = curve.last().unwrap();
        assert!((last.offered_per_second - 30.0).abs() < 1e-6);
        assert!((last.done_per_second - 25.0).abs() < 0.01, "{last:?}");
        let first = &curve[0];
        assert_eq!((first.median_ns, first.p99_ns), (190_000_000, 190_000_000));
    }

    #[test]
    fn so_few_in_flight_are_the_limit_themselves() {
        let (load, demands) = (load(2), demands());
        let loaded = Loaded::new(&load, (&RESOURCES, &demands), 1, 95);
        let saturation = loaded.saturation();
        assert!((saturation.per_second - 2.0 / 0.19).abs() < 1e-9);
        assert_eq!(saturation.because, "2 requests in flight");
        let last = loaded.curve().pop().unwrap();
        assert!((last.done_per_second - saturation.per_second).abs() < 0.02, "{last:?}");
    }
}
