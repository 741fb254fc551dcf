//! Messages in a list, and answers from a script: for tests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{Progress, Transport, TransportError};
use crate::model::{Message, Outcome, Reply, Stage};

/// Accepts everything, unless told beforehand what to answer.
#[derive(Default)]
pub struct Memory {
    script: VecDeque<Result<Outcome, TransportError>>,
    taken: Taken,
}

/// What a [`Memory`] was handed, whatever it answered; a clone sees the same.
#[derive(Clone, Default)]
pub struct Taken(Arc<Mutex<Vec<Message>>>);

impl Taken {
    fn lock(&self) -> MutexGuard<'_, Vec<Message>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn messages(&self) -> Vec<Message> {
        self.lock().clone()
    }

    /// The addresses, in the order they were handed over.
    pub fn recipients(&self) -> Vec<String> {
        self.lock().iter().map(|message| message.recipient.to_string()).collect()
    }
}

impl Memory {
    /// Answers with `outcomes` one after the other, then accepts.
    #[must_use]
    pub fn answering(outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        Self { script: outcomes.into_iter().map(Ok).collect(), taken: Taken::default() }
    }

    /// After what it was told before, once, behaves like a server that is down.
    #[must_use]
    pub fn then_down(mut self) -> Self {
        self.script.push_back(Err(TransportError::Server {
            server: "memory".to_owned(),
            stage: Stage::Connect,
            reason: "down".to_owned(),
        }));
        self
    }

    pub fn taken(&self) -> Taken {
        self.taken.clone()
    }
}

#[async_trait]
impl Transport for Memory {
    async fn send(
        &mut self,
        message: &Message,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, TransportError> {
        progress.through("memory");
        progress.reached(Stage::Connect);
        let accepted = || Ok(Outcome::Accepted(Reply::new(None, "kept in memory")));
        let outcome = self.script.pop_front().unwrap_or_else(accepted)?;
        progress.reached(Stage::Body);
        progress.handing_over().await.map_err(|_| TransportError::Withheld)?;
        progress.reached(Stage::Reply);
        self.taken.lock().push(message.clone());
        Ok(outcome)
    }

    async fn close(&mut self) {}
}
