//! Keys that change under living data: nothing is rewritten, nothing acknowledged is lost, wherever a rotation is
//! broken off; and what is destroyed opens for nobody.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use keys::{DataKey, DataKeys, MasterKey, SystemRng};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, WriteMultipart};
use objects::{Sealed, SealingKeys, keys_in_use};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

const PROJECTS: usize = 3;

/// What outlives a kill: files, one wrapped text a project, and the master keys by their order.
struct Lasting {
    disk: Arc<dyn ObjectStore>,
    wrapped: Vec<Option<String>>,
    /// The one in force last; the one before it stays until all is wrapped anew.
    masters: Vec<String>,
}

/// What happens, and how far it gets before the process is killed.
#[derive(Debug, Clone)]
enum Step {
    /// An object of so many bytes; in parts or whole.
    Write {
        project: usize,
        bytes: usize,
        parts: bool,
    },
    /// A write that began before a rotation and ends after it.
    WriteAcrossRotation {
        project: usize,
    },
    /// A new data key, made but not stored when killed.
    RotateData {
        project: usize,
        killed: bool,
    },
    /// A new master key, with so many projects wrapped anew before the kill.
    RotateMaster {
        wrapped: usize,
    },
    /// Compaction writes the first object anew; keys out of use are forgotten.
    Compact {
        project: usize,
    },
    Destroy {
        project: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let project = 0..PROJECTS;
    prop_oneof![
        4 => (project.clone(), 0..200_000_usize, any::<bool>())
            .prop_map(|(project, bytes, parts)| Step::Write { project, bytes, parts }),
        1 => project.clone().prop_map(|project| Step::WriteAcrossRotation { project }),
        3 => (project.clone(), any::<bool>()).prop_map(|(project, killed)| Step::RotateData { project, killed }),
        2 => (0..=PROJECTS).prop_map(|wrapped| Step::RotateMaster { wrapped }),
        2 => project.clone().prop_map(|project| Step::Compact { project }),
        1 => project.prop_map(|project| Step::Destroy { project }),
    ]
}

fn owner(project: usize) -> String {
    format!("prj_{project}")
}

impl Lasting {
    fn new(disk: Arc<dyn ObjectStore>) -> Self {
        let master = MasterKey::generate(&SystemRng);
        // As a project is made today, with one key.
        let first = |project| {
            master
                .wrap(&DataKey::generate(&SystemRng), &owner(project), &SystemRng)
                .unwrap()
        };
        Self {
            disk,
            wrapped: (0..PROJECTS).map(|project| Some(first(project))).collect(),
            masters: vec![master.to_text().expose().clone()],
        }
    }

    fn masters(&self) -> Vec<MasterKey> {
        self.masters
            .iter()
            .map(|text| MasterKey::parse(text).unwrap())
            .collect()
    }

    /// The keys as a process reads them that has just been started, also between two master keys.
    fn keys(&self, project: usize) -> Option<DataKeys> {
        let wrapped = self.wrapped[project].as_ref()?;
        let read = |master: &MasterKey| master.unwrap_all(wrapped, &owner(project)).ok();
        Some(
            self.masters()
                .iter()
                .rev()
                .find_map(read)
                .expect("one of the master keys opens it"),
        )
    }

    fn store(&self, keys: &DataKeys) -> Arc<dyn ObjectStore> {
        Sealed::new(Arc::clone(&self.disk), SealingKeys::from(keys))
    }

    fn keep(&mut self, project: usize, keys: &DataKeys) {
        let masters = self.masters();
        let wrapped = masters
            .last()
            .unwrap()
            .wrap_all(keys, &owner(project), &SystemRng)
            .unwrap();
        self.wrapped[project] = Some(wrapped);
    }

    /// Wraps anew, at most so many, and forgets the old master key when all are done.
    fn take_over(&mut self, at_most: usize) {
        let [old, new] = &self.masters()[..] else {
            return;
        };
        for (project, wrapped) in self.wrapped.iter_mut().enumerate().take(at_most) {
            let Some(text) = wrapped else { continue };
            if let Some(moved) = new.rewrap(old, text, &owner(project), &SystemRng).unwrap() {
                *wrapped = Some(moved);
            }
        }
        if at_most >= PROJECTS {
            self.masters.remove(0);
        }
    }
}

fn content(seed: usize, bytes: usize) -> Vec<u8> {
    (0..bytes)
        .map(|at| ((at + seed).wrapping_mul(2_654_435_761) >> 9) as u8)
        .collect()
}

/// The objects of each project that were acknowledged.
type Acknowledged = Vec<BTreeMap<String, Vec<u8>>>;

async fn happen(lasting: &mut Lasting, kept: &mut Acknowledged, number: usize, step: &Step) {
    let name = |project: usize| format!("{}/c/{number}", owner(project));
    match *step {
        Step::Write {
            project,
            bytes,
            parts,
        } => {
            let Some(keys) = lasting.keys(project) else {
                return;
            };
            let (at, plain) = (name(project), content(number, bytes));
            let store = lasting.store(&keys);
            if parts {
                let upload = store.put_multipart(&Path::from(at.as_str())).await.unwrap();
                let mut write = WriteMultipart::new(upload);
                write.write(&plain);
                write.finish().await.unwrap();
            } else {
                store
                    .put(&Path::from(at.as_str()), plain.clone().into())
                    .await
                    .unwrap();
            }
            kept[project].insert(at, plain);
        }
        Step::WriteAcrossRotation { project } => {
            let Some(keys) = lasting.keys(project) else {
                return;
            };
            let (at, plain) = (name(project), content(number, 70_000));
            let upload = lasting
                .store(&keys)
                .put_multipart(&Path::from(at.as_str()))
                .await
                .unwrap();
            let mut write = WriteMultipart::new(upload);
            write.write(&plain[..10]);
            lasting.keep(project, &keys.rotated(&SystemRng).unwrap());
            write.write(&plain[10..]);
            write.finish().await.unwrap();
            kept[project].insert(at, plain);
        }
        Step::RotateData { project, killed } => {
            let Some(keys) = lasting.keys(project) else {
                return;
            };
            let rotated = keys.rotated(&SystemRng).unwrap();
            if !killed {
                lasting.keep(project, &rotated);
            }
        }
        Step::RotateMaster { wrapped } => {
            // One that was broken off is ended first.
            lasting.take_over(PROJECTS);
            lasting
                .masters
                .push(MasterKey::generate(&SystemRng).to_text().expose().clone());
            lasting.take_over(wrapped);
        }
        Step::Compact { project } => {
            let Some(keys) = lasting.keys(project) else {
                return;
            };
            if let Some((at, plain)) = kept[project].first_key_value() {
                lasting
                    .store(&keys)
                    .put(&Path::from(at.as_str()), plain.clone().into())
                    .await
                    .unwrap();
            }
            let used = keys_in_use(lasting.disk.as_ref(), Some(&Path::from(owner(project))))
                .await
                .unwrap();
            lasting.keep(project, &keys.keeping(|id| used.contains_key(id)));
        }
        Step::Destroy { project } => lasting.wrapped[project] = None,
    }
}

/// Every acknowledged object reads as it was written, by a process that knows only what lasts; those of a destroyed
/// project by none.
async fn check(lasting: &Lasting, kept: &Acknowledged) {
    for (project, objects) in kept.iter().enumerate() {
        let keys = lasting.keys(project);
        for (at, plain) in objects {
            let path = Path::from(at.as_str());
            if let Some(keys) = &keys {
                let read = lasting
                    .store(keys)
                    .get(&path)
                    .await
                    .unwrap()
                    .bytes()
                    .await
                    .unwrap();
                assert!(read == plain.as_slice(), "{at}");
            } else {
                for other in (0..PROJECTS).filter_map(|other| lasting.keys(other)) {
                    assert!(lasting.store(&other).get(&path).await.is_err(), "{at}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_was_acknowledged_is_read_whatever_happens_to_the_keys(steps in proptest::collection::vec(step(), 1..16)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let mut lasting = Lasting::new(objects::local(folder.path().to_owned()).unwrap());
            let mut kept = vec![BTreeMap::new(); PROJECTS];
            for (number, step) in steps.iter().enumerate() {
                happen(&mut lasting, &mut kept, number, step).await;
                check(&lasting, &kept).await;
            }
        });
    }
}

#[tokio::test]
async fn a_rotation_rewrites_no_object_and_new_ones_take_the_new_key() {
    let folder = tempfile::tempdir().unwrap();
    let disk = objects::local(folder.path().to_owned()).unwrap();
    let mut lasting = Lasting::new(Arc::clone(&disk));
    let mut kept = vec![BTreeMap::new(); PROJECTS];
    let write = Step::Write {
        project: 0,
        bytes: 100_000,
        parts: false,
    };
    happen(&mut lasting, &mut kept, 0, &write).await;
    let old = lasting.keys(0).unwrap().newest().id().to_owned();
    let bytes = async |at: &str| {
        disk.get(&Path::from(at))
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap()
    };
    let before = bytes("prj_0/c/0").await;

    happen(
        &mut lasting,
        &mut kept,
        1,
        &Step::RotateData {
            project: 0,
            killed: false,
        },
    )
    .await;
    happen(
        &mut lasting,
        &mut kept,
        2,
        &Step::RotateMaster { wrapped: PROJECTS },
    )
    .await;
    happen(&mut lasting, &mut kept, 3, &write).await;
    assert_eq!(bytes("prj_0/c/0").await, before);
    let new = lasting.keys(0).unwrap().newest().id().to_owned();
    let used = keys_in_use(disk.as_ref(), Some(&Path::from("prj_0")))
        .await
        .unwrap();
    assert_eq!(used, BTreeMap::from([(old.clone(), 1), (new.clone(), 1)]));
    check(&lasting, &kept).await;

    // The rest moves, and the old key is gone.
    happen(&mut lasting, &mut kept, 4, &Step::Compact { project: 0 }).await;
    let left: Vec<String> = lasting
        .keys(0)
        .unwrap()
        .all()
        .map(|key| key.id().to_owned())
        .collect();
    assert_eq!(left, [new]);
    check(&lasting, &kept).await;

    // Destroyed: the files lie there and open for nobody.
    happen(&mut lasting, &mut kept, 5, &Step::Destroy { project: 0 }).await;
    assert!(disk.head(&Path::from("prj_0/c/0")).await.is_ok());
    check(&lasting, &kept).await;
}
