//! Nodes that are not alike: two owners, and a helper who computes for them.

use std::sync::Arc;

use mpclab_protocols::algebra::{M61, Ring};
use mpclab_protocols::program::{Inputs, Outputs, interpret};
use mpclab_protocols::protocol::{Info, Job, Protocol, Unsupported};
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, NamedRole, PartyId, Quorum, RoleClaim, Threshold};

use super::super::findings::Outcome;
use super::leaky::{self, NoParams};
use super::*;

const ROLES: &[NamedRole] = &[
    NamedRole { name: "owner", corrupted: Threshold::Exact(1), stay: Quorum::All },
    NamedRole { name: "helper", corrupted: Threshold::Exact(0), stay: Quorum::All },
];

/// Both owners tell the helper their inputs, who tells them the result. With gossip, owner 0 tells
/// owner 1, too.
struct Helped<const GOSSIP: bool>;

impl<const GOSSIP: bool> Protocol for Helped<GOSSIP> {
    const NAME: &'static str = if GOSSIP { "helped_gossip" } else { "helped" };
    const INFO: Info = Info { parties: (3, 3), ..leaky::INFO };
    const ROLES: &'static [NamedRole] = ROLES;
    type Params = NoParams;
    type Plan = Job;

    fn compile(job: &Arc<Job>, _: &NoParams) -> Result<Arc<Job>, Unsupported> {
        job.program()?;
        Ok(Arc::clone(job))
    }

    fn roles(_: &Job) -> Vec<RoleClaim> {
        RoleClaim::in_order(ROLES, &[2, 1])
    }

    async fn run(ctx: Ctx, job: Arc<Job>, input: Inputs) -> Result<Outputs, Abort> {
        let program = job.program().map_err(|why| Abort::Bug(why.to_string()))?;
        let (tell, answer) = (ctx.scope("online/tell"), ctx.scope("online/answer"));
        let helper = PartyId(2);
        let result = if ctx.id() == helper {
            let mut inputs = vec![Inputs::new(); job.roles.input.len()];
            for decl in program.inputs() {
                let owner = job.roles.input[decl.party];
                let told: Vec<M61> = tell.recv(owner, decl.len).await?;
                let column: Vec<i128> = told.into_iter().map(Ring::to_i128).collect();
                inputs[decl.party].insert((*decl.name).to_owned(), column);
            }
            let result = interpret(program, &inputs).map_err(|why| Abort::Bug(why.to_string()))?;
            let result: Vec<M61> = result.outputs.into_iter().map(M61::from_i128).collect();
            answer.broadcast(&result);
            result
        } else {
            let own: Vec<M61> = input.all_integers().map(|value| M61::from_i128(*value)).collect();
            tell.send(helper, &own);
            if GOSSIP && ctx.id() == PartyId(0) {
                ctx.scope("online/gossip").send(PartyId(1), &own);
            }
            if GOSSIP && ctx.id() == PartyId(1) {
                ctx.scope("online/gossip").recv::<Vec<M61>>(PartyId(0), own.len()).await?;
            }
            answer.recv(helper, program.outputs().iter().map(|output| output.len).sum()).await?
        };
        let result: Vec<i128> = result.into_iter().map(Ring::to_i128).collect();
        Ok(program.to_outputs(&result))
    }
}

/// Of each coalition that a product hides something from: whom, whether that is claimed, and
/// whether its view gives it away.
fn enumerated(protocol: &str) -> Vec<(Vec<u32>, bool, bool)> {
    let registry = leaky::registry().with::<Helped<false>>().with::<Helped<true>>();
    let parties = "{ compute: 3, input: [0, 1], output: [0, 1, 2] }";
    let prepared = prepared_among(&registry, SUM, protocol, parties, 1);
    let target = Target::new(&registry, &prepared, &prepared.cells[0]).unwrap();
    let probe = Probe { target: &target, cell: undisturbed(target.cell), effort: FEW };
    let tests = enumerate::tests(&probe).into_iter();
    let product = tests.filter(|test| test.name == "exact enumeration, product of two bits");
    let found = product.map(|test| {
        let differs = match test.outcome {
            Outcome::Decided(differs) => differs.is_some(),
            Outcome::Undecided(why) | Outcome::Inapplicable(why) => panic!("{why}"),
            Outcome::Compared(_) | Outcome::Searched(_) => panic!("it decides"),
        };
        (test.coalition.iter().map(|node| node.0).collect(), test.claimed, differs)
    });
    found.collect()
}

#[test]
fn coalitions_by_role_are_enumerated() {
    let within = |gossip| vec![(vec![0], true, false), (vec![1], true, gossip)];
    let beyond = vec![(vec![2], false, true)];
    assert_eq!(enumerated("helped"), [within(false), beyond.clone()].concat());
    assert_eq!(enumerated("helped_gossip"), [within(true), beyond].concat());
}
