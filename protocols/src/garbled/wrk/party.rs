//! The evaluator and the garblers.

use mpclab_kernels::Block;
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::evaluate::{Tables, blame, evaluate};
use super::tables::{Masks, garble, labels, masks};
use super::{EVALUATOR, Wrk, WrkPlan};
use crate::algebra::bits::Bits;
use crate::garbled::wires::Wires;
use crate::mutants;
use crate::oracle::Computed;
use crate::primitives::agree::Hash;
use crate::primitives::auth::{self, AuthBits, Faces, Prepared};
use crate::primitives::ot::Blocks;
use crate::primitives::{Domain, hash};
use crate::program::{Inputs, Outputs};
use crate::protocol::Protocol;

/// What a party has of the circuit beside masks.
enum Role {
    Evaluator(Tables),
    /// Labels of the masked bit 0 of every wire.
    Garbler(Vec<Block>),
}

/// One party; an honest one has one face.
pub(super) async fn run(
    ctx: &Ctx,
    plan: &WrkPlan,
    input: &Inputs,
    faces: Faces,
) -> Result<Outputs, Abort> {
    let mut prepared = plan.preparation.run_with(ctx, faces).await?;
    // Offline, for the circuit.
    let offline = prepared.offline.clone();
    let masks = masks(&offline.scope("masks"), plan, &mut prepared).await?;
    let scope = offline.scope("tables");
    let role = match ctx.id() {
        EVALUATOR => Role::Evaluator(Tables::receive(&scope, plan).await?),
        _ => {
            let labels = labels(&scope, plan);
            garble(&scope, plan, &masks.gates, &labels);
            Role::Garbler(labels)
        }
    };
    // Online.
    let online = ctx.scope("online");
    let wires = match &role {
        Role::Evaluator(tables) => {
            Some(receive(&online, plan, input, (&masks, tables), &mut prepared).await?)
        }
        Role::Garbler(labels) => {
            send(&online, plan, input, labels, &mut prepared).await?;
            None
        }
    };
    outputs(&online, plan, &masks.outputs, (&role, wires.as_ref()), faces).await
}

/// 1, 2. A garbler: its masked inputs, and its labels of everyone's.
async fn send(
    online: &Ctx,
    plan: &WrkPlan,
    input: &Inputs,
    labels: &[Block],
    prepared: &mut Prepared,
) -> Result<(), Abort> {
    let scope = online.scope("input");
    let masked = auth::masked_inputs(&scope, &plan.shared, input, prepared).await?;
    let delta = prepared.holder.delta;
    let of_wire = |(label, bit): (&Block, bool)| *label ^ delta.if_set(bit);
    let own: Vec<Block> = labels.iter().zip(masked.iter()).map(of_wire).collect();
    if !own.is_empty() {
        // Before masked inputs are compared. Whoever was told another input than others gives a
        // label of another row, which opens one row only with those labels of all garblers that
        // are of the same input; and nothing is opened until all have heard the same.
        online.scope("labels").send(EVALUATOR, &Blocks(own));
    }
    prepared.ledger.check(&online.scope("check")).await
}

/// 1, 2. The evaluator: its masked inputs, the garblers' labels, and the circuit.
async fn receive(
    online: &Ctx,
    plan: &WrkPlan,
    input: &Inputs,
    (masks, tables): (&Masks, &Tables),
    prepared: &mut Prepared,
) -> Result<Wires, Abort> {
    let scope = online.scope("input");
    let masked = auth::masked_inputs(&scope, &plan.shared, input, prepared).await?;
    prepared.ledger.check(&online.scope("check")).await?;
    let scope = online.scope("labels");
    let mut labels = vec![Vec::new(); plan.garblers().count()];
    if !masked.is_empty() {
        let told = scope.gather_from::<Blocks>(plan.garblers(), masked.len()).await?;
        labels = told.into_iter().map(|(_, labels)| labels.0).collect();
    }
    let wires = evaluate(&scope, plan, &masks.gates, tables, (&masked, &labels))?;
    Computed::tap(&scope, || wires.all());
    Ok(wires)
}

/// What a hash of a garbler's labels is bound to.
fn proof(ctx: &Ctx, garbler: PartyId, labels: &[Block]) -> Hash {
    let (path, session) = (ctx.path(), ctx.run_id());
    let scope = path.as_bytes();
    let domain = Domain { protocol: Wrk::NAME, session: &session, party: garbler, scope };
    let labels = Block::as_bytes(labels);
    *hash::digest("mpclab wrk labels v1", &domain.to_bytes(), &[labels]).as_bytes()
}

/// 3. Opens what each node learns to it.
async fn outputs(
    online: &Ctx,
    plan: &WrkPlan,
    masks: &AuthBits,
    (role, evaluated): (&Role, Option<&Wires>),
    faces: Faces,
) -> Result<Outputs, Abort> {
    let holder = masks.holder();
    let (shares, masked) = (online.scope("output"), online.scope("masked"));
    let wires: Vec<u32> = plan.layered.circuit().output_wires().collect();
    let wires_of = |places: &[std::ops::Range<usize>]| -> Vec<u32> {
        places.iter().flat_map(|place| &wires[place.clone()]).copied().collect()
    };
    let mut own = None;
    for (nodes, places) in plan.shared.learners() {
        let (learned, wires) = (auth::places(masks, places), wires_of(places));
        for node in nodes.iter().filter(|node| **node != holder.me) {
            auth::send(&shares, Wrk::NAME, *node, &faces.shown(*node, &learned));
            if let Some(evaluated) = evaluated {
                let labels = evaluated.of_garbler(node.index() - 1, &wires);
                let told = (evaluated.masked(&wires), proof(&masked, *node, &labels));
                masked.send(*node, &told);
            }
        }
        if nodes.contains(&holder.me) {
            own = Some((learned, wires));
        }
    }
    let Some((learned, wires)) = own else { return Ok(Outputs::none()) };
    let mut bits = auth::receive(&shares, Wrk::NAME, &learned).await?;
    bits ^= &match (role, evaluated) {
        (Role::Garbler(labels), _) => {
            let (told, proven) = masked.recv::<(Bits, Hash)>(EVALUATOR, (wires.len(), ())).await?;
            let label =
                |(wire, bit): (&u32, bool)| labels[*wire as usize] ^ holder.delta.if_set(bit);
            let expected: Vec<Block> = wires.iter().zip(told.iter()).map(label).collect();
            let fits = proof(&masked, holder.me, &expected) == proven;
            if !fits && !mutants::is("wrk/labels-unchecked") {
                let step = format!("labels in {}", masked.path());
                return Err(blame(&masked, holder.n, EVALUATOR, step));
            }
            told
        }
        (Role::Evaluator(_), Some(evaluated)) => evaluated.masked(&wires),
        (Role::Evaluator(_), None) => {
            return Err(Abort::Bug("the evaluator has evaluated nothing".to_owned()));
        }
    };
    Ok(plan.shared.learned(&plan.program, holder.me, &bits))
}
