//! How fast verification is, beside one SHA-256 over the same bytes. It judges nothing: figures go into a table by hand.

use crate::writer::{Event, events, export};
use schulhof_verify::{Options, verify};
use sha2::{Digest, Sha256};
use std::hint::black_box;
use std::time::Instant;

#[test]
#[ignore = "long: prints figures; run it optimised with `cargo test --release -p schulhof-verify speed -- --ignored --nocapture`"]
fn speed_beside_a_plain_hash() {
    let directory = tempfile::tempdir().expect("a directory");
    let count = 786_432;
    let events: Vec<Event> = events(count, 20_000).collect();
    export(directory.path(), &events, &[], r#"{"erasures":[]}"#);
    let mut plain = Vec::new();
    for event in &events {
        plain.extend(event.entry.as_ref().expect("is whole"));
        plain.extend(event.body.as_ref().expect("is whole"));
    }
    drop(events);
    let bytes = plain.len() as f64;
    println!("{count} events, {:.0} bytes each", bytes / count as f64);
    let segments = std::fs::read_dir(directory.path().join("segments"))
        .expect("reads")
        .flatten();
    let stored: u64 = segments
        .map(|entry| entry.metadata().expect("is there").len())
        .sum();
    println!(
        "stored in segments: {:.0} bytes each",
        stored as f64 / count as f64
    );
    for _ in 0..3 {
        let began = Instant::now();
        black_box(Sha256::digest(&plain));
        let floor = began.elapsed().as_secs_f64();
        println!(
            "SHA-256 of the plain bytes: {:.0} MB/s",
            bytes / floor / 1e6
        );
        for threads in [1, 2] {
            let options = Options {
                threads,
                ..Options::default()
            };
            let began = Instant::now();
            assert!(verify(directory.path(), &options, &|_, _| {}).ok);
            let took = began.elapsed().as_secs_f64();
            println!(
                "{threads} threads: {:.2} M events/s, {:.0} MB/s, {:.2} of the plain hash",
                count as f64 / took / 1e6,
                bytes / took / 1e6,
                floor / took
            );
        }
    }
}
