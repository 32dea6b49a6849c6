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

/// A strand's code, whatever its type: what runs strands is compiled once for each type of output.
pub(crate) type Code<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub(crate) struct Strand<'a, T> {
    future: Option<Code<'a, T>>,
    pub(crate) depth: Depth,
    /// Where it works; at first that is where it was opened.
    place: Option<Place>,
    waker: Waker,
    output: Option<T>,
}

impl<'a, T> Strand<'a, T> {
    pub(crate) fn new(index: usize, future: Code<'a, T>, depth: Depth, ready: &Arc<Ready>) -> Self {
        let waker = StrandWaker { strand: index, ready: Arc::clone(ready) };
        Strand {
            future: Some(future),
            depth,
            place: None,
            waker: Waker::from(Arc::new(waker)),
            output: None,
        }
    }

    /// Polls at the strand's own depth; its output, if it ends now.
    pub(crate) fn poll(&mut self, ctx: &Ctx) -> Option<T> {
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
pub struct JoinAll<'a, T> {
    ctx: Ctx,
    strands: Vec<Strand<'a, T>>,
    ready: Arc<Ready>,
    open: usize,
    started: bool,
    /// Whether an output makes those of the other strands needless.
    fails: fn(&T) -> bool,
}

impl<T> Unpin for JoinAll<'_, T> {}

impl<'a, T> JoinAll<'a, T> {
    pub(crate) fn new<F>(ctx: Ctx, futures: impl IntoIterator<Item = F>) -> Self
    where
        F: Future<Output = T> + Send + 'a,
    {
        Self::failing(ctx, boxed(futures), |_| false)
    }

    fn failing(ctx: Ctx, futures: Vec<Code<'a, T>>, fails: fn(&T) -> bool) -> Self {
        let ready = Arc::new(Ready::default());
        let strand = |(strand, future)| Strand::new(strand, future, Depth::default(), &ready);
        let strands: Vec<Strand<'a, T>> = futures.into_iter().enumerate().map(strand).collect();
        let open = strands.len();
        ready.with(|woken| {
            woken.strands = (0..open).collect();
            woken.is_woken = vec![true; open];
        });
        JoinAll { ctx, strands, ready, open, started: false, fails }
    }
}

fn boxed<'a, F, T>(futures: impl IntoIterator<Item = F>) -> Vec<Code<'a, T>>
where
    F: Future<Output = T> + Send + 'a,
{
    futures.into_iter().map(|future| Box::pin(future) as Code<'a, T>).collect()
}

impl<T> Future for JoinAll<'_, T> {
    type Output = Vec<T>;

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

/// Output of one of two strands.
enum Side<A, B> {
    Left(A),
    Right(B),
}

/// Two strands, whose outputs say which of them they are of.
fn two<'a, A, B>(a: A, b: B) -> Vec<Code<'a, Side<A::Output, B::Output>>>
where
    A: Future + Send + 'a,
    B: Future + Send + 'a,
{
    vec![Box::pin(async { Side::Left(a.await) }), Box::pin(async { Side::Right(b.await) })]
}

/// Future of [`Ctx::join`]: both outputs.
pub struct Join<'a, A, B> {
    both: JoinAll<'a, Side<A, B>>,
}

impl<'a, A, B> Join<'a, A, B> {
    pub(crate) fn new<F, G>(ctx: Ctx, a: F, b: G) -> Self
    where
        F: Future<Output = A> + Send + 'a,
        G: Future<Output = B> + Send + 'a,
    {
        Join { both: JoinAll::failing(ctx, two(a, b), |_| false) }
    }
}

impl<A, B> Future for Join<'_, A, B> {
    type Output = (A, B);
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let outputs = std::task::ready!(Pin::new(&mut self.both).poll(cx));
        let mut outputs = outputs.into_iter();
        match (outputs.next(), outputs.next()) {
            (Some(Side::Left(a)), Some(Side::Right(b))) => Poll::Ready((a, b)),
            // JoinAll yields the outputs of both strands in their order.
            _ => Poll::Pending,
        }
    }
}

/// Future of [`Ctx::try_join_all`]: the outputs in the order of the strands, or the first error.
pub struct TryJoinAll<'a, T, E>(JoinAll<'a, Result<T, E>>);

impl<'a, T, E> TryJoinAll<'a, T, E> {
    pub(crate) fn new<F>(ctx: Ctx, futures: impl IntoIterator<Item = F>) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'a,
    {
        TryJoinAll(JoinAll::failing(ctx, boxed(futures), Result::is_err))
    }
}

impl<T, E> Future for TryJoinAll<'_, T, E> {
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
pub struct TryJoin<'a, T, U, E> {
    both: JoinAll<'a, Side<Result<T, E>, Result<U, E>>>,
}

impl<'a, T, U, E> TryJoin<'a, T, U, E> {
    pub(crate) fn new<A, B>(ctx: Ctx, a: A, b: B) -> Self
    where
        A: Future<Output = Result<T, E>> + Send + 'a,
        B: Future<Output = Result<U, E>> + Send + 'a,
    {
        let fails = |side: &Side<Result<T, E>, Result<U, E>>| match side {
            Side::Left(a) => a.is_err(),
            Side::Right(b) => b.is_err(),
        };
        TryJoin { both: JoinAll::failing(ctx, two(a, b), fails) }
    }
}

impl<T, U, E> Future for TryJoin<'_, T, U, E> {
    type Output = Result<(T, U), E>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let outputs = std::task::ready!(Pin::new(&mut self.both).poll(cx));
        let (mut left, mut right) = (None, None);
        for side in outputs {
            match side {
                Side::Left(Ok(a)) => left = Some(a),
                Side::Right(Ok(b)) => right = Some(b),
                Side::Left(Err(error)) | Side::Right(Err(error)) => {
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
