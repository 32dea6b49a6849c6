//! The first party's value reaches the third through the second, with a tag under a key that both
//! have for good; everything else is told to all and compared.

use mpclab::prelude::*;
use mpclab::protocols::algebra::{M61, Ring};
use mpclab::protocols::primitives::hash;

use super::toys::{Flaw, HEARD, domain, product};

const P0: PartyId = PartyId(0);
const P1: PartyId = PartyId(1);
const P2: PartyId = PartyId(2);

/// Of the first and the third party, from before all sessions.
const KEY: &[u8] = b"long-term key";

type Tagged = (Vec<M61>, [u8; 32]);

pub(super) async fn run(ctx: Ctx, own: Option<M61>, flaw: Flaw) -> Result<Outputs, Abort> {
    let nonce = if flaw == Flaw::SharedNonce { [0; 32] } else { ctx.run_id() };
    ctx.consume("nonces", &format!("{nonce:?}"), 0..1, 0);
    let session = if flaw == Flaw::NoSession { [0; 32] } else { ctx.run_id() };
    let tag = |values: &[M61]| {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_u128().to_le_bytes()).collect();
        let domain = domain(&session, P0, "relay").to_bytes();
        *hash::digest("toy tag", &domain, &[KEY, &bytes]).as_bytes()
    };
    let online = ctx.scope("online");
    let (direct, relay, told) =
        (online.scope("direct"), online.scope("relay"), online.scope("told"));
    let own = vec![own.unwrap_or(M61::ONE)];
    if ctx.id() == P0 {
        direct.send(P1, &(own.clone(), tag(&own)));
    } else {
        told.broadcast(&own);
    }
    let speakers = [P1, P2].into_iter().filter(|party| *party != ctx.id());
    let mut values = told.gather_from::<Vec<M61>>(speakers, 1).await?;
    values.insert(ctx.id(), own);
    if ctx.id() == P1 {
        let tagged = direct.recv::<Tagged>(P0, (1, ())).await?;
        relay.send(P2, &tagged);
        values.insert(P0, tagged.0);
    } else if ctx.id() == P2 {
        let (value, seen) = relay.recv::<Tagged>(P1, (1, ())).await?;
        if seen != tag(&value) {
            return Err(ctx.check_failed("tag"));
        }
        values.insert(P0, value);
    }
    let values: Vec<M61> = values.into_iter().flat_map(|(_, value)| value).collect();
    let echo = online.scope("echo");
    let bytes: Vec<u8> = values[1..].iter().flat_map(|v| v.to_u128().to_le_bytes()).collect();
    let heard = *hash::digest("toy echo", &ctx.run_id(), &[&bytes]).as_bytes();
    echo.broadcast(&heard);
    if echo.gather::<[u8; 32]>(()).await?.values().any(|other| *other != heard) {
        return Err(ctx.check_failed("echo"));
    }
    online.tap(HEARD, || values.clone());
    Ok(product(&values))
}
