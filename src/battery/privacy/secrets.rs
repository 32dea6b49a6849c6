//! Which inputs runs are made with: pairs that a coalition can't tell apart in the ideal world, and
//! random ones.

use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{Inputs, Program, interpret};
use mpclab_sim::RunSeed;
use mpclab_sim::vocabulary::PartyId;

use super::Probe;
use crate::runner::function;

/// Two inputs of all parties that differ in honest values only.
#[derive(Clone)]
pub(super) struct Pair {
    /// By input party.
    pub(super) inputs: [Vec<Inputs>; 2],
    /// What the coalition may know in both cases: its inputs, its outputs, the declared leakage.
    pub(super) known: Vec<i128>,
    /// Honest values in each case.
    pub(super) secrets: [Vec<i128>; 2],
}

impl Probe<'_> {
    /// A pair for a coalition; `None` where the function gives all honest inputs away.
    pub(super) fn pair(&self, coalition: &[PartyId], seed: &RunSeed) -> Option<Pair> {
        let roles = &self.cell.cell.roles;
        let corrupted: Vec<usize> =
            coalition.iter().filter_map(|party| roles.input_index(*party)).collect();
        let sees_output = self.learns(coalition);
        let mut rng = seed.rng("pair", PartyId(0));
        let registry = self.target.registry;
        let inputs =
            function::equal_view_inputs(registry, &self.cell, &corrupted, sees_output, &mut rng)?;
        let mut known = self.values(&inputs[0], |party| corrupted.contains(&party));
        if let (Task::Program(program), true) = (&self.cell.task, sees_output) {
            let outputs = [0, 1].map(|class| interpret(program, &inputs[class]));
            let [Ok(first), Ok(second)] = outputs else { return None };
            let [first, second] =
                [first, second].map(|outputs| self.learned(coalition, program, &outputs.outputs));
            if first != second {
                return None;
            }
            known.extend(first);
        }
        known.extend(function::leakage(registry, &self.cell, &inputs[0]));
        let secrets =
            [0, 1].map(|class| self.values(&inputs[class], |party| !corrupted.contains(&party)));
        Some(Pair { inputs, known, secrets })
    }

    /// Whether the functionality tells a coalition anything: of a program, whether one of them is
    /// among those who learn an output.
    pub(super) fn learns(&self, coalition: &[PartyId]) -> bool {
        let roles = &self.cell.cell.roles;
        match &self.cell.task {
            Task::Program(program) => {
                let learns = |party: usize| program.output_len_of(party) > 0;
                self.output_places(coalition).into_iter().any(learns)
            }
            Task::Relation(_) => coalition.iter().any(|party| roles.learns_output(*party)),
        }
    }

    /// Of a program's outputs those that it tells a coalition.
    pub(super) fn learned(
        &self,
        coalition: &[PartyId],
        program: &Program,
        outputs: &[i128],
    ) -> Vec<i128> {
        program.learned_by(&self.output_places(coalition), outputs)
    }

    /// Places of a coalition's members among output parties.
    fn output_places(&self, coalition: &[PartyId]) -> Vec<usize> {
        let output = &self.cell.cell.roles.output;
        coalition.iter().filter_map(|party| output.binary_search(party).ok()).collect()
    }

    /// Generated inputs of all parties.
    pub(super) fn random_inputs(&self, seed: &RunSeed) -> Vec<Inputs> {
        let parties = self.cell.cell.roles.input.len();
        let generate = |party: usize| {
            let mut rng = seed.rng("input", PartyId::from(party));
            function::generate(self.target.registry, &self.cell, party, &mut rng)
        };
        (0..parties).map(generate).collect()
    }

    /// Values of some input parties, in the order of the declarations.
    fn values(&self, inputs: &[Inputs], of: impl Fn(usize) -> bool) -> Vec<i128> {
        let decls = self.cell.task.inputs().iter().filter(|decl| of(decl.party));
        let column = |decl: &mpclab_protocols::program::InputDecl| {
            inputs.get(decl.party).and_then(|inputs| inputs.integers(&decl.name))
        };
        decls.filter_map(column).flatten().copied().collect()
    }
}
