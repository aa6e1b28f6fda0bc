//! The lines without workers and without a clock: tasks are polled only when their bell woke them, so a bell that is
//! not rung shows as a task that never ends.

use super::*;
use proptest::prelude::*;
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

fn queue(workers: usize, waiting_max: usize, places: usize, person_waiting: usize) -> Arc<Queue> {
    Arc::new(Queue {
        workers,
        waiting_max,
        person_running_max: places,
        person_waiting_max: person_waiting,
        lines: Mutex::default(),
    })
}

fn person(name: &str) -> Person {
    Person::new(name)
}

/// Remembers that it was woken.
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// What a run does, with a pause of its own after its place and after its turn.
struct Task {
    person: u8,
    stage: Rc<Cell<Stage>>,
    go: Rc<Notify>,
    woken: Arc<Flag>,
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
}

impl Task {
    fn start(queue: &Arc<Queue>, name: u8) -> Result<Self, RunError> {
        let ticket = queue.enter(&person(&name.to_string()))?;
        let stage = Rc::new(Cell::new(Stage::Waiting));
        let go = Rc::new(Notify::new());
        let future = {
            let (stage, go) = (Rc::clone(&stage), Rc::clone(&go));
            async move {
                ticket.place().await;
                stage.set(Stage::Placed);
                go.notified().await;
                stage.set(Stage::Asking);
                ticket.turn().await;
                stage.set(Stage::Running);
                go.notified().await;
            }
        };
        Ok(Self {
            person: name,
            stage,
            go,
            woken: Arc::new(Flag(AtomicBool::new(true))),
            future: Some(Box::pin(future)),
        })
    }

    fn stage(&self) -> Option<Stage> {
        self.future.as_ref().map(|_| self.stage.get())
    }

    /// Polls if woken; says whether it was.
    fn poll(&mut self) -> bool {
        let Some(future) = &mut self.future else {
            return false;
        };
        if !self.woken.0.swap(false, Ordering::SeqCst) {
            return false;
        }
        let waker = Waker::from(Arc::clone(&self.woken));
        if future
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready()
        {
            self.future = None;
        }
        true
    }
}

/// Polls until nobody is woken. Gives who got a worker, in order.
fn settle(tasks: &mut [Task]) -> Vec<u8> {
    let mut served = Vec::new();
    loop {
        let mut any = false;
        for task in tasks.iter_mut() {
            let before = task.stage();
            any |= task.poll();
            if task.stage() == Some(Stage::Running) && before != Some(Stage::Running) {
                served.push(task.person);
            }
        }
        if !any {
            return served;
        }
    }
}

fn all_go(tasks: &[Task], stage: Stage) {
    for task in tasks.iter().filter(|task| task.stage() == Some(stage)) {
        task.go.notify_one();
    }
}

fn nothing_left(queue: &Queue) -> bool {
    let lines = queue.lines();
    lines.tickets.is_empty() && lines.people.is_empty() && lines.running == 0
}

#[test]
fn one_person_with_fifty_runs_delays_another_by_one() {
    let queue = queue(1, 1_000, 2, 100);
    let mut tasks: Vec<Task> = (0..50).map(|_| Task::start(&queue, 1).unwrap()).collect();
    settle(&mut tasks);
    all_go(&tasks, Stage::Placed);
    assert_eq!(settle(&mut tasks), [1]);
    tasks.push(Task::start(&queue, 2).unwrap());
    settle(&mut tasks);
    all_go(&tasks, Stage::Placed);
    assert!(settle(&mut tasks).is_empty());
    // The first of the many ends: the one who came last is next.
    let mut served = Vec::new();
    while tasks.iter().any(|task| task.stage().is_some()) {
        all_go(&tasks, Stage::Running);
        served.extend(settle(&mut tasks));
        all_go(&tasks, Stage::Placed);
        served.extend(settle(&mut tasks));
    }
    assert_eq!(served.first(), Some(&2));
    assert_eq!(served.len(), 50);
    assert!(nothing_left(&queue));
}

#[test]
fn people_with_many_runs_take_turns_and_who_comes_back_at_once_gets_no_more() {
    let queue = queue(1, 1_000, 2, 100);
    let mut tasks: Vec<Task> = [1, 1, 1, 2, 2, 2, 3, 3, 3]
        .map(|name| Task::start(&queue, name).unwrap())
        .into();
    settle(&mut tasks);
    all_go(&tasks, Stage::Placed);
    let mut served = settle(&mut tasks);
    while served.len() < 12 {
        // The fourth asks for one run after another, each as soon as the last has ended.
        if !tasks
            .iter()
            .any(|task| task.person == 4 && task.stage().is_some())
        {
            tasks.push(Task::start(&queue, 4).unwrap());
        }
        settle(&mut tasks);
        all_go(&tasks, Stage::Placed);
        served.extend(settle(&mut tasks));
        all_go(&tasks, Stage::Running);
        served.extend(settle(&mut tasks));
    }
    for round in served.chunks(4) {
        let mut people = round.to_vec();
        people.sort_unstable();
        assert_eq!(people, [1, 2, 3, 4], "{served:?}");
    }
}

#[test]
fn too_many_of_one_person_or_in_all_is_busy() {
    let lines = queue(2, 6, 2, 3);
    let mut tasks: Vec<Task> = (0..5).map(|_| Task::start(&lines, 1).unwrap()).collect();
    assert!(matches!(Task::start(&lines, 1), Err(RunError::Busy)));
    tasks.extend((2..5).map(|name| Task::start(&lines, name).unwrap()));
    assert!(matches!(Task::start(&lines, 9), Err(RunError::Busy)));
    // One who leaves, at whatever stage, makes room.
    tasks.pop();
    tasks.push(Task::start(&lines, 9).unwrap());
    tasks.remove(4);
    tasks.push(Task::start(&lines, 1).unwrap());
    drop(tasks);
    assert!(nothing_left(&lines));
    // Nobody in particular has the bound of all alone.
    let many: Vec<Ticket> = (0..8)
        .map(|_| lines.enter(&Person::nobody()).unwrap())
        .collect();
    assert!(lines.enter(&Person::nobody()).is_err());
    drop(many);
    assert!(nothing_left(&lines));
}

#[test]
fn a_person_holds_no_more_places_than_allowed_and_they_go_in_order() {
    let queue = queue(8, 100, 2, 100);
    let mut tasks: Vec<Task> = (0..5).map(|_| Task::start(&queue, 1).unwrap()).collect();
    settle(&mut tasks);
    let placed = |tasks: &[Task]| -> Vec<usize> {
        (0..tasks.len())
            .filter(|index| tasks[*index].stage() == Some(Stage::Placed))
            .collect()
    };
    assert_eq!(placed(&tasks), [0, 1]);
    tasks[1].future = None;
    settle(&mut tasks);
    assert_eq!(placed(&tasks), [0, 2]);
    // One that waits goes away; the next in order is not skipped.
    tasks[3].future = None;
    tasks[0].future = None;
    settle(&mut tasks);
    assert_eq!(placed(&tasks), [2, 4]);
}

#[derive(Debug, Clone)]
enum Change {
    Enter(u8),
    Go(usize),
    Drop(usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => (0_u8..5).prop_map(Change::Enter),
        6 => any::<usize>().prop_map(Change::Go),
        2 => any::<usize>().prop_map(Change::Drop),
    ]
}

fn hold(queue: &Queue, tasks: &[Task]) {
    let at = |stage: Stage| tasks.iter().filter(move |task| task.stage() == Some(stage));
    let running = at(Stage::Running).count();
    assert!(running <= queue.workers);
    // No worker idles while someone asks, and no place while someone waits for it.
    assert!(running == queue.workers || at(Stage::Asking).count() == 0);
    for person in 0..5 {
        let of = |stage| at(stage).filter(|task| task.person == person).count();
        let placed = of(Stage::Placed) + of(Stage::Asking) + of(Stage::Running);
        assert!(placed <= queue.person_running_max);
        assert!(placed == queue.person_running_max || of(Stage::Waiting) == 0);
        assert!(of(Stage::Waiting) <= queue.person_waiting_max);
    }
    let alive = tasks.iter().filter(|task| task.stage().is_some()).count();
    assert!(alive <= queue.workers + queue.waiting_max);
    assert_eq!(alive, queue.lines().tickets.len());
    assert!(queue.lines().people.len() <= 5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn nothing_is_lost_in_any_order_of_coming_running_and_leaving(
        workers in 1_usize..4,
        places in 1_usize..4,
        waiting in 0_usize..12,
        person_waiting in 0_usize..4,
        changes in proptest::collection::vec(change(), 0..120),
    ) {
        let queue = queue(workers, waiting, places, person_waiting);
        let mut tasks: Vec<Task> = Vec::new();
        // Runs given to each person while another asked and got none: by asker, then by who was served.
        let mut passed: HashMap<(usize, u8), usize> = HashMap::new();
        for change in changes {
            match change {
                Change::Enter(name) => tasks.extend(Task::start(&queue, name)),
                Change::Go(index) if !tasks.is_empty() => {
                    let index = index % tasks.len();
                    if matches!(tasks[index].stage(), Some(Stage::Placed | Stage::Running)) {
                        tasks[index].go.notify_one();
                    }
                }
                Change::Drop(index) if !tasks.is_empty() => {
                    let index = index % tasks.len();
                    tasks[index].future = None;
                }
                _ => {}
            }
            let asked: Vec<usize> =
                (0..tasks.len()).filter(|index| tasks[*index].stage() == Some(Stage::Asking)).collect();
            for served in settle(&mut tasks) {
                for index in asked.iter().filter(|index| tasks[**index].stage() == Some(Stage::Asking)) {
                    *passed.entry((*index, served)).or_default() += 1;
                }
            }
            hold(&queue, &tasks);
        }
        // Of its own person others may be ahead; of each other person never more than a round and a started one, for
        // every run of the own person that is ahead.
        for ((index, served), times) in passed {
            let own = tasks[index].person == served;
            prop_assert!(own || times <= 2 * places, "{served} passed {index} {times} times");
        }
        // Left alone, every task comes to its end.
        for _ in 0..3 * tasks.len() {
            all_go(&tasks, Stage::Placed);
            all_go(&tasks, Stage::Running);
            settle(&mut tasks);
        }
        prop_assert!(tasks.iter().all(|task| task.stage().is_none()));
        prop_assert!(nothing_left(&queue));
    }
}
