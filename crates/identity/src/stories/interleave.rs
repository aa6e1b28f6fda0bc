//! Every order in which the steps of several acts may come: refreshing, refreshing again, signing
//! out, ending a session, disabling the account, changing the password, rotating the keys.
//!
//! The acts are the program's own, on a store that does one step at a time. A step is one call of
//! the store, the only thing two acts share. Orders are tried depth first, each from the same start.
//! Depth: every order of two acts, but for those with the disabling of the account, which has most
//! steps; of these and of three acts, every order in which a turn is taken away from an act that
//! could go on at most four and two times. How many that were is said at the end.

use super::bench::from;
use super::house::{Act, Done, House};
use crate::TokenKeys;
use tokio::sync::oneshot;

/// One order: whose step came when, and among whom it could be chosen.
struct Order {
    steps: Vec<(usize, Vec<usize>)>,
    /// What came of each act, and after how many steps it began and had ended.
    done: Vec<(Done, usize, usize)>,
}

/// Lets the acts take their steps in the order that `prefix` begins; then each goes on while it can.
async fn play(house: &House, acts: &[Act], prefix: &[usize]) -> Order {
    house.memory.restore(&house.start);
    house
        .identity
        .rotate_keys(TokenKeys::new(&house.key, &[]).unwrap());
    house.memory.close_gate();
    let mut tasks = Vec::new();
    let mut gates: Vec<Option<oneshot::Sender<()>>> = Vec::new();
    let mut done: Vec<Option<(Done, usize, usize)>> = Vec::new();
    let mut steps: Vec<(usize, Vec<usize>)> = Vec::new();
    let mut began = vec![None; acts.len()];
    for act in acts {
        let mut task = tokio::spawn(house.run(*act));
        tokio::select! {
            gate = house.memory.arrival() => gates.push(Some(gate)),
            _ = &mut task => panic!("{act:?} took no step"),
        }
        tasks.push(task);
        done.push(None);
    }
    let mut last = None;
    loop {
        let ready: Vec<usize> = (0..acts.len())
            .filter(|act| gates[*act].is_some())
            .collect();
        if ready.is_empty() {
            break;
        }
        let wanted = prefix.get(steps.len()).copied().or(last);
        let next = wanted.filter(|act| ready.contains(act)).unwrap_or(ready[0]);
        let at = *began[next].get_or_insert(steps.len());
        steps.push((next, ready));
        last = Some(next);
        gates[next].take().unwrap().send(()).unwrap();
        tokio::select! {
            gate = house.memory.arrival() => gates[next] = Some(gate),
            end = &mut tasks[next] => done[next] = Some((end.unwrap(), at, steps.len())),
        }
    }
    house.memory.open_gate();
    Order {
        steps,
        done: done.into_iter().map(Option::unwrap).collect(),
    }
}

/// What must hold after every order.
async fn check(house: &House, acts: &[Act], order: &Order) {
    let ended = acts
        .iter()
        .zip(&order.done)
        .filter(|(act, (done, ..))| act.ends() && matches!(done, Done::Other(true)))
        .map(|(_, (_, _, end))| *end)
        .min();
    // Shown when a later token had been used already, or when its grace was over.
    let reused = acts
        .iter()
        .any(|act| matches!(act, Act::RefreshOlder | Act::RefreshLate));
    let steps: Vec<usize> = order.steps.iter().map(|(act, _)| *act).collect();
    let told = || format!("{acts:?} in the order {steps:?}");
    let mut pairs = vec![house.pairs.last().unwrap()];
    for (act, (done, began, _)) in acts.iter().zip(&order.done) {
        let Done::Pair(pair) = done else {
            continue;
        };
        match act {
            Act::RefreshOlder | Act::RefreshLate => assert!(pair.is_none(), "{}", told()),
            _ if ended.is_some_and(|end| end <= *began) => {
                assert!(pair.is_none(), "refreshed after the end: {}", told());
            }
            _ if ended.is_none() && !reused => {
                // The token before the good one ends the session once the good one is spent; and while
                // the password changes, a session takes two steps into the new epoch.
                let raced =
                    acts.contains(&Act::RefreshPrevious) || acts.contains(&Act::ChangePassword);
                assert!(raced || pair.is_some(), "refused for nothing: {}", told());
            }
            _ => {}
        }
        pairs.extend(pair);
    }
    if ended.is_some() || reused {
        // No session that was ended, or that a thief may have, is alive; nor comes it alive.
        for pair in pairs {
            assert!(!house.lives(pair).await, "alive after its end: {}", told());
            let token = pair.refresh_token.clone();
            let again = house.identity.refresh(token, from([192, 0, 2, 4])).await;
            assert!(again.is_err(), "refreshed after its end: {}", told());
            assert!(!house.lives(pair).await, "came alive: {}", told());
        }
        return;
    }
    let outdone = acts
        .iter()
        .zip(&order.done)
        .any(|(act, (done, ..))| *act == Act::RefreshPrevious && matches!(done, Done::Pair(None)));
    if outdone && !acts.contains(&Act::ChangePassword) {
        assert!(acts.contains(&Act::Refresh), "{}", told());
        for pair in pairs {
            assert!(!house.lives(pair).await, "outdone and alive: {}", told());
        }
        return;
    }
    // What was acknowledged is there: every pair that was handed out works, and goes on working.
    for pair in &pairs {
        assert!(house.lives(pair).await, "lost: {}", told());
    }
    let newest = pairs.last().unwrap();
    let token = newest.refresh_token.clone();
    let again = house.identity.refresh(token, from([192, 0, 2, 4])).await;
    assert!(again.is_ok(), "its refresh token is lost: {}", told());
}

/// Tries the orders of these acts, with at most so many changes of turn. Answers how many there were.
async fn try_all(acts: &[Act], changes_max: usize) -> usize {
    let late = acts.contains(&Act::RefreshLate);
    let house = House::new(late).await;
    let (mut prefix, mut orders) = (Vec::new(), 0);
    loop {
        let order = play(&house, acts, &prefix).await;
        check(&house, acts, &order).await;
        orders += 1;
        let Some(next) = following(&order, changes_max) else {
            return orders;
        };
        prefix = next;
    }
}

/// The next order, depth first: the latest step where another act can go on instead.
fn following(order: &Order, changes_max: usize) -> Option<Vec<usize>> {
    let taken: Vec<usize> = order.steps.iter().map(|(act, _)| *act).collect();
    let changes = |acts: &[usize]| {
        let turns = acts.windows(2).enumerate();
        turns
            .filter(|(at, pair)| pair[0] != pair[1] && order.steps[at + 1].1.contains(&pair[0]))
            .count()
    };
    for at in (0..taken.len()).rev() {
        let (chosen, ready) = &order.steps[at];
        // Who went on from the step before is tried first, then the others by number.
        let before = at.checked_sub(1).map(|before| taken[before]);
        let first = before.filter(|act| ready.contains(act)).unwrap_or(ready[0]);
        let mut others = vec![first];
        others.extend(ready.iter().copied().filter(|act| *act != first));
        let place = others.iter().position(|act| act == chosen).unwrap();
        for other in &others[place + 1..] {
            let mut next = taken[..at].to_vec();
            next.push(*other);
            if changes(&next) <= changes_max {
                return Some(next);
            }
        }
    }
    None
}

#[tokio::test]
async fn no_order_of_two_acts_revives_an_ended_session_or_loses_a_good_one() {
    use Act::{
        ChangePassword, Disable, End, Logout, Refresh, RefreshLate, RefreshOlder, RefreshPrevious,
        RotateKeys,
    };
    let mut orders = 0;
    for first in [Refresh, RefreshPrevious, RefreshOlder, RefreshLate] {
        for second in [
            Refresh,
            RefreshPrevious,
            RefreshOlder,
            RefreshLate,
            Logout,
            End,
            Disable,
            ChangePassword,
            RotateKeys,
        ] {
            // What is late for one is late for all: the good token alone is none of that.
            let late = [first, second].contains(&RefreshLate);
            if late && [first, second].contains(&RefreshPrevious) {
                continue;
            }
            let bound = if second == Disable { 4 } else { usize::MAX };
            orders += try_all(&[first, second], bound).await;
        }
    }
    println!("{orders} orders of two acts");
    assert!(orders > 10_000, "{orders}");
}

#[tokio::test]
async fn no_order_of_three_acts_revives_an_ended_session_or_loses_a_good_one() {
    use Act::{
        ChangePassword, Disable, End, Logout, Refresh, RefreshLate, RefreshOlder, RefreshPrevious,
        RotateKeys,
    };
    let mut orders = 0;
    for acts in [
        [Refresh, Refresh, Logout],
        [Refresh, Refresh, End],
        [Refresh, Refresh, Disable],
        [Refresh, Refresh, RotateKeys],
        [Refresh, Refresh, ChangePassword],
        [Refresh, RefreshPrevious, Logout],
        [Refresh, RefreshPrevious, RotateKeys],
        [Refresh, Logout, Disable],
        [Refresh, End, Logout],
        [Refresh, RefreshOlder, Logout],
        [Refresh, RefreshOlder, Disable],
        [Refresh, RefreshLate, RotateKeys],
        [Refresh, RefreshLate, End],
        [Refresh, Refresh, Refresh],
    ] {
        orders += try_all(&acts, 2).await;
    }
    println!("{orders} orders of three acts");
    assert!(orders > 3_000, "{orders}");
}
