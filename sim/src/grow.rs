//! Strands that are opened while others run: a data flow of any length has only those strands
//! whose inputs are there.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::ctx::Ctx;
use crate::join::{Code, Ready, Strand};
use crate::message::Depth;

/// A point in the causal order of messages: how many rounds lie behind a value that a party has.
///
/// Whoever goes on with a value that another strand computed takes its depth along, by
/// [`Ctx::raise_to`]; otherwise rounds would be lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CausalDepth(pub(crate) Depth);

impl CausalDepth {
    /// The depth of what depends on both.
    pub fn merge(&mut self, other: &CausalDepth) {
        self.0.merge(&other.0);
    }
}

/// Strands with their indices.
type Opened<'a, E> = Vec<(usize, Code<'a, Result<(), E>>)>;

/// Future of [`Ctx::try_join_growing`]: nothing, or the first error.
pub struct TryJoinGrowing<'a, E> {
    ctx: Ctx,
    /// The open strands by their index.
    strands: BTreeMap<usize, Strand<'a, Result<(), E>>>,
    ready: Arc<Ready>,
    grow: Box<dyn FnMut(usize) -> Opened<'a, E> + Send + 'a>,
    /// Depth at the first poll, and the largest of the strands that ended.
    depths: Option<(Depth, Depth)>,
}

impl<'a, E> TryJoinGrowing<'a, E> {
    pub(crate) fn new<F, G>(ctx: Ctx, first: Vec<(usize, F)>, mut grow: G) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'a,
        G: FnMut(usize) -> Vec<(usize, F)> + Send + 'a,
    {
        let ready = Arc::new(Ready::default());
        let strands = BTreeMap::new();
        let grow = Box::new(move |ended| boxed(grow(ended)));
        let mut join = TryJoinGrowing { ctx, strands, ready, grow, depths: None };
        boxed(first).into_iter().for_each(|(index, future)| join.open(index, future));
        join
    }

    fn open(&mut self, index: usize, future: Code<'a, Result<(), E>>) {
        let base = self.depths.map_or(Depth::default(), |(base, _)| base);
        let replaced = self.strands.insert(index, Strand::new(index, future, base, &self.ready));
        if replaced.is_some() {
            self.ctx.lock().report_bug(format!("opens strand {index} while it runs"));
        }
        self.ready.wake(index);
    }
}

fn boxed<'a, F, E>(strands: Vec<(usize, F)>) -> Opened<'a, E>
where
    F: Future<Output = Result<(), E>> + Send + 'a,
{
    let boxed = |(index, future)| (index, Box::pin(future) as Code<'a, Result<(), E>>);
    strands.into_iter().map(boxed).collect()
}

impl<E> Future for TryJoinGrowing<'_, E> {
    type Output = Result<(), E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let parent = this.ctx.lock().depth;
        if this.depths.is_none() {
            this.depths = Some((parent, parent));
            this.strands.values_mut().for_each(|strand| strand.depth = parent);
        }
        this.ready.wakes(cx.waker());
        loop {
            let mut ended = Vec::new();
            for at in this.ready.take() {
                let Some(strand) = this.strands.get_mut(&at) else { continue };
                let Some(polled) = strand.poll(&this.ctx) else { continue };
                let depth = strand.depth;
                if let Some((_, end)) = &mut this.depths {
                    end.merge(&depth);
                }
                this.strands.remove(&at);
                if let Err(error) = polled {
                    this.strands.clear();
                    this.ctx.lock().depth = this.depths.map_or(parent, |(_, end)| end);
                    return Poll::Ready(Err(error));
                }
                ended.push(at);
            }
            // As in `JoinAll`: without a strand that ended, the next poll goes on.
            if ended.is_empty() {
                break;
            }
            for at in ended {
                let opened = (this.grow)(at);
                opened.into_iter().for_each(|(index, future)| this.open(index, future));
            }
        }
        let is_over = this.strands.is_empty();
        let depth = this.depths.filter(|_| is_over).map_or(parent, |(_, end)| end);
        this.ctx.lock().depth = depth;
        if is_over { Poll::Ready(Ok(())) } else { Poll::Pending }
    }
}
