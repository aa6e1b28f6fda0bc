//! A journal only grows, in one order, chained.

use super::{Store, at_once};
use crate::{Entry, GENESIS, JournalQuery, Key, chain_hash};
use chrono::{DateTime, Duration};
use domain::Timestamp;

fn moment(seconds: i64) -> Timestamp {
    DateTime::UNIX_EPOCH + Duration::seconds(seconds)
}

fn entry(body: String, seconds: i64) -> Entry {
    Entry {
        at: moment(seconds),
        body: body.into_bytes(),
        index_keys: Vec::new(),
    }
}

pub(crate) async fn concurrent_appends_make_one_chain_without_holes((_, journal): Store) {
    assert_eq!(journal.head().await, Ok(None));
    assert_eq!(journal.append(Vec::new()).await, Ok(Vec::new()));
    let numbers = at_once(50, |writer| {
        let journal = journal.clone();
        async move {
            let entries = (0..3).map(|part| entry(format!("{writer}.{part}"), 0));
            (writer, journal.append(entries.collect()).await.unwrap())
        }
    })
    .await;
    let query = JournalQuery {
        limit: 1_000,
        ..JournalQuery::default()
    };
    let records = journal.read(query).await.unwrap();
    assert_eq!(records.len(), 150);
    let mut prev_hash = GENESIS;
    for (seq, record) in (1..).zip(&records) {
        assert_eq!((record.seq, record.prev_hash), (seq, prev_hash));
        assert_eq!(record.hash, chain_hash(&prev_hash, seq, &record.body));
        prev_hash = record.hash;
    }
    assert_eq!(journal.head().await, Ok(Some((150, prev_hash))));
    // What was appended as one stands together, under the numbers that were answered.
    for (writer, numbers) in numbers {
        assert_eq!(numbers, [numbers[0], numbers[0] + 1, numbers[0] + 2]);
        for (part, number) in numbers.iter().enumerate() {
            let body = &records[*number as usize - 1].body;
            assert_eq!(body, format!("{writer}.{part}").as_bytes());
        }
    }
}

pub(crate) async fn questions_equal_a_filtered_list((_, journal): Store) {
    // Times run back and forth a little, as they do when writers race.
    let time = |n: i64| n + if n % 3 == 0 { 5 } else { 0 };
    let mut entries = Vec::new();
    for n in 0..120 {
        let mut entry = entry(n.to_string(), time(n));
        entry.index_keys = vec![
            ("even", Key::new().flag(n % 2 == 0)),
            ("third", Key::new().number(n.unsigned_abs() % 3)),
            ("third", Key::new().number(n.unsigned_abs() % 3)),
        ];
        entries.push(entry);
    }
    journal.append(entries).await.unwrap();

    let even = ("even", Key::new().flag(true));
    let third = ("third", Key::new().number(0));
    let index_sets = [
        vec![],
        vec![even.clone()],
        vec![third.clone()],
        vec![even.clone(), third.clone()],
    ];
    let windows = [
        (None, None),
        (Some(20), None),
        (None, Some(90)),
        (Some(30), Some(33)),
        (Some(500), None),
    ];
    for indexes in index_sets {
        for (after, before) in [
            (None, None),
            (Some(40), None),
            (None, Some(50)),
            (Some(10), Some(100)),
        ] {
            for (from, to) in windows {
                for (descending, limit) in [(false, 7), (true, 7), (false, 500), (true, 500)] {
                    let mut expected: Vec<i64> = (0..120)
                        .filter(|n| !indexes.contains(&even) || n % 2 == 0)
                        .filter(|n| !indexes.contains(&third) || n % 3 == 0)
                        .filter(|n| after.is_none_or(|after| n + 1 > after))
                        .filter(|n| before.is_none_or(|before| n + 1 < before))
                        .filter(|n| from.is_none_or(|from| time(*n) >= from))
                        .filter(|n| to.is_none_or(|to| time(*n) < to))
                        .collect();
                    if descending {
                        expected.reverse();
                    }
                    expected.truncate(limit);
                    let query = JournalQuery {
                        indexes: indexes.clone(),
                        after: after.map(i64::unsigned_abs),
                        before: before.map(i64::unsigned_abs),
                        from: from.map(moment),
                        to: to.map(moment),
                        descending,
                        limit: limit as u32,
                    };
                    let asked = format!("{query:?}");
                    let found = journal.read(query).await.unwrap();
                    let found: Vec<i64> = found
                        .iter()
                        .map(|record| std::str::from_utf8(&record.body).unwrap().parse().unwrap())
                        .collect();
                    assert_eq!(found, expected, "{asked}");
                }
            }
        }
    }
}
