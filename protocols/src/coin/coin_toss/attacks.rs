//! Known attacks: on commitments, on broadcasts over channels between two each, and on fairness.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpclab_sim::adversary::{Action, Decision, Departing};
use mpclab_sim::vocabulary::{Abort, Guarantee, PartyId};
use mpclab_sim::{Ctx, PartyFuture};

use super::CoinToss;
use crate::algebra::Bits;
use crate::attack::{Attack, Expected, Plan, Setting, add_one, last_mover_abort};
use crate::primitives::agree::{self, Hash};
use crate::primitives::{Domain, commit};
use crate::program::Outputs;
use crate::protocol::Protocol;

pub(super) fn all() -> Vec<Attack> {
    let caught =
        |name, about, source, plan| Attack::new(name, about, source, plan, Expected::Caught);
    vec![
        caught(
            "commitment-copy",
            "repeats another party's commitment, and later its opening: the coin would be even",
            "Dolev, Dwork, Naor, SIAM J. Computing 2000; mpcsec: commitment copying (input_copy)",
            Plan::rules([("online/commit", Action::Echo), ("online/open", Action::Echo)]).rushing(),
        ),
        caught(
            "wrong-opening",
            "opens other bits than it has committed to, after it has seen the others'",
            "Blum, CRYPTO 1981 (equivocate)",
            Plan::rule("online/open", add_one()).rushing(),
        ),
        caught(
            "opening-equivocation",
            "opens other bits to each honest party",
            "Bracha, Information and Computation 1987 (equivocate)",
            Plan::rule("online/open", Action::Equivocate).rushing(),
        )
        .on_honest(2),
        caught(
            "commitment-equivocation",
            "commits to each honest party to other bits, and opens them as they were committed to",
            "Goldwasser, Lindell, J. Cryptology 2005 (equivocate)",
            Plan::Code(Arc::new(|ctx, setting, _| equivocate(ctx, setting))),
        )
        .on_honest(2),
        caught(
            "replay-session",
            "repeats commitments and openings of another session",
            "Canetti, Fischlin, CRYPTO 2001; CVE-2022-47930 (replay_cross_session)",
            Plan::rules([
                ("online/commit", Action::ReplayOtherRun),
                ("online/open", Action::ReplayOtherRun),
            ])
            .rushing(),
        ),
        Attack::new(
            "bias-by-abort",
            "sees the coin first, and says nothing more if its first bit is 1",
            "Cleve, STOC 1986 (coin_bias_by_abort)",
            Plan::adaptive(true, abort_if_one),
            Expected::Breaks(Guarantee::Fairness),
        ),
        last_mover_abort(),
    ]
}

/// Rushing, so that all openings have departed before any of the coalition's has to.
fn abort_if_one(
    setting: &Setting,
) -> impl FnMut(&Departing<'_>) -> Option<(Decision, String)> + Send + use<> {
    let n = setting.job.roles.compute;
    let corrupted = setting.corrupted.clone();
    let mut first_bits: BTreeMap<PartyId, u8> = BTreeMap::new();
    move |message| {
        if message.scope != "online/open" {
            return None;
        }
        first_bits.insert(message.from, message.body.first()? & 1);
        let is_known = first_bits.len() == n;
        let is_one = first_bits.values().fold(0, |coin, bit| coin ^ bit) == 1;
        let leaves = !corrupted.contains(&message.to);
        (leaves && is_known && is_one)
            .then(|| (Decision::Drop, "withholds its opening: the coin is 1".to_owned()))
    }
}

/// Honest code but for the bits: each receiver's are its own.
fn equivocate(ctx: Ctx, setting: Setting) -> PartyFuture<Outputs> {
    Box::pin(async move {
        let len = setting.job.task.output_len();
        let online = ctx.scope("online");
        let session = ctx.run_id();
        let domain =
            |party| Domain { protocol: CoinToss::NAME, session: &session, party, scope: b"online" };
        let mut rng = online.rng();
        let mut of = BTreeMap::new();
        let commits = online.scope("commit");
        for to in online.others() {
            let (bits, nonce) = (Bits::random(len, &mut rng), commit::nonce(&mut rng));
            let commitment = commit::commit(&domain(ctx.id()), &agree::bytes(&bits), &nonce);
            commits.send(to, &commitment);
            of.insert(to, (bits, nonce, commitment));
        }
        let commitments = commits.gather::<Hash>(()).await?;
        let opens = online.scope("open");
        for (to, (bits, nonce, commitment)) in of {
            let mut all = commitments.clone();
            all.insert(ctx.id(), commitment);
            opens.send(to, &((bits, nonce), agree::view(&domain(PartyId(0)), &all)));
        }
        opens.gather::<((Bits, Hash), Hash)>(((len, ()), ())).await?;
        Err(Abort::CheckFailed { step: "a cheater has no coin".to_owned() })
    })
}
