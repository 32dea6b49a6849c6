//! Rule 12: bytes are real encodings.

use mpclab_sim::network::Framing;
use mpclab_sim::wire::{Algebra, Field, Wire};
use mpclab_sim::{Ctx, FRAME_HEADER_BYTES};
use proptest::prelude::*;

use crate::helpers::{MS, config, network, run};

type Pair = (Vec<u8>, [u8; 4]);

#[test]
fn payload_and_wire_bytes_are_told_apart() {
    let mut config = config(3, MS);
    network(&mut config).framing = Framing::Segments { mss: 1448, header: 52 };
    config.keep_links = true;
    let out = run(config, |ctx: Ctx| async move {
        ctx.broadcast(&vec![0u8; 2000]);
        ctx.gather::<Vec<u8>>(2000).await?;
        Ok(0)
    });
    let total = out.metrics.parties[0].total();
    assert_eq!(total.sent_bytes, 2 * 2000);
    assert_eq!(total.sent_wire_bytes, 2 * (2000 + FRAME_HEADER_BYTES + 2 * 52));
    let links = out.metrics.links.expect("kept");
    assert_eq!(links.iter().map(|link| link.bytes).collect::<Vec<_>>(), [2000; 6]);
}

#[test]
fn fields_of_a_pair_lie_one_behind_the_other() {
    let message: Pair = (vec![1, 2, 3], [9; 4]);
    let fields = Pair::fields(&message.shape());
    assert_eq!(fields.iter().map(|f| (f.offset, f.bytes())).collect::<Vec<_>>(), [(0, 3), (3, 4)]);
    assert!(fields.iter().all(|field| field.algebra == Algebra::Bytes));
    let mut body = Vec::new();
    message.encode(&mut body);
    assert!(fields[0].mutate(&mut body, 1, |old| old + 10));
    assert!(!fields[0].mutate(&mut body, 3, |old| old));
    assert_eq!(Pair::decode(&body, &(3, ())), Ok((vec![1, 12, 3], [9; 4])));
}

#[test]
fn fields_that_no_memory_holds_do_not_overflow() {
    type Three = (Vec<u8>, (Vec<u8>, Vec<u8>));
    let fields = Three::fields(&(usize::MAX, (usize::MAX, usize::MAX)));
    assert_eq!(fields.iter().map(|f| f.offset).collect::<Vec<_>>(), [0, usize::MAX, usize::MAX]);
    for field in [Field { element_bytes: 8, ..fields[0] }, fields[1], fields[2]] {
        let mut body = [1, 2, 3];
        assert_eq!(field.bytes(), usize::MAX);
        assert!(!field.mutate(&mut body, 0, |_| 0));
        assert_eq!(body, [1, 2, 3]);
    }
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_and_no_other_size_does(
        bytes in prop::collection::vec(any::<u8>(), 0..50), block in any::<[u8; 4]>(), extra in 1usize..9
    ) {
        let message: Pair = (bytes, block);
        let mut body = Vec::new();
        message.encode(&mut body);
        let shape = message.shape();
        prop_assert_eq!(body.len(), Pair::len(&shape));
        prop_assert_eq!(Pair::decode(&body, &shape), Ok(message));
        prop_assert!(Pair::decode(&body[..body.len() - extra.min(body.len())], &shape).is_err());
        body.extend(vec![0; extra]);
        prop_assert!(Pair::decode(&body, &shape).is_err());
    }
}
