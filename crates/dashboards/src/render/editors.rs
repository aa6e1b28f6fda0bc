//! One running preview per person and editor: a newer one takes the place of the older.
//!
//! A person who types runs a script again and again, and only the last run is of use. The editor gives itself a
//! name; whoever asks under the same name again ends what still runs under it. Only what runs is remembered.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a newer preview waits for the older one to give back what it holds, which takes it no time unless the
/// machine is very busy.
const GOODBYE: Duration = Duration::from_secs(1);

/// Characters of an editor's name.
const NAME_CHARS_MAX: usize = 64;

/// A person and the name of one of their editors.
type Desk = (String, String);

#[derive(Debug)]
struct Running {
    number: u64,
    /// Dropped to say that a newer one is there.
    _stay: oneshot::Sender<()>,
    /// Ends when the preview has given back what it held.
    gone: oneshot::Receiver<()>,
}

#[derive(Debug, Default)]
struct Desks {
    running: HashMap<Desk, Running>,
    next: u64,
}

/// What runs in which editor.
#[derive(Debug, Clone, Default)]
pub(super) struct Editors(Arc<Mutex<Desks>>);

/// The place of one preview at its editor, given back when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    editors: Editors,
    desk: Desk,
    number: u64,
    stay: oneshot::Receiver<()>,
    _here: oneshot::Sender<()>,
}

/// Whether a text can be the name of an editor.
pub(super) fn is_name(text: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

impl Editors {
    /// Takes the place at an editor. Who had it is told to go, and has gone when this returns.
    pub(super) async fn sit(&self, person: &str, editor: &str) -> Seat {
        let (stays, stay) = oneshot::channel();
        let (here, gone) = oneshot::channel();
        let desk = (person.to_owned(), editor.to_owned());
        let (number, older) = {
            let mut desks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let number = desks.next;
            desks.next += 1;
            let running = Running {
                number,
                _stay: stays,
                gone,
            };
            (number, desks.running.insert(desk.clone(), running))
        };
        let seat = Seat {
            editors: self.clone(),
            desk,
            number,
            stay,
            _here: here,
        };
        if let Some(Running { gone, _stay, .. }) = older {
            drop(_stay);
            let _ = tokio::time::timeout(GOODBYE, gone).await;
        }
        seat
    }
}

impl Seat {
    /// Returns when a newer preview has taken the place.
    pub(super) async fn taken(&mut self) {
        // Nothing is ever sent; the other end goes when it is replaced.
        let _ = (&mut self.stay).await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut desks = self
            .editors
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(entry) = desks.running.entry(self.desk.clone())
            && entry.get().number == self.number
        {
            entry.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(editors: &Editors) -> usize {
        editors.0.lock().unwrap().running.len()
    }

    #[tokio::test]
    async fn a_newer_preview_ends_the_older_one_of_the_same_editor_only() {
        let editors = Editors::default();
        let mut older = editors.sit("ann", "e1").await;
        let mut other_editor = editors.sit("ann", "e2").await;
        let mut other_person = editors.sit("ben", "e1").await;
        let replaced = tokio::spawn(async move {
            older.taken().await;
        });
        let mut newer = editors.sit("ann", "e1").await;
        replaced.await.unwrap();
        for seat in [&mut newer, &mut other_editor, &mut other_person] {
            let taken = tokio::time::timeout(Duration::from_millis(20), seat.taken()).await;
            assert!(taken.is_err(), "nobody took {:?}", seat.desk);
        }
        assert_eq!(running(&editors), 3);
        drop((newer, other_editor, other_person));
        assert_eq!(running(&editors), 0, "only what runs is remembered");
    }

    #[tokio::test]
    async fn the_newer_one_starts_when_the_older_one_has_given_back_what_it_held() {
        let editors = Editors::default();
        let mut older = editors.sit("ann", "e").await;
        let held = Arc::new(());
        let holds = Arc::clone(&held);
        tokio::spawn(async move {
            older.taken().await;
            tokio::time::sleep(Duration::from_millis(30)).await;
            drop(holds);
            drop(older);
        });
        let _newer = editors.sit("ann", "e").await;
        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[test]
    fn a_name_is_short_and_plain() {
        for good in ["a", "editor-1_B", &"x".repeat(64)] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "a b", "ä", "a/b", "a\n", &"x".repeat(65)] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
