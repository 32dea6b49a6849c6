use super::{Node, Operation, Program};

impl Program {
    /// Elements that are there at once at most, if all inputs are there from the start, other nodes
    /// are computed in their order, and each goes with its last reader: what a party holds of a
    /// run, as far as it does not depend on a protocol.
    #[must_use]
    pub fn peak_elements(&self) -> u64 {
        let nodes = self.nodes();
        let mut last: Vec<usize> = (0..nodes.len()).collect();
        for (at, node) in nodes.iter().enumerate() {
            node.operation.operands().iter().for_each(|id| last[id.index()] = at);
        }
        let ends = self.outputs().iter().map(|output| output.node);
        ends.chain(self.kept().iter().copied()).for_each(|id| last[id.index()] = nodes.len());
        let mut leaving = vec![0; nodes.len() + 1];
        let is_input = |node: &&Node| matches!(node.operation, Operation::Input(_));
        let mut live: u64 = nodes.iter().filter(is_input).map(|node| node.len as u64).sum();
        let mut peak = live;
        for (at, node) in nodes.iter().enumerate() {
            let len = node.len as u64;
            live += if is_input(&node) { 0 } else { len };
            peak = peak.max(live);
            leaving[last[at]] += len;
            live = live.saturating_sub(leaving[at]);
        }
        peak
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::{Function, Multiply, Task};

    /// A chain holds two operands and a product however long it is; side by side, all are held.
    #[test]
    fn what_was_read_for_the_last_time_is_gone() {
        let peak = |params: &str| {
            let params = serde_json::from_str(params).expect("parameters");
            match Multiply::build(&params, 3).expect("a small program") {
                Task::Program(program) => program.peak_elements(),
                Task::Relation(_) => 0,
            }
        };
        assert_eq!(peak(r#"{"count":10,"depth":1}"#), peak(r#"{"count":10,"depth":1000}"#));
        assert_eq!(peak(r#"{"count":50,"depth":1}"#), 5 * peak(r#"{"count":10,"depth":1}"#));
    }
}
