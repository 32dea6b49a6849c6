use std::collections::BTreeSet;

use mpclab_sim::trace::{NodeTrace, Trace, Woken};
use mpclab_sim::vocabulary::PartyId;

use super::scope_name;

/// What of a trace is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Messages between these and others, and what these do; empty: all.
    pub nodes: BTreeSet<PartyId>,
    /// What happens in scopes whose folded path matches; `*` stands for any text.
    pub scope: Option<String>,
}

impl Filter {
    /// The part of a trace that is asked for; closes are left out.
    #[must_use]
    pub fn apply(&self, trace: Trace) -> Trace {
        let has_node = |node: PartyId| self.nodes.is_empty() || self.nodes.contains(&node);
        let scopes: Vec<bool> = (0..trace.scopes.len() as u32)
            .map(|scope| self.scope.as_ref().is_none_or(|p| glob(p, scope_name(&trace, scope))))
            .collect();
        let has_scope = |scope: u32| scopes.get(scope as usize).copied().unwrap_or(false);
        let mut kept = Trace { scopes: trace.scopes.clone(), ..Trace::default() };
        // Where a message is in the part that is kept.
        let mut places: Vec<Option<u32>> = Vec::with_capacity(trace.messages.len());
        for message in trace.messages {
            let is_kept = !message.is_close
                && (has_node(message.from) || has_node(message.to))
                && has_scope(message.scope);
            places.push(is_kept.then_some(kept.messages.len() as u32));
            if is_kept {
                kept.messages.push(message);
            }
        }
        for mut node in trace.nodes {
            let is_kept = has_node(node.node);
            node.work.retain(|work| is_kept && has_scope(work.scope));
            node.spans.retain(|span| is_kept && has_scope(span.scope));
            node.idle.retain_mut(|idle| match idle.ended_by {
                Woken::Message(at) => {
                    let place = places.get(at as usize).copied().flatten();
                    idle.ended_by = place.map_or(idle.ended_by, Woken::Message);
                    is_kept && place.is_some()
                }
                Woken::Timer | Woken::Fault => is_kept && self.scope.is_none(),
            });
            kept.nodes.push(node);
        }
        kept
    }
}

/// What filters of a trace left over: whether anything happens in it.
#[must_use]
pub fn is_empty(trace: &Trace) -> bool {
    let is_idle = |node: &NodeTrace| node.work.is_empty() && node.spans.is_empty();
    trace.messages.is_empty() && trace.nodes.iter().all(is_idle)
}

/// Whether a text matches a pattern in which `*` stands for any text.
#[must_use]
pub fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn stars_match_any_text() {
        for (pattern, text, matches) in [
            ("online", "online", true),
            ("online", "online/mul", false),
            ("online*", "online/mul", true),
            ("*mul", "online/mul", true),
            ("on*/m*l", "online/mul", true),
            ("on*x*l", "online/mul", false),
            ("*", "", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(glob(pattern, text), matches, "{pattern} and {text}");
        }
    }
}
