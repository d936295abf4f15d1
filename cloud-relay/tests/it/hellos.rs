//! ClientHellos, good and bad, whole and in pieces: as bytes, and over sockets.

use std::time::{Duration, Instant};

use cloud_relay::hello::{Alert, Hello, LONGEST, Progress};
use proptest::prelude::*;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::hello::{good, message, records, server_name};
use crate::support::visitor::{DECODE_ERROR, NOTHING, UNRECOGNIZED_NAME, greeting, rest, send};
use crate::support::{House, name};

const NAME: &[u8] = b"kgs.relay.localhost";

fn read(bytes: &[u8], segment: usize) -> Progress {
    let mut hello = Hello::default();
    for piece in bytes.chunks(segment.max(1)) {
        match hello.push(piece) {
            Progress::More => {}
            done => return done,
        }
    }
    Progress::More
}

fn named(extensions: &[(u16, Vec<u8>)]) -> Progress {
    read(&records(&message(extensions), 16_000), usize::MAX)
}

#[test]
fn a_hello_is_read_however_it_is_cut() {
    // A post-quantum key share makes a hello longer than a segment.
    let message = message(&[(51, vec![9; 1_300]), server_name(&[NAME])]);
    for record in [1, 3, 100, 16_000] {
        let bytes = records(&message, record);
        for segment in [1, 5, 6, 511, usize::MAX] {
            assert_eq!(
                read(&bytes, segment),
                Progress::Name(name("kgs")),
                "records of {record}, segments of {segment}"
            );
        }
    }
}

#[test]
fn an_unclear_name_is_no_name() {
    let unclear: &[&[(u16, Vec<u8>)]] = &[
        &[],
        &[(51, vec![])],
        &[server_name(&[])],
        &[server_name(&[NAME, b"bgy.relay.localhost"])],
        &[server_name(&[NAME]), server_name(&[b"bgy.relay.localhost"])],
        &[server_name(&[NAME]), server_name(&[NAME])],
        &[(0, vec![])],
        &[(0, vec![0, 4, 1, 0, 1, b'a'])],
        &[(0, vec![0, 5, 0, 0, 1, b'a'])],
        &[(0, vec![0, 4, 0, 0, 1, b'a', 0])],
    ];
    for extensions in unclear {
        assert_eq!(
            named(extensions),
            Progress::Refused(Alert::UnrecognizedName),
            "{extensions:?}"
        );
    }
    let long = "a.".repeat(150) + "org";
    for bad in [
        b"127.0.0.1".as_slice(),
        b"::1",
        b"a\0b.org",
        b"",
        b".",
        b"a..b",
        "b\u{fc}cher.de".as_bytes(),
        b"\xff",
        long.as_bytes(),
    ] {
        assert_eq!(
            named(&[server_name(&[bad])]),
            Progress::Refused(Alert::UnrecognizedName),
            "{bad:?}"
        );
    }
}

#[test]
fn what_is_no_client_hello_is_refused_at_its_first_wrong_byte() {
    let whole = good("kgs.relay.localhost");
    let mut server_hello = whole.clone();
    server_hello[5] = 2;
    let mut two_in_one = message(&[server_name(&[NAME])]);
    two_in_one.push(1);
    let mut torn = message(&[server_name(&[NAME])]);
    let last = torn.len() - 1;
    torn[3] -= 1;
    torn.truncate(last);
    for bad in [
        b"GET / HTTP/1.1\r\n".to_vec(),
        b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n".to_vec(),
        b"\r\n\r\n\0\r\nQUIT\n".to_vec(),
        vec![22, 2],
        vec![22, 3, 1, 0, 0],
        vec![22, 3, 1, 0x40, 0],
        [&[22, 3, 1, 0, 5, 1, 0, 0x50, 0, 3][..]].concat(),
        server_hello,
        records(&two_in_one, 16_000),
        records(&torn, 16_000),
    ] {
        assert_eq!(
            read(&bad, usize::MAX),
            Progress::Refused(Alert::DecodeError),
            "{bad:?}"
        );
    }
}

#[test]
fn grease_and_unknown_extensions_do_no_harm() {
    let grease = [
        (0x0a0a, vec![]),
        (0xfe0d, vec![1; 200]),
        server_name(&[NAME]),
        (0x7a7a, vec![0]),
    ];
    assert_eq!(named(&grease), Progress::Name(name("kgs")));
}

#[test]
fn no_hello_is_longer_than_the_bound() {
    let message = message(&[(51, vec![9; LONGEST - 200]), server_name(&[NAME])]);
    assert_eq!(
        read(&records(&message, 16_000), 1_000),
        Progress::Name(name("kgs"))
    );
    let big = crate::support::hello::message(&[(51, vec![9; LONGEST]), server_name(&[NAME])]);
    assert_eq!(
        read(&records(&big, 16_000), 1_000),
        Progress::Refused(Alert::DecodeError)
    );
    assert_eq!(
        read(&records(&message, 1), 1_000),
        Progress::Refused(Alert::DecodeError),
        "record headers count too"
    );
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic_and_the_cut_does_not_matter(
        bytes in prop_oneof![proptest::collection::vec(any::<u8>(), 0..400), mutated()],
        segment in 1_usize..64,
    ) {
        prop_assert_eq!(read(&bytes, segment), read(&bytes, usize::MAX));
    }
}

fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let whole = records(&message(&[(51, vec![9; 40]), server_name(&[NAME])]), 60);
    let length = whole.len();
    proptest::collection::vec((0..length, any::<u8>()), 0..4).prop_map(move |changes| {
        let mut bytes = whole.clone();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        bytes
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_hellos_get_their_alert_over_the_wire() {
    let house = House::start().await;
    let _school = house.serving("kgs").await;
    assert_eq!(
        send(house.front(), b"GET / HTTP/1.1\r\n\r\n").await,
        DECODE_ERROR
    );
    assert_eq!(
        send(house.front(), &records(&message(&[]), 16_000)).await,
        UNRECOGNIZED_NAME
    );
    assert_eq!(
        send(house.front(), &records(&vec![1; 40_000], 16_000)).await,
        DECODE_ERROR
    );
    assert_eq!(house.metric("refused_total{reason=\"no_name\"}"), 1);
    assert_eq!(
        greeting(house.front(), "kgs.relay.localhost").await,
        "this is kgs"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_hello_is_cut_by_the_clock_on_the_wall() {
    let house = House::start().await;
    let _school = house.serving("kgs").await;
    let mut visitor = TcpStream::connect(house.front()).await.expect("listening");
    let began = Instant::now();
    for byte in good("kgs.relay.localhost") {
        // Never idle for long: a deadline per read would let this go on.
        if visitor.write_all(&[byte]).await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        if began.elapsed() > Duration::from_millis(1_500) {
            break;
        }
    }
    assert_eq!(rest(&mut visitor).await, NOTHING, "cut without a word");
    assert_eq!(house.metric("refused_total{reason=\"slow_hello\"}"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_strangers_on_every_port_keep_nobody_waiting() {
    let house =
        House::with(|config| (config.times.hello, config.times.prove) = (60_000, 60_000)).await;
    let _school = house.serving("kgs").await;
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(TcpStream::connect(house.front()).await.expect("listening"));
        silent.push(
            TcpStream::connect(house.addresses().link)
                .await
                .expect("listening"),
        );
    }
    house
        .until_metric("waiting", |waiting| waiting == 200)
        .await;
    let began = Instant::now();
    assert_eq!(
        greeting(house.front(), "kgs.relay.localhost").await,
        "this is kgs"
    );
    assert_eq!(house.serving("bgy").await.edge.grant.school.as_str(), "bgy");
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "a good visitor and a good edge are served meanwhile"
    );
}
