//! What a run that is over comes down to.

use super::corrupted::Coalition;
use super::node::{Life, Node};
use super::outcome::{Digests, End, Output, PartyEnd, PhaseTimes, Rounds, Run, Waiting};
use super::run::Kernel;
use crate::ctx::lock;
use crate::metrics::Metrics;
use crate::trace::Trace;
use crate::vocabulary::{PartyId, Phase};

impl<T: Output> Kernel<'_, T> {
    pub(super) fn report(mut self) -> Run<T> {
        let end = self.over.take().unwrap_or_else(|| self.completion());
        let corrupted = self.coalition.as_ref().map_or_else(Vec::new, Coalition::corrupted);
        let n = self.common.n;
        let mut rounds = Rounds::default();
        let (mut spans, mut taps, mut segments_ns) = (Vec::new(), Vec::new(), Vec::new());
        let mut corrupted_taps = Vec::new();
        let (mut breaches, mut draws) = (Vec::new(), Vec::new());
        for (at, node) in self.nodes.iter_mut().take(n).enumerate() {
            node.code = None; // scopes close and count what was not read
            let mut state = lock(&node.state);
            let unread = state.unread();
            state.metrics.unread = unread;
            segments_ns.push(std::mem::take(&mut state.meter.segments_ns));
            if corrupted.contains(&PartyId::from(at)) {
                taps.push(Vec::new());
                corrupted_taps.push(std::mem::take(&mut state.taps));
                draws.append(&mut state.draws);
                continue;
            }
            let breached = state.breaches.drain(..);
            breaches.extend(breached.map(|what| (PartyId::from(at), what)));
            taps.push(std::mem::take(&mut state.taps));
            corrupted_taps.push(Vec::new());
            rounds.total = rounds.total.max(state.deepest.total);
            for phase in Phase::ALL.map(Phase::index) {
                rounds.phase[phase] = rounds.phase[phase].max(state.deepest.phase[phase]);
            }
            let ended = matches!(node.life, Life::Ended | Life::Crashed);
            spans.push((state.entered_ns, if ended { node.end_ns } else { state.clock_ns }));
        }
        let ideal_taps = self.nodes.iter().skip(n);
        let ideal_taps = ideal_taps.map(|node| std::mem::take(&mut lock(&node.state).taps));
        let ideal_taps = ideal_taps.collect();
        let (mut view, acts) = self.coalition.take().map(Coalition::into_view).unwrap_or_default();
        view.draws = draws;
        let counted: Vec<_> = self.nodes.iter().take(n).map(|node| lock(&node.state)).collect();
        let rows = counted.iter().map(|state| (state.id, &state.metrics, &state.mail));
        let metrics =
            Metrics::collect(rows, |party| !corrupted.contains(&party), self.config.keep_links);
        drop(counted);
        let digests = self.digests(&corrupted);
        let trace = self.trace(&corrupted);
        let times = PhaseTimes::new(spans.into_iter());
        let least_ns = u64::from(rounds.total).saturating_mul(self.config.network.min_latency_ns());
        debug_assert!(
            times.total_ns >= least_ns || !corrupted.is_empty() || end != End::Complete,
            "{} ns for {} rounds",
            times.total_ns,
            rounds.total
        );
        let parties = self.nodes.drain(..).take(n).map(|node| {
            let end = match (node.life, node.result) {
                (Life::Crashed, _) => PartyEnd::Crashed,
                (Life::Ended, Some(Ok(output))) => PartyEnd::Output(output),
                (Life::Ended, Some(Err(abort))) => PartyEnd::Abort(abort),
                _ => PartyEnd::Unfinished,
            };
            (end, node.end_ns)
        });
        Run {
            parties: parties.collect(),
            end,
            corrupted,
            times,
            rounds,
            metrics,
            digests,
            taps,
            corrupted_taps,
            ideal_taps,
            view,
            acts,
            breaches,
            segments_ns,
            restarted: self.restarted,
            lost: self.routes.lost,
            events: self.events,
            trace,
        }
    }

    /// What was taken down.
    fn trace(&mut self, corrupted: &[PartyId]) -> Option<Trace> {
        let ideals = &self.common.ideals;
        let parties = self.common.n;
        let node = |(at, node): (usize, &Node<T>)| {
            let mut state = lock(&node.state);
            let recorder = state.recorder.take().map(|recorder| *recorder).unwrap_or_default();
            let has_ended = matches!(node.life, Life::Ended | Life::Crashed);
            let end_ns = if has_ended { node.end_ns } else { state.clock_ns };
            let ideal = at.checked_sub(parties).map(|ideal| ideals[ideal]);
            (recorder, end_ns, ideal, corrupted.contains(&PartyId::from(at)))
        };
        self.recorder.take()?.finish(self.nodes.iter().enumerate().map(node))
    }

    pub(super) fn completion(&self) -> End {
        if self.unfinished == 0 {
            return End::Complete;
        }
        let mut stalled = Vec::new();
        for node in self.nodes.iter().take(self.common.n) {
            let mut state = lock(&node.state);
            let party = state.id;
            // Nobody waits for a corrupted party to end.
            let is_corrupted = self.common.corrupted.contains(&party);
            if is_corrupted || matches!(node.life, Life::Ended | Life::Crashed) {
                continue;
            }
            let waits = state.waiting();
            if waits.is_empty() {
                stalled.push(Waiting { party, scope: String::new(), from: Vec::new() });
            }
            stalled.extend(waits.into_iter().map(|(scope, from)| Waiting { party, scope, from }));
        }
        if stalled.is_empty() { End::Complete } else { End::Stalled(stalled) }
    }

    pub(super) fn digests(&self, corrupted: &[PartyId]) -> Digests {
        let mut event = blake3::Hasher::new();
        let mut transcript = blake3::Hasher::new();
        let mut honest = blake3::Hasher::new();
        let mut bytes = Vec::new();
        for node in self.nodes.iter().take(self.common.n) {
            let state = lock(&node.state);
            event.update(&state.event_chain.to_le_bytes());
            transcript.update(&state.transcript.to_le_bytes());
            bytes.clear();
            match (node.life, &node.result) {
                (Life::Ended, Some(Ok(output))) => {
                    bytes.push(1);
                    output.digest(&mut bytes);
                }
                (Life::Ended, Some(Err(abort))) => {
                    bytes.push(2);
                    bytes.extend_from_slice(abort.to_string().as_bytes());
                }
                (Life::Crashed, _) => bytes.push(3),
                _ => bytes.push(0),
            }
            let len = (bytes.len() as u64).to_le_bytes();
            for hasher in [&mut event, &mut transcript] {
                hasher.update(&len).update(&bytes);
            }
            if !corrupted.contains(&state.id) {
                honest.update(&state.transcript.to_le_bytes()).update(&len).update(&bytes);
            }
            event.update(&node.end_ns.to_le_bytes());
        }
        Digests {
            event: *event.finalize().as_bytes(),
            transcript: *transcript.finalize().as_bytes(),
            honest: *honest.finalize().as_bytes(),
        }
    }
}
