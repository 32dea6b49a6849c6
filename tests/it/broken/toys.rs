//! Toy protocols for a product of everyone's values, sound or with one flaw.

use mpclab::prelude::*;
use mpclab::protocols::algebra::{M61, Ring};
use mpclab::protocols::attack::Attack;
use mpclab::protocols::oracle::{Effective, EffectiveInputs, States};
use mpclab::protocols::primitives::{Domain, commit, hash};
use mpclab::sim::Ideal;
use mpclab::{Registry, registry};

use super::{board, mac, relay, sealed, servers};
use crate::protocols::NoParams;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    Nothing,
    /// Nothing that is opened is checked.
    NoMacCheck,
    /// What is opened is checked, but for the output.
    UncheckedOutput,
    /// Triples are used as they come.
    NoSacrifice,
    /// The parts of a check are told without commitments.
    NoCommitment,
    /// All products use the same triple.
    ReusedTriple,
    /// Whoever aborts keeps its key.
    KeptKey,
    /// Whoever aborts says so first.
    Talkative,
    /// Bytes that are no encoding are met with a panic.
    Panics,
    /// Bytes of any length are an encoding.
    Lax,
    /// A commitment does not say whose it is.
    NoIdentity,
    /// Everybody gets the output.
    WrongReceiver,
    /// A party that is not there is waited for.
    Patient,
    /// Values are exchanged without the board.
    Unfair,
    /// The board tells the product although somebody is silent.
    TellsAnyway,
    /// The board tells everybody a share of the product, and they open it.
    Shares,
    /// Servers do not compare what clients told them.
    Trusting,
    /// The party behind the cheater is blamed.
    BlamesNext,
    /// Some parties abort, others go on.
    Selective,
    /// A tag is valid in all sessions.
    NoSession,
    /// Sessions share a nonce.
    SharedNonce,
}

/// How a toy works, and with the board, what it promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Additive shares with MACs.
    Mac,
    /// Commitments in the clear.
    Sealed,
    /// A trusted board collects and tells.
    Board(board::Promise),
    /// One party's value comes through another.
    Relay,
    /// Clients tell servers, who answer.
    Servers,
}

pub(super) const CLAIMS: Claims = Claims {
    adversary: AdversaryKind::Malicious,
    threshold: Threshold::BelowAll,
    output: OutputGuarantee::Abort,
    abort: AbortKind::Selective,
    security: Security::Computational { kappa: 60 },
    setup: Setup::TrustedDealer,
    network: Synchrony::Eventual,
};

const fn info(kind: Kind) -> Info {
    let claims = match kind {
        Kind::Mac | Kind::Sealed => CLAIMS,
        Kind::Board(promise) => board::claims(promise),
        Kind::Servers => servers::claims(),
        Kind::Relay => Claims { threshold: Threshold::Exact(1), ..CLAIMS },
    };
    Info { about: "a toy, for tests", source: "none", claims, parties: (3, 3) }
}

macro_rules! toys {
    ($($type:ident = $name:literal: $kind:expr, $flaw:expr;)*) => {
        $(
            pub(super) struct $type;

            impl Protocol for $type {
                const NAME: &'static str = $name;
                const INFO: Info = info($kind);
                type Params = NoParams;

                type Plan = Job;

                fn compile(job: &Arc<Job>, _: &NoParams) -> Result<Arc<Job>, Unsupported> {
                    check_parties(&Self::INFO, &job.roles)?;
                    job.program().map(|_| Arc::clone(job))
                }

                fn ideals(job: &Arc<Job>) -> Vec<Ideal> {
                    match $kind {
                        Kind::Mac => vec![mac::dealer()],
                        Kind::Board(promise) => {
                            vec![board::board(Arc::clone(job), promise, $flaw)]
                        }
                        Kind::Sealed | Kind::Relay | Kind::Servers => Vec::new(),
                    }
                }

                async fn run(
                    ctx: Ctx,
                    job: Arc<Job>,
                    input: Inputs,
                ) -> Result<Outputs, Abort> {
                    let own = input.integers("value").map(|column| M61::from_i128(column[0]));
                    match $kind {
                        Kind::Mac => mac::run(ctx, own, $flaw).await,
                        Kind::Sealed => sealed::run(ctx, own, $flaw).await,
                        Kind::Board(promise) => board::run(ctx, job, own, promise, $flaw).await,
                        Kind::Relay => relay::run(ctx, own, $flaw).await,
                        Kind::Servers => servers::run(ctx, job, own, $flaw).await,
                    }
                }

                fn effective_inputs(job: &Job, states: &States<'_>) -> EffectiveInputs {
                    match $kind {
                        Kind::Mac => mac::effective_inputs(states),
                        Kind::Servers => servers::effective_inputs(job, states),
                        Kind::Board(_) if $flaw != Flaw::Unfair => {
                            board::effective_inputs(job, states)
                        }
                        _ => heard_inputs(states),
                    }
                }

                fn evaluate(_: &Job, inputs: &[Inputs]) -> Option<Outputs> {
                    let values: Option<Vec<M61>> = inputs
                        .iter()
                        .map(|input| input.integers("value").map(|column| M61::from_i128(column[0])))
                        .collect();
                    Some(product(&values?))
                }

                fn attacks() -> Vec<Attack> {
                    match $kind {
                        Kind::Mac => vec![mac::wrong_triple()],
                        Kind::Sealed => vec![sealed::copy()],
                        Kind::Board(_) | Kind::Relay | Kind::Servers => Vec::new(),
                    }
                }
            }
        )*

        /// The registry with all toys.
        pub(super) fn toys() -> Registry {
            registry()$(.with::<$type>())*
        }
    };
}

toys! {
    MacSound = "mac": Kind::Mac, Flaw::Nothing;
    MacUnchecked = "mac_no_check": Kind::Mac, Flaw::NoMacCheck;
    MacUncheckedOutput = "mac_unchecked_output": Kind::Mac, Flaw::UncheckedOutput;
    MacNoSacrifice = "mac_no_sacrifice": Kind::Mac, Flaw::NoSacrifice;
    MacNoCommitment = "mac_no_commitment": Kind::Mac, Flaw::NoCommitment;
    MacReusedTriple = "mac_reused_triple": Kind::Mac, Flaw::ReusedTriple;
    MacKeptKey = "mac_kept_key": Kind::Mac, Flaw::KeptKey;
    MacTalkative = "mac_talkative": Kind::Mac, Flaw::Talkative;
    MacPanics = "mac_panics": Kind::Mac, Flaw::Panics;
    MacLax = "mac_lax": Kind::Mac, Flaw::Lax;
    SealedSound = "sealed": Kind::Sealed, Flaw::Nothing;
    SealedNoIdentity = "sealed_no_identity": Kind::Sealed, Flaw::NoIdentity;
    BoardSound = "board": Kind::Board(board::Promise::Output), Flaw::Nothing;
    BoardPatient = "board_patient": Kind::Board(board::Promise::Output), Flaw::Patient;
    BoardWrongReceiver =
        "board_wrong_receiver": Kind::Board(board::Promise::Output), Flaw::WrongReceiver;
    BoardFair = "board_fair": Kind::Board(board::Promise::Fairness), Flaw::Nothing;
    BoardUnfair = "board_unfair": Kind::Board(board::Promise::Fairness), Flaw::Unfair;
    BoardTellsAnyway =
        "board_tells_anyway": Kind::Board(board::Promise::Fairness), Flaw::TellsAnyway;
    BoardShares = "board_shares": Kind::Board(board::Promise::Fairness), Flaw::Shares;
    BoardNames = "board_names": Kind::Board(board::Promise::Names), Flaw::Nothing;
    BoardBlamesNext = "board_blames_next": Kind::Board(board::Promise::Names), Flaw::BlamesNext;
    BoardUnanimous = "board_unanimous": Kind::Board(board::Promise::Unanimity), Flaw::Nothing;
    BoardSelective = "board_selective": Kind::Board(board::Promise::Unanimity), Flaw::Selective;
    RelaySound = "relay": Kind::Relay, Flaw::Nothing;
    RelayNoSession = "relay_no_session": Kind::Relay, Flaw::NoSession;
    ServersSound = "servers": Kind::Servers, Flaw::Nothing;
    ServersTrusting = "servers_trusting": Kind::Servers, Flaw::Trusting;
    RelaySharedNonce = "relay_shared_nonce": Kind::Relay, Flaw::SharedNonce;
}

/// The product, as outputs.
pub(super) fn product(values: &[M61]) -> Outputs {
    let product = values.iter().fold(M61::ONE, |product, value| product * *value);
    Outputs::of("product", vec![product.to_i128()])
}

/// Label of the values that a party takes for everyone's, in order of parties.
pub(super) const HEARD: &str = "heard";

/// What corrupted parties told all honest ones.
fn heard_inputs(states: &States<'_>) -> EffectiveInputs {
    let mut inputs = EffectiveInputs::default();
    for party in states.corrupted {
        let mut values = states.tapped::<Vec<M61>>(HEARD).map(|(_, heard)| heard[party.index()]);
        let Some(first) = values.next() else { continue };
        inputs.insert(*party, brought(first, values.all(|value| value == first)));
    }
    inputs
}

pub(super) fn brought(value: M61, is_same_for_all: bool) -> Effective {
    if !is_same_for_all {
        return Effective::Undefined("honest parties were told different values".to_owned());
    }
    Effective::Input(Inputs::from([("value".to_owned(), vec![value.to_i128()])]))
}

/// What a hash or commitment of a toy is bound to.
pub(super) fn domain<'a>(session: &'a [u8; 32], party: PartyId, scope: &'a str) -> Domain<'a> {
    Domain { protocol: "toy", session, party, scope: scope.as_bytes() }
}

type Hash = [u8; 32];

/// Everyone commits, then opens; in order of parties.
pub(super) async fn commit_then_open(
    ctx: &Ctx,
    own: Vec<M61>,
    flaw: Flaw,
) -> Result<Vec<Vec<M61>>, Abort> {
    let (path, session) = (ctx.path(), ctx.run_id());
    let of = |party| {
        let party = if flaw == Flaw::NoIdentity { PartyId(0) } else { party };
        domain(&session, party, &path).to_bytes()
    };
    let bind = |party, values: &[M61], nonce: &Hash| {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_u128().to_le_bytes()).collect();
        *hash::digest("toy commitment", &of(party), &[&bytes, nonce]).as_bytes()
    };
    let (nonce, len) = (commit::nonce(&mut ctx.rng()), own.len());
    let commits = ctx.scope("commit");
    let commitment = bind(ctx.id(), &own, &nonce);
    commits.broadcast(&commitment);
    let mut commitments = commits.gather::<Hash>(()).await?;
    commitments.insert(ctx.id(), commitment);
    let all: Vec<&[u8]> = commitments.values().map(Hash::as_slice).collect();
    let view = *hash::digest("toy view", &of(PartyId(0)), &all).as_bytes();
    let opens = ctx.scope("open");
    opens.broadcast(&((own.clone(), nonce), view));
    let openings = opens.gather::<((Vec<M61>, Hash), Hash)>(((len, ()), ())).await?;
    let mut messages = PerParty::default();
    let (mut culprits, mut agreed) = (Vec::new(), true);
    for (party, ((values, nonce), theirs)) in openings {
        if commitments.get(party) != Some(&bind(party, &values, &nonce)) {
            culprits.push(party);
        }
        agreed &= theirs == view;
        messages.insert(party, values);
    }
    if !culprits.is_empty() {
        return Err(ctx.cheating(culprits, "openings"));
    }
    if !agreed {
        return Err(ctx.check_failed("equal commitments"));
    }
    messages.insert(ctx.id(), own);
    Ok(messages.into_iter().map(|(_, values)| values).collect())
}
