//! What corrupted parties bring: the checker knows it where cheaters are withstood.

use mpclab_protocols::functions::Task;
use mpclab_protocols::oracle::{Effective, States};
use mpclab_sim::Config;
use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::vocabulary::{AdversaryKind, PartyId};

use crate::harness::config;
use crate::registry::{each, variants};
use crate::tampering::short;

/// Corrupts a party that follows the protocol.
struct Idle(PartyId);

impl Adversary for Idle {
    fn corrupted(&self) -> Vec<PartyId> {
        vec![self.0]
    }

    fn depart(&mut self, _: &Departing<'_>) -> Decision {
        Decision::Pass
    }
}

/// Without it runs under attack could not be compared, and each output would be held against all
/// that a coalition could have brought.
#[test]
fn who_follows_the_protocol_brings_what_it_was_handed() {
    let known = each(&variants(), |variant| {
        let (subject, inputs) = short(variant);
        let is_claimed = subject.bound.claims.adversary != AdversaryKind::SemiHonest;
        if !is_claimed || !matches!(subject.job.task, Task::Program(_)) {
            return false;
        }
        for (party, input) in subject.job.roles.input.iter().zip(&inputs) {
            let config = Config { keep_taps: true, ..config(subject.job.roles.nodes(), 1) };
            let run = subject.simulate(&inputs, config, Some(Box::new(Idle(*party))));
            let brought = subject.bound.oracle.effective_inputs(&States::of(&run));
            let brought: Vec<_> = brought.into_iter().collect();
            assert_eq!(brought, [(*party, Effective::Input(input.clone()))], "{}", subject.name);
        }
        true
    });
    assert!(known.contains(&true), "somebody withstands cheaters");
}
