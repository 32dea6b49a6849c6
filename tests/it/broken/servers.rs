//! Clients tell three servers their values, who compare what they were told and answer with the
//! product.

use mpclab::prelude::*;
use mpclab::protocols::algebra::{M61, Ring};
use mpclab::protocols::oracle::{EffectiveInputs, States};

use super::toys::{CLAIMS, Flaw, brought, product};

pub(super) const fn claims() -> Claims {
    Claims { threshold: Threshold::Exact(1), ..CLAIMS }
}

/// Label of the values that a server was told, in order of input parties.
const TOLD: &str = "told";

pub(super) async fn run(
    ctx: Ctx,
    job: Arc<Job>,
    own: Option<M61>,
    flaw: Flaw,
) -> Result<Outputs, Abort> {
    let (tell, echo, answer) =
        (ctx.scope("online/tell"), ctx.scope("online/echo"), ctx.scope("online/answer"));
    let servers = || job.roles.computing();
    let others = || servers().filter(|server| *server != ctx.id());
    let program = job.program().map_err(|why| Abort::Bug(why.to_string()))?;
    let takes =
        |value: &M61| program.inputs().iter().all(|decl| decl.range.contains(value.to_i128()));
    if let Some(own) = own {
        tell.send_to(servers(), &vec![own]);
    }
    if job.roles.computes(ctx.id()) {
        let told = tell.gather_from::<Vec<M61>>(job.roles.input.iter().copied(), 1).await?;
        let values: Vec<M61> = told.into_iter().flat_map(|(_, value)| value).collect();
        if let Some(at) = values.iter().position(|value| !takes(value)) {
            return Err(ctx.cheating(vec![job.roles.input[at]], "range"));
        }
        if flaw != Flaw::Trusting {
            echo.send_to(others(), &values);
            let heard = echo.gather_from::<Vec<M61>>(others(), values.len()).await?;
            if heard.values().any(|other| *other != values) {
                return Err(ctx.check_failed("servers were told the same"));
            }
        }
        ctx.scope("online").tap(TOLD, || values.clone());
        let product = vec![M61::from_i128(product(&values).values()[0])];
        answer.send_to(job.roles.output.iter().copied(), &product);
    }
    if !job.roles.learns_output(ctx.id()) {
        return Ok(Outputs::none());
    }
    let answers = answer.gather_from::<Vec<M61>>(servers(), 1).await?;
    let mut products: Vec<M61> = answers.into_iter().flat_map(|(_, value)| value).collect();
    if flaw != Flaw::Trusting && products.iter().any(|other| *other != products[0]) {
        return Err(ctx.check_failed("servers answer the same"));
    }
    // Two of three are honest.
    products.sort_unstable_by_key(|value| value.to_u128());
    Ok(Outputs::of("product", vec![products[1].to_i128()]))
}

pub(super) fn effective_inputs(job: &Job, states: &States<'_>) -> EffectiveInputs {
    let mut inputs = EffectiveInputs::default();
    for (at, party) in job.roles.input.iter().enumerate() {
        let mut values = states.tapped::<Vec<M61>>(TOLD).map(|(_, told)| told[at]);
        let Some(first) = values.next().filter(|_| states.corrupted.contains(party)) else {
            continue;
        };
        inputs.insert(*party, brought(first, values.all(|value| value == first)));
    }
    inputs
}
