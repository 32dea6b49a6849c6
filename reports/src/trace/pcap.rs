//! A capture for Wireshark, as each sender's machine would see it: raw IPv4 with TCP, one
//! connection for each pair of nodes, stamped at the departure of each message.
//!
//! A packet holds headers alone: what it carried is known by its length, as with a short snapshot
//! length. Packets are as large as IPv4 allows (what a machine with segmentation offload sees), not
//! as large as the frames on a cable. The bytes of a message are its payload and frame header.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use etherparse::{IpNumber, Ipv4Header, TcpHeader};
use mpclab_sim::FRAME_HEADER_BYTES;
use mpclab_sim::trace::{Message, Trace};
use mpclab_sim::vocabulary::PartyId;
use pcap_file::DataLink;
use pcap_file::Endianness;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};

/// Bytes of the two headers.
const HEADERS: usize = 40;
/// Most bytes of a segment.
const SEGMENT: u64 = 65_000;
/// Where the node with the smaller id of a pair listens.
const PORT: u16 = 7_000;
/// Timestamps count nanoseconds: 10^-9 s.
const NANOSECONDS: u8 = 9;

pub(super) fn write(trace: &Trace, out: &mut impl Write) -> io::Result<()> {
    let mut writer = PcapNgWriter::with_endianness(out, Endianness::Little).map_err(other)?;
    let interface = InterfaceDescriptionBlock {
        linktype: DataLink::RAW,
        snaplen: HEADERS as u32,
        options: vec![
            InterfaceDescriptionOption::IfName(Cow::Borrowed("mpclab")),
            InterfaceDescriptionOption::IfTsResol(NANOSECONDS),
        ],
    };
    writer.write_pcapng_block(interface).map_err(other)?;
    let mut sent: Vec<(u64, &Message)> = trace
        .messages
        .iter()
        .filter(|message| !message.is_close)
        .filter_map(|message| Some((message.departed_ns?, message)))
        .collect();
    sent.sort_by_key(|(departed_ns, _)| *departed_ns);
    let mut arrivals = arrivals(&sent);
    let mut streams = Streams::default();
    for (departed_ns, message) in sent {
        while let Some(arrival) = arrivals.last().filter(|arrival| arrival.0 <= departed_ns) {
            *streams.arrived.entry((arrival.1, arrival.2)).or_default() += arrival.3;
            arrivals.pop();
        }
        let mut left = message.payload_bytes + FRAME_HEADER_BYTES;
        while left > 0 {
            let bytes = left.min(SEGMENT);
            left -= bytes;
            let data = streams.segment(message.from, message.to, bytes, left == 0)?;
            let packet = EnhancedPacketBlock {
                interface_id: 0,
                timestamp: Duration::from_nanos(departed_ns),
                original_len: (HEADERS as u64 + bytes) as u32,
                data: Cow::Owned(data),
                options: Vec::new(),
            };
            writer.write_pcapng_block(packet).map_err(other)?;
        }
    }
    Ok(())
}

fn other(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(error.to_string())
}

/// When, from whom, to whom and how many bytes arrive; the last first.
fn arrivals(sent: &[(u64, &Message)]) -> Vec<(u64, PartyId, PartyId, u64)> {
    let arrival = |(_, message): &(u64, &Message)| {
        let bytes = message.payload_bytes + FRAME_HEADER_BYTES;
        Some((message.delivered_ns?, message.from, message.to, bytes))
    };
    let mut arrivals: Vec<_> = sent.iter().filter_map(arrival).collect();
    arrivals.sort_by_key(|(at_ns, ..)| std::cmp::Reverse(*at_ns));
    arrivals
}

/// Bytes so far by sender and receiver.
#[derive(Default)]
struct Streams {
    sent: BTreeMap<(PartyId, PartyId), u64>,
    arrived: BTreeMap<(PartyId, PartyId), u64>,
}

impl Streams {
    /// The headers of the next segment.
    fn segment(
        &mut self,
        from: PartyId,
        to: PartyId,
        bytes: u64,
        is_last: bool,
    ) -> io::Result<Vec<u8>> {
        let before = self.sent.entry((from, to)).or_default();
        // Sequence numbers wrap, as they do in TCP.
        let sequence = (*before as u32).wrapping_add(1);
        *before += bytes;
        let acknowledged = self.arrived.get(&(to, from)).copied().unwrap_or(0);
        let mut tcp = TcpHeader::new(port(from, to), port(to, from), sequence, u16::MAX);
        tcp.ack = true;
        tcp.psh = is_last;
        tcp.acknowledgment_number = (acknowledged as u32).wrapping_add(1);
        let length = (bytes as usize + HEADERS - Ipv4Header::MIN_LEN) as u16;
        let mut ip = Ipv4Header::new(length, 64, IpNumber::TCP, address(from), address(to))
            .map_err(other)?;
        ip.header_checksum = ip.calc_header_checksum();
        let mut data = Vec::with_capacity(HEADERS);
        ip.write(&mut data)?;
        tcp.write(&mut data)?;
        Ok(data)
    }
}

/// 10.0.0.0 and the node's number.
fn address(node: PartyId) -> [u8; 4] {
    (0x0a00_0000_u32 | (node.0 & 0x00ff_ffff)).to_be_bytes()
}

/// The node with the smaller id listens; the other's port tells who it is.
fn port(node: PartyId, peer: PartyId) -> u16 {
    if node < peer { PORT } else { PORT + 1 + (node.0 % 50_000) as u16 }
}
