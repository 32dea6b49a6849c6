//! Code of corrupted parties, in terms of the protocol's own types.

use std::sync::Arc;

use mpclab_sim::vocabulary::Abort;
use mpclab_sim::{Ctx, PartyFuture};

use super::{Plan, Setting};
use crate::program::{Inputs, Outputs};
use crate::protocol::Protocol;

/// Code of corrupted parties, which is handed the plan.
pub(crate) fn code<P: Protocol>(
    run: impl Fn(Ctx, Arc<P::Plan>, Setting, Inputs) -> PartyFuture<Outputs>
    + Clone
    + Send
    + Sync
    + 'static,
) -> Plan {
    Plan::Code(Arc::new(move |ctx, setting, input| {
        let run = run.clone();
        Box::pin(async move {
            let params = serde_json::from_value::<P::Params>(setting.params.clone());
            let plan = P::compile(&setting.job, &params.unwrap_or_default());
            match plan {
                Ok(plan) => run(ctx, plan, setting, input).await,
                Err(_) => {
                    Err::<Outputs, Abort>(ctx.check_failed("an attack on a job that can't be done"))
                }
            }
        })
    }))
}
