//! Whose turn it is.
//!
//! A run passes two lines. First its person's own: a person has a few places at a time, so that a dashboard of a
//! hundred figures neither loads a hundred frames nor crowds others out. Then the line for workers: a free one goes
//! to the person who was served the fewest rounds, so that however much one person asks for, another waits for at
//! most one run on each worker.
//!
//! Everything lies in one map behind one mutex, and every change ends with a look at who may move on. A line is some
//! hundred entries at most and a run takes milliseconds, so that look is a plain walk. A ticket that is dropped, at
//! whatever stage, gives back all it held.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::settings::Settings;
use crate::error::RunError;

/// Whose turn a run counts against; opaque to the sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Person(Option<Arc<str>>);

impl Person {
    /// The person of this id.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(Some(id.into().into()))
    }

    /// Nobody in particular: one place in the turn of people, and no bound but that of all.
    pub(super) fn nobody() -> Self {
        Self(None)
    }
}

/// How far a ticket has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Waits for a place of its person.
    Waiting,
    /// Holds a place.
    Placed,
    /// Holds a place and asks for a worker.
    Asking,
    /// Holds a place and may use a worker.
    Running,
}

#[derive(Debug)]
struct Entry {
    person: Person,
    stage: Stage,
    bell: Arc<Notify>,
}

/// What a person holds.
#[derive(Debug, Default)]
struct Share {
    waiting: usize,
    placed: usize,
    /// The round in which the person is served next, if it is not past.
    round: u64,
}

#[derive(Debug, Default)]
struct Lines {
    /// By number, so in the order in which they came.
    tickets: BTreeMap<u64, Entry>,
    people: HashMap<Person, Share>,
    next: u64,
    running: usize,
    /// In one round everyone who waits is served once.
    round: u64,
}

/// Both lines.
#[derive(Debug)]
pub(super) struct Queue {
    workers: usize,
    waiting_max: usize,
    person_running_max: usize,
    person_waiting_max: usize,
    lines: Mutex<Lines>,
}

/// A place in the lines, given back when dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    queue: Arc<Queue>,
    number: u64,
    bell: Arc<Notify>,
}

impl Queue {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            workers: settings.workers.max(1),
            waiting_max: settings.queue,
            person_running_max: settings.person_running_max.max(1),
            person_waiting_max: settings.person_waiting_max,
            lines: Mutex::default(),
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn places(&self, person: &Person) -> usize {
        match person.0 {
            Some(_) => self.person_running_max,
            None => usize::MAX,
        }
    }

    /// A ticket at the end of its person's line, or `busy`.
    pub(super) fn enter(self: &Arc<Self>, person: &Person) -> Result<Ticket, RunError> {
        let mut lines = self.lines();
        if lines.tickets.len() >= self.workers.saturating_add(self.waiting_max) {
            return Err(RunError::Busy);
        }
        let places = self.places(person);
        if let Some(share) = lines.people.get(person)
            && share.placed >= places
            && share.waiting >= self.person_waiting_max
        {
            return Err(RunError::Busy);
        }
        let bell = Arc::new(Notify::new());
        let number = lines.next;
        lines.next += 1;
        lines.people.entry(person.clone()).or_default().waiting += 1;
        let entry = Entry {
            person: person.clone(),
            stage: Stage::Waiting,
            bell: Arc::clone(&bell),
        };
        lines.tickets.insert(number, entry);
        self.move_on(&mut lines);
        drop(lines);
        Ok(Ticket {
            queue: Arc::clone(self),
            number,
            bell,
        })
    }

    /// Lets everyone move on who may. Each is woken by a bell of its own, which keeps its ring until it is heard.
    fn move_on(&self, lines: &mut Lines) {
        let Lines {
            tickets, people, ..
        } = lines;
        for entry in tickets.values_mut() {
            if entry.stage == Stage::Waiting
                && let Some(share) = people.get_mut(&entry.person)
                && share.placed < self.places(&entry.person)
            {
                share.waiting -= 1;
                share.placed += 1;
                entry.stage = Stage::Placed;
                entry.bell.notify_one();
            }
        }
        while lines.running < self.workers {
            let round = |entry: &Entry| {
                let own = lines
                    .people
                    .get(&entry.person)
                    .map_or(0, |share| share.round);
                own.max(lines.round)
            };
            let next = lines
                .tickets
                .iter()
                .filter(|(_, entry)| entry.stage == Stage::Asking)
                .map(|(number, entry)| (round(entry), *number))
                .min();
            let Some((round, number)) = next else {
                return;
            };
            lines.serve(round, number);
        }
    }
}

impl Lines {
    fn serve(&mut self, round: u64, number: u64) {
        let Some(entry) = self.tickets.get_mut(&number) else {
            return;
        };
        entry.stage = Stage::Running;
        entry.bell.notify_one();
        self.running += 1;
        if let Some(share) = self.people.get_mut(&entry.person) {
            share.round = round + 1;
        }
        if round > self.round {
            self.round = round;
            self.forget();
        }
    }

    /// Drops who holds nothing and was not served in this round.
    fn forget(&mut self) {
        let round = self.round;
        self.people
            .retain(|_, share| share.waiting + share.placed > 0 || share.round > round);
    }

    fn leave(&mut self, number: u64) {
        let Some(entry) = self.tickets.remove(&number) else {
            return;
        };
        if let Some(share) = self.people.get_mut(&entry.person) {
            match entry.stage {
                Stage::Waiting => share.waiting -= 1,
                Stage::Placed | Stage::Asking | Stage::Running => share.placed -= 1,
            }
        }
        if entry.stage == Stage::Running {
            self.running -= 1;
        }
        if self.tickets.is_empty() {
            self.people.clear();
            self.round = 0;
        }
    }
}

impl Ticket {
    /// Waits for a place of the person.
    pub(super) async fn place(&self) {
        self.until(|stage| stage != Stage::Waiting).await;
    }

    /// Waits for a worker's turn; the ticket has its place.
    pub(super) async fn turn(&self) {
        {
            let mut lines = self.queue.lines();
            if let Some(entry) = lines.tickets.get_mut(&self.number)
                && entry.stage == Stage::Placed
            {
                entry.stage = Stage::Asking;
            }
            self.queue.move_on(&mut lines);
        }
        self.until(|stage| stage == Stage::Running).await;
    }

    async fn until(&self, reached: impl Fn(Stage) -> bool) {
        loop {
            let stage = self
                .queue
                .lines()
                .tickets
                .get(&self.number)
                .map(|entry| entry.stage);
            if stage.is_none_or(&reached) {
                return;
            }
            self.bell.notified().await;
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut lines = self.queue.lines();
        lines.leave(self.number);
        self.queue.move_on(&mut lines);
    }
}

#[cfg(test)]
mod tests;
