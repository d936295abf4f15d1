//! The line between the two machines: who may speak on it, and what a cut costs.

use super::scene::{Elsewhere, never, options, receive, send, verifies};
use crate::privacy::scene::{house, planted};
use edge::moving::{Code, CodeError, Options, Receiving};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[tokio::test(flavor = "multi_thread")]
async fn another_code_reaches_nothing_and_an_expired_one_says_so() {
    let mut school = planted().await;
    school.stop().await;
    let (here, there) = (Elsewhere::new(), Elsewhere::new());
    let mut one = Receiving::open(&here.data(), options(never()))
        .await
        .expect("listens");
    let other = Receiving::open(&there.data(), options(never()))
        .await
        .expect("listens");
    // The other's secret at this one's address, its check letters made to fit by the machine that has that address.
    let mut wrong = other.code();
    wrong.address = one.code().address;
    assert_ne!(wrong, one.code());
    let refused = tokio::select! {
        refused = send(school.data(), &wrong, never()) => refused.expect_err("is another's"),
        _ = one.arrive(&|_, _, _| {}) => panic!("something arrives"),
    };
    assert!(
        format!("{refused:#}").contains("is not the machine that has printed this code"),
        "{refused:#}"
    );
    let mistyped = one.code().to_string().replace('/', "/0");
    assert_eq!(mistyped.parse::<Code>(), Err(CodeError::Mistyped));

    let late = Elsewhere::new();
    let expired = Options {
        minutes: 0,
        ..options(never())
    };
    let mut late = Receiving::open(&late.data(), expired)
        .await
        .expect("listens");
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    let code = late.code();
    let refused = tokio::select! {
        refused = send(school.data(), &code, never()) => refused.expect_err("has expired"),
        _ = late.arrive(&|_, _, _| {}) => panic!("something arrives"),
    };
    assert!(
        format!("{refused:#}").contains("has expired"),
        "{refused:#}"
    );
    // The school is where it was.
    house(school.data()).await.close().await;
}

/// Passes on what comes, and cuts the line once so many bytes have gone to the new machine; counts them all.
async fn cutting(to: SocketAddr, after: Arc<AtomicU64>, counted: Arc<AtomicU64>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let address = listener.local_addr().expect("is bound");
    tokio::spawn(async move {
        while let Ok((visitor, _)) = listener.accept().await {
            let (after, counted) = (Arc::clone(&after), Arc::clone(&counted));
            tokio::spawn(async move {
                let Ok(server) = TcpStream::connect(to).await else {
                    return;
                };
                let (mut from_old, mut to_old) = visitor.into_split();
                let (mut from_new, mut to_new) = server.into_split();
                let back =
                    tokio::spawn(async move { tokio::io::copy(&mut from_new, &mut to_old).await });
                let mut buffer = vec![0; 16 << 10];
                while let Ok(read @ 1..) = from_old.read(&mut buffer).await {
                    let before = counted.fetch_add(read as u64, Ordering::SeqCst);
                    if before > after.load(Ordering::SeqCst)
                        || to_new.write_all(&buffer[..read]).await.is_err()
                    {
                        break;
                    }
                }
                back.abort();
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_line_resumes_where_it_was_and_sends_no_file_twice() {
    const FILE: usize = 3 << 20;
    let mut school = planted().await;
    let space = school.space("5a");
    for number in 0_u8..4 {
        let name = format!("Film {number}.mp4");
        let bytes: Vec<u8> = (0..FILE).map(|at| (at % 251) as u8 ^ number).collect();
        school.api("tilda").upload(space, &name, &bytes).await.ok();
    }
    school.stop().await;
    let elsewhere = Elsewhere::new();
    let to = elsewhere.data();
    // The proxy's address stands in the code, as that of a forwarded port would.
    let port = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let listen = port.local_addr().expect("is bound");
    drop(port);
    let (after, counted) = (
        Arc::new(AtomicU64::new(2 * FILE as u64 + FILE as u64 / 2)),
        Arc::new(AtomicU64::new(0)),
    );
    let proxy = cutting(listen, Arc::clone(&after), Arc::clone(&counted)).await;
    let through = Options {
        listen,
        address: Some(proxy.to_string()),
        ..options(never())
    };
    let mut receiving = Receiving::open(&to, through).await.expect("listens");
    let code = receiving.code();
    let refused = tokio::select! {
        refused = send(school.data(), &code, never()) => refused.expect_err("the line is cut"),
        _ = receiving.arrive(&|_, _, _| {}) => panic!("it has arrived"),
    };
    assert!(format!("{refused:#}").contains("connection"), "{refused:#}");
    let first = counted.load(Ordering::SeqCst);
    after.store(u64::MAX, Ordering::SeqCst);
    let moved = tokio::try_join!(receive(receiving, &to), send(school.data(), &code, never()));
    moved.expect("has moved");
    let second = counted.load(Ordering::SeqCst) - first;
    // Two of the four were there, and the third was cut off.
    assert!(
        second < 3 * FILE as u64,
        "{second} bytes were sent the second time"
    );
    verifies(&to).await;
}
