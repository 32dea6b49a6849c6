use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use mpclab_protocols::program::{Builder, ErrorBound, Node, NodeId, ProgramError, Rounding};
use rhai::EvalAltResult;

use super::failure::Failure;

/// Nodes of a program that a script may make.
const MAX_NODES: usize = 1 << 17;
/// Elements of all its nodes together.
const MAX_ELEMENTS: usize = 1 << 24;
/// Interactive operations one after the other.
const MAX_DEPTH: u32 = 20_000;

/// What a function of the language yields.
pub(super) type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// A vector of secret values, as scripts hold it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Secret(pub(super) NodeId);

/// Who there is: a script sees how many bring something; outputs may be for some alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parties {
    /// Input parties.
    pub input: usize,
    /// Output parties.
    pub output: usize,
}

/// All bring something, and all learn.
impl From<usize> for Parties {
    fn from(all: usize) -> Self {
        Parties { input: all, output: all }
    }
}

/// The program that a script is making.
pub(super) struct State {
    pub(super) builder: Builder,
    pub(super) bounds: Vec<ErrorBound>,
    pub(super) parties: Parties,
    /// How fractional bits are dropped.
    pub(super) rounding: Rounding,
    pub(super) given: BTreeMap<String, serde_json::Value>,
    /// Parameters that the script has asked for.
    pub(super) asked: BTreeSet<String>,
    /// The first parameter that did not fit.
    pub(super) wrong_param: Option<Failure>,
    counted: usize,
    elements: usize,
}

/// Every function of the language has it.
pub(super) type Shared = Rc<RefCell<State>>;

/// The script's own mistake, told where it stands.
pub(super) fn refuse<T>(message: impl Into<String>) -> Outcome<T> {
    Err(message.into().into())
}

impl State {
    pub(super) fn new(given: BTreeMap<String, serde_json::Value>, parties: Parties) -> Self {
        State {
            builder: Builder::new(),
            bounds: Vec::new(),
            parties,
            rounding: Rounding::Floor,
            given,
            asked: BTreeSet::new(),
            wrong_param: None,
            counted: 0,
            elements: 0,
        }
    }

    /// What the builder made, if the program is still small enough.
    pub(super) fn made(&mut self, made: Result<NodeId, ProgramError>) -> Outcome<Secret> {
        let id = made.map_err(|error| Box::<EvalAltResult>::from(error.to_string()))?;
        let nodes = self.builder.nodes();
        self.elements += nodes[self.counted..].iter().map(|node| node.len).sum::<usize>();
        self.counted = nodes.len();
        if self.counted > MAX_NODES {
            return refuse(format!("the program has more than {MAX_NODES} operations"));
        }
        if self.elements > MAX_ELEMENTS {
            return refuse(format!("all vectors together hold more than {MAX_ELEMENTS} values"));
        }
        if self.node(id)?.depth > MAX_DEPTH {
            return refuse(format!("more than {MAX_DEPTH} operations follow each other"));
        }
        Ok(Secret(id))
    }

    /// Refuses what would make too many elements before it is made.
    pub(super) fn need_room(&self, elements: usize) -> Outcome<()> {
        if self.elements.saturating_add(elements) > MAX_ELEMENTS {
            return refuse(format!("this would take more than {MAX_ELEMENTS} values"));
        }
        Ok(())
    }

    pub(super) fn node(&self, id: NodeId) -> Outcome<&Node> {
        self.builder.node(id).map_err(|error| error.to_string().into())
    }

    pub(super) fn len(&self, id: NodeId) -> Outcome<usize> {
        Ok(self.node(id)?.len)
    }

    pub(super) fn frac(&self, id: NodeId) -> Outcome<u32> {
        Ok(self.node(id)?.ty.frac())
    }
}
