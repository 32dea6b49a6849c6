//! OT extension: any number of correlated transfers from 128 base transfers, by one of two protocols.
//!
//! - SoftSpokenOT: Roy, CRYPTO 2022; a fixed number of bytes for each transfer.
//! - Ferret: Yang, Weng, Lan, Zhang, Wang, CCS 2020; iterations that make many at once from few,
//!   which SoftSpokenOT makes first.
//!
//! A batch is numbered on in either, so that no hash of two has one tweak.

use mpclab_kernels::{Block, Tweak};
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::params::{Choices, Extension};
use super::{Pair, silent, soft_spoken};
use crate::algebra::bits::Bits;

/// Who sends transfers: has `delta`.
pub struct Sender {
    receiver: PartyId,
    delta: Block,
    state: State,
    by: SendsBy,
}

enum SendsBy {
    SoftSpoken(soft_spoken::Sender),
    Silent(Box<silent::Sender>),
}

/// Who receives transfers.
pub struct Receiver {
    state: State,
    by: ReceivesBy,
}

enum ReceivesBy {
    SoftSpoken(soft_spoken::Receiver),
    Silent(Box<silent::Receiver>),
}

/// How far a pair is.
struct State {
    tweak: Tweak,
    /// Whether a batch failed or never ended: what is left may be known in part, and is not used
    /// again.
    is_dead: bool,
}

impl State {
    fn new(pair: &Pair) -> Self {
        State { tweak: pair.tweak("mpclab ot extension v1"), is_dead: false }
    }

    /// The first tweak of a batch of so many transfers, which has to end for another to begin.
    fn begin(&mut self, count: usize) -> Result<Tweak, Abort> {
        if self.is_dead {
            return Err(Abort::Bug("transfers after a failed check".to_owned()));
        }
        self.is_dead = count > 0;
        let first = self.tweak;
        self.tweak.index += count as u64;
        Ok(first)
    }

    fn end(&mut self) {
        self.is_dead = false;
    }
}

/// A batch of correlated transfers, for their sender.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The tweak of the first; see [`super::pads`].
    pub first: Tweak,
    /// `q_i`.
    pub q: Vec<Block>,
}

/// A batch of correlated transfers, for their receiver.
#[derive(Clone, Debug)]
pub struct Received {
    /// The tweak of the first; see [`super::chosen_pads`].
    pub first: Tweak,
    /// `x_i`.
    pub choices: Bits,
    /// `t_i = q_i + x_i delta`.
    pub t: Vec<Block>,
}

impl Sender {
    /// Base transfers, in which this end receives, under a correlation of its own choice, and what
    /// extension starts from.
    ///
    /// # Errors
    /// `Cheating` if what the receiver says is inconsistent; what receiving messages may fail with.
    pub async fn set_up(
        ctx: &Ctx,
        pair: &Pair,
        extension: Extension,
        delta: Block,
    ) -> Result<Self, Abort> {
        let soft = soft_spoken::Sender::set_up(ctx, pair, extension, delta).await?;
        let by = match extension.silent {
            None => SendsBy::SoftSpoken(soft),
            Some(set) => {
                let (scope, is_malicious) = (ctx.scope("silent"), extension.is_malicious);
                let pair = (pair, delta);
                let silent = silent::Sender::start(&scope, pair, soft, (set, is_malicious)).await?;
                SendsBy::Silent(Box::new(silent))
            }
        };
        Ok(Sender { receiver: pair.receiver, delta, state: State::new(pair), by })
    }

    /// Who receives.
    #[must_use]
    pub fn receiver(&self) -> PartyId {
        self.receiver
    }

    /// The correlation.
    #[must_use]
    pub fn delta(&self) -> Block {
        self.delta
    }

    /// The next transfers, in the way that the receiver chooses.
    ///
    /// # Errors
    /// `Cheating` if the receiver used several choices for one transfer.
    pub async fn extend(
        &mut self,
        ctx: &Ctx,
        count: usize,
        choices: Choices,
    ) -> Result<Sent, Abort> {
        let first = self.state.begin(count)?;
        if count == 0 {
            return Ok(Sent { first, q: Vec::new() });
        }
        let q = match &mut self.by {
            SendsBy::SoftSpoken(soft) => soft.extend(ctx, count, choices).await?,
            SendsBy::Silent(silent) => silent.extend(ctx, count, choices).await?,
        };
        self.state.end();
        Ok(Sent { first, q })
    }
}

impl Receiver {
    /// Base transfers, in which this end sends, and what extension starts from.
    ///
    /// # Errors
    /// `Cheating` if what the sender says is inconsistent; what receiving messages may fail with.
    pub async fn set_up(ctx: &Ctx, pair: &Pair, extension: Extension) -> Result<Self, Abort> {
        let soft = soft_spoken::Receiver::set_up(ctx, pair, extension).await?;
        let by = match extension.silent {
            None => ReceivesBy::SoftSpoken(soft),
            Some(set) => {
                let (scope, is_malicious) = (ctx.scope("silent"), extension.is_malicious);
                let start = silent::Receiver::start(&scope, pair, soft, (set, is_malicious));
                ReceivesBy::Silent(Box::new(start.await?))
            }
        };
        Ok(Receiver { state: State::new(pair), by })
    }

    /// The next transfers, with random choices.
    ///
    /// # Errors
    /// `Cheating` if what the sender says is inconsistent; what receiving messages may fail with.
    pub async fn random(&mut self, ctx: &Ctx, count: usize) -> Result<Received, Abort> {
        self.extend(ctx, count, None).await
    }

    /// The next transfers, with these choices.
    ///
    /// # Errors
    /// `Cheating` if what the sender says is inconsistent; what receiving messages may fail with.
    pub async fn chosen(&mut self, ctx: &Ctx, choices: &Bits) -> Result<Received, Abort> {
        self.extend(ctx, choices.len(), Some(choices)).await
    }

    async fn extend(
        &mut self,
        ctx: &Ctx,
        count: usize,
        choices: Option<&Bits>,
    ) -> Result<Received, Abort> {
        let first = self.state.begin(count)?;
        if count == 0 {
            return Ok(Received { first, choices: Bits::default(), t: Vec::new() });
        }
        let (choices, t) = match &mut self.by {
            ReceivesBy::SoftSpoken(soft) => soft.extend(ctx, count, choices).await?,
            ReceivesBy::Silent(silent) => silent.extend(ctx, count, choices).await?,
        };
        self.state.end();
        Ok(Received { first, choices, t })
    }
}
