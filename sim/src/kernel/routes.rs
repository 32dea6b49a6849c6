use std::sync::Arc;

use super::agenda::Agenda;
use crate::event::{Key, Kind, TieSalt};
use crate::message::Packet;
use crate::network::{Ask, Fabric, Latency, Network};
use crate::seed::RunSeed;
use crate::vocabulary::PartyId;

/// What the kernel's queue holds.
pub(super) enum Event {
    Fault(u32),
    Resume {
        node: u32,
    },
    Boot {
        node: u32,
    },
    Depart(Packet),
    /// A message that an adversary sends later, whatever its sender does meanwhile.
    Forged(Packet),
    Serve {
        server: u32,
        generation: u64,
    },
    Arrive {
        payload: u64,
    },
    Deliver(Packet),
    /// The last byte of a transfer through shared capacities arrived.
    DeliverTransfer {
        to: u32,
        transfer: u32,
    },
    Finish {
        node: u32,
        life: u32,
    },
    Timer {
        node: u32,
        wait: u32,
        generation: u32,
    },
}

impl Event {
    /// The node whose state it touches, among so many parties; `None` for faults, which nobody
    /// causes, and for what an adversary does.
    pub(super) fn node(&self, parties: u32) -> Option<u32> {
        match self {
            Event::Fault(_) | Event::Resume { .. } | Event::Boot { .. } | Event::Forged(_) => None,
            Event::Depart(packet) => Some(packet.from),
            Event::Deliver(packet) => Some(packet.to),
            Event::DeliverTransfer { to, .. } => Some(*to),
            Event::Serve { server, .. } => Some(server % parties.max(1)),
            Event::Arrive { payload } => {
                let (from, to) = ((payload << 1 >> 33) as u32, *payload as u32);
                Some(if payload >> 63 == 1 { from } else { to })
            }
            Event::Finish { node, .. } | Event::Timer { node, .. } => Some(*node),
        }
    }
}

/// One ordered pair whose latency or loss is drawn.
#[derive(Clone, Copy, Default)]
struct Flow {
    departures: u64,
    last_delivery_ns: u64,
}

/// From a departure to its delivery.
pub(super) struct Routes {
    network: Arc<Network>,
    latency: Latency,
    fabric: Option<Fabric>,
    asks: Vec<Ask>,
    /// Packets inside the fabric, by transfer.
    transfers: Vec<Option<(Packet, u64)>>,
    free_transfers: Vec<u32>,
    /// By sender, then receiver; made when a sender first draws.
    flows: Vec<Vec<Flow>>,
    salt: TieSalt,
    /// How far ideal functionalities are.
    lookahead_ns: u64,
    pub(super) lost: u64,
}

impl Routes {
    pub(super) fn new(network: Arc<Network>, seed: &RunSeed, salt: TieSalt) -> Self {
        let nodes = network.nodes();
        Routes {
            latency: Latency::new(Arc::clone(&network), seed.purpose("network")),
            fabric: network.has_capacities().then(|| Fabric::new(Arc::clone(&network))),
            asks: Vec::new(),
            transfers: Vec::new(),
            free_transfers: Vec::new(),
            flows: vec![Vec::new(); nodes],
            salt,
            lookahead_ns: network.lookahead_ns(),
            network,
            lost: 0,
        }
    }

    pub(super) fn has_servers(&self) -> bool {
        self.fabric.is_some()
    }

    /// Sends a packet on its way at its departure; `wire_bytes` is what it takes on a link. Returns
    /// its propagation, nanoseconds; 0 if it is lost.
    pub(super) fn depart(
        &mut self,
        now_ns: u64,
        packet: Packet,
        seq: u64,
        wire_bytes: u64,
        queue: &mut Agenda,
    ) -> u64 {
        let nodes = self.network.nodes();
        let (from, to) = (PartyId(packet.from), PartyId(packet.to));
        if from.index() >= nodes || to.index() >= nodes {
            // Ideal functionalities are not on the network: as near as its nearest nodes, so that
            // they hold no window of the look-ahead up.
            self.deliver(now_ns.saturating_add(self.lookahead_ns), packet, seq, queue);
            return self.lookahead_ns;
        }
        let link = self.network.links.get(from, to);
        let is_drawn = !link.latency.random.is_empty() || link.loss_ppm > 0;
        let mut propagation_ns = link.latency.floor_ns;
        if is_drawn {
            let flows = &mut self.flows[from.index()];
            if flows.is_empty() {
                *flows = vec![Flow::default(); nodes];
            }
            let k = flows[to.index()].departures;
            flows[to.index()].departures += 1;
            // A close is the end of a connection: its loss would be repaired, not forgotten.
            if packet.body.is_some() && self.latency.lost(from, to, k) {
                self.lost += 1;
                return 0;
            }
            propagation_ns = self.latency.draw(from, to, k);
        }
        if let Some(fabric) = &mut self.fabric {
            let transfer = match self.free_transfers.pop() {
                Some(transfer) => {
                    self.transfers[transfer as usize] = Some((packet, seq));
                    transfer
                }
                None => {
                    self.transfers.push(Some((packet, seq)));
                    (self.transfers.len() - 1) as u32
                }
            };
            let asks = &mut self.asks;
            fabric.depart(now_ns, from, to, wire_bytes, propagation_ns, transfer, asks);
            self.answer(queue);
            return propagation_ns;
        }
        let mut at_ns = now_ns.saturating_add(propagation_ns);
        if is_drawn {
            let flow = &mut self.flows[from.index()][to.index()];
            at_ns = at_ns.max(flow.last_delivery_ns);
            flow.last_delivery_ns = at_ns;
        }
        self.deliver(at_ns, packet, seq, queue);
        propagation_ns
    }

    fn deliver(&self, at_ns: u64, packet: Packet, seq: u64, queue: &mut Agenda) {
        let key = Key::new(at_ns, Kind::Delivery, self.salt.sender(packet.from), seq);
        queue.push(key, Event::Deliver(packet));
    }

    pub(super) fn serve(&mut self, now_ns: u64, server: u32, generation: u64, queue: &mut Agenda) {
        if let Some(fabric) = &mut self.fabric {
            fabric.serve(now_ns, server, generation, &mut self.asks);
            self.answer(queue);
        }
    }

    pub(super) fn arrive(&mut self, now_ns: u64, payload: u64, queue: &mut Agenda) {
        if let Some(fabric) = &mut self.fabric {
            fabric.arrive(now_ns, payload, &mut self.asks);
            self.answer(queue);
        }
    }

    /// A machine is gone, and with it what waits at its uplink.
    pub(super) fn crash(&mut self, now_ns: u64, node: PartyId) {
        let lost = self.fabric.as_mut().map_or_else(Vec::new, |fabric| fabric.crash(now_ns, node));
        for transfer in lost {
            self.transferred(transfer);
        }
    }

    /// The packet whose last byte has arrived, with its number.
    pub(super) fn transferred(&mut self, transfer: u32) -> Option<(Packet, u64)> {
        let arrived = self.transfers.get_mut(transfer as usize)?.take()?;
        self.free_transfers.push(transfer);
        Some(arrived)
    }

    fn answer(&mut self, queue: &mut Agenda) {
        for ask in self.asks.drain(..) {
            match ask {
                Ask::Serve { at_ns, server, generation } => {
                    let key = Key::new(at_ns, Kind::Server, server, generation);
                    queue.push(key, Event::Serve { server, generation });
                }
                Ask::Arrive { at_ns, payload } => {
                    // Names an ordered pair in its halves; equal payloads are interchangeable.
                    let (high, to) = ((payload >> 32) as u32, payload & u64::from(u32::MAX));
                    let (from, resumes) = (high & 0x7fff_ffff, payload >> 63);
                    let sender = 2 * self.network.nodes() as u32 + from;
                    let key = Key::new(at_ns, Kind::Server, sender, (to << 1) | resumes);
                    queue.push(key, Event::Arrive { payload });
                }
                Ask::Deliver { at_ns, transfer } => {
                    let Some((packet, seq)) =
                        self.transfers.get(transfer as usize).and_then(Option::as_ref)
                    else {
                        continue;
                    };
                    let (to, sender) = (packet.to, self.salt.sender(packet.from));
                    let key = Key::new(at_ns, Kind::Delivery, sender, *seq);
                    queue.push(key, Event::DeliverTransfer { to, transfer });
                }
            }
        }
    }
}
