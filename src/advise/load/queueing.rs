//! A network of queues, event by event, in integer nanoseconds.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Work that a request brings to several stations at once, and a pause after all of it is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fork {
    /// Station and service time, nanoseconds.
    pub work: Vec<(usize, u64)>,
    /// Time after the last of it, nanoseconds, for which nobody queues.
    pub pause_ns: u64,
}

/// What a request asks for, one fork after the other.
pub type Demand = Vec<Fork>;

/// A request: when it comes, and which of the demands it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// When it comes, nanoseconds.
    pub at_ns: u64,
    /// Index of its demand.
    pub demand: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A station has served a request.
    Served { station: usize, request: usize },
    /// A request's pause is over.
    Paused { request: usize },
    /// A request comes.
    Arrives { request: usize },
}

/// Servers that share one queue, first come first served.
struct Station {
    free: u32,
    queue: VecDeque<(usize, u64)>,
}

/// How far a request is.
#[derive(Clone, Copy, Default)]
struct Progress {
    fork: usize,
    open: usize,
}

struct Queueing<'a> {
    demands: &'a [Demand],
    requests: &'a [Request],
    stations: Vec<Station>,
    progress: Vec<Progress>,
    /// Places that are free for requests to be worked on.
    free_places: usize,
    waiting: VecDeque<usize>,
    /// Time, position in the order of scheduling, event.
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    scheduled: u64,
    finish_ns: Vec<u64>,
}

/// When each request is done, nanoseconds.
///
/// `servers` gives the servers of each station. At most `in_flight` requests are worked on at a
/// time; the others wait, first come first served.
#[must_use]
pub fn simulate(
    servers: &[u32],
    demands: &[Demand],
    requests: &[Request],
    in_flight: usize,
) -> Vec<u64> {
    let station = |servers: &u32| Station { free: (*servers).max(1), queue: VecDeque::new() };
    let mut queueing = Queueing {
        demands,
        requests,
        stations: servers.iter().map(station).collect(),
        progress: vec![Progress::default(); requests.len()],
        free_places: in_flight.max(1),
        waiting: VecDeque::new(),
        events: BinaryHeap::new(),
        scheduled: 0,
        finish_ns: vec![0; requests.len()],
    };
    for (request, Request { at_ns, .. }) in requests.iter().enumerate() {
        queueing.schedule(*at_ns, Event::Arrives { request });
    }
    while let Some(Reverse((now, _, event))) = queueing.events.pop() {
        queueing.handle(now, event);
    }
    queueing.finish_ns
}

impl Queueing<'_> {
    fn schedule(&mut self, at_ns: u64, event: Event) {
        self.events.push(Reverse((at_ns, self.scheduled, event)));
        self.scheduled += 1;
    }

    fn handle(&mut self, now: u64, event: Event) {
        match event {
            Event::Arrives { request } if self.free_places > 0 => {
                self.free_places -= 1;
                self.begin(now, request);
            }
            Event::Arrives { request } => self.waiting.push_back(request),
            Event::Served { station, request } => {
                match self.stations[station].queue.pop_front() {
                    Some((next, service_ns)) => {
                        let served = Event::Served { station, request: next };
                        self.schedule(now + service_ns, served);
                    }
                    None => self.stations[station].free += 1,
                }
                self.progress[request].open -= 1;
                if self.progress[request].open == 0 {
                    self.pause(now, request);
                }
            }
            Event::Paused { request } => {
                self.progress[request].fork += 1;
                self.begin(now, request);
            }
        }
    }

    /// Brings a request's next fork to its stations, or ends it.
    fn begin(&mut self, now: u64, request: usize) {
        let demands = self.demands;
        let demand = &demands[self.requests[request].demand];
        let Some(fork) = demand.get(self.progress[request].fork) else {
            self.finish_ns[request] = now;
            match self.waiting.pop_front() {
                Some(next) => self.begin(now, next),
                None => self.free_places += 1,
            }
            return;
        };
        self.progress[request].open = fork.work.len();
        for (station, service_ns) in &fork.work {
            if self.stations[*station].free > 0 {
                self.stations[*station].free -= 1;
                self.schedule(now + service_ns, Event::Served { station: *station, request });
            } else {
                self.stations[*station].queue.push_back((request, *service_ns));
            }
        }
        if fork.work.is_empty() {
            self.pause(now, request);
        }
    }

    fn pause(&mut self, now: u64, request: usize) {
        let fork = self.progress[request].fork;
        let pause_ns = self.demands[self.requests[request].demand][fork].pause_ns;
        self.schedule(now + pause_ns, Event::Paused { request });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advise::load::arrivals::gaps;
    use mpclab_scenarios::Arrivals;
    use mpclab_sim::RunSeed;

    fn alone(service_ns: u64) -> Vec<Demand> {
        vec![vec![Fork { work: vec![(0, service_ns)], pause_ns: 0 }]]
    }

    fn requests(times: impl IntoIterator<Item = u64>) -> Vec<Request> {
        times.into_iter().map(|at_ns| Request { at_ns, demand: 0 }).collect()
    }

    #[test]
    fn a_station_serves_no_more_than_it_can() {
        // Two stations, the slower one of 1000 ns: offered twice as much, it gives 1 per 1000 ns.
        let demands = vec![vec![Fork { work: vec![(0, 400), (1, 1000)], pause_ns: 300 }]];
        let all = requests((0..1000).map(|at| at * 500));
        let finish = simulate(&[1, 1], &demands, &all, usize::MAX);
        assert_eq!(finish[0], 1300);
        assert_eq!(finish[999] - finish[0], 999 * 1000);
        // With half of what it can, nobody waits.
        let all = requests((0..1000).map(|at| at * 2000));
        let finish = simulate(&[1, 1], &demands, &all, usize::MAX);
        assert!(all.iter().zip(&finish).all(|(request, end)| end - request.at_ns == 1300));
        // Twice the servers serve twice as many.
        let all = requests((0..1000).map(|at| at * 500));
        let finish = simulate(&[1, 2], &demands, &all, usize::MAX);
        assert_eq!(finish[999] - all[999].at_ns, 1300);
    }

    #[test]
    fn so_many_are_worked_on_at_a_time() {
        let demands = vec![vec![Fork { work: Vec::new(), pause_ns: 1000 }]];
        let finish = simulate(&[], &demands, &requests([0; 6]), 2);
        assert_eq!(finish, [1000, 1000, 2000, 2000, 3000, 3000]);
    }

    #[test]
    fn waiting_times_are_those_of_an_m_d_1_queue() {
        // Pollaczek and Khinchine: the mean wait is rho D / (2 (1 - rho)).
        let service_ns = 1_000_000u64;
        for rho in [0.3, 0.6, 0.8] {
            let mut rng = RunSeed::new(1, 0).rng("arrivals", mpclab_sim::vocabulary::PartyId(0));
            let gaps = gaps(&Arrivals::Poisson { per_hour: 1 }, 400_000, &mut rng);
            let mut at = 0.0;
            let times = gaps.iter().map(|gap| {
                at += gap * service_ns as f64 / rho;
                at as u64
            });
            let all = requests(times.collect::<Vec<_>>());
            let finish = simulate(&[1], &alone(service_ns), &all, usize::MAX);
            let waits = all.iter().zip(&finish).map(|(request, end)| end - request.at_ns);
            let mean = waits.map(|time| (time - service_ns) as f64).sum::<f64>() / 400_000.0;
            let expected = rho * service_ns as f64 / (2.0 * (1.0 - rho));
            let error = (mean / expected - 1.0).abs();
            assert!(error < 0.03, "rho {rho}: {mean} ns, not {expected} ns");
        }
    }
}
