//! Messages on their way: encoding and decoding by the code that parties' messages go through, and
//! frames through a TCP socket of this machine.

use std::hint::black_box;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use mpclab_protocols::algebra::{M61, P128, Ring, Z64, Z128};
use mpclab_sim::FRAME_HEADER_BYTES;
use mpclab_sim::compute::CpuClock;
use mpclab_sim::handling::{DECODE, ENCODE, SEND};
use mpclab_sim::vocabulary::Op;
use mpclab_sim::wire::Wire;

use crate::runner::ThreadCpu;

/// What the peer reads or writes at once.
const PEER_BYTES: usize = 1 << 18;

/// CPU time of this thread for so many calls with so many bytes each.
pub(super) fn time_ns(op: Op, calls: u64, bytes: usize) -> io::Result<u64> {
    if op == ENCODE || op == DECODE {
        // Elements differ in their checks; messages are made of all of them.
        let of_ring = [coded::<M61>, coded::<P128>, coded::<Z64>, coded::<Z128>];
        let times = of_ring.iter().enumerate().map(|(at, coded)| {
            let calls = (calls + 3 - at as u64) / 4;
            coded(op == ENCODE, calls, bytes)
        });
        return Ok(times.sum());
    }
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let mut own = TcpStream::connect(listener.local_addr()?)?;
    let (mut peer, _) = listener.accept()?;
    own.set_nodelay(true)?;
    peer.set_nodelay(true)?;
    let total = calls * bytes as u64;
    thread::scope(|scope| {
        let other = scope.spawn(move || -> io::Result<()> {
            let mut buffer = vec![0u8; PEER_BYTES];
            let mut left = total;
            while left > 0 {
                let piece = left.min(PEER_BYTES as u64) as usize;
                if op == SEND {
                    peer.read_exact(&mut buffer[..piece])?;
                } else {
                    peer.write_all(&buffer[..piece])?;
                }
                left -= piece as u64;
            }
            Ok(())
        });
        let mut frame = vec![0u8; bytes];
        let header = bytes.min(FRAME_HEADER_BYTES as usize);
        let start_ns = ThreadCpu.thread_ns();
        let mut moved = Ok(());
        for _ in 0..calls {
            moved = if op == SEND {
                own.write_all(black_box(&frame))
            } else {
                // The header says how long the rest is.
                let (head, rest) = frame.split_at_mut(header);
                own.read_exact(head).and_then(|()| own.read_exact(rest))
            };
            if moved.is_err() {
                break;
            }
        }
        let ns = ThreadCpu.thread_ns() - start_ns;
        drop(own);
        let other = other.join().unwrap_or_else(|_| Err(io::Error::other("the peer panicked")));
        moved.and(other).map(|()| ns)
    })
}

/// Bytes of messages that are held before they are dropped: more than caches do.
const HELD_BYTES: usize = 1 << 22;

/// CPU time of encoding, or of decoding, vectors of a ring.
fn coded<R: Ring>(encodes: bool, calls: u64, bytes: usize) -> u64 {
    let len = (bytes / R::BYTES).max(1);
    let elements: Vec<R> = (0..len as u128).map(R::from_u128).collect();
    let mut encoding = Vec::new();
    elements.encode(&mut encoding);
    let most = (HELD_BYTES / bytes.max(1)).clamp(1, 1 << 16);
    let (mut encoded, mut decoded) = (Vec::with_capacity(most), Vec::with_capacity(most));
    let start_ns = ThreadCpu.thread_ns();
    for _ in 0..calls {
        if encodes {
            let mut out = Vec::with_capacity(<Vec<R> as Wire>::len(&len));
            black_box(&elements).encode(&mut out);
            encoded.push(out);
        } else {
            decoded.push(<Vec<R> as Wire>::decode(black_box(&encoding), &len));
        }
        if encoded.len() + decoded.len() == most {
            encoded.clear();
            decoded.clear();
        }
    }
    black_box((encoded, decoded));
    ThreadCpu.thread_ns() - start_ns
}
