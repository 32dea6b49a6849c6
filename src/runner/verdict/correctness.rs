//! Honest outputs against the ideal functionality on the effective inputs.

use mpclab_protocols::functions::{Relation, Task};
use mpclab_protocols::oracle::{self, Effective, Reach, States};
use mpclab_protocols::program::{self, EvaluationError, Inputs, Outputs, Program};
use mpclab_sim::vocabulary::{Observed, PartyId};

use super::{Facts, Seen};

/// Whether a right output is right for other inputs than the coalition was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Substitution {
    /// Inputs are those that were handed out.
    None,
    /// A corrupted party brought something else, which nobody can prevent.
    Input,
}

/// How the evidence begins where the functionality would have refused an input: honest parties went
/// on with one outside of its range, or only such a one explains their outputs.
const RANGE_VIOLATION: &str = "range violation";

/// What input parties brought in the end.
enum Brought {
    /// All inputs are fixed; whether one is not what was handed out.
    All(Vec<Inputs>, Substitution),
    /// Those of honest parties and some of others are.
    Some(Vec<Option<Inputs>>),
    /// Honest state contradicts itself.
    Contradiction(String),
}

/// The effective inputs of corrupted parties in a run.
#[must_use]
pub fn effective(facts: &Facts<'_>) -> Vec<(PartyId, Effective)> {
    facts.bound.oracle.effective_inputs(&States::of(facts.run)).into_iter().collect()
}

impl Facts<'_> {
    pub(in crate::runner) fn correctness(&self) -> (Seen, Substitution) {
        let plain = |seen| (seen, Substitution::None);
        if self.run.restarted {
            let why = "a party restarted, and the protocol declares no recovery";
            return plain((Observed::Inconclusive, why.to_owned()));
        }
        if let Some(party) = self.unentitled() {
            let why = format!("{party} has an output that is not for it");
            return plain((Observed::Broken, why));
        }
        let got: Vec<(PartyId, &Outputs)> = self.honest_outputs().collect();
        if got.is_empty() {
            let why = "no honest party has an output".to_owned();
            return plain((self.of_no_output(), why));
        }
        let program = match &self.cell.task {
            Task::Program(program) => program,
            Task::Relation(relation) => {
                return self.related(relation.as_ref(), &got);
            }
        };
        match self.brought() {
            Brought::Contradiction(why) => {
                let party = got[0].0;
                plain((Observed::Broken, format!("{party} has an output, but {why}")))
            }
            Brought::All(inputs, substitution) => {
                let note = match substitution {
                    Substitution::None => "",
                    Substitution::Input => " (input substitution)",
                };
                if program.outputs().is_empty() {
                    let why = format!("nothing is opened, so no output was checked{note}");
                    return ((Observed::Held, why), substitution);
                }
                let seen = match self.first_wrong(program, &inputs, &got) {
                    Ok(None) => (Observed::Held, format!("{} outputs checked{note}", got.len())),
                    Ok(Some(wrong)) => (Observed::Broken, wrong),
                    Err(why) => (Observed::Inconclusive, why),
                };
                (seen, substitution)
            }
            Brought::Some(known) => self.reached(program, &known, &got),
        }
    }

    /// An honest party that has an output and should have none.
    fn unentitled(&self) -> Option<PartyId> {
        let roles = &self.cell.cell.roles;
        let mut outputs = self.run.outputs();
        let others = outputs.find(|(party, output)| {
            self.is_honest(*party) && !roles.learns_output(*party) && !output.is_empty()
        });
        others.map(|(party, _)| party)
    }

    /// Outputs against a relation, on the inputs that were brought.
    fn related(
        &self,
        relation: &dyn Relation,
        got: &[(PartyId, &Outputs)],
    ) -> (Seen, Substitution) {
        let of = |party: &PartyId| {
            let own = got.iter().find(|(other, _)| other == party);
            own.map(|(_, outputs)| (*outputs).clone())
        };
        let outputs: Vec<Option<Outputs>> = self.cell.cell.roles.output.iter().map(of).collect();
        let accepts = |inputs: &[Inputs]| match relation.accepts(inputs, &outputs) {
            Ok(()) => (Observed::Held, format!("{} outputs checked", got.len())),
            Err(error) => (Observed::Broken, error.to_string()),
        };
        match self.brought() {
            Brought::All(inputs, substitution) => (accepts(&inputs), substitution),
            Brought::Contradiction(why) => ((Observed::Broken, why), Substitution::None),
            Brought::Some(_) => {
                let seen = match accepts(self.inputs) {
                    (Observed::Broken, why) => (Observed::Inconclusive, why),
                    held => held,
                };
                (seen, Substitution::None)
            }
        }
    }

    /// Whether a party's output is that of the functionality, for what is known of the inputs.
    pub(super) fn is_right(&self, party: PartyId, output: &Outputs) -> bool {
        match (&self.cell.task, self.brought()) {
            (Task::Program(program), Brought::All(inputs, _)) => {
                matches!(self.first_wrong(program, &inputs, &[(party, output)]), Ok(None))
            }
            (Task::Program(program), Brought::Some(known)) => {
                let seen = self.reached(program, &known, &[(party, output)]);
                seen.0.0 == Observed::Held
            }
            (Task::Program(_), Brought::Contradiction(_)) => false,
            (Task::Relation(relation), _) => {
                self.related(relation.as_ref(), &[(party, output)]).0.0 == Observed::Held
            }
        }
    }

    /// Which output party a node is.
    fn output_index(&self, party: PartyId) -> usize {
        self.cell.cell.roles.output.binary_search(&party).unwrap_or(usize::MAX)
    }

    fn brought(&self) -> Brought {
        let roles = &self.cell.cell.roles;
        let malicious = self.threat.is_some_and(|threat| threat.is_malicious);
        if !malicious {
            return Brought::All(self.inputs.to_vec(), Substitution::None);
        }
        let fixed = effective(self);
        let mut known: Vec<Option<Inputs>> = Vec::new();
        let mut substitution = Substitution::None;
        for (node, given) in roles.input.iter().zip(self.inputs) {
            if self.is_honest(*node) || given.is_empty() {
                known.push(Some(given.clone()));
                continue;
            }
            match fixed.iter().find(|(party, _)| party == node).map(|(_, effective)| effective) {
                Some(Effective::Input(brought)) => {
                    if brought != given {
                        substitution = Substitution::Input;
                    }
                    known.push(Some(brought.clone()));
                }
                Some(Effective::Undefined(why)) => return Brought::Contradiction(why.clone()),
                Some(Effective::Unknown) | None => known.push(None),
            }
        }
        let all: Option<Vec<Inputs>> = known.iter().cloned().collect();
        match all {
            Some(inputs) => Brought::All(inputs, substitution),
            None => Brought::Some(known),
        }
    }

    /// The first output that differs from the functionality's; an error says why nobody can tell.
    fn first_wrong(
        &self,
        program: &Program,
        inputs: &[Inputs],
        got: &[(PartyId, &Outputs)],
    ) -> Result<Option<String>, String> {
        let expected = match program::interpret(program, inputs) {
            Ok(expected) => expected,
            Err(error @ EvaluationError::InputRange { .. }) => {
                return Ok(Some(self.refused(program, inputs, got, &error)));
            }
            Err(error) => return Err(error.to_string()),
        };
        Ok(got.iter().find_map(|(party, outputs)| {
            let mismatch =
                program::check_outputs(program, &expected, self.output_index(*party), outputs);
            let mismatch = mismatch.err()?;
            Some(format!("{party}: {mismatch}"))
        }))
    }

    /// What is wrong where the functionality refuses an input and honest parties have outputs: that
    /// alone, or that they are not even what the protocol's arithmetic makes of it.
    fn refused(
        &self,
        program: &Program,
        inputs: &[Inputs],
        got: &[(PartyId, &Outputs)],
        error: &EvaluationError,
    ) -> String {
        let of = |party: &PartyId, name: &str| {
            let mut named = program.outputs().iter().filter(|output| &*output.name == name);
            named.any(|output| output.to.include(self.output_index(*party)))
        };
        let expected = self.bound.oracle.evaluate(inputs);
        let wrong = expected.and_then(|expected| {
            got.iter().map(|(party, outputs)| (*party, *outputs)).find(|(party, outputs)| {
                !outputs.iter().eq(expected.iter().filter(|(name, _)| of(party, name)))
            })
        });
        match wrong {
            Some((party, _)) => {
                format!("{party}: not the function's value, not even for this input: {error}")
            }
            None => format!("{RANGE_VIOLATION}: {} accepts: {error}", got[0].0),
        }
    }

    /// What is known of all outputs, from the honest parties that learn them.
    fn known_outputs(
        &self,
        program: &Program,
        got: &[(PartyId, &Outputs)],
    ) -> Result<Outputs, String> {
        for (party, outputs) in got {
            let index = self.output_index(*party);
            let own = program.outputs().iter().filter(|output| output.to.include(index));
            if !outputs.iter().map(|(name, _)| name).eq(own.map(|output| &*output.name)) {
                return Err(format!("{party} has other outputs than its own"));
            }
        }
        let mut known = Outputs::none();
        for output in program.outputs() {
            let mut columns =
                got.iter().filter_map(|(party, all)| Some((party, all.get(&output.name)?)));
            let Some((first, column)) = columns.next() else { continue };
            if let Some((other, _)) = columns.find(|(_, other)| *other != column) {
                return Err(format!("{first} and {other} differ, so one of them is wrong"));
            }
            known = known.with(output.name.clone(), column.clone());
        }
        Ok(known)
    }

    /// Whether some inputs of the coalition explain all honest outputs.
    fn reached(
        &self,
        program: &Program,
        known: &[Option<Inputs>],
        got: &[(PartyId, &Outputs)],
    ) -> (Seen, Substitution) {
        // What it was given explains them in most runs.
        if let Ok(None) = self.first_wrong(program, self.inputs, got) {
            let seen = (Observed::Held, format!("{} outputs checked", got.len()));
            return (seen, Substitution::None);
        }
        let outputs = match self.known_outputs(program, got) {
            Ok(outputs) => outputs,
            Err(why) => return ((Observed::Broken, why), Substitution::None),
        };
        let text = || self.cell.task.describe(got[0].1);
        let seen = match oracle::reach(program, known, &outputs) {
            Reach::Reachable => {
                let how = format!("{} outputs checked (input substitution)", got.len());
                return ((Observed::Held, how), Substitution::Input);
            }
            Reach::OutOfRange => {
                let what = format!("only inputs outside of their ranges give {}", text());
                (Observed::Broken, format!("{RANGE_VIOLATION}: {}: {what}", got[0].0))
            }
            Reach::Unreachable => {
                let what = format!("no inputs of the coalition in their ranges give {}", text());
                (Observed::Broken, format!("{}: {what}", got[0].0))
            }
            Reach::Undecided(why) => (Observed::Inconclusive, why),
        };
        (seen, Substitution::None)
    }
}
