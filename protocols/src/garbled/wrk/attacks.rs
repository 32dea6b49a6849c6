//! Known attacks: on rows, labels and decoding, beside those on what is prepared and opened.

use super::{Wrk, party};
use crate::attack::{Attack, Expected, Plan, code};
use crate::primitives::auth::attacks::{faces, flip, openings, preparation, two_faced};

pub(super) fn all() -> Vec<Attack> {
    let caught = |name, about, source, scope| {
        Attack::new(name, about, source, Plan::rule(scope, flip()), Expected::Caught)
    };
    let mut all = openings("offline/masks/differences", "online/output", "online/output");
    all.extend(preparation());
    all.extend([
        caught(
            "wrong-garbled-gate",
            "flips a bit of every block of every row",
            "Wang, Ranellucci, Katz, CCS 2017 (wrong_garbled_gate)",
            "offline/tables",
        ),
        caught(
            "wrong-label",
            "sends labels of nothing",
            "Wang, Ranellucci, Katz, CCS 2017 (wrong_garbled_gate)",
            "online/labels",
        ),
        caught(
            "forged-output",
            "tells garblers the other masked bits of outputs",
            "Wang, Ranellucci, Katz, CCS 2017 (output_label_forgery)",
            "online/masked",
        ),
        two_faced(code::<Wrk>(|ctx, plan, setting, input| {
            Box::pin(async move {
                let faces = faces(&setting, plan.preparation.masks());
                party::run(&ctx, &plan, &input, faces).await
            })
        })),
    ]);
    all
}
