//! Adversaries: who is corrupted among given roles, and what they do.

use mpclab_sim::Randomness;
use mpclab_sim::adversary::{Rule, Script};
use mpclab_sim::vocabulary::Roles;
use serde_yaml::Value;

use crate::adversary::{
    AdversaryChoice, Corrupt, CorruptionKind, Strategy, last, may_act_on_honest,
};
use crate::form;
use crate::mistake::Mistake;
use crate::path::{KeyPath, kind_of};
use crate::resolve::rules::{Coalition, node, rules};
use crate::wire::adversary::{AdversaryWire, CorruptWire, KindWord, RandomnessWord, RuleWire};

/// The word for every known attack of a protocol.
pub(crate) const KNOWN_ATTACKS: &str = "known-attacks";

/// Largest number of rules of a script.
const MAX_RULES: usize = 1_000;

/// An adversary whose form is right.
pub(crate) struct Read {
    wire: AdversaryWire,
    strategy: StrategyRead,
}

enum StrategyRead {
    None,
    Named(String),
    Rules(Vec<RuleWire>),
}

/// Reads the form of an adversary, rule by rule.
///
/// # Errors
/// What does not fit, everywhere.
pub(crate) fn read(value: &Value, at: &KeyPath) -> Result<Read, Vec<Mistake>> {
    let wire = form::read(value, at);
    let at = at.key("strategy");
    let mut mistakes = Vec::new();
    let strategy = match value.get("strategy") {
        None | Some(Value::Null) => StrategyRead::None,
        Some(Value::String(name)) => StrategyRead::Named(name.clone()),
        Some(Value::Sequence(rules)) if rules.len() > MAX_RULES => {
            let message = format!("a strategy may have at most {MAX_RULES} rules");
            mistakes.push(Mistake::new(&at, message, format!("these are {}", rules.len())));
            StrategyRead::None
        }
        Some(Value::Sequence(rules)) => {
            let mut read = Vec::new();
            for (index, rule) in rules.iter().enumerate() {
                match form::read(rule, &at.index(index)) {
                    Ok(rule) => read.push(rule),
                    Err(mistake) => mistakes.push(mistake),
                }
            }
            StrategyRead::Rules(read)
        }
        Some(other) => {
            let message = "`strategy` must be the name of an attack, or a list of rules";
            mistakes.push(Mistake::new(&at, message, format!("found {}", kind_of(other))));
            StrategyRead::None
        }
    };
    match wire {
        Ok(wire) if mistakes.is_empty() => Ok(Read { wire, strategy }),
        wire => {
            mistakes.extend(wire.err());
            Err(mistakes)
        }
    }
}

impl Read {
    /// Whether it stands for one adversary for each known attack.
    pub(crate) fn is_many(&self) -> bool {
        matches!(&self.strategy, StrategyRead::Named(name) if name == KNOWN_ATTACKS)
    }

    /// Gives an adversary its meaning among the roles of a protocol with these known attacks.
    ///
    /// # Errors
    /// What cannot be, everywhere.
    pub(crate) fn resolve(
        &self,
        at: &KeyPath,
        roles: &Roles,
        (protocol, attacks): (&str, &[String]),
    ) -> Result<Vec<AdversaryChoice>, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut keep = |result: Result<(), Mistake>| mistakes.extend(result.err());
        keep(self.check_flags(at));
        let kind = self.kind(at).map_err(|mistake| keep(Err(mistake)));
        let is_empty_allowed = is_set(self.wire.network);
        let corrupt = corrupt(&self.wire.corrupt, &at.key("corrupt"), roles, is_empty_allowed);
        let corrupt = corrupt.map_err(|mistake| keep(Err(mistake)));
        let strategy_at = at.key("strategy");
        let strategies = match &self.strategy {
            StrategyRead::None if self.has_flags() => Ok(vec![self.script(Vec::new())]),
            StrategyRead::None => Ok(vec![Strategy::SemiHonest]),
            StrategyRead::Named(name) => {
                named(name, &strategy_at, protocol, attacks).map_err(|mistake| keep(Err(mistake)))
            }
            StrategyRead::Rules(wires) => {
                let coalition = Coalition {
                    corrupt: corrupt.as_ref().ok(),
                    nodes: roles.nodes(),
                    controls_network: is_set(self.wire.network),
                };
                let rules = rules(wires, &strategy_at, &coalition);
                rules.map(|rules| vec![self.script(rules)]).map_err(|wrong| {
                    wrong.into_iter().for_each(|mistake| keep(Err(mistake)));
                })
            }
        };
        let (Ok(kind), Ok(corrupt), Ok(strategies)) = (kind, corrupt, strategies) else {
            return Err(mistakes);
        };
        if mistakes.is_empty() {
            mistakes.extend(self.check_network(at, &corrupt, &strategies).err());
        }
        let randomness = self.randomness();
        let choice =
            |strategy| AdversaryChoice { kind, corrupt: corrupt.clone(), randomness, strategy };
        let choices = strategies.into_iter().map(choice).collect();
        if mistakes.is_empty() { Ok(choices) } else { Err(mistakes) }
    }

    fn flags(&self) -> [(&'static str, bool); 3] {
        [
            ("rushing", is_set(self.wire.rushing)),
            ("network", is_set(self.wire.network)),
            ("stop_after_output", is_set(self.wire.stop_after_output)),
        ]
    }

    fn has_flags(&self) -> bool {
        self.flags().iter().any(|(_, is_set)| *is_set)
    }

    fn script(&self, rules: Vec<Rule>) -> Strategy {
        Strategy::Script(Script {
            rules,
            is_rushing: is_set(self.wire.rushing),
            stops_after_output: is_set(self.wire.stop_after_output),
            controls_network: is_set(self.wire.network),
        })
    }

    fn randomness(&self) -> Option<Randomness> {
        match self.wire.randomness {
            None | Some(RandomnessWord::Sound) => None,
            Some(RandomnessWord::Repeated) => Some(Randomness::Repeated),
            Some(RandomnessWord::Zero) => Some(Randomness::Zero),
        }
    }

    /// Checks that no flag is given to an attack that says it itself.
    fn check_flags(&self, at: &KeyPath) -> Result<(), Mistake> {
        let StrategyRead::Named(name) = &self.strategy else { return Ok(()) };
        match self.flags().into_iter().find(|(_, is)| *is) {
            Some((key, _)) => {
                let message = format!("`{key}` is for rules, not for known attacks");
                Err(Mistake::new(&at.key(key), message, format!("`{name}` says that itself")))
            }
            None => Ok(()),
        }
    }

    /// Checks that control of the network has an effect.
    fn check_network(
        &self,
        at: &KeyPath,
        corrupt: &Corrupt,
        strategies: &[Strategy],
    ) -> Result<(), Mistake> {
        let acts = |strategy: &Strategy| match strategy {
            Strategy::Script(script) => {
                script.rules.iter().any(|rule| may_act_on_honest(rule.on.from, corrupt))
            }
            Strategy::SemiHonest | Strategy::Attack(_) => false,
        };
        if !is_set(self.wire.network) || strategies.iter().any(acts) {
            return Ok(());
        }
        let label = match &self.strategy {
            StrategyRead::Rules(rules) if !rules.is_empty() => "each is for a corrupted sender",
            _ => "there are no rules",
        };
        let message = "no rule acts on messages of honest parties";
        Err(Mistake::new(&at.key("network"), message, label))
    }

    /// The kind that is given, or the one that fits.
    fn kind(&self, at: &KeyPath) -> Result<CorruptionKind, Mistake> {
        let does_something = match &self.strategy {
            StrategyRead::None => false,
            StrategyRead::Named(_) => true,
            StrategyRead::Rules(rules) => !rules.is_empty(),
        };
        let deviations = [
            ("strategy", does_something),
            ("stop_after_output", is_set(self.wire.stop_after_output)),
            ("network", is_set(self.wire.network)),
            ("randomness", self.randomness().is_some()),
        ];
        let deviation = deviations.into_iter().find(|(_, is)| *is);
        match (self.wire.kind, deviation) {
            (Some(KindWord::SemiHonest), Some((key, _))) => {
                let message = "semi-honest parties follow the protocol";
                let mistake = Mistake::new(&at.key(key), message, "this deviates").on_key();
                Err(mistake.help("`kind: malicious` is for parties that deviate"))
            }
            (Some(KindWord::SemiHonest), None) => Ok(CorruptionKind::SemiHonest),
            (Some(KindWord::Malicious), _) | (None, Some(_)) => Ok(CorruptionKind::Malicious),
            (None, None) => Ok(CorruptionKind::SemiHonest),
        }
    }
}

fn is_set(flag: Option<bool>) -> bool {
    flag.unwrap_or(false)
}

/// Who is corrupted; `is_empty_allowed` if there is an adversary without anybody.
fn corrupt(
    wire: &CorruptWire,
    at: &KeyPath,
    roles: &Roles,
    is_empty_allowed: bool,
) -> Result<Corrupt, Mistake> {
    let nobody = || {
        let mistake = Mistake::new(at, "at least one party must be corrupted", "nobody is");
        mistake.help("`corrupt: []` with `network: true` is an adversary in the network alone")
    };
    let parties = match wire {
        CorruptWire::Max => return Ok(Corrupt::Max),
        CorruptWire::Count(0) => return Err(nobody()),
        CorruptWire::Count(count) => {
            let count = usize::try_from(*count).unwrap_or(usize::MAX);
            last(roles.compute, count.min(roles.compute))
        }
        CorruptWire::Nodes(nodes) if nodes.is_empty() && !is_empty_allowed => return Err(nobody()),
        CorruptWire::Nodes(nodes) => {
            let mut parties = Vec::new();
            for (index, id) in nodes.iter().enumerate() {
                let at = at.index(index);
                let party = node(*id, &at, roles.nodes())?;
                if parties.contains(&party) {
                    return Err(Mistake::new(&at, format!("node {id} is listed twice"), "again"));
                }
                parties.push(party);
            }
            parties.sort();
            parties
        }
    };
    if roles.computing().all(|party| parties.contains(&party)) {
        let message = "at least one computing party must be honest";
        return Err(match roles.compute {
            1 => Mistake::new(at, message, "there is only one"),
            compute => {
                let help = format!("at most {} of the nodes 0 to {0}", compute - 1);
                Mistake::new(at, message, format!("these are all {compute}")).help(help)
            }
        });
    }
    Ok(Corrupt::These(parties))
}

/// The strategies that a word stands for.
fn named(
    name: &str,
    at: &KeyPath,
    protocol: &str,
    attacks: &[String],
) -> Result<Vec<Strategy>, Mistake> {
    let known: Vec<&str> = attacks.iter().map(String::as_str).collect();
    match name {
        KNOWN_ATTACKS if known.is_empty() => {
            let message = format!("`{protocol}` has no known attacks");
            Err(Mistake::new(at, message, "none to try").help("write a list of rules instead"))
        }
        KNOWN_ATTACKS => Ok(attacks.iter().cloned().map(Strategy::Attack).collect()),
        name if known.contains(&name) => Ok(vec![Strategy::Attack(name.to_owned())]),
        name => {
            let words = [&known[..], &[KNOWN_ATTACKS]].concat();
            let words = if known.is_empty() { &known } else { &words };
            let message = format!("`{protocol}` has no known attack `{name}`");
            let what = format!("attacks on `{protocol}`");
            Err(Mistake::new(at, message, "unknown").known(name, &what, words))
        }
    }
}
