//! One party: inputs, layers of ANDs, the check, outputs.

use std::sync::Arc;

use mpclab_sim::vocabulary::Abort;
use mpclab_sim::{Ctx, work};

use super::{TinyOt, TinyOtPlan};
use crate::circuit::{Walk, WalkError};
use crate::mutants;
use crate::primitives::auth::{self, AuthBits, Faces, PICK, Prepared, TAG, Triples};
use crate::program::{Inputs, Outputs};
use crate::protocol::Protocol;

/// One party; an honest one has one face.
pub(super) async fn run(
    ctx: &Ctx,
    plan: &TinyOtPlan,
    input: &Inputs,
    faces: Faces,
) -> Result<Outputs, Abort> {
    let mut prepared = plan.preparation.run_with(ctx, faces).await?;
    let online = ctx.scope("online");
    // 1. Inputs.
    let scope = online.scope("input");
    let mut inputs = auth::masks(&scope, &plan.shared, &mut prepared);
    let masked = auth::masked_inputs(&scope, &plan.shared, input, &mut prepared).await?;
    inputs.add_public(&masked);
    // 2. ANDs.
    let shares = evaluate(&online, plan, inputs, &mut prepared).await?;
    // 3. The check.
    let early = mutants::is("tinyot/output-before-check");
    if !early {
        prepared.ledger.check(&online.scope("check")).await?;
    }
    // 4. Outputs.
    let outputs = outputs(&online.scope("output"), plan, &shares, faces).await?;
    if early {
        prepared.ledger.check(&online.scope("check")).await?;
    }
    Ok(outputs)
}

/// Shares of all output bits.
async fn evaluate(
    online: &Ctx,
    plan: &TinyOtPlan,
    inputs: AuthBits,
    prepared: &mut Prepared,
) -> Result<AuthBits, Abort> {
    let wrong = |why: WalkError| Abort::Bug(why.to_string());
    let tags = prepared.holder.tags();
    let mut walk = Walk::new(Arc::clone(&plan.layered), inputs, 1).map_err(wrong)?;
    loop {
        let layer = plan.layered.layer(walk.layer());
        work::did(PICK, layer.local.len() * tags);
        walk.local();
        if walk.is_last() {
            break;
        }
        let scope = online.scope(("and", walk.layer()));
        work::did(PICK, 2 * layer.batch.len() * tags);
        work::did(TAG, layer.batch.len() * tags);
        let (x, y) = walk.operands();
        let triples = prepared.triples.take(&scope, x.len())?;
        let differences = Triples::differences(&triples, [&x, &y]);
        let opened = prepared.ledger.open(&scope, &differences).await?;
        walk.place(Triples::products(&triples, &opened)).map_err(wrong)?;
    }
    if !prepared.triples.is_spent() {
        return Err(Abort::Bug("ANDs are left over".to_owned()));
    }
    // What is kept stays shared.
    let outputs = walk.outputs();
    work::did(TAG, outputs.len() * tags);
    Ok(outputs.slice(0..plan.shared.output_bits()))
}

/// Opens what each node learns to it.
async fn outputs(
    ctx: &Ctx,
    plan: &TinyOtPlan,
    shares: &AuthBits,
    faces: Faces,
) -> Result<Outputs, Abort> {
    let holder = shares.holder();
    for (nodes, places) in plan.shared.learners() {
        let learned = auth::places(shares, places);
        let nodes = match mutants::is("tinyot/outputs-told") {
            true => holder.peers().collect(),
            false => nodes.to_vec(),
        };
        for node in nodes.into_iter().filter(|node| *node != holder.me) {
            auth::send(ctx, TinyOt::NAME, node, &faces.shown(node, &learned));
        }
    }
    let own = plan.shared.learners().find(|(nodes, _)| nodes.contains(&holder.me));
    let Some((_, places)) = own else { return Ok(Outputs::none()) };
    let bits = auth::receive(ctx, TinyOt::NAME, &auth::places(shares, places)).await?;
    Ok(plan.shared.learned(&plan.program, holder.me, &bits))
}
