//! `rep3_ps`: it computes what the program says, and whatever one party sends, no honest party
//! outputs something else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mpclab_protocols::InputCheck;
use mpclab_protocols::algebra::{M61, P128, Ring, Z64, Z128};
use mpclab_protocols::functions::{Function, Millionaires, Task};
use mpclab_protocols::primitives::{Domain, Prg};
use mpclab_protocols::program::{
    Builder, Decoding, Inputs, Outputs, ProgramError, Rounding, Type, interpret,
};
use mpclab_protocols::protocol::{Job, Protocol};
use mpclab_protocols::rep3_ps::{DomainName, Rep3Ps, Rep3PsParams};
use mpclab_sim::adversary::{Adversary, Decision, Departing};
use mpclab_sim::vocabulary::{Abort, AdversaryKind, PartyId, Roles};
use mpclab_sim::wire::Wire;
use mpclab_sim::{PartyEnd, Run};
use proptest::prelude::*;

use super::{expect, plan, subject as bound};
use crate::harness::{clients, config, job};
use crate::random::{self, Pick};

const DOMAINS: [DomainName; 4] =
    [DomainName::M61, DomainName::P128, DomainName::Z64, DomainName::Z128];

fn params(domain: DomainName) -> Arc<Rep3PsParams> {
    Arc::new(Rep3PsParams { domain, ..Default::default() })
}

/// Without the checks of inputs, whose products and openings are like all others.
fn unchecked(domain: DomainName) -> Arc<Rep3PsParams> {
    Arc::new(Rep3PsParams { domain, input_check: InputCheck::None })
}

fn column(values: &[i128]) -> Inputs {
    Inputs::from([("x".to_owned(), values.to_vec())])
}

fn program(nodes: impl FnOnce(&mut Builder) -> Result<(), ProgramError>) -> Task {
    let mut builder = Builder::new();
    nodes(&mut builder).expect("the program is allowed");
    Task::Program(Arc::new(builder.finish().expect("it has outputs")))
}

// ---- what it computes ----

#[test]
fn products_and_inner_products_are_right_in_all_domains() {
    let ty = Type::Int { bits: 8 };
    let task = program(|builder| {
        let x = builder.input("x", 0, 6, ty)?;
        let y = builder.input("x", 1, 6, ty)?;
        let product = builder.mul(x, y)?;
        let cube = builder.mul(product, x)?;
        let both = builder.add(cube, y)?;
        builder.output("both", both, Decoding::Integer)?;
        for (name, groups) in [("six", 1), ("threes", 2), ("ones", 6)] {
            let dot = builder.dot(product, x, groups)?;
            builder.output(name, dot, Decoding::Integer)?;
        }
        Ok(())
    });
    let inputs = [column(&[-128, 127, 3, 0, -1, 5]), column(&[-128, -128, 9, 1, 1, 2])];
    let ids = |ids: std::ops::Range<usize>| ids.map(PartyId::from).collect::<Vec<_>>();
    for input in [0..2, 1..3] {
        let roles = Roles { compute: 3, input: ids(input), output: ids(0..3) };
        for domain in DOMAINS {
            expect::<Rep3Ps>(&job(task.clone(), roles.clone(), 8), &params(domain), &inputs, 3);
        }
    }
}

#[test]
fn programs_without_products_or_inputs_run() {
    let linear = program(|builder| {
        let x = builder.input("x", 1, 2, Type::Int { bits: 8 })?;
        builder.output("x", x, Decoding::Integer)
    });
    let constant = program(|builder| {
        let c = builder.constant(vec![-3, 5], 0)?;
        let square = builder.mul(c, c)?;
        builder.output("square", square, Decoding::Integer)
    });
    for domain in DOMAINS {
        let inputs = [Inputs::new(), column(&[-128, 127]), Inputs::new()];
        expect::<Rep3Ps>(&job(linear.clone(), Roles::all(3), 8), &params(domain), &inputs, 1);
        expect::<Rep3Ps>(&job(constant.clone(), Roles::all(3), 8), &params(domain), &[], 1);
    }
}

/// Rings up to the last bit that challenges leave, fields up to the last below the prime.
#[test]
fn domains_compute_up_to_their_full_width() {
    for (domain, bits) in [
        (DomainName::M61, 60),
        (DomainName::P128, 127),
        (DomainName::Z64, 24),
        (DomainName::Z128, 88),
    ] {
        let half = 1i128 << (bits / 2 - 1);
        let task = program(|builder| {
            let ty = Type::Int { bits: bits / 2 };
            let (x, y) = (builder.input("x", 0, 3, ty)?, builder.input("x", 1, 3, ty)?);
            let product = builder.mul(x, y)?;
            builder.output("product", product, Decoding::Integer)
        });
        let inputs = [column(&[-half, half - 1, -half]), column(&[-half, -half, half - 1])];
        expect::<Rep3Ps>(&job(task, Roles::all(3), 40), &params(domain), &inputs, 1);
        let wide = |bits| {
            let task = program(|builder| {
                let x = builder.input("x", 0, 2, Type::Int { bits })?;
                builder.output("x", x, Decoding::Integer)
            });
            job(task, Roles::all(3), 40)
        };
        let most = 1i128 << (bits - 1);
        let inputs = [column(&[-most, most - 1])];
        expect::<Rep3Ps>(&wide(bits), &params(domain), &inputs, 1);
        if bits < 127 {
            assert!(Rep3Ps::compile(&wide(bits + 1), &params(domain)).is_err(), "{domain:?}");
        }
    }
}

const FIELDS: [DomainName; 2] = [DomainName::M61, DomainName::P128];

/// Comparisons of comparisons, so that some of what is verified early was so too.
#[test]
fn comparisons_are_right_in_fields() {
    for bits in [1, 2, 3, 8, 31] {
        let ty = Type::Int { bits };
        let range = ty.range();
        let mut ends = vec![range.lo, range.lo + 1, -1, 0, range.hi - 1, range.hi];
        ends.retain(|value| range.contains(*value));
        let len = ends.len();
        let x: Vec<i128> = ends.iter().flat_map(|value| vec![*value; len]).collect();
        let y: Vec<i128> = ends.repeat(len);
        let task = program(|builder| {
            let (a, b) = (builder.input("x", 0, x.len(), ty)?, builder.input("x", 1, x.len(), ty)?);
            let (less, equal) = (builder.less(a, b)?, builder.equal(a, b)?);
            let max = builder.max(a, b)?;
            let product = builder.mul(a, less)?;
            let top = builder.max(max, product)?;
            for (name, node) in [("less", less), ("equal", equal), ("max", max), ("top", top)] {
                builder.output(name, node, Decoding::Integer)?;
            }
            if bits > 1 {
                let floor = builder.truncate(max, bits - 1, Rounding::Floor)?;
                let either = builder.truncate(product, 1, Rounding::Either)?;
                builder.output("floor", floor, Decoding::Integer)?;
                builder.output("either", either, Decoding::Integer)?;
            }
            Ok(())
        });
        for domain in FIELDS {
            let inputs = [column(&x), column(&y)];
            expect::<Rep3Ps>(&job(task.clone(), Roles::all(3), 8), &params(domain), &inputs, 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn random_programs_yield_what_the_interpreter_does_in_fields(
        columns in random::columns(),
        picks in random::picks(),
    ) {
        let (program, inputs) = random::program(&columns, &picks);
        let job = job(Task::Program(Arc::new(program)), Roles::all(3), 8);
        for domain in FIELDS {
            expect::<Rep3Ps>(&job, &params(domain), &inputs, 3);
        }
    }

    #[test]
    fn random_programs_of_products_yield_what_the_interpreter_does(
        columns in random::columns(),
        picks in random::picks(),
    ) {
        // Those operations of the generator that do not compare.
        let operations = [0, 1, 2, 4, 12, 13, 14, 15];
        let operation = |pick: &Pick| operations[usize::from(pick.operation) % operations.len()];
        let picks: Vec<Pick> =
            picks.iter().map(|pick| Pick { operation: operation(pick), ..*pick }).collect();
        let (program, inputs) = random::program(&columns, &picks);
        let job = job(Task::Program(Arc::new(program)), Roles::all(3), 8);
        for domain in DOMAINS {
            expect::<Rep3Ps>(&job, &params(domain), &inputs, 3);
        }
    }
}

// ---- what it refuses ----

fn refusal(job: &Arc<Job>, domain: DomainName) -> String {
    let refused = Rep3Ps::compile(job, &params(domain)).map(|_| ());
    refused.expect_err("should be refused").to_string()
}

fn plain(bits: u32, roles: Roles, sigma: u32) -> Arc<Job> {
    let task = program(|builder| {
        let x = builder.input("x", 0, 1, Type::Int { bits })?;
        builder.output("x", x, Decoding::Integer)
    });
    job(task, roles, sigma)
}

#[test]
fn roles_that_nobody_checks_are_refused() {
    assert_eq!(
        refusal(&plain(8, clients(1, 3, &[0, 1, 2]), 40), DomainName::M61),
        "a client could deal shares that do not agree, and could not tell whether what it learns \
         was checked; would work: no clients: parties as a number"
    );
    let one = Roles { output: vec![PartyId(1)], ..Roles::all(3) };
    assert_eq!(
        refusal(&plain(8, one, 40), DomainName::M61),
        "outputs are opened to all three parties at once; would work: parties: { output: all }"
    );
    assert_eq!(
        refusal(&plain(8, Roles::all(4), 40), DomainName::M61),
        "4 computing parties are asked for; would work: exactly 3 computing parties"
    );
}

#[test]
fn domains_that_are_too_small_are_refused() {
    assert_eq!(
        refusal(&plain(25, Roles::all(3), 40), DomainName::Z64),
        "values of 25 bits and challenges of 40 bits do not fit together in Z_2^64; would work: \
         params: { domain: m61 }"
    );
    assert_eq!(
        refusal(&plain(61, Roles::all(3), 40), DomainName::M61),
        "values of 61 bits do not fit in Z_p, p = 2^61 - 1, which has 61; would work: params: { \
         domain: p128 }"
    );
    assert_eq!(
        refusal(&plain(8, Roles::all(3), 61), DomainName::M61),
        "a check in Z_p, p = 2^61 - 1 is sound up to 2^-60, not 2^-61; would work: params: { \
         domain: p128 }"
    );
    assert_eq!(
        refusal(&plain(8, Roles::all(3), 128), DomainName::Z128),
        "a check in Z_2^128 is sound up to 2^-127, not 2^-128; would work: smaller parameters of \
         the function; no larger domain is built in"
    );
    for (domain, sigma) in [(DomainName::M61, 60), (DomainName::P128, 127), (DomainName::Z64, 56)] {
        assert_eq!(
            Rep3Ps::compile(&plain(8, Roles::all(3), sigma), &params(domain)).map(|_| ()),
            Ok(()),
            "{domain:?}"
        );
    }
}

#[test]
fn comparisons_in_rings_are_refused() {
    let task = Millionaires::build(&Default::default(), 3).expect("allowed");
    for (sigma, instead) in [(8, "m61"), (40, "p128")] {
        assert_eq!(
            refusal(&job(task.clone(), Roles::all(3), sigma), DomainName::Z64),
            format!(
                "comparisons and truncations need a prime field, not Z_2^64; would work: params: \
                 {{ domain: {instead} }}"
            )
        );
    }
}

#[test]
fn toy_fields_are_refused_where_they_are_not_sound() {
    assert_eq!(
        refusal(&plain(2, Roles::all(3), 8), DomainName::P251),
        "a check in Z_p, p = 251 is sound up to 2^-7, not 2^-8; would work: params: { domain: m61 \
         }"
    );
    for (domain, bits) in [(DomainName::P251, 3), (DomainName::P31, 2)] {
        expect::<Rep3Ps>(&plain_pair(bits), &params(domain), &[column(&[-2, 1])], 1);
    }
}

/// A product of two values of so many bits.
fn plain_pair(bits: u32) -> Arc<Job> {
    let task = program(|builder| {
        let x = builder.input("x", 0, 2, Type::Int { bits })?;
        let halves = [builder.gather(x, vec![0])?, builder.gather(x, vec![1])?];
        let product = builder.mul(halves[0], halves[1])?;
        builder.output("product", product, Decoding::Integer)
    });
    job(task, Roles::all(3), 2)
}

// ---- what a corrupted party can do ----

/// A message of a run.
#[derive(Clone, Debug)]
struct Sent {
    from: PartyId,
    to: PartyId,
    scope: u64,
    body: Vec<u8>,
}

/// What a cheater sends instead of a message: another body, an empty one for nothing at all, or
/// none if it leaves the message as it is.
type Cheat = Box<dyn FnMut(&Sent) -> Option<Vec<u8>> + Send>;

/// Party `corrupt` cheats, and everything that anybody sends is written down.
struct Cheats {
    corrupt: PartyId,
    cheat: Cheat,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Adversary for Cheats {
    fn corrupted(&self) -> Vec<PartyId> {
        vec![self.corrupt]
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        let body = message.body.to_vec();
        let sent = Sent { from: message.from, to: message.to, scope: message.scope_id, body };
        self.sent.lock().expect("unpoisoned").push(sent.clone());
        let replaced = (sent.from == self.corrupt).then(|| (self.cheat)(&sent)).flatten();
        match replaced {
            None => Decision::Pass,
            Some(body) if body.is_empty() => Decision::Drop,
            Some(body) => Decision::Replace(body),
        }
    }
}

/// `x y` and `<y, w>`; everyone brings two values.
fn subject(sigma: u32) -> (Arc<Job>, [Inputs; 3]) {
    let task = program(|builder| {
        let ty = Type::Int { bits: 4 };
        let x = builder.input("x", 0, 2, ty)?;
        let y = builder.input("x", 1, 2, ty)?;
        let w = builder.input("x", 2, 2, ty)?;
        let product = builder.mul(x, y)?;
        let dot = builder.dot(y, w, 1)?;
        builder.output("product", product, Decoding::Integer)?;
        builder.output("dot", dot, Decoding::Integer)
    });
    (job(task, Roles::all(3), sigma), [column(&[-5, 3]), column(&[7, 2]), column(&[1, -4])])
}

/// Scopes in the order in which something is first sent in them.
const SCOPES: [&str; 10] =
    ["setup", "owner 0", "owner 1", "owner 2", "mul", "dot", "coin", "rho", "zero", "open"];

/// A run of the subject with a cheater, inputs unchecked, and all that was sent.
fn cheated(
    domain: DomainName,
    sigma: u32,
    seed: u64,
    corrupt: PartyId,
    cheat: Cheat,
) -> (Run<Outputs>, Vec<Sent>) {
    let (job, inputs) = subject(sigma);
    let sent = Arc::default();
    let cheats = Cheats { corrupt, cheat, sent: Arc::clone(&sent) };
    let run = bound::<Rep3Ps>(&job, &unchecked(domain)).simulate(
        &inputs,
        config(3, seed),
        Some(Box::new(cheats)),
    );
    let sent = sent.lock().expect("unpoisoned").clone();
    (run, sent)
}

/// Ids of [`SCOPES`], and all messages of an honest run.
fn honest(domain: DomainName, sigma: u32, seed: u64) -> (Vec<u64>, Vec<Sent>) {
    let (run, sent) = cheated(domain, sigma, seed, PartyId(0), Box::new(|_| None));
    assert!(run.is_complete());
    let mut scopes: Vec<u64> = Vec::new();
    for message in &sent {
        if !scopes.contains(&message.scope) {
            scopes.push(message.scope);
        }
    }
    assert_eq!(scopes.len(), SCOPES.len());
    (scopes, sent)
}

fn scope(scopes: &[u64], name: &str) -> u64 {
    scopes[SCOPES.iter().position(|scope| *scope == name).expect("a scope of the list")]
}

fn expected(inputs: &[Inputs]) -> Vec<i128> {
    let (job, _) = subject(8);
    interpret(job.program().expect("a program"), inputs).expect("it computes").outputs
}

/// Ends of the honest parties: their outputs, or where they stopped.
fn ends(run: &Run<Outputs>, corrupt: PartyId) -> Vec<Result<Vec<i128>, Abort>> {
    let honest = PartyId::all(3).filter(|party| *party != corrupt);
    honest
        .map(|party| match &run.parties[party.index()].0 {
            PartyEnd::Output(output) => Ok(output.values()),
            PartyEnd::Abort(why) => Err(why.clone()),
            other => panic!("{party} ended with {other:?}"),
        })
        .collect()
}

fn elements<R: Ring>(body: &[u8]) -> Vec<R> {
    Vec::<R>::decode(body, &(body.len() / R::BYTES)).expect("elements")
}

fn encoded<R: Ring>(elements: &Vec<R>) -> Vec<u8> {
    let mut body = Vec::new();
    elements.encode(&mut body);
    body
}

/// Adds errors to elements of the party's first message in each scope; hashes come second.
fn adds<R: Ring>(mut errors: Vec<(u64, Vec<(usize, R)>)>) -> Cheat {
    Box::new(move |sent| {
        let found = errors.iter().position(|(scope, _)| *scope == sent.scope)?;
        let mut all = elements::<R>(&sent.body);
        for (at, error) in errors.swap_remove(found).1 {
            all[at] += error;
        }
        Some(encoded(&all))
    })
}

/// Number of the step at which each party stopped.
fn steps(ends: &[Result<Vec<i128>, Abort>]) -> Vec<&str> {
    let step = |end| match end {
        &Ok(_) => "output",
        Err(Abort::CheckFailed { step }) => step.split(':').next().unwrap_or_default(),
        Err(_) => "closed",
    };
    ends.iter().map(step).collect()
}

/// What each honest party says to an error of one in an element of messages in a scope, for each
/// corrupted party.
fn caught<R: Ring>(domain: DomainName, name: &str, at: usize, expect: &[&[&str]; 3]) {
    let (scopes, _) = honest(domain, 8, 1);
    let (_, inputs) = subject(8);
    for corrupt in PartyId::all(3) {
        let cheat = adds::<R>(vec![(scope(&scopes, name), vec![(at, R::ONE)])]);
        let (run, _) = cheated(domain, 8, 1, corrupt, cheat);
        let ends = ends(&run, corrupt);
        let label = format!("{domain:?}, {name} {at}, {corrupt}");
        assert_eq!(steps(&ends), expect[corrupt.index()], "{label}");
        for output in ends.into_iter().flatten() {
            assert_eq!(output, expected(&inputs), "{label}");
        }
    }
}

fn each_error_is_caught<R: Ring>(domain: DomainName) {
    let all = |step: &'static [&'static str]| [step; 3];
    // Products, then those that are sacrificed for them.
    for (name, at) in [("mul", 0), ("mul", 1), ("mul", 2), ("mul", 3), ("dot", 0), ("dot", 1)] {
        caught::<R>(domain, name, at, &all(&["5", "5"]));
    }
    // The next party is told something wrong and stops; the other has nobody to go on with.
    for at in 0..4 {
        let next_stops: [&[&str]; 3] = [&["4", "closed"], &["closed", "4"], &["4", "closed"]];
        caught::<R>(domain, "rho", at, &next_stops);
    }
    // Once all is checked, the other one may have its output: abort is selective.
    for at in 0..3 {
        let next_stops: [&[&str]; 3] = [&["6", "output"], &["output", "6"], &["6", "output"]];
        caught::<R>(domain, "open", at, &next_stops);
    }
}

#[test]
fn an_error_in_a_product_a_triple_an_opening_or_an_output_is_caught() {
    each_error_is_caught::<M61>(DomainName::M61);
    each_error_is_caught::<P128>(DomainName::P128);
    each_error_is_caught::<Z64>(DomainName::Z64);
    each_error_is_caught::<Z128>(DomainName::Z128);
}

/// An owner that sends another part than it holds itself has dealt another input, and goes on with
/// the old one: the opening of a value that depends on it shows that.
#[test]
fn an_input_that_is_dealt_in_two_ways_is_caught() {
    for corrupt in PartyId::all(3) {
        let (scopes, _) = honest(DomainName::M61, 8, 1);
        let name = ["owner 0", "owner 1", "owner 2"][corrupt.index()];
        let cheat = adds::<M61>(vec![(scope(&scopes, name), vec![(1, M61::from_u128(2))])]);
        let (run, _) = cheated(DomainName::M61, 8, 1, corrupt, cheat);
        let ends = ends(&run, corrupt);
        assert!(ends.iter().all(Result::is_err), "{corrupt}: {ends:?}");
    }
}

/// The same in a program that multiplies nothing: only the output is opened.
#[test]
fn an_input_that_is_dealt_in_two_ways_is_caught_in_the_output_at_the_latest() {
    let task = program(|builder| {
        let x = builder.input("x", 1, 2, Type::Int { bits: 4 })?;
        builder.output("x", x, Decoding::Integer)
    });
    let (job, inputs) = (job(task, Roles::all(3), 8), [Inputs::new(), column(&[-5, 3])]);
    let corrupt = PartyId(1);
    // After its key, the owner's part is the first that it sends.
    let mut number = 0;
    let cheat: Cheat = Box::new(move |sent| {
        number += 1;
        (number == 2).then(|| {
            let mut all = elements::<M61>(&sent.body);
            all[1] += M61::from_u128(2);
            encoded(&all)
        })
    });
    let cheats = Cheats { corrupt, cheat, sent: Arc::default() };
    let params = unchecked(DomainName::M61);
    let run =
        bound::<Rep3Ps>(&job, &params).simulate(&inputs, config(3, 1), Some(Box::new(cheats)));
    let ends = ends(&run, corrupt);
    // The party that holds the other part computes with what was dealt.
    assert_eq!(ends[0], Ok(vec![-5, 5]));
    assert_eq!(ends[1], Err(Abort::CheckFailed { step: "6: outputs".to_owned() }));
}

/// Each message of each party, changed at its beginning or its end: an honest party stops, and
/// none has a wrong output. Returns how many messages there are.
fn sweep(job: &Arc<Job>, inputs: &[Inputs], params: &Rep3PsParams) -> usize {
    let domain = params.domain;
    let expected = interpret(job.program().expect("a program"), inputs).expect("it computes");
    let mut messages = 0;
    for corrupt in PartyId::all(3) {
        for (target, last) in (0..).flat_map(|target| [(target, false), (target, true)]) {
            let (mut number, hit) = (0, Arc::new(Mutex::new(None)));
            let seen = Arc::clone(&hit);
            let cheat: Cheat = Box::new(move |sent| {
                number += 1;
                (number == target + 1).then(|| {
                    *seen.lock().expect("unpoisoned") = Some(sent.clone());
                    let mut body = sent.body.clone();
                    let at = if last { body.len() - 8 } else { 0 };
                    body[at] ^= 1;
                    body
                })
            });
            let cheats = Cheats { corrupt, cheat, sent: Arc::default() };
            let config = config(3, 1);
            let run = bound::<Rep3Ps>(job, params).simulate(inputs, config, Some(Box::new(cheats)));
            let Some(hit) = hit.lock().expect("unpoisoned").take() else { break };
            messages += 1;
            let ends = ends(&run, corrupt);
            assert!(ends.iter().any(Result::is_err), "{domain:?}, {target}, {hit:?}: {ends:?}");
            for output in ends.into_iter().flatten() {
                assert_eq!(output, expected.outputs, "{domain:?}, {target}, {hit:?}");
            }
        }
    }
    messages / 2
}

#[test]
fn no_changed_message_yields_a_wrong_output() {
    let (job, inputs) = subject(8);
    for domain in DOMAINS {
        let products = 3 + 3 + 2 * 3 + 4 * 6;
        assert_eq!(sweep(&job, &inputs, &unchecked(domain)), products, "{domain:?}");
        // What is sacrificed for digits, and a check more.
        assert_eq!(sweep(&job, &inputs, &params(domain)), products + 3 + 3 * 6, "{domain:?}");
    }
    let (job, inputs) = compared_product();
    for domain in FIELDS {
        assert!(sweep(&job, &inputs, &params(domain)) > 80, "{domain:?}");
    }
}

/// A party that holds a product back is told nothing of the challenge but a hash, though the party
/// that does not miss the product is ahead: otherwise it could fit its errors to the challenge.
#[test]
fn no_challenge_is_shown_to_a_party_that_holds_a_product_back() {
    let (scopes, all) = honest(DomainName::M61, 8, 1);
    let (held_back, coin) = (scope(&scopes, "dot"), scope(&scopes, "coin"));
    let told = |sent: &[Sent], corrupt| -> Vec<(PartyId, PartyId)> {
        let own = sent.iter().filter(|sent| sent.scope == coin && sent.to == corrupt);
        own.map(|sent| (sent.from, sent.to)).collect()
    };
    for corrupt in PartyId::all(3) {
        let [next, previous] = [1, 2].map(|ahead| PartyId((corrupt.0 + ahead) % 3));
        let cheat: Cheat = Box::new(move |sent| (sent.scope == held_back).then(Vec::new));
        let (_, sent) = cheated(DomainName::M61, 8, 1, corrupt, cheat);
        assert_eq!(told(&sent, corrupt), [(next, corrupt)]);
        let mut honest = told(&all, corrupt);
        honest.sort_unstable_by_key(|(from, _)| *from != next);
        assert_eq!(honest, [(next, corrupt), (previous, corrupt)], "both speak in the end");
    }
}

/// The challenge of a run, from what is opened for it.
fn challenge<R: Ring>(scopes: &[u64], sent: &[Sent], session: &[u8]) -> R {
    let coin = scope(scopes, "coin");
    let mut sum = [0u8; 32];
    for party in PartyId::all(3) {
        // Each party sends its string before its hash.
        let of = |message: &&Sent| message.scope == coin && message.from == party;
        let string = sent.iter().find(of).expect("a string");
        sum.iter_mut().zip(&string.body).for_each(|(sum, byte)| *sum ^= byte);
    }
    let scope = b"online/output/verify/coin";
    let domain = Domain { protocol: Rep3Ps::NAME, session, party: PartyId(0), scope };
    Prg::new(sum, &domain.to_bytes()).elements::<R>(1)[0]
}

/// The check is as good as its challenge is unknown: errors `d` and `alpha d` pass.
#[test]
fn a_challenge_that_is_known_beforehand_lets_a_wrong_product_pass() {
    let (scopes, sent) = honest(DomainName::M61, 8, 1);
    let session = config(3, 1).seed.purpose("session");
    let alpha = challenge::<M61>(&scopes, &sent, &session);
    let corrupt = PartyId(1);
    let (product, output) = (scope(&scopes, "mul"), scope(&scopes, "open"));
    let cheat = |guess: M61| {
        let product = (product, vec![(0, M61::ONE), (2, guess)]);
        adds::<M61>(vec![product, (output, vec![(0, M61::ONE)])])
    };
    let (run, _) = cheated(DomainName::M61, 8, 1, corrupt, cheat(alpha));
    let (_, inputs) = subject(8);
    let mut wrong = expected(&inputs);
    wrong[0] += 1;
    assert_eq!(ends(&run, corrupt), vec![Ok(wrong); 2]);
    let (run, _) = cheated(DomainName::M61, 8, 1, corrupt, cheat(alpha + M61::ONE));
    assert_eq!(steps(&ends(&run, corrupt)), ["5", "5"]);
}

/// Values have 61 bits beside challenges of three.
const VALUE_BITS: u32 = 61;

/// How many of so many runs with challenges of three bits a product with an error passes in; the
/// cheater guesses the challenge and goes on with the wrong product. Outputs are wrong where it
/// counts, and only there.
fn passes(runs: u64, error: u64, guess: u64) -> u64 {
    let (scopes, _) = honest(DomainName::Z64, 3, 1);
    let (_, inputs) = subject(3);
    let (product, output) = (scope(&scopes, "mul"), scope(&scopes, "open"));
    let corrupt = PartyId(2);
    let mut passed = 0;
    for seed in 1..=runs {
        let mut lies = adds::<Z64>(vec![(
            product,
            vec![(0, Z64(error)), (2, Z64(error.wrapping_mul(guess)))],
        )]);
        let mut first = true;
        let cheat: Cheat = Box::new(move |sent| {
            if sent.scope != output || !std::mem::take(&mut first) {
                return lies(sent);
            }
            let mut all = elements::<Z64>(&sent.body);
            all[0] = Z64(all[0].0.wrapping_add(error) % (1 << VALUE_BITS));
            Some(encoded(&all))
        });
        let (run, _) = cheated(DomainName::Z64, 3, seed, corrupt, cheat);
        let ends = ends(&run, corrupt);
        let counts = !error.is_multiple_of(1 << VALUE_BITS);
        for output in ends.iter().flatten() {
            assert_eq!(*output != expected(&inputs), counts, "seed {seed}");
        }
        passed += u64::from(ends.iter().all(Result::is_ok));
    }
    passed
}

/// With three bits a guess is right once in eight times, and no better.
#[test]
fn a_guessed_challenge_passes_as_often_as_the_bound_says() {
    let passed = passes(400, 1, 5);
    assert!((25..=80).contains(&passed), "{passed} of 400, expected about 50");
    // The least favourable error: the highest bit that counts.
    let passed = passes(400, 1 << (VALUE_BITS - 1), 5);
    assert!((25..=80).contains(&passed), "{passed} of 400, expected about 50");
}

/// Above the bits that count, an error may pass half of the time; nobody sees anything of it.
#[test]
fn errors_above_the_bits_that_count_change_no_output() {
    let passed = passes(100, 1 << 63, 0);
    assert!((25..=75).contains(&passed), "{passed} of 100, expected about 50");
}

/// A comparison of a product, beside a chain of others.
fn compared_product() -> (Arc<Job>, [Inputs; 2]) {
    let task = program(|builder| {
        let ty = Type::Int { bits: 4 };
        let (x, y) = (builder.input("x", 0, 2, ty)?, builder.input("x", 1, 2, ty)?);
        let mut chain = builder.mul(x, y)?;
        let less = builder.less(chain, x)?;
        builder.output("less", less, Decoding::Integer)?;
        for _ in 0..2 {
            chain = builder.mul(chain, y)?;
        }
        builder.output("chain", chain, Decoding::Integer)
    });
    (job(task, Roles::all(3), 8), [column(&[-5, 3]), column(&[1, -1])])
}

/// Nothing that depends on a wrong product is opened behind a mask that may not hide it.
#[test]
fn nothing_is_opened_behind_masks_before_what_leads_to_it_is_verified() {
    let (job, inputs) = compared_product();
    let params = params(DomainName::P128);
    let corrupt = PartyId(1);
    let run = |cheat: Cheat| {
        let sent = Arc::default();
        let cheats = Cheats { corrupt, cheat, sent: Arc::clone(&sent) };
        let run =
            bound::<Rep3Ps>(&job, &params).simulate(&inputs, config(3, 1), Some(Box::new(cheats)));
        let sent = sent.lock().expect("unpoisoned").clone();
        (run, sent)
    };
    let messages = |sent: &[Sent]| {
        let mut scopes: BTreeMap<u64, usize> = BTreeMap::new();
        let honest = sent.iter().filter(|sent| sent.from != corrupt);
        honest.for_each(|sent| *scopes.entry(sent.scope).or_default() += 1);
        scopes
    };
    let (honest, all) = run(Box::new(|_| None));
    assert!(honest.is_complete());
    let expected = messages(&all);
    // Two products and two triples of 16 bytes; nothing before has this size.
    let product = all.iter().find(|sent| sent.body.len() == 64).expect("a product").scope;
    // An opening and layers of products: no other scope has as many messages.
    let less = *expected.iter().max_by_key(|(_, count)| **count).expect("scopes").0;
    let (wrong, sent) = run(adds::<P128>(vec![(product, vec![(0, P128::ONE)])]));
    let ends = ends(&wrong, corrupt);
    assert!(ends.iter().all(Result::is_err), "{ends:?}");
    let reached = messages(&sent);
    assert!(!reached.contains_key(&less), "a masked value was opened");
}

/// Whether the check of the inputs' digits has ended a run.
fn is_refused<T>(end: &Result<T, Abort>) -> bool {
    matches!(end, Err(Abort::CheckFailed { step }) if step == "range check of inputs")
}

/// A value that masks are not made for, in a program that compares it.
#[test]
fn an_input_out_of_range_is_noticed_before_anything_is_compared() {
    let (job, mut inputs) = compared_product();
    for domain in FIELDS {
        for wrong in [8, -9, 1 << 40] {
            inputs[1] = column(&[1, wrong]);
            let run = bound::<Rep3Ps>(&job, &params(domain)).simulate(&inputs, config(3, 1), None);
            for end in ends(&run, PartyId(1)) {
                assert!(is_refused(&end), "{domain:?}, {wrong}: {end:?}");
            }
        }
    }
}

/// The same where nothing is compared, in rings as in fields; who does not check notices nothing.
#[test]
fn an_input_out_of_range_is_noticed_before_anything_is_multiplied() {
    let (job, mut inputs) = subject(8);
    for domain in DOMAINS {
        for wrong in [8, -9, 24, 1 << 40] {
            inputs[1] = column(&[1, wrong]);
            let end = |params: &Rep3PsParams| {
                let run = bound::<Rep3Ps>(&job, params).simulate(&inputs, config(3, 1), None);
                ends(&run, PartyId(1))
            };
            for end in end(&params(domain)) {
                assert!(is_refused(&end), "{domain:?}, {wrong}: {end:?}");
            }
            assert!(end(&unchecked(domain)).iter().all(Result::is_ok), "{domain:?}, {wrong}");
        }
    }
}

/// Whoever trusts inputs renounces malicious security, whatever is computed of them.
#[test]
fn malicious_security_is_claimed_unless_inputs_are_trusted() {
    let adversary = |job: &Arc<Job>, input_check| {
        let params = Rep3PsParams { input_check, ..Default::default() };
        let plan = plan::<Rep3Ps>(job, &params);
        (Rep3Ps::claims(&plan).adversary, Rep3Ps::notes(&plan).len())
    };
    let (compares, _) = compared_product();
    let (multiplies, _) = subject(8);
    let malicious = AdversaryKind::Malicious;
    assert_eq!(adversary(&compares, InputCheck::Range), (malicious, 2));
    assert_eq!(adversary(&compares, InputCheck::None), (AdversaryKind::SemiHonest, 3));
    assert_eq!(adversary(&multiplies, InputCheck::Range), (malicious, 1));
    assert_eq!(adversary(&multiplies, InputCheck::None), (AdversaryKind::SemiHonest, 2));
}
