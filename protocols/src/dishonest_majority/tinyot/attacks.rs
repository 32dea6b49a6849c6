//! Known attacks: on openings and their MACs, on what is broadcast, on the ANDs that are prepared.

use super::{TinyOt, party};
use crate::attack::{Attack, code};
use crate::primitives::auth::attacks::{faces, openings, preparation, two_faced};

/// Scopes of layers of ANDs: what is opened in them is `d` and `e`.
const ANDS: &str = "online/and[*";

pub(super) fn all() -> Vec<Attack> {
    let mut all = openings(ANDS, "online/check", "online/output");
    all.extend(preparation());
    all.push(two_faced(code::<TinyOt>(|ctx, plan, setting, input| {
        Box::pin(async move {
            let faces = faces(&setting, plan.preparation.masks());
            party::run(&ctx, &plan, &input, faces).await
        })
    })));
    all
}
