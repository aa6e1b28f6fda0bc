//! Bad files: each is told where and why, makes no version, and leaves nothing on the disk.

use crate::support::*;
use domain::limits::RequestLimits;
use domain::time::ManualClock;
use domain::{Column, ColumnType};
use std::sync::Arc;
use tables::{IngestError, Mode, NewVersion, SpoolError, Tables, TablesSettings};

/// What is refused: the file's name, its bytes, and words that must be in the error.
type Case<'a> = (&'a str, Vec<u8>, &'a [&'a str]);

fn cases() -> Vec<Case<'static>> {
    let wide: Vec<String> = (0..100_000).map(|i| format!("c{i}")).collect();
    let long = format!("a,b\n1,{}\n", "x".repeat(2 << 20));
    let mut late = "a,b\n".to_owned();
    (0..30_000).for_each(|i| late.push_str(&format!("{i},{i}\n")));
    late.push_str("1,2,3\n");
    vec![
        (
            "ragged.csv",
            b"a,b\n1,2\n3\n".to_vec(),
            &["line 3", "1 cells", "2 columns"],
        ),
        (
            "ragged late.csv",
            late.into_bytes(),
            &["line 30002", "3 cells"],
        ),
        (
            "open.csv",
            b"a,b\n1,\"two\n3,4\n5,6\n".to_vec(),
            &["line 2", "never closed"],
        ),
        (
            "after.csv",
            b"a,b\n1,\"two\" three\n".to_vec(),
            &["line 2", "closing quote"],
        ),
        ("nul.csv", b"a,b\n1,x\0y\n".to_vec(), &["line 2", "NUL"]),
        (
            "latin.csv",
            b"a,b\n1,ok\n2,caf\xe9\n".to_vec(),
            &["line 3", "UTF-8"],
        ),
        ("utf16.csv", b"\xff\xfea\0,\0b\0".to_vec(), &["UTF-16"]),
        ("empty.csv", Vec::new(), &["no rows"]),
        ("blank.csv", b"\n\n\n".to_vec(), &["no rows"]),
        ("header.csv", b"a,b\n".to_vec(), &["no rows"]),
        (
            "wide.csv",
            wide.join(",").into_bytes(),
            &["more than 2000 columns"],
        ),
        (
            "twice.csv",
            b"a,b,a\n1,2,3\n".to_vec(),
            &["column \"a\"", "two columns"],
        ),
        (
            "case.csv",
            b"Name,name\n1,2\n".to_vec(),
            &["upper and lower case"],
        ),
        (
            "noname.csv",
            b"a,,c\n1,2,3\n".to_vec(),
            &["column 2 has no name"],
        ),
        (
            "control.csv",
            b"a,b\x07c\n1,2\n".to_vec(),
            &["control character"],
        ),
        (
            "long.csv",
            long.into_bytes(),
            &["line 2", "more than 1048576 bytes"],
        ),
        (
            "sheet.csv",
            b"PK\x03\x04rest".to_vec(),
            &["named as text", "Excel"],
        ),
        ("sheet.xlsx", b"PK\x03\x04rest".to_vec(), &["damaged"]),
        ("really.csv", b"PAR1....PAR1".to_vec(), &["is Parquet"]),
        (
            "text.parquet",
            b"a,b\n1,2\n".to_vec(),
            &["named as Parquet but is not"],
        ),
        (
            "cut.parquet",
            b"PAR1\x15\x04\x15\x00nothing".to_vec(),
            &["not readable Parquet"],
        ),
        (
            "lying.parquet",
            b"PAR1aaaaaaaaaaaa\xff\xff\xff\x7fPAR1".to_vec(),
            &["not readable Parquet"],
        ),
        (
            "plain.csv.gz",
            b"a,b\n1,2\n".to_vec(),
            &["named as gzip but is not"],
        ),
        (
            "cut.csv.gz",
            include_bytes!("data/two.csv.gz")[..20].to_vec(),
            &["damaged"],
        ),
        (
            "page.csv",
            b"<!DOCTYPE html><p>Not found".to_vec(),
            &["web page"],
        ),
        ("../../etc/passwd", b"root:x:0".to_vec(), &[".csv"]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_file_is_told_and_leaves_nothing() {
    let world = world();
    for (name, bytes, words) in cases() {
        let refused = world.upload(name, &bytes, Mode::Append).await.unwrap_err();
        assert!(
            !matches!(refused, IngestError::Failed(_)),
            "{name}: {refused:?}"
        );
        let text = refused.to_string();
        assert!(text.contains(name), "{name}: {text}");
        for word in words {
            assert!(text.contains(word), "{name}: {text}");
        }
        assert!(world.disk().is_empty(), "{name}");
        assert_eq!(world.tables.latest(&world.place).await.unwrap(), None);
    }
    // And the place is as good as new.
    assert_eq!(world.csv("a\n1\n").await.unwrap().version, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_append_leaves_the_version_and_the_disk_as_they_were() {
    let world = world();
    world.csv("a,b\n1,2\n").await.unwrap();
    let before = world.disk();
    for (name, bytes, _) in cases() {
        assert!(world.upload(name, &bytes, Mode::Append).await.is_err());
        assert!(world.upload(name, &bytes, Mode::Overwrite).await.is_err());
    }
    assert!(world.disk() == before);
    assert_eq!(
        world
            .tables
            .latest(&world.place)
            .await
            .unwrap()
            .unwrap()
            .version,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_the_table_is_a_mismatch_that_names_it() {
    let world = world();
    world.csv("a,b\n1,x\n2,y\n").await.unwrap();
    let cases = [
        ("a,c\n1,x\n", vec!["missing \"b\"", "unknown \"c\""]),
        ("a\n1\n", vec!["missing \"b\""]),
        (
            "b,a\nx,1.5\n",
            vec!["new.csv, line 2, column \"a\"", "\"1.5\"", "int64"],
        ),
        (
            "a,b\n1,x\nzwei,y\n",
            vec!["line 3, column \"a\"", "\"zwei\""],
        ),
    ];
    let before = world.disk();
    for (text, words) in cases {
        let refused = world
            .upload("new.csv", text.as_bytes(), Mode::Append)
            .await
            .unwrap_err();
        assert!(
            matches!(refused, IngestError::SchemaMismatch { .. }),
            "{refused:?}"
        );
        for word in words {
            assert!(refused.to_string().contains(word), "{refused}");
        }
    }
    assert!(world.disk() == before);
    let fits = world
        .upload("new.csv", b"b,a\nz,\n", Mode::Append)
        .await
        .unwrap();
    assert_eq!((fits.version, fits.total_rows), (2, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stated_schema_that_is_not_one_is_refused() {
    let world = world();
    let cases: Vec<Vec<Column>> = vec![
        vec![column("a", ColumnType::Int64)],
        vec![
            column("a", ColumnType::Int64),
            column("a", ColumnType::Int64),
        ],
        vec![
            column("a", ColumnType::Int64),
            column("c", ColumnType::Int64),
        ],
    ];
    for stated in cases {
        let refused = world
            .upload_as("a.csv", b"a,b\n1,2\n", Mode::Append, Some(stated))
            .await
            .unwrap_err();
        assert!(matches!(refused, IngestError::Schema { .. }), "{refused:?}");
    }
    assert!(world.disk().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_is_refused_while_it_arrives_and_when_it_unpacks() {
    let limits = RequestLimits {
        upload_bytes_max: 1_000,
        upload_files_max: 2,
        ..RequestLimits::default()
    };
    let world = world_with(2, limits);
    let mut first = world.tables.spool().unwrap();
    first.write(&[b'x'; 600]).await.unwrap();
    // The files of one upload are counted together.
    let mut second = first.another().unwrap();
    let refused = second.write(&[b'x'; 600]).await.unwrap_err();
    assert!(matches!(refused, SpoolError::TooLarge { bytes_max: 1_000 }));
    drop((first, second));
    assert!(world.disk().is_empty(), "a cut connection leaves nothing");

    let bomb = include_bytes!("data/zeros.csv.gz");
    assert!(bomb.len() < 1_000);
    let refused = world
        .upload("zeros.csv.gz", bomb, Mode::Append)
        .await
        .unwrap_err();
    assert!(
        matches!(
            refused,
            IngestError::TooLarge {
                bytes_max: 1_000,
                ..
            }
        ),
        "{refused:?}"
    );

    let mut files = Vec::new();
    for name in ["1.csv", "2.csv", "3.csv"] {
        files.push(world.file(name, b"a\n1\n").await);
    }
    let ingest = |files| {
        world.tables.ingest(
            &world.place,
            NewVersion::new(files, Mode::Append),
            "usr_1",
            None,
        )
    };
    assert!(matches!(
        ingest(files).await,
        Err(IngestError::TooManyFiles { files_max: 2 })
    ));
    assert!(matches!(ingest(Vec::new()).await, Err(IngestError::NoFile)));
    assert!(world.disk().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_room_on_the_disk_is_not_for_uploads() {
    let folder = tempfile::tempdir().unwrap();
    let settings = |disk_reserve_bytes| TablesSettings {
        store: objects::local(folder.path().join("objects")).unwrap(),
        spool_dir: folder.path().join("spool"),
        threads: 1,
        memory_bytes: 1 << 20,
        limits: RequestLimits::default(),
        disk_reserve_bytes,
        cache_bytes: 1 << 20,
        sorted_rows_min: 0,
        clock: Arc::new(ManualClock::default()),
    };
    assert!(Tables::new(settings(0)).unwrap().spool().is_ok());
    let refused = Tables::new(settings(u64::MAX)).unwrap().spool();
    let refused = refused.unwrap_err();
    assert!(refused.is_storage_full(), "{refused}");
    // As it comes from the store, in whatever it is wrapped.
    let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
    let wrapped = object_store::Error::Generic {
        store: "local",
        source: Box::new(std::io::Error::other(full)),
    };
    assert!(tables::TableError::from(wrapped).is_storage_full());
    let other = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    assert!(!tables::TableError::from(other).is_storage_full());
}
