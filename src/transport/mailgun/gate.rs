//! A request's body that stops before its last bytes until it is let go on.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::oneshot;

/// Enough that no closing boundary is whole without them.
const HELD_BACK: usize = 8;

/// `bytes` as a body, and what tells when all but the last have been taken.
pub fn held_back(bytes: Vec<u8>) -> (HeldBack, Gate) {
    let (arrive, arrived) = oneshot::channel();
    let (open, opened) = oneshot::channel();
    let mut head = Bytes::from(bytes);
    let tail = head.split_off(head.len().saturating_sub(HELD_BACK));
    let body = HeldBack { head: Some(head), tail: Some(tail), arrive: Some(arrive), opened };
    (body, Gate { arrived, open })
}

pub struct Gate {
    arrived: oneshot::Receiver<()>,
    open: oneshot::Sender<()>,
}

pub struct Opener(oneshot::Sender<()>);

impl Gate {
    /// Never, when the body is dropped before.
    pub async fn reached(self) -> Opener {
        if self.arrived.await.is_err() {
            std::future::pending::<()>().await;
        }
        Opener(self.open)
    }
}

impl Opener {
    pub fn open(self) {
        // Nobody listens any more when the request has failed meanwhile.
        let _ = self.0.send(());
    }
}

pub struct HeldBack {
    head: Option<Bytes>,
    tail: Option<Bytes>,
    arrive: Option<oneshot::Sender<()>>,
    opened: oneshot::Receiver<()>,
}

impl Body for HeldBack {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(head) = self.head.take() {
            return Poll::Ready(Some(Ok(Frame::data(head))));
        }
        if self.tail.is_none() {
            return Poll::Ready(None);
        }
        if let Some(arrive) = self.arrive.take() {
            let _ = arrive.send(());
        }
        match Pin::new(&mut self.opened).poll(context) {
            Poll::Ready(Ok(())) => Poll::Ready(self.tail.take().map(|tail| Ok(Frame::data(tail)))),
            // Withheld: the request is dropped, and never becomes whole.
            Poll::Ready(Err(_)) | Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.head.is_none() && self.tail.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let left = |part: &Option<Bytes>| part.as_ref().map_or(0, Bytes::len) as u64;
        SizeHint::with_exact(left(&self.head) + left(&self.tail))
    }
}
