//! Everyone commits to its value, then opens it.

use mpclab::prelude::*;
use mpclab::protocols::algebra::{M61, Ring};
use mpclab::protocols::attack::{Attack, Expected, Plan};
use mpclab::sim::adversary::{Action, Rule, Script, Selector};

use super::toys::{Flaw, HEARD, commit_then_open, product};

pub(super) async fn run(ctx: Ctx, own: Option<M61>, flaw: Flaw) -> Result<Outputs, Abort> {
    let online = ctx.scope("online");
    let own = vec![own.unwrap_or(M61::ONE)];
    let values = commit_then_open(&online, own, flaw).await?.concat();
    online.tap(HEARD, || values.clone());
    Ok(product(&values))
}

/// Whoever repeats another's commitment and opening brings the other's value.
pub(super) fn copy() -> Attack {
    let rules = vec![Rule { on: Selector::default(), action: Action::Echo }];
    Attack {
        name: "copy-commitments",
        about: "repeats the commitment and the opening of another party",
        source: "Dolev, Dwork, Naor, STOC 1991",
        honest: 1,
        plan: Plan::Script(Script { rules, is_rushing: true, ..Script::default() }),
        expected: Expected::Caught,
    }
}
