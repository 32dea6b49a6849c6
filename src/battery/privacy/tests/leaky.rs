//! A linear engine over additive shares, with one thing wrong with it or nothing.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use mpclab_protocols::algebra::{M61, PrimeField, Ring, Toy, slices};
use mpclab_protocols::oracle::{Effective, EffectiveInputs, States};
use mpclab_protocols::primitives::Prg;
use mpclab_protocols::primitives::hash::BLAKE3_BYTE;
use mpclab_protocols::program::{Inputs, Operation, Outputs, Program};
use mpclab_protocols::protocol::{Info, Job, Protocol, Unsupported};
use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, OutputGuarantee, PartyId, Security, Setup, Synchrony,
    Threshold,
};
use mpclab_sim::{Ctx, Draw};
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Registry;

#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoParams {}

/// What is wrong.
pub(super) const NOTHING: usize = 0;
pub(super) const REUSED_MASK: usize = 1;
pub(super) const CONSTANT_SHARE: usize = 2;
pub(super) const SIZE: usize = 3;
pub(super) const TIMING: usize = 4;
pub(super) const ABORT: usize = 5;
pub(super) const SHORT_MASK: usize = 6;
/// The mask is never the largest value.
pub(super) const BIASED_MASK: usize = 7;
/// Keys are drawn and sent as well, and the mask is reused all the same.
pub(super) const KEYED_REUSED_MASK: usize = 8;
/// Each input is sent under a pad of bytes, which nobody else has.
pub(super) const PADDED: usize = 9;
/// Bit 37 of a share is the lowest of the input.
pub(super) const MASK_BIT: usize = 10;
/// A tag of random bytes, of which 24 to 31 are the input.
pub(super) const TAG: usize = 11;
/// What is computed, at no cost, depends on an input.
pub(super) const COMPUTE: usize = 12;
/// Shares are numbers of 24 bits.
pub(super) const NARROW_MASK: usize = 13;
/// Shares come from keys, which their owners have.
pub(super) const KEYED: usize = 14;
/// The same, but each key is told to the third party as well, which never uses it.
pub(super) const KEY_TOLD: usize = 15;
/// All keys are zero.
pub(super) const KEY_CONSTANT: usize = 16;
/// Two inputs, multiplied by a random number that is sent too, are sent under one mask.
pub(super) const CHALLENGE: usize = 17;
/// A hash of the input and a nonce, of one byte or of 32.
pub(super) const HASHED: usize = 18;
pub(super) const SEALED: usize = 19;

const NAMES: [&str; 20] = [
    "sound",
    "reused_mask",
    "constant_share",
    "size",
    "timing",
    "abort",
    "short_mask",
    "biased_mask",
    "keyed_reused_mask",
    "padded",
    "mask_bit",
    "tag",
    "compute",
    "narrow_mask",
    "keyed",
    "key_told",
    "key_constant",
    "challenge",
    "hashed_input",
    "sealed_input",
];
const TOY_NAMES: [&str; 8] = ["toy_sound", "", "toy_constant_share", "", "", "", "", "toy_biased"];

/// The protocol.
pub(super) struct Leaky<F, const FAULT: usize>(PhantomData<fn() -> F>);

/// The registry with all of them.
pub(super) fn registry() -> Registry {
    crate::registry()
        .with::<Leaky<M61, NOTHING>>()
        .with::<Leaky<M61, REUSED_MASK>>()
        .with::<Leaky<M61, CONSTANT_SHARE>>()
        .with::<Leaky<M61, SIZE>>()
        .with::<Leaky<M61, TIMING>>()
        .with::<Leaky<M61, ABORT>>()
        .with::<Leaky<M61, SHORT_MASK>>()
        .with::<Leaky<M61, KEYED_REUSED_MASK>>()
        .with::<Leaky<M61, PADDED>>()
        .with::<Leaky<M61, MASK_BIT>>()
        .with::<Leaky<M61, TAG>>()
        .with::<Leaky<M61, COMPUTE>>()
        .with::<Leaky<M61, NARROW_MASK>>()
        .with::<Leaky<M61, KEYED>>()
        .with::<Leaky<M61, KEY_TOLD>>()
        .with::<Leaky<M61, KEY_CONSTANT>>()
        .with::<Leaky<M61, CHALLENGE>>()
        .with::<Leaky<M61, HASHED>>()
        .with::<Leaky<M61, SEALED>>()
        .with::<Leaky<Toy<7>, NOTHING>>()
        .with::<Leaky<Toy<7>, CONSTANT_SHARE>>()
        .with::<Leaky<Toy<7>, BIASED_MASK>>()
        .with::<Open>()
}

pub(super) const INFO: Info = Info {
    about: "additive shares, linear functions",
    source: "none",
    claims: Claims {
        adversary: AdversaryKind::SemiHonest,
        threshold: Threshold::Exact(1),
        output: OutputGuarantee::Abort,
        abort: AbortKind::Selective,
        security: Security::Perfect,
        setup: Setup::None,
        network: Synchrony::Eventual,
    },
    parties: (2, usize::MAX),
};

impl<F: PrimeField, const FAULT: usize> Protocol for Leaky<F, FAULT> {
    const NAME: &'static str = if F::MODULUS == 7 { TOY_NAMES[FAULT] } else { NAMES[FAULT] };
    const INFO: Info = INFO;
    type Params = NoParams;

    type Plan = Job;

    fn compile(job: &Arc<Job>, _: &NoParams) -> Result<Arc<Job>, Unsupported> {
        is_linear(job.program()?)?;
        Ok(Arc::clone(job))
    }

    fn domain(_: &Job) -> String {
        F::LABEL.to_owned()
    }

    fn run(
        ctx: Ctx,
        job: Arc<Job>,
        input: Inputs,
    ) -> impl Future<Output = Result<Outputs, Abort>> + Send {
        flawed::<F>(ctx, job, input, FAULT)
    }
}

/// Compiled once for all faults.
async fn flawed<F: PrimeField>(
    ctx: Ctx,
    job: Arc<Job>,
    input: Inputs,
    fault: usize,
) -> Result<Outputs, Abort> {
    let program = job.program().map_err(|why| Abort::Bug(why.to_string()))?;
    let online = ctx.scope("online");
    let mut shares: Vec<Vec<F>> = Vec::new();
    for (at, decl) in program.inputs().iter().enumerate() {
        let (owner, scope) = (job.roles.input[decl.party], online.scope(("share", at)));
        shares.push(if owner == ctx.id() {
            deal::<F>(&scope, &input[&*decl.name], fault)
        } else if is_keyed(fault) {
            let key = scope.recv::<[u8; 32]>(owner, ()).await?;
            from_key(&scope, key, ctx.id(), decl.len)
        } else {
            scope.recv(owner, decl.len).await?
        });
    }
    if ctx.id() == PartyId(0) {
        let secret = input.all_integers().next().copied().unwrap_or(0) & 3;
        if fault == SIZE {
            online.scope("extra").send(PartyId(1), &vec![F::ZERO; secret as usize]);
        }
        if fault == TIMING {
            online.sleep(Duration::from_micros(secret as u64)).await;
        }
        if fault == COMPUTE {
            online.charge(BLAKE3_BYTE, secret as u64);
        }
        if fault == ABORT && secret & 1 == 1 {
            return Err(online.check_failed("the input is even"));
        }
    }
    let open = online.scope("open");
    let mut sum = evaluate(program, &shares);
    open.broadcast(&sum);
    for share in open.gather::<Vec<F>>(sum.len()).await?.values() {
        slices::add_assign(&mut sum, share);
    }
    let sum: Vec<i128> = sum.into_iter().map(Ring::to_i128).collect();
    Ok(program.to_outputs(&sum))
}

/// Sends each other party a share, and keeps the rest.
fn deal<F: PrimeField>(scope: &Ctx, values: &[i128], fault: usize) -> Vec<F> {
    let mut rng = scope.rng();
    let mut own: Vec<F> = values.iter().map(|value| F::from_i128(*value)).collect();
    for party in scope.others() {
        let mut mask: Vec<F> = match fault {
            CONSTANT_SHARE => vec![F::ZERO; values.len()],
            SHORT_MASK => {
                values.iter().map(|_| F::from_u128(rng.choose(16).unwrap_or(0))).collect()
            }
            NARROW_MASK => {
                let mut mask = || F::from_u128(rng.choose(1 << 24).unwrap_or(0));
                values.iter().map(|_| mask()).collect()
            }
            BIASED_MASK => {
                values.iter().map(|_| F::from_u128(rng.choose(6).unwrap_or(0))).collect()
            }
            _ => slices::random_vec(values.len(), &mut rng),
        };
        if is_keyed(fault) {
            let key = if fault == KEY_CONSTANT { [0; 32] } else { bytes(&mut rng) };
            if fault == KEY_TOLD {
                scope.scope(("told", party.index())).broadcast(&key);
            }
            scope.send(party, &key);
            slices::sub_assign(&mut own, &from_key::<F>(scope, key, party, values.len()));
            continue;
        }
        if fault == KEYED_REUSED_MASK {
            scope.scope(("key", party.index())).send(party, &bytes(&mut rng));
        }
        if fault == TAG {
            let mut tag = bytes(&mut rng);
            tag[24..].copy_from_slice(&values[0].to_le_bytes()[..8]);
            scope.scope(("tag", party.index())).send(party, &tag);
        }
        if fault == CHALLENGE {
            let (challenge, once) = (F::random(&mut rng), F::random(&mut rng));
            let masked = values.iter().map(|value| challenge * F::from_i128(*value) + once);
            let told: Vec<F> = [challenge].into_iter().chain(masked).collect();
            scope.scope(("challenge", party.index())).send(party, &told);
        }
        if fault == HASHED || fault == SEALED {
            let mut nonce = bytes(&mut rng);
            if fault == HASHED {
                nonce[1..].fill(0);
            }
            let mut hasher = blake3::Hasher::new_keyed(&scope.run_id());
            hasher.update(&values[0].to_le_bytes()).update(&nonce);
            let hash: [u8; 32] = hasher.finalize().into();
            scope.scope(("hash", party.index())).send(party, &hash);
        }
        if fault == MASK_BIT {
            let bit = u128::from(values[0] & 1 == 1) << 37;
            mask[0] = F::from_u128(mask[0].to_u128() & !(1 << 37) | bit);
        }
        if fault == PADDED {
            let mut pad = bytes(&mut rng);
            pad[0] ^= values[0].to_le_bytes()[0];
            scope.scope(("padded", party.index())).send(party, &pad);
        }
        if fault == REUSED_MASK || fault == KEYED_REUSED_MASK {
            mask = vec![mask[0]; values.len()];
        }
        scope.send(party, &mask);
        slices::sub_assign(&mut own, &mask);
    }
    own
}

fn is_keyed(fault: usize) -> bool {
    matches!(fault, KEYED | KEY_TOLD | KEY_CONSTANT)
}

/// The share that a party has from a key.
fn from_key<F: Ring>(scope: &Ctx, key: [u8; 32], party: PartyId, len: usize) -> Vec<F> {
    let domain = [scope.path().as_bytes(), &party.0.to_le_bytes()].concat();
    Prg::of(scope, key, &domain).elements(len)
}

fn bytes(rng: &mut impl Rng) -> [u8; 32] {
    let mut bytes = [0; 32];
    rng.fill_bytes(&mut bytes);
    bytes
}

pub(super) fn is_linear(program: &Program) -> Result<(), Unsupported> {
    let is = |operation: &Operation| {
        matches!(operation, Operation::Input(_) | Operation::Add(..) | Operation::Sub(..))
    };
    match program.nodes().iter().all(|node| is(&node.operation)) {
        true => Ok(()),
        false => Err(Unsupported::new("it is not linear", "a sum")),
    }
}

fn evaluate<F: Ring>(program: &Program, inputs: &[Vec<F>]) -> Vec<F> {
    let mut nodes: Vec<Vec<F>> = Vec::new();
    for node in program.nodes() {
        nodes.push(match node.operation {
            Operation::Input(at) => inputs[at].clone(),
            Operation::Add(a, b) => slices::add(&nodes[a.index()], &nodes[b.index()]),
            Operation::Sub(a, b) => slices::sub(&nodes[a.index()], &nodes[b.index()]),
            _ => Vec::new(),
        });
    }
    program.outputs().iter().flat_map(|output| nodes[output.node.index()].clone()).collect()
}

/// Everybody says its input aloud, and claims that a malicious party gains nothing by it.
pub(super) struct Open;

impl Protocol for Open {
    const NAME: &'static str = "open";
    const INFO: Info =
        Info { claims: Claims { adversary: AdversaryKind::Malicious, ..INFO.claims }, ..INFO };
    type Params = NoParams;

    type Plan = Job;

    fn compile(job: &Arc<Job>, _: &NoParams) -> Result<Arc<Job>, Unsupported> {
        is_linear(job.program()?)?;
        Ok(Arc::clone(job))
    }

    async fn run(ctx: Ctx, job: Arc<Job>, input: Inputs) -> Result<Outputs, Abort> {
        let program = job.program().map_err(|why| Abort::Bug(why.to_string()))?;
        let online = ctx.scope("online");
        let own: Vec<M61> = input["value"].iter().map(|value| M61::from_i128(*value)).collect();
        online.broadcast(&own);
        let mut all = online.gather::<Vec<M61>>(own.len()).await?;
        for (party, value) in all.iter() {
            online.tap("heard", || (party, value.clone()));
        }
        all.insert(ctx.id(), own);
        let inputs: Vec<Vec<M61>> = job
            .roles
            .input
            .iter()
            .map(|party| all.get(*party).cloned().unwrap_or_default())
            .collect();
        let sum: Vec<i128> = evaluate(program, &inputs).into_iter().map(Ring::to_i128).collect();
        Ok(program.to_outputs(&sum))
    }

    fn effective_inputs(_: &Job, states: &States<'_>) -> EffectiveInputs {
        let mut inputs = EffectiveInputs::default();
        for (_, (party, values)) in states.tapped::<(PartyId, Vec<M61>)>("heard") {
            if states.corrupted.contains(party) {
                let column: Vec<i128> = values.iter().map(|value| value.to_i128()).collect();
                let input = Inputs::from([("value".to_owned(), column)]);
                inputs.insert(*party, Effective::Input(input));
            }
        }
        inputs
    }
}
