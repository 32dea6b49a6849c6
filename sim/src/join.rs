//! Strands side by side: the only way to run sub-protocols concurrently.
//!
//! A strand starts at its parent's causal depth; the parent goes on at the largest of its strands'.
//! A strand is polled only when one of its own leaves was woken, so joining a thousand is cheap.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use crate::ctx::Ctx;
use crate::message::Depth;
use crate::state::Place;

/// The strands that were woken since they were last polled.
#[derive(Default)]
pub(crate) struct Ready {
    woken: Mutex<Woken>,
}

#[derive(Default)]
struct Woken {
    strands: Vec<usize>,
    is_woken: Vec<bool>,
    parent: Option<Waker>,
}

impl Ready {
    fn with<T>(&self, act: impl FnOnce(&mut Woken) -> T) -> T {
        act(&mut self.woken.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Marks a strand as woken, and tells who has to poll it, if that is news.
    fn mark(&self, strand: usize) -> Option<Waker> {
        self.with(|woken| {
            if woken.is_woken.len() <= strand {
                woken.is_woken.resize(strand + 1, false);
            }
            if std::mem::replace(&mut woken.is_woken[strand], true) {
                return None;
            }
            woken.strands.push(strand);
            woken.parent.clone()
        })
    }

    /// Has a strand polled.
    pub(crate) fn wake(&self, strand: usize) {
        if let Some(parent) = self.mark(strand) {
            parent.wake();
        }
    }

    /// Who is to be woken when a strand is.
    pub(crate) fn wakes(&self, parent: &Waker) {
        self.with(|woken| woken.parent = Some(parent.clone()));
    }

    /// Takes the woken strands in order of their index, so that the order of wakes is no input.
    pub(crate) fn take(&self) -> Vec<usize> {
        self.with(|woken| {
            let mut strands = std::mem::take(&mut woken.strands);
            strands.sort_unstable();
            strands.iter().for_each(|strand| woken.is_woken[*strand] = false);
            strands
        })
    }
}

struct StrandWaker {
    strand: usize,
    ready: Arc<Ready>,
}

impl Wake for StrandWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ready.wake(self.strand);
    }
}

pub(crate) struct Strand<F: Future> {
    future: Option<Pin<Box<F>>>,
    pub(crate) depth: Depth,
    /// Where it works; at first that is where it was opened.
    place: Option<Place>,
    waker: Waker,
    output: Option<F::Output>,
}

impl<F: Future> Strand<F> {
    pub(crate) fn new(index: usize, future: F, depth: Depth, ready: &Arc<Ready>) -> Self {
        let waker = StrandWaker { strand: index, ready: Arc::clone(ready) };
        Strand {
            future: Some(Box::pin(future)),
            depth,
            place: None,
            waker: Waker::from(Arc::new(waker)),
            output: None,
        }
    }

    /// Polls at the strand's own depth; its output, if it ends now.
    pub(crate) fn poll(&mut self, ctx: &Ctx) -> Option<F::Output> {
        let future = self.future.as_mut()?;
        let around = {
            let mut state = ctx.lock();
            state.depth = self.depth;
            let place = self.place.unwrap_or(state.place);
            state.switch(place)
        };
        let polled = future.as_mut().poll(&mut Context::from_waker(&self.waker));
        {
            let mut state = ctx.lock();
            self.depth = state.depth;
            self.place = Some(state.switch(around));
        }
        match polled {
            Poll::Ready(output) => {
                self.future = None;
                Some(output)
            }
            Poll::Pending => None,
        }
    }
}

/// Future of [`Ctx::join_all`]: the outputs in the order of the strands.
pub struct JoinAll<F: Future> {
    ctx: Ctx,
    strands: Vec<Strand<F>>,
    ready: Arc<Ready>,
    open: usize,
    started: bool,
    /// Whether an output makes those of the other strands needless.
    fails: fn(&F::Output) -> bool,
}

impl<F: Future> Unpin for JoinAll<F> {}

impl<F: Future> JoinAll<F> {
    pub(crate) fn new(ctx: Ctx, futures: impl IntoIterator<Item = F>) -> Self {
        Self::failing(ctx, futures, |_| false)
    }

    fn failing(
        ctx: Ctx,
        futures: impl IntoIterator<Item = F>,
        fails: fn(&F::Output) -> bool,
    ) -> Self {
        let ready = Arc::new(Ready::default());
        let strand = |(strand, future)| Strand::new(strand, future, Depth::default(), &ready);
        let strands: Vec<Strand<F>> = futures.into_iter().enumerate().map(strand).collect();
        let open = strands.len();
        ready.with(|woken| {
            woken.strands = (0..open).collect();
            woken.is_woken = vec![true; open];
        });
        JoinAll { ctx, strands, ready, open, started: false, fails }
    }
}

impl<F: Future> Future for JoinAll<F> {
    type Output = Vec<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let parent_depth = this.ctx.lock().depth;
        if !std::mem::replace(&mut this.started, true) {
            this.strands.iter_mut().for_each(|strand| strand.depth = parent_depth);
        }
        this.ready.wakes(cx.waker());
        loop {
            let open = this.open;
            for at in this.ready.take() {
                let strand = &mut this.strands[at];
                let Some(output) = strand.poll(&this.ctx) else { continue };
                let fails = (this.fails)(&output);
                strand.output = Some(output);
                this.open -= 1;
                if fails {
                    this.strands.iter_mut().for_each(|strand| strand.future = None);
                    this.open = 0;
                    break;
                }
            }
            // Strands that woke others or themselves woke the parent too: without one that ended,
            // the next poll goes on with them, so that the kernel sees who spins.
            if this.open == open {
                break;
            }
        }
        let mut depth = parent_depth;
        if this.open == 0 {
            this.strands.iter().for_each(|strand| depth.merge(&strand.depth));
        }
        this.ctx.lock().depth = depth;
        if this.open > 0 {
            return Poll::Pending;
        }
        Poll::Ready(this.strands.drain(..).filter_map(|strand| strand.output).collect())
    }
}

enum Either<A, B> {
    Left(A),
    Right(B),
}

type Pair<A, B> = Either<Pin<Box<A>>, Pin<Box<B>>>;

/// Future of one of two strands.
pub(crate) struct OneOf<A, B>(Pair<A, B>);

impl<A: Future, B: Future> Future for OneOf<A, B> {
    type Output = Side<A::Output, B::Output>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Either::Left(a) => a.as_mut().poll(cx).map(|out| Side(Either::Left(out))),
            Either::Right(b) => b.as_mut().poll(cx).map(|out| Side(Either::Right(out))),
        }
    }
}

/// Output of one of two strands.
pub(crate) struct Side<A, B>(Either<A, B>);

/// Future of [`Ctx::join`]: both outputs.
pub struct Join<A: Future, B: Future> {
    both: JoinAll<OneOf<A, B>>,
}

impl<A: Future, B: Future> Join<A, B> {
    pub(crate) fn new(ctx: Ctx, a: A, b: B) -> Self {
        let strands = [OneOf(Either::Left(Box::pin(a))), OneOf(Either::Right(Box::pin(b)))];
        Join { both: JoinAll::new(ctx, strands) }
    }
}

impl<A: Future, B: Future> Future for Join<A, B> {
    type Output = (A::Output, B::Output);
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let outputs = std::task::ready!(Pin::new(&mut self.both).poll(cx));
        let mut outputs = outputs.into_iter().map(|side| side.0);
        match (outputs.next(), outputs.next()) {
            (Some(Either::Left(a)), Some(Either::Right(b))) => Poll::Ready((a, b)),
            // JoinAll yields the outputs of both strands in their order.
            _ => Poll::Pending,
        }
    }
}

/// Future of [`Ctx::try_join_all`]: the outputs in the order of the strands, or the first error.
pub struct TryJoinAll<F: Future>(JoinAll<F>);

impl<F: Future> Unpin for TryJoinAll<F> {}

impl<F: Future<Output = Result<T, E>>, T, E> TryJoinAll<F> {
    pub(crate) fn new(ctx: Ctx, futures: impl IntoIterator<Item = F>) -> Self {
        TryJoinAll(JoinAll::failing(ctx, futures, Result::is_err))
    }
}

impl<F: Future<Output = Result<T, E>>, T, E> Future for TryJoinAll<F> {
    type Output = Result<Vec<T>, E>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let outputs = std::task::ready!(Pin::new(&mut self.0).poll(cx));
        let (outputs, mut failed): (Vec<_>, Vec<_>) = outputs.into_iter().partition(Result::is_ok);
        match failed.pop() {
            Some(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(outputs.into_iter().collect()),
        }
    }
}

/// Future of [`Ctx::try_join`]: both outputs, or the first error.
pub struct TryJoin<A: Future, B: Future> {
    both: JoinAll<OneOf<A, B>>,
}

impl<A, B, T, U, E> TryJoin<A, B>
where
    A: Future<Output = Result<T, E>>,
    B: Future<Output = Result<U, E>>,
{
    pub(crate) fn new(ctx: Ctx, a: A, b: B) -> Self {
        let strands = [OneOf(Either::Left(Box::pin(a))), OneOf(Either::Right(Box::pin(b)))];
        let fails = |side: &Side<Result<T, E>, Result<U, E>>| match &side.0 {
            Either::Left(a) => a.is_err(),
            Either::Right(b) => b.is_err(),
        };
        TryJoin { both: JoinAll::failing(ctx, strands, fails) }
    }
}

impl<A, B, T, U, E> Future for TryJoin<A, B>
where
    A: Future<Output = Result<T, E>>,
    B: Future<Output = Result<U, E>>,
{
    type Output = Result<(T, U), E>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let outputs = std::task::ready!(Pin::new(&mut self.both).poll(cx));
        let (mut left, mut right) = (None, None);
        for side in outputs {
            match side.0 {
                Either::Left(Ok(a)) => left = Some(a),
                Either::Right(Ok(b)) => right = Some(b),
                Either::Left(Err(error)) | Either::Right(Err(error)) => {
                    return Poll::Ready(Err(error));
                }
            }
        }
        match (left, right) {
            (Some(a), Some(b)) => Poll::Ready(Ok((a, b))),
            // Without an error both strands have ended.
            _ => Poll::Pending,
        }
    }
}
