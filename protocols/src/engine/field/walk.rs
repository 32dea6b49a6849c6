use mpclab_sim::vocabulary::Abort;
use mpclab_sim::{Ctx, work};

use super::{FieldSharing, Stock};
use crate::algebra::Ring;
use crate::circuit::{Layered, WalkError, WideWalk};
use crate::engine::{RingVectors, Shares};

/// The output of a circuit that has one, for each of many instances. Products go instance by
/// instance.
///
/// No XOR of the circuit may meet two ones: it is a sum here.
pub(super) async fn walk<S: FieldSharing>(
    sharing: &S,
    ctx: &Ctx,
    stock: &mut Stock<S>,
    circuit: &Layered,
    inputs: Vec<S::Shares>,
) -> Result<S::Shares, Abort> {
    let instances = inputs.first().map_or(0, Shares::len);
    let ones = sharing.constant(vec![S::Field::ONE; instances])?;
    let wrong = |why: WalkError| Abort::Bug(why.to_string());
    let mut walk = WideWalk::new(circuit, inputs).map_err(wrong)?;
    let negated = |bits: &S::Shares| ones.sub(bits);
    while !walk.is_last() {
        walk.local(S::Shares::add, negated);
        let [left, right] = walk.operands().map(|wires| by_instance::<S>(&wires));
        let products = sharing.mul(ctx, stock, &left, &right).await?;
        drop((left, right));
        let gates = circuit.layer(walk.layer()).batch.len();
        walk.place(by_wire::<S>(&products, gates)).map_err(wrong)?;
    }
    walk.local(S::Shares::add, negated);
    walk.outputs().pop().ok_or_else(|| Abort::Bug("a circuit without outputs".to_owned()))
}

/// Of many instances laid out one after the other, the vector of each wire.
pub(super) fn by_wire<S: FieldSharing>(shares: &S::Shares, wires: usize) -> Vec<S::Shares> {
    let wire = |wire: usize| {
        shares.map(&|all| {
            work::did(S::Field::PLACE, all.len().div_ceil(wires.max(1)));
            all.iter().skip(wire).step_by(wires.max(1)).copied().collect()
        })
    };
    (0..wires).map(wire).collect()
}

/// The other way round.
fn by_instance<S: FieldSharing>(wires: &[&S::Shares]) -> S::Shares {
    let instances = wires.first().map_or(0, |wire| wire.len());
    S::Shares::from_vectors(&mut |which| {
        let vectors: Vec<&[S::Field]> = wires.iter().map(|wire| wire.vector(which)).collect();
        let mut all = Vec::with_capacity(instances * vectors.len());
        work::did(S::Field::PLACE, instances * vectors.len());
        (0..instances).for_each(|at| all.extend(vectors.iter().map(|vector| vector[at])));
        all
    })
}
