//! `oblivious_transfer`: of `N` messages the receiver obtains the one that it chooses, and the sender
//! does not learn which.
//!
//! Naor and Pinkas, "Oblivious Transfer and Polynomial Evaluation", STOC 1999, protocol 2.1: one of
//! `N` messages by `l = ceil(log2 N)` transfers of one of two. These are made before anybody knows
//! messages or choices, and corrected afterwards: Beaver, "Precomputing Oblivious Transfer", CRYPTO
//! 1995. Party 0 sends, party 1 receives.
//!
//! - Set-up and offline: for each digit of a choice the sender has two random keys `K_0` and `K_1`,
//!   the receiver a random bit `r` and `K_r`. They come from OT extension
//!   ([`crate::primitives::ot`]) or, with `transfers: base`, each is a base transfer.
//! - Online:
//!   1. The receiver sends `c xor r` for the digits `c` of its choices; where that is 1, the sender
//!      takes one key for the other.
//!   2. The sender masks message `j`, whose number has the digits `j_1 .. j_l`, with
//!      `F(K_{j_1}, j) xor ... xor F(K_{j_l}, j)`, and sends all of them. `F` is a hash under a tweak
//!      of session, transfer, digit and `j`. Where `N` is 2, the mask is the key `K_j` itself.
//!   3. The receiver takes the mask off that it has all keys of.
//!
//! A receiver that deviates chooses other digits, and is bound by the transfers that it made: of each
//! transfer it has one key for each digit, which is one message. Where `N` is no power of two, some
//! numbers have no message, and whoever chooses one has none. A sender that deviates sends other
//! messages. So it withstands malicious parties if what it starts from does: extension with its
//! checks, or base transfers.

mod attacks;
mod masks;
#[cfg(feature = "mutants")]
pub(crate) mod mutants;
mod oracle;
mod party;
mod prepare;

use std::sync::Arc;

use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Op, OutputGuarantee, PartyId, Phase,
    Roles, Security, Setup, Synchrony, Threshold,
};
use mpclab_sim::{Ctx, Ideal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algebra;
use crate::attack::Attack;
use crate::engine::cost::{self, Cost};
use crate::functions::{self, Function, Transfers};
use crate::oracle::{EffectiveInputs, States};
use crate::primitives::group;
use crate::primitives::ot::{
    self, BaseOt, Choices, Extension, KAPPA, OtParams, Scheme, Width, base, silent,
};
use crate::program::{Inputs, Outputs};
use crate::protocol::{Info, Job, Protocol, Unsupported, check_parties};

/// Who sends messages.
const SENDER: PartyId = PartyId(0);
/// Who chooses, and learns.
const RECEIVER: PartyId = PartyId(1);

/// The protocol.
pub struct ObliviousTransfer;

/// Parameters of [`ObliviousTransfer`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TransferParams {
    /// Whom it withstands.
    pub security: Withstands,
    /// What transfers of one bit are.
    pub transfers: Source,
    /// How they are made.
    pub ot: OtParams,
}

/// Whom transfers withstand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Withstands {
    /// Malicious parties: extension is checked, base transfers have to withstand them.
    #[default]
    Malicious,
    /// Semi-honest parties.
    SemiHonest,
}

/// What transfers of one bit are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Extended from 128 base transfers.
    #[default]
    Extended,
    /// Base transfers: public-key operations for each.
    Base,
}

/// How transfers of one bit are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Made {
    Extended(Extension),
    Base(BaseOt),
}

/// What is public of a job.
pub struct TransferPlan {
    params: TransferParams,
    shape: Transfers,
    made: Made,
}

impl Protocol for ObliviousTransfer {
    const NAME: &'static str = "oblivious_transfer";
    const INFO: Info = Info {
        about: "one of N messages by log N transfers of one of two, base or extended",
        source: "Naor, Pinkas, STOC 1999, protocol 2.1; Beaver, CRYPTO 1995; Roy, CRYPTO 2022; \
                 Yang, Weng, Lan, Zhang, Wang, CCS 2020; Masny, Rindal, CCS 2019",
        claims: Claims {
            adversary: AdversaryKind::Malicious,
            threshold: Threshold::BelowAll,
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Computational { kappa: KAPPA as u32 },
            setup: Setup::None,
            network: Synchrony::Eventual,
        },
        parties: (2, 2),
    };
    const ASSUMES: &'static [&'static str] =
        &[group::ASSUMPTION, ot::ASSUMPTION, base::MALICIOUS_ASSUMPTION];
    type Params = TransferParams;
    type Plan = TransferPlan;

    fn variants() -> Vec<TransferParams> {
        let of = |security, transfers, ot| TransferParams { security, transfers, ot };
        let ideal = OtParams { width: Width::Eight, base: BaseOt::Ideal, ..OtParams::DEFAULT };
        let silent = OtParams { extension: Scheme::Silent, ..ideal };
        let simplest = OtParams { base: BaseOt::Simplest, ..OtParams::DEFAULT };
        use {Source::*, Withstands::*};
        vec![
            TransferParams::default(),
            of(Malicious, Extended, ideal),
            of(SemiHonest, Extended, ideal),
            of(Malicious, Extended, silent),
            of(SemiHonest, Extended, silent),
            of(Malicious, Base, OtParams::DEFAULT),
            of(SemiHonest, Base, simplest),
            of(SemiHonest, Base, OtParams { base: BaseOt::Ideal, ..OtParams::DEFAULT }),
        ]
    }

    fn compile(job: &Arc<Job>, params: &TransferParams) -> Result<Arc<TransferPlan>, Unsupported> {
        check_parties(&Self::INFO, &job.roles)?;
        let task = job.named(<functions::ObliviousTransfer as Function>::NAME)?;
        let shape = Transfers::of(task).filter(|_| job.roles == Roles::all(2));
        let shape = shape.ok_or_else(|| {
            Unsupported::new("its parties send and receive for themselves", "parties: 2")
        })?;
        let made = params.made(shape)?;
        Ok(Arc::new(TransferPlan { params: *params, shape, made }))
    }

    async fn run(ctx: Ctx, plan: Arc<TransferPlan>, input: Inputs) -> Result<Outputs, Abort> {
        match ctx.id() {
            SENDER => party::send(&ctx, &plan, &input).await,
            _ => party::receive(&ctx, &plan, &input).await,
        }
    }

    fn ideals(plan: &Arc<TransferPlan>) -> Vec<Ideal> {
        prepare::ideals(plan)
    }

    fn claims(plan: &TransferPlan) -> Claims {
        let adversary = match plan.params.security {
            Withstands::Malicious => AdversaryKind::Malicious,
            Withstands::SemiHonest => AdversaryKind::SemiHonest,
        };
        Claims { adversary, setup: plan.params.ot.setup(), ..Self::INFO.claims }
    }

    fn assumes(plan: &TransferPlan) -> &'static [&'static str] {
        let TransferParams { security, ot, .. } = plan.params;
        match (security, ot.extension) {
            (Withstands::Malicious, Scheme::SoftSpoken) => Self::ASSUMES,
            (Withstands::Malicious, Scheme::Silent) => {
                &[group::ASSUMPTION, ot::ASSUMPTION, base::MALICIOUS_ASSUMPTION, silent::ASSUMPTION]
            }
            (Withstands::SemiHonest, Scheme::SoftSpoken) => &[group::ASSUMPTION, ot::ASSUMPTION],
            (Withstands::SemiHonest, Scheme::Silent) => {
                &[group::ASSUMPTION, ot::ASSUMPTION, silent::ASSUMPTION]
            }
        }
    }

    fn held_bytes(plan: &TransferPlan) -> u64 {
        plan.held_bytes()
    }

    fn declared_cost(plan: &TransferPlan) -> Option<DeclaredCost> {
        let source = "Beaver, CRYPTO 1995: a bit for each transfer of one bit, and all messages, in two \
                      moves; Naor, Pinkas, STOC 1999: log N transfers of one bit; Roy, CRYPTO 2022: \
                      (128 / k - 1) / 8 bytes each; or Yang et al., CCS 2020: iterations";
        let [setup, offline] = plan.preprocessing();
        let phases =
            [(Phase::Setup, setup), (Phase::Offline, offline), (Phase::Online, plan.online())];
        Some(cost::declare(phases, source))
    }

    fn effective_inputs(plan: &TransferPlan, states: &States<'_>) -> EffectiveInputs {
        oracle::effective_inputs(plan, states)
    }

    fn attacks() -> Vec<Attack> {
        attacks::all()
    }

    fn ops(plan: &TransferPlan) -> Vec<Op> {
        let own = group::OPS.into_iter().chain(plan.params.ot.ops()).chain([masks::MOVED]);
        algebra::ops_with(&own.collect::<Vec<_>>())
    }

    fn domain(_: &TransferPlan) -> String {
        "bits".to_owned()
    }

    fn notes(plan: &TransferPlan) -> Vec<String> {
        let Transfers { choices, length, bits } = plan.shape;
        let made = match plan.made {
            Made::Extended(_) => plan.params.ot.to_string(),
            Made::Base(base) => format!("{base} base transfers"),
        };
        let notes = [format!(
            "{length} transfers of one of {choices} messages of {bits} bits, from {} of one bit by {made}",
            plan.transfers()
        )];
        let silent = match plan.made {
            Made::Extended(extension) => extension.notes([(plan.transfers(), Choices::Random)]),
            Made::Base(_) => None,
        };
        notes.into_iter().chain(silent).collect()
    }
}

impl TransferParams {
    /// How transfers of one bit are made for so many transfers.
    fn made(&self, shape: Transfers) -> Result<Made, Unsupported> {
        let TransferParams { security, transfers, ot } = *self;
        let extension = match security {
            Withstands::Malicious if !crate::mutants::is("transfer/check-skipped") => {
                ot.malicious()?
            }
            _ => ot.semi_honest(),
        };
        match transfers {
            Source::Extended => {
                Ok(Made::Extended(extension.for_demand(shape.length * shape.digits())))
            }
            Source::Base if OtParams { base: ot.base, ..OtParams::DEFAULT } != ot => {
                let why = "base transfers are not extended";
                let instead = "params: { transfers: base } with no extension and no width";
                Err(Unsupported::new(why, instead).of("ot"))
            }
            Source::Base => Ok(Made::Base(ot.base)),
        }
    }
}

impl TransferPlan {
    /// Transfers of one bit: one for each digit of each choice.
    fn transfers(&self) -> usize {
        self.shape.length * self.shape.digits()
    }

    fn preprocessing(&self) -> [Cost; 2] {
        let of = |[sender, receiver]: [u64; 2]| sender + receiver;
        match self.made {
            Made::Extended(extension) => {
                let (bytes, rounds) = (of(extension.set_up_bytes()), extension.set_up_rounds());
                let batch = extension.bill().batch(self.transfers(), Choices::Random);
                [Cost { bytes, rounds }, Cost { bytes: of(batch.bytes), rounds: batch.rounds }]
            }
            Made::Base(base) => {
                let bytes = of(base.bytes(self.transfers()));
                [Cost::default(), Cost { bytes, rounds: base.rounds() }]
            }
        }
    }

    fn online(&self) -> Cost {
        let Transfers { choices, length, bits } = self.shape;
        let packed = |bits: usize| bits.div_ceil(8) as u64;
        let bytes = packed(self.transfers()) + packed(choices * length * bits);
        Cost { bytes, rounds: 2 }
    }

    /// What both ends hold, whatever is sent: rows of extension, keys, messages in the clear.
    fn held_bytes(&self) -> u64 {
        let fixed = match self.made {
            Made::Extended(extension) => extension.held_bytes(),
            Made::Base(_) => 0,
        };
        let Transfers { choices, length, .. } = self.shape;
        fixed + 128 * self.transfers() as u64 + 16 * (choices * length) as u64
    }
}
