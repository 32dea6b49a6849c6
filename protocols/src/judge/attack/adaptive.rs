use mpclab_sim::adversary::{Act, Adversary, Decision, Departing};
use mpclab_sim::vocabulary::PartyId;

/// What a coalition does with a message: a decision and the words for it, or `None` to let it pass.
/// It is asked about the messages of all parties, in the order in which they depart.
pub trait Decide: FnMut(&Departing<'_>) -> Option<(Decision, String)> + Send {}

impl<D: FnMut(&Departing<'_>) -> Option<(Decision, String)> + Send> Decide for D {}

/// A coalition whose parties run honest code, and that decides on each message from or to one of
/// them with knowledge that rules do not have: of the job, and of all that departed before. What it
/// makes of a message to itself is what its own code goes on with.
pub struct Adaptive<D> {
    corrupted: Vec<PartyId>,
    is_rushing: bool,
    decide: D,
    acts: Vec<Act>,
}

impl<D: Decide> Adaptive<D> {
    /// These parties are corrupted, ascending.
    pub fn new(corrupted: Vec<PartyId>, is_rushing: bool, decide: D) -> Self {
        Adaptive { corrupted, is_rushing, decide, acts: Vec::new() }
    }
}

impl<D: Decide> Adversary for Adaptive<D> {
    fn corrupted(&self) -> Vec<PartyId> {
        self.corrupted.clone()
    }

    fn is_rushing(&self) -> bool {
        self.is_rushing
    }

    fn depart(&mut self, message: &Departing<'_>) -> Decision {
        let decision = (self.decide)(message);
        let is_own = [message.from, message.to].iter().any(|id| self.corrupted.contains(id));
        let Some((decision, what)) = decision.filter(|_| is_own) else { return Decision::Pass };
        self.acts.push(Act::on(message, what));
        decision
    }

    fn acts(&self) -> Vec<Act> {
        self.acts.clone()
    }
}
