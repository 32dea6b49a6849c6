use std::collections::BTreeMap;

use mpclab_sim::trace::{NodeTrace, Span, Trace};

use super::scope_path;

/// Scopes of a node on lanes: on one lane each lies inside the one before or behind it, so that
/// they nest as slices; strands that run side by side get lanes of their own.
pub(super) struct Lanes {
    /// Spans with their lanes, in order of lane and then of time, outer ones first.
    pub(super) spans: Vec<(usize, Span)>,
    by_scope: BTreeMap<u32, Vec<(usize, Span)>>,
}

impl Lanes {
    pub(super) fn of(trace: &Trace, node: &NodeTrace) -> Self {
        let mut spans = node.spans.clone();
        let depth = |span: &Span| scope_path(trace, span.scope).matches('/').count();
        spans.sort_by_key(|span| (span.from_ns, depth(span), std::cmp::Reverse(span.until_ns)));
        // By lane, the spans that are open.
        let mut lanes: Vec<Vec<Span>> = Vec::new();
        let mut placed: Vec<(usize, Span)> = Vec::new();
        for span in spans {
            for open in &mut lanes {
                while open.last().is_some_and(|last| last.until_ns <= span.from_ns) {
                    open.pop();
                }
            }
            let path = scope_path(trace, span.scope);
            let is_inside = |outer: &Span| {
                let outer_path = scope_path(trace, outer.scope);
                span.until_ns <= outer.until_ns
                    && path.strip_prefix(outer_path).is_some_and(|rest| rest.starts_with('/'))
            };
            // Best inside its own parent, else where nothing is open.
            let fits = |open: &Vec<Span>| open.last().is_some_and(is_inside);
            let lane = lanes.iter().position(fits);
            let lane = lane.or_else(|| lanes.iter().position(Vec::is_empty));
            let lane = lane.unwrap_or_else(|| {
                lanes.push(Vec::new());
                lanes.len() - 1
            });
            lanes[lane].push(span);
            placed.push((lane, span));
        }
        let mut by_scope: BTreeMap<u32, Vec<(usize, Span)>> = BTreeMap::new();
        for (lane, span) in &placed {
            by_scope.entry(span.scope).or_default().push((*lane, *span));
        }
        placed.sort_by_key(|(lane, span)| (*lane, span.from_ns, std::cmp::Reverse(span.until_ns)));
        Lanes { spans: placed, by_scope }
    }

    /// The lane on which a scope is open at a time.
    pub(super) fn at(&self, scope: u32, time_ns: u64) -> Option<usize> {
        let spans = self.by_scope.get(&scope)?;
        let is_open = |span: &Span| span.from_ns <= time_ns && time_ns <= span.until_ns;
        spans.iter().find(|(_, span)| is_open(span)).map(|(lane, _)| *lane)
    }
}
