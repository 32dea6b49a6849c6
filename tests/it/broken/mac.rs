//! Additive shares with MACs: triples from a dealer that parties may talk into errors, a sacrifice,
//! and MAC checks of all that is opened (after Damgård et al., ESORICS 2013).

use mpclab::prelude::*;
use mpclab::protocols::algebra::{M61, Ring};
use mpclab::protocols::attack::{Attack, Expected, Plan};
use mpclab::protocols::oracle::{EffectiveInputs, States};
use mpclab::protocols::primitives::Prg;
use mpclab::sim::adversary::{Action, ElementChange, ElementChoice};
use mpclab::sim::wire::{Field, Malformed, Wire};
use mpclab::sim::{Ideal, PartyFuture};

use super::toys::{Flaw, brought, commit_then_open, product};

const DEALER: &str = "dealer";
const MASK: &str = "mask";
const HEARD: &str = "masked inputs";
/// Values of a product and of the one that is sacrificed for it.
const TRIPLE: usize = 6;

/// A share of a value, and of its product with the key.
#[derive(Clone, Copy)]
struct Share {
    x: M61,
    mac: M61,
}

impl Share {
    fn add(self, other: Share) -> Share {
        Share { x: self.x + other.x, mac: self.mac + other.mac }
    }

    fn scale(self, by: M61) -> Share {
        Share { x: self.x * by, mac: self.mac * by }
    }

    fn sub(self, other: Share) -> Share {
        self.add(other.scale(-M61::ONE))
    }
}

// ---- the dealer ----

pub(super) fn dealer() -> Ideal {
    let start = |ctx: Ctx| -> PartyFuture<()> { Box::pin(deal(ctx)) };
    Ideal { name: DEALER, start: Arc::new(start) }
}

/// Values for `n` inputs and `n - 1` products, and what each party gets: its key share, its shares,
/// and the mask of its own input.
async fn deal(ctx: Ctx) -> Result<(), Abort> {
    let (n, offline) = (ctx.n(), ctx.scope("offline"));
    let wishes = offline.scope("tweak");
    let mut tweak = M61::ZERO;
    for party in PartyId::all(n) {
        tweak += wishes.recv::<Vec<M61>>(party, 1).await?[0];
    }
    let mut rng = offline.rng();
    let masks: Vec<M61> = (0..n).map(|_| M61::random(&mut rng)).collect();
    offline.tap(MASK, || masks.clone());
    let mut values = masks.clone();
    for _ in 1..n {
        let [a, b, f] = [(); 3].map(|()| M61::random(&mut rng));
        values.extend([a, b, a * b + tweak, f, b, f * b]);
    }
    let key = M61::random(&mut rng);
    let mut split = |value: M61| {
        let mut shares: Vec<M61> = (1..n).map(|_| M61::random(&mut rng)).collect();
        shares.push(value - shares.iter().fold(M61::ZERO, |sum, share| sum + *share));
        shares
    };
    let mut material: Vec<Vec<M61>> = split(key).into_iter().map(|share| vec![share]).collect();
    for value in values {
        let shares = split(value).into_iter().zip(split(value * key));
        material.iter_mut().zip(shares).for_each(|(own, (x, mac))| own.extend([x, mac]));
    }
    for (party, (mut own, mask)) in PartyId::all(n).zip(material.into_iter().zip(masks)) {
        own.push(mask);
        offline.send(party, &own);
    }
    Ok(())
}

/// A dealer that adds an error to the triples.
pub(super) fn wrong_triple() -> Attack {
    let change = ElementChange::Add(1);
    Attack {
        name: "wrong-triple",
        about: "makes the triples wrong",
        source: "Damgard et al., CRYPTO 2012",
        honest: 1,
        plan: Plan::rule(
            "offline/tweak",
            Action::Tamper { field: None, element: ElementChoice::All, change },
        ),
        expected: Expected::Caught,
    }
}

// ---- a party ----

struct Party {
    ctx: Ctx,
    key: M61,
    flaw: Flaw,
    /// Opened and not checked yet.
    opened: Vec<(M61, M61)>,
}

pub(super) async fn run(ctx: Ctx, own: Option<M61>, flaw: Flaw) -> Result<Outputs, Abort> {
    let key = ctx.secret("MAC key");
    let result = compute(&ctx, own.unwrap_or(M61::ONE), flaw).await;
    if result.is_err() && flaw == Flaw::KeptKey {
        std::mem::forget(key);
    }
    if result.is_err() && flaw == Flaw::Talkative {
        ctx.scope("complaint").broadcast(&vec![1u8]);
    }
    result
}

async fn compute(ctx: &Ctx, own: M61, flaw: Flaw) -> Result<Outputs, Abort> {
    let (n, offline) = (ctx.n(), ctx.scope("offline"));
    let dealer = ctx.ideal(DEALER);
    offline.scope("tweak").send(dealer, &vec![M61::ZERO]);
    let len = 2 + 2 * (n + (n - 1) * TRIPLE);
    let material = offline.recv::<Vec<M61>>(dealer, len).await?;
    let shares: Vec<Share> =
        material[1..len - 1].chunks(2).map(|pair| Share { x: pair[0], mac: pair[1] }).collect();
    let online = ctx.scope("online");
    let mut party = Party { ctx: online.clone(), key: material[0], flaw, opened: Vec::new() };
    // 1. Everyone tells its masked input.
    let masked = party.tell(own - material[len - 1]).await?;
    online.tap(HEARD, || masked.clone());
    let inputs: Vec<Share> =
        shares[..n].iter().zip(&masked).map(|(mask, by)| party.shift(*mask, *by)).collect();
    let triples: Vec<&[Share]> = shares[n..].chunks(TRIPLE).collect();
    // 2. Every triple is compared with another.
    if flaw != Flaw::NoSacrifice {
        party.sacrifice(&triples).await?;
    }
    // 3. Products, one after the other.
    let mut result = inputs[0];
    for (at, input) in inputs[1..].iter().enumerate() {
        let used = if flaw == Flaw::ReusedTriple { 0 } else { at };
        // Another session has other triples.
        online.consume("triples", &format!("{:?}", ctx.run_id()), used as u64..used as u64 + 1, 0);
        result = party.multiply(at, result, *input, triples[used]).await?;
    }
    // 4. What was opened is right; then the output is opened, and is right.
    party.check("check").await?;
    let output = party.open("output", &[result]).await?;
    if flaw == Flaw::UncheckedOutput {
        party.opened.clear();
    }
    party.check("check output").await?;
    Ok(product(&output))
}

impl Party {
    fn shift(&self, share: Share, by: M61) -> Share {
        let x = if self.ctx.id() == PartyId(0) { by } else { M61::ZERO };
        share.add(Share { x, mac: self.key * by })
    }

    /// What everybody says, in order of parties.
    async fn tell(&self, own: M61) -> Result<Vec<M61>, Abort> {
        let scope = self.ctx.scope("input");
        scope.broadcast(&vec![own]);
        let mut all: PerParty<M61> = match self.flaw {
            Flaw::Lax => {
                let told = scope.gather::<Lax>(()).await?;
                told.into_iter().map(|(party, Lax(value))| (party, value)).collect()
            }
            Flaw::Panics => {
                let told = scope.gather::<Vec<M61>>(1).await.expect("everybody speaks properly");
                told.into_iter().map(|(party, value)| (party, value[0])).collect()
            }
            _ => {
                let told = scope.gather::<Vec<M61>>(1).await?;
                told.into_iter().map(|(party, value)| (party, value[0])).collect()
            }
        };
        all.insert(self.ctx.id(), own);
        Ok(all.into_iter().map(|(_, value)| value).collect())
    }

    async fn open(&mut self, name: &'static str, shares: &[Share]) -> Result<Vec<M61>, Abort> {
        let scope = self.ctx.scope((name, self.opened.len()));
        let mut values: Vec<M61> = shares.iter().map(|share| share.x).collect();
        scope.broadcast(&values);
        for others in scope.gather::<Vec<M61>>(shares.len()).await?.values() {
            values.iter_mut().zip(others).for_each(|(sum, other)| *sum += *other);
        }
        let macs = shares.iter().zip(&values).map(|(share, value)| (*value, share.mac));
        self.opened.extend(macs);
        Ok(values)
    }

    async fn multiply(
        &mut self,
        at: usize,
        x: Share,
        y: Share,
        triple: &[Share],
    ) -> Result<Share, Abort> {
        let [a, b, c] = [triple[0], triple[1], triple[2]];
        let name = if at == 0 { "first" } else { "next" };
        let opened = self.open(name, &[x.sub(a), y.sub(b)]).await?;
        let (d, e) = (opened[0], opened[1]);
        Ok(self.shift(c.add(b.scale(d)).add(a.scale(e)), d * e))
    }

    /// `t c - h - rho b` is zero for `rho = t a - f`, where `c = a b` and `h = f b`.
    async fn sacrifice(&mut self, triples: &[&[Share]]) -> Result<(), Abort> {
        let t = self.coin("sacrifice").await?.elements::<M61>(1)[0];
        let masked: Vec<Share> = triples.iter().map(|of| of[0].scale(t).sub(of[3])).collect();
        let rho = self.open("rho", &masked).await?;
        let zero = triples.iter().zip(rho);
        let zero = zero.map(|(of, rho)| of[2].scale(t).sub(of[5]).sub(of[1].scale(rho)));
        let zero = self.open("zero", &zero.collect::<Vec<_>>()).await?;
        if zero.iter().all(|value| *value == M61::ZERO) {
            return Ok(());
        }
        Err(self.ctx.check_failed("sacrifice"))
    }

    async fn coin(&self, name: &'static str) -> Result<Prg, Abort> {
        let scope = self.ctx.scope(name).scope("coin");
        let own = vec![M61::random(&mut scope.rng())];
        let all = commit_then_open(&scope, own, Flaw::Nothing).await?;
        let sum = all.concat().into_iter().fold(M61::ZERO, |sum, value| sum + value);
        let mut seed = [0; 32];
        seed[..16].copy_from_slice(&sum.to_u128().to_le_bytes());
        Ok(Prg::new(seed, name.as_bytes()))
    }

    /// A random combination of all that was opened belongs to that of its MACs.
    async fn check(&mut self, name: &'static str) -> Result<(), Abort> {
        let opened = std::mem::take(&mut self.opened);
        if opened.is_empty() || self.flaw == Flaw::NoMacCheck {
            return Ok(());
        }
        let factors = self.coin(name).await?.elements::<M61>(opened.len());
        let sigma = opened.iter().zip(factors);
        let sigma = sigma.fold(M61::ZERO, |sum, ((value, mac), factor)| {
            sum + factor * (*mac - self.key * *value)
        });
        let scope = self.ctx.scope((name, 1));
        let all = match self.flaw {
            Flaw::NoCommitment => {
                scope.broadcast(&vec![sigma]);
                let told = scope.gather::<Vec<M61>>(1).await?;
                told.values().cloned().chain([vec![sigma]]).collect()
            }
            _ => commit_then_open(&scope, vec![sigma], Flaw::Nothing).await?,
        };
        if all.concat().into_iter().fold(M61::ZERO, |sum, value| sum + value) == M61::ZERO {
            return Ok(());
        }
        Err(self.ctx.check_failed(name))
    }
}

pub(super) fn effective_inputs(states: &States<'_>) -> EffectiveInputs {
    let mut inputs = EffectiveInputs::default();
    let Some((_, masks)) = states.setup::<Vec<M61>>(MASK).next() else { return inputs };
    for party in states.corrupted {
        let mut told = states.tapped::<Vec<M61>>(HEARD).map(|(_, told)| told[party.index()]);
        let Some(first) = told.next() else { continue };
        let value = first + masks[party.index()];
        inputs.insert(*party, brought(value, told.all(|other| other == first)));
    }
    inputs
}

/// An element of whatever bytes there are.
struct Lax(M61);

impl Wire for Lax {
    type Shape = ();
    const NAME: &'static str = "lax";

    fn shape(&self) {}

    fn len((): &()) -> usize {
        8
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.0.to_u128() as u64).to_le_bytes());
    }

    fn decode(bytes: &[u8], (): &()) -> Result<Self, Malformed> {
        let mut low = [0; 16];
        low.iter_mut().zip(bytes.iter().take(8)).for_each(|(to, byte)| *to = *byte);
        Ok(Lax(M61::from_u128(u128::from_le_bytes(low))))
    }

    fn fields((): &()) -> Vec<Field> {
        Vec::new()
    }
}
