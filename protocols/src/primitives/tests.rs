use mpclab_sim::vocabulary::PartyId;
use proptest::collection::vec;
use proptest::prelude::*;
use rand::Rng;

use super::{Domain, Prg, commit, hash};
use crate::algebra::{M61, Z64};

const BASE: Domain<'_> =
    Domain { protocol: "coin_toss", session: b"session 1", party: PartyId(2), scope: b"online" };

/// The base with one part changed.
fn neighbours() -> [Domain<'static>; 4] {
    [
        Domain { protocol: "coin_toss_2", ..BASE },
        Domain { session: b"session 2", ..BASE },
        Domain { party: PartyId(3), ..BASE },
        Domain { scope: b"offline", ..BASE },
    ]
}

#[test]
fn commitments_open_only_as_they_were_made() {
    let nonce = commit::nonce(&mut Prg::new([1; 32], b"nonces"));
    let commitment = commit::commit(&BASE, b"heads", &nonce);
    assert!(commit::verify(&BASE, b"heads", &nonce, &commitment));

    for domain in neighbours() {
        assert!(!commit::verify(&domain, b"heads", &nonce, &commitment), "{domain:?}");
    }
    assert!(!commit::verify(&BASE, b"tails", &nonce, &commitment));
    assert!(!commit::verify(&BASE, b"heads\0", &nonce, &commitment));
    for bit in [0, 100, 255] {
        let mut other = nonce;
        other[bit / 8] ^= 1 << (bit % 8);
        assert!(!commit::verify(&BASE, b"heads", &other, &commitment));
        let mut other = commitment;
        other[bit / 8] ^= 1 << (bit % 8);
        assert!(!commit::verify(&BASE, b"heads", &nonce, &other));
    }
}

#[test]
fn commitments_to_one_message_differ_by_their_nonces() {
    let mut rng = Prg::new([1; 32], b"nonces");
    let [first, second] = [(); 2].map(|()| commit::nonce(&mut rng));
    assert_ne!(first, second);
    assert_ne!(commit::commit(&BASE, b"heads", &first), commit::commit(&BASE, b"heads", &second));
}

#[test]
fn moving_bytes_between_parts_changes_a_domain() {
    let joined = |protocol, session, scope| {
        Domain { protocol, session, party: PartyId(0), scope }.to_bytes()
    };
    assert_ne!(joined("ab", b"c", b""), joined("a", b"bc", b""));
    assert_ne!(joined("ab", b"c", b"d"), joined("ab", b"", b"cd"));
}

type Parts = (Vec<u8>, Vec<Vec<u8>>);

fn parts() -> impl Strategy<Value = Parts> {
    // Few letters and short parts, so that equal concatenations are frequent.
    let text = || vec(0u8..2, 0..3);
    (text(), vec(text(), 0..3))
}

proptest! {
    #[test]
    fn equal_digests_mean_equal_parts(left in parts(), right in parts()) {
        let of = |(domain, parts): &Parts| {
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            hash::digest("mpclab test", domain, &parts)
        };
        prop_assert_eq!(of(&left) == of(&right), left == right);
    }
}

#[test]
fn purposes_are_kept_apart() {
    assert_ne!(hash::digest("mpclab one", b"", &[]), hash::digest("mpclab two", b"", &[]));
}

#[test]
fn one_key_and_domain_give_one_stream() {
    let key = [8; 32];
    let mut one = Prg::new(key, &BASE.to_bytes());
    let mut two = Prg::new(key, &BASE.to_bytes());
    assert_eq!(one.elements::<M61>(100), two.elements::<M61>(100));
    assert_eq!(one.bits(77), two.bits(77));
    assert_eq!(one.elements::<Z64>(10), two.elements::<Z64>(10));
    assert_eq!(one.next_u64(), two.next_u64());
}

#[test]
fn keys_and_domains_give_different_streams() {
    let first = |key, domain: &Domain<'_>| Prg::new(key, &domain.to_bytes()).elements::<Z64>(4);
    let base = first([8; 32], &BASE);
    assert_ne!(base, first([9; 32], &BASE));
    for domain in neighbours() {
        assert_ne!(base, first([8; 32], &domain), "{domain:?}");
    }
}

/// Baselines hold digests of whole runs, so the streams may not move unnoticed.
#[test]
fn streams_and_commitments_are_pinned() {
    let mut prg = Prg::new([0; 32], b"pinned");
    assert_eq!(format!("{:016x}", prg.next_u64()), "299b30198514962c");
    let commitment = commit::commit(&BASE, b"heads", &[0; 32]);
    assert_eq!(
        blake3::Hash::from_bytes(commitment).to_hex().as_str(),
        "ebed75134442a6ba93454563475eeab965aa38f851075f3dbb436d2343c906e7"
    );
}

#[test]
fn a_stream_does_not_show_its_state() {
    assert_eq!(format!("{:?}", Prg::new([1; 32], b"")), "Prg");
}
