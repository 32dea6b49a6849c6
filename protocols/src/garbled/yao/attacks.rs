//! Known attacks. Nothing of what a malicious party sends is checked: a garbler may garble something
//! else, an evaluator may say what it likes of its outputs.

use mpclab_sim::adversary::{Action, BodyChange, ElementChange, ElementChoice};

use crate::attack::{
    Attack, Expected, Plan, input_substitution, last_mover_abort, wrong_output_share,
};

pub(super) fn all() -> Vec<Attack> {
    let change = ElementChange::FlipBit(0);
    let flip = Action::Tamper { field: None, element: ElementChoice::All, change };
    vec![
        Attack::new(
            "wrong-garbled-gate",
            "flips a bit of every row of the tables",
            "Lindell, Pinkas, EUROCRYPT 2007; Wang, Ranellucci, Katz, CCS 2017 (wrong_garbled_gate)",
            Plan::rules([("online/tables", flip)]),
            Expected::AnotherOutput,
        ),
        Attack::new(
            "wrong-circuit",
            "sends tables of nothing but zeros",
            "Lindell, Pinkas, EUROCRYPT 2007 (wrong_circuit)",
            Plan::rules([("online/tables", Action::Body(BodyChange::Zero))]),
            Expected::AnotherOutput,
        ),
        Attack::new(
            "selective-failure",
            "makes the first table wrong for one permute bit of its first input only",
            "Kiraz, Schoenmakers, 2006; Mohassel, Franklin, PKC 2006 (selective_failure)",
            Plan::rules([(
                "online/tables",
                Action::Tamper { field: None, element: ElementChoice::At(0), change },
            )]),
            Expected::AnotherOutput,
        ),
        wrong_output_share("online/output", Expected::AnotherOutput),
        input_substitution(),
        last_mover_abort(),
    ]
}
