//! What a battery of attacks may leave undecided.

use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::plan::Undecided;
use crate::wire::attack::AttackWire;

/// Gives what batteries are told its meaning; `protocols` are labels and names of all protocols.
pub(crate) fn resolve(
    wire: AttackWire,
    at: &KeyPath,
    protocols: &[String],
) -> Result<Vec<Undecided>, Mistake> {
    let at = at.key("inconclusive");
    let one = |(index, wire): (usize, crate::wire::attack::UndecidedWire)| {
        let at = at.index(index);
        if let Some(protocol) = wire.protocol.as_ref().filter(|name| !protocols.contains(name)) {
            let message = format!("no protocol `{protocol}` in this file");
            return Err(Mistake::new(&at.key("protocol"), message, "unknown").known(
                protocol,
                "protocols",
                protocols,
            ));
        }
        if wire.because.trim().is_empty() {
            let at = at.key("because");
            return Err(Mistake::new(&at, "`because` is empty", "a reason is needed here"));
        }
        let because = wire.because.trim().to_owned();
        let (guarantee, protocol, attack) = (wire.guarantee, wire.protocol, wire.attack);
        Ok(Undecided { guarantee, protocol, attack, because })
    };
    wire.inconclusive.into_iter().enumerate().map(one).collect()
}
