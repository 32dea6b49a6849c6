//! Known attacks: on extension, and on what is said online.

use mpclab_sim::adversary::{Action, ElementChange, ElementChoice};

use crate::attack::{
    Attack, Expected, Plan, input_substitution, last_mover_abort, out_of_range_input,
};
use crate::primitives::ot::attacks::inconsistent_choices;
use crate::primitives::ot::silent;

pub(super) fn all() -> Vec<Attack> {
    let change = ElementChange::FlipBit(0);
    let flips = |element| Action::Tamper { field: None, element, change };
    let mut all = silent::attacks::all("offline");
    all.extend([
        inconsistent_choices("offline"),
        Attack::new(
            "choice-substitution",
            "asks for another message than it was to",
            "Beaver, CRYPTO 1995 (input_substitution)",
            Plan::rule("online/choices", flips(ElementChoice::At(0))),
            Expected::InputSubstitution,
        ),
        Attack::new(
            "message-substitution",
            "changes all messages under their masks",
            "Naor, Pinkas, STOC 1999 (input_substitution)",
            Plan::rule("online/messages", flips(ElementChoice::All)),
            Expected::InputSubstitution,
        ),
        out_of_range_input(Expected::InputSubstitution),
        input_substitution(),
        last_mover_abort(),
    ]);
    all
}
