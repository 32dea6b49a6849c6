//! The MAC check: that everything that was opened is what was shared.

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::Spdz;
use super::ledger::Pending;
use super::party::Party;
use crate::algebra::{PrimeField, slices};
use crate::engine::cost::{Flow, Step};
use crate::mutants;
use crate::oracle::{CHALLENGE, Challenge};
use crate::primitives::agree::{self, HASH_BYTES, commit_then_open, commit_then_open_bytes};
use crate::primitives::{Domain, Prg};
use crate::protocol::Protocol;
use rand::Rng;

impl<F: PrimeField> Party<F> {
    /// Checks all that was opened or broadcast since the last check: protocol `MACCheck` of
    /// Damgard et al., ESORICS 2013. One at a time; the key does not survive a failed one.
    pub(super) async fn mac_check(&self, ctx: &Ctx) -> Result<(), Abort> {
        let pending = self.ledger().begin()?;
        let result = match mutants::is("spdz/check-skipped") {
            true => Ok(()),
            false => self.check_pending(ctx, pending).await,
        };
        self.ledger().end(result.is_ok());
        result
    }

    async fn check_pending(&self, ctx: &Ctx, pending: Pending<F>) -> Result<(), Abort> {
        let (path, party) = (ctx.path(), ctx.id());
        let scope = path.as_bytes();
        let domain = Domain { protocol: Spdz::NAME, session: &self.session, party, scope };
        let common = Domain { party: PartyId(0), ..domain };
        // 0. All have heard the same inputs.
        let heard = pending.heard_hash(&common);
        let echo = async {
            if pending.heard.is_empty() || mutants::is("spdz/echo-skipped") {
                return Ok(());
            }
            agree::echo(&ctx.scope("echo"), heard).await
        };
        if pending.values.is_empty() {
            return echo.await;
        }
        // 1, 2. Everyone commits to a seed, then opens it: after all values are open.
        let coins = ctx.scope("coins");
        let mut seed = [0; HASH_BYTES];
        coins.rng().fill_bytes(&mut seed);
        if mutants::is("spdz/seed-tells") {
            seed[31] = (seed[31] & !1) | ((seed[0] & 1) ^ u8::from(self.first_digit()));
        }
        let seeds = commit_then_open(&coins, &domain, seed);
        // Whoever fails the one goes on with neither.
        let ((), seeds) = ctx.try_join(echo, seeds).await?;
        // 3. The sum of all seeds, 4. as random coefficients r.
        let mut sum = [0; HASH_BYTES];
        for seed in seeds.values() {
            sum.iter_mut().zip(seed).for_each(|(sum, byte)| *sum ^= byte);
        }
        let len = pending.values.len();
        if mutants::is("spdz/seed-public") {
            sum.fill(0);
        } else if let (true, Some(first)) = (mutants::is("spdz/seed-of-one"), seeds.values().next())
        {
            sum = *first;
        }
        #[cfg(feature = "mutants")]
        {
            let first = *self.ledger().coin.get_or_insert(sum);
            if len > 1 && mutants::is("spdz/coin-stretched") {
                sum = first;
            }
        }
        let mut r: Vec<F> = Prg::of(ctx, sum, &common.to_bytes()).elements(len);
        if mutants::is("spdz/weights-one") {
            r.fill(F::ONE);
        } else if mutants::is("spdz/weights-repeat") {
            r = vec![r[0]; len];
        } else if mutants::is("spdz/every-second-unchecked") {
            r.iter_mut().skip(1).step_by(2).for_each(|weight| *weight = F::ZERO);
        } else if mutants::is("spdz/last-unchecked") {
            r[len - 1] = F::ZERO;
        } else if mutants::is("spdz/weights-short") {
            r.iter_mut().for_each(|weight| *weight = F::from_u128(weight.to_u128() % 16));
        }
        ctx.tap(CHALLENGE, || Challenge {
            among: F::SIZE,
            drawn: r.iter().map(|coefficient| coefficient.to_u128()).collect(),
        });
        // 5. a = sum r_j a_j, 6. sigma_i = sum r_j gamma(a_j)_i - alpha_i a.
        let a = slices::dot(&r, &pending.values);
        let mac_of_a = self.ledger().key.times(&[a])?;
        let sigma = slices::dot(&r, &pending.macs) - slices::sum(&mac_of_a);
        // 7, 8. Everyone commits to sigma_i, then opens it.
        let scope = ctx.scope("sigma");
        let sigmas = if mutants::is("spdz/sigma-shown") {
            scope.broadcast(&vec![sigma]);
            let mut all = scope.gather::<Vec<F>>(1).await?;
            all.insert(party, vec![sigma]);
            all
        } else {
            commit_then_open(&scope, &domain, vec![sigma]).await?
        };
        // 9. They add up to zero.
        let total = sigmas.values().fold(F::ZERO, |total, sigma| total + slices::sum(sigma));
        if mutants::is("spdz/check-unheeded") || total == F::ZERO {
            return Ok(());
        }
        Err(ctx.check_failed(format!("9: MACs of {path}")))
    }
}

/// Cost of a check among `n` parties: of what was broadcast, if anything was, and of what was
/// opened, if anything was.
pub(super) fn cost(n: usize, element: u64, heard: bool, opened: bool) -> Flow {
    let pairs = (n * (n - 1)) as u64;
    let echo = if heard { pairs * HASH_BYTES as u64 } else { 0 };
    let step = Step::First(n);
    if !opened {
        return Flow::new(echo, step, u64::from(heard));
    }
    let coins = commit_then_open_bytes(HASH_BYTES);
    let sigmas = commit_then_open_bytes(element as usize);
    Flow::new(echo + pairs * (coins + sigmas), step, 4)
}
