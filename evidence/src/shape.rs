//! Transcript shape: whatever the secrets are, runs with the same public data send messages of the
//! same sizes, in the same scopes, over the same links.

use std::fmt;

/// What an observer of the network sees of a message, apart from its time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Envelope {
    /// Path of the scope it was sent in.
    pub scope: String,
    /// Index of the sender.
    pub from: u32,
    /// Index of the receiver.
    pub to: u32,
    /// Payload bytes.
    pub bytes: u64,
}

impl fmt::Display for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} bytes from party {} to party {} in `{}`",
            self.bytes, self.from, self.to, self.scope
        )
    }
}

/// The first place where two runs' transcripts differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The run that differs from run 0.
    pub run: usize,
    /// Index of the message.
    pub at: usize,
    /// What run 0 sends there; `None` if it ended before.
    pub expected: Option<Envelope>,
    /// What this run sends there; `None` if it ended before.
    pub found: Option<Envelope>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let describe = |message: &Option<Envelope>| match message {
            Some(message) => message.to_string(),
            None => "nothing".to_owned(),
        };
        let (expected, found) = (describe(&self.expected), describe(&self.found));
        write!(f, "message {}: run 0 sends {expected}, run {} sends {found}", self.at, self.run)
    }
}

/// Orders a transcript by channel (scope, sender, receiver) and keeps the order within each: what
/// is left when latencies that are drawn anew shuffle messages of different channels.
pub fn by_channel(transcript: &mut [Envelope]) {
    let channel = |message: &Envelope| (message.scope.clone(), message.from, message.to);
    transcript.sort_by_cached_key(channel);
}

/// The first difference between the first run's transcript and any other's; `None` if all agree.
#[must_use]
pub fn first_difference(runs: &[Vec<Envelope>]) -> Option<Difference> {
    let (first, others) = runs.split_first()?;
    others.iter().enumerate().find_map(|(before, other)| {
        let longest = first.len().max(other.len());
        let at = (0..longest).find(|at| first.get(*at) != other.get(*at))?;
        let (expected, found) = (first.get(at).cloned(), other.get(at).cloned());
        Some(Difference { run: before + 1, at, expected, found })
    })
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::*;

    fn message(scope: &str, from: u32, to: u32, bytes: u64) -> Envelope {
        Envelope { scope: scope.to_owned(), from, to, bytes }
    }

    fn run() -> Vec<Envelope> {
        vec![message("online/open", 0, 1, 8), message("online/open", 1, 0, 8)]
    }

    #[test]
    fn equal_transcripts_have_no_difference() {
        assert_eq!(first_difference(&[run(), run(), run()]), None);
        assert_eq!(first_difference(&[run()]), None);
        assert_eq!(first_difference(&[]), None);
    }

    #[test]
    fn each_thing_an_observer_sees_counts() {
        let others = [
            message("online/check", 1, 0, 8),
            message("online/open", 2, 0, 8),
            message("online/open", 1, 2, 8),
            message("online/open", 1, 0, 9),
        ];
        for other in others {
            let mut changed = run();
            changed[1] = other.clone();
            let found = first_difference(&[run(), run(), changed]).unwrap();
            let expected = run().pop();
            assert_eq!(found, Difference { run: 2, at: 1, expected, found: Some(other) });
        }
    }

    #[test]
    fn a_message_more_or_less_is_a_difference() {
        let found = first_difference(&[run(), run()[..1].to_vec()]).unwrap();
        let text = "message 1: run 0 sends 8 bytes from party 1 to party 0 in `online/open`, run 1 \
                    sends nothing";
        assert_eq!(found.to_string(), text);
        assert_eq!(first_difference(&[run()[..1].to_vec(), run()]).unwrap().expected, None);
    }

    /// The planted leak: a message whose size depends on a secret bit, in 20 blocks of seeds.
    #[test]
    fn shuffled_channels_are_quiet_and_a_secret_size_is_not() {
        for seed in 0..20 {
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            let mut transcript = |secret: u64| {
                let channels = (0..6u32).map(|at| (rng.next_u32(), at));
                let mut order: Vec<(u32, u32)> = channels.collect();
                order.sort_unstable();
                let one = |(_, at): (u32, u32)| [8, 16 + secret].map(|b| message("s", at, 6, b));
                let mut sent: Vec<Envelope> = order.into_iter().flat_map(one).collect();
                by_channel(&mut sent);
                sent
            };
            let quiet: Vec<Vec<Envelope>> = (0..8).map(|_| transcript(0)).collect();
            assert_eq!(first_difference(&quiet), None);
            let leaky: Vec<Vec<Envelope>> = (0..8).map(|run| transcript(run % 2)).collect();
            let found = first_difference(&leaky).unwrap();
            assert_eq!((found.run, found.at, found.found.unwrap().bytes), (1, 1, 17));
        }
    }
}
