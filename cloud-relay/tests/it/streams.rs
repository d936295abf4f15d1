//! What flows between a visitor and a school: all of it, in order, both ways, without a buffer growing anywhere.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::edge::header;
use crate::support::visitor::visit;
use crate::support::{House, hello, soon, until};

/// A visitor and a school's end of the same stream, without TLS between them but for the hello.
async fn joined(house: &House) -> (TcpStream, TcpStream, crate::support::edge::Link) {
    let mut link = house.school("kgs").await.link(1).await.expect("a link");
    let (mut school, number) = link.park().await;
    let mut visitor = TcpStream::connect(house.front()).await.expect("listening");
    let bytes = hello::good("kgs.relay.localhost");
    visitor.write_all(&bytes).await.expect("sent");
    soon("the header", header(&mut school, &link.keys, number))
        .await
        .expect("a visitor");
    let mut received = vec![0; bytes.len()];
    soon("the hello", school.read_exact(&mut received))
        .await
        .expect("it follows");
    assert_eq!(received, bytes);
    (visitor, school, link)
}

fn pattern(length: usize, seed: u8) -> Vec<u8> {
    (0..length)
        .map(|at| u8::try_from((at * 31 + at / 251) % 256).expect("below 256") ^ seed)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn megabytes_pass_both_ways_at_once_unchanged_and_mostly_spliced() {
    let house = House::start().await;
    let (visitor, school, _link) = joined(&house).await;
    let (up, down) = (pattern(20 << 20, 0), pattern(24 << 20, 0x5a));
    let ((mut visitor_read, mut visitor_write), (mut school_read, mut school_write)) =
        (visitor.into_split(), school.into_split());
    let sending_up = async {
        visitor_write.write_all(&up).await.expect("taken");
        visitor_write.shutdown().await.expect("ended");
    };
    let sending_down = async {
        school_write.write_all(&down).await.expect("taken");
        school_write.shutdown().await.expect("ended");
    };
    let (mut got_up, mut got_down) = (Vec::new(), Vec::new());
    let all = async {
        let (_, _, first, second) = tokio::join!(
            sending_up,
            sending_down,
            school_read.read_to_end(&mut got_up),
            visitor_read.read_to_end(&mut got_down)
        );
        first.and(second).expect("read to the end");
    };
    soon("both directions", all).await;
    assert!(got_up == up && got_down == down, "bytes arrive unchanged");
    house.until_metric("streams", |streams| streams == 0).await;
    assert!(house.metric("bytes_up_total") >= 20 << 20);
    assert_eq!(house.metric("bytes_down_total"), 24 << 20);
    assert!(
        house.metric("bytes_spliced_total") > 22 << 20,
        "bulk must not pass through the process"
    );
    assert_eq!(house.metric("pipes_borrowed"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_in_one_direction_leaves_the_other_open() {
    let house = House::start().await;
    let (mut visitor, mut school, _link) = joined(&house).await;
    visitor.write_all(b"a question").await.expect("sent");
    visitor.shutdown().await.expect("ended");
    let mut question = Vec::new();
    soon("the question's end", school.read_to_end(&mut question))
        .await
        .expect("read");
    assert_eq!(question, b"a question");
    school
        .write_all(b"an answer after the end of the question")
        .await
        .expect("the other direction is open");
    drop(school);
    let mut answer = Vec::new();
    soon("the answer's end", visitor.read_to_end(&mut answer))
        .await
        .expect("read");
    assert_eq!(answer, b"an answer after the end of the question");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_one_end_a_slow_answer_may_take_longer_than_a_stalled_stream() {
    let house = House::with(|config| config.times.stalled = 300).await;
    let (mut visitor, mut school, _link) = joined(&house).await;
    visitor.shutdown().await.expect("ended");
    for _ in 0..8 {
        school
            .write_all(b".")
            .await
            .expect("the other direction is open");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    drop(school);
    let mut answer = Vec::new();
    soon("the answer's end", visitor.read_to_end(&mut answer))
        .await
        .expect("read");
    assert_eq!(answer, b"........");
}

#[tokio::test(flavor = "multi_thread")]
async fn small_messages_go_back_and_forth_at_once() {
    let house = House::start().await;
    let (mut visitor, mut school, _link) = joined(&house).await;
    for round in 0..500_u32 {
        let (mut sent, mut got) = (&mut visitor, &mut school);
        if round % 2 == 1 {
            std::mem::swap(&mut sent, &mut got);
        }
        sent.write_all(&round.to_be_bytes()).await.expect("sent");
        assert_eq!(
            soon("a message", got.read_u32()).await.expect("read"),
            round
        );
    }
    assert_eq!(
        house.metric("bytes_spliced_total"),
        0,
        "small talk needs no pipe"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_takes_nothing_stops_the_sender_and_is_given_up_in_time() {
    let house = House::with(|config| config.times.stalled = 1_000).await;
    let (visitor, mut school, _link) = joined(&house).await;
    let piece = vec![0; 1 << 20];
    let mut taken = 0_u64;
    let error = soon("back-pressure and the end", async {
        loop {
            match school.write(&piece).await {
                Ok(count) => taken += count as u64,
                Err(error) => break error,
            }
        }
    });
    let error = error.await;
    assert!(
        taken < 64 << 20,
        "{taken} bytes were buffered for a visitor who reads none"
    );
    assert!(
        matches!(
            error.kind(),
            std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe
        ),
        "{error}"
    );
    until("the stream to be counted out", || {
        house.metric("streams") == 0
    })
    .await;
    drop(visitor);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_that_vanishes_ends_the_visitors_stream() {
    let house = House::with(|config| config.times.stalled = 300).await;
    let school = house.serving("kgs").await;
    let mut visitor = visit(house.front(), "kgs.relay.localhost")
        .await
        .expect("served");
    drop(school);
    let mut bytes = Vec::new();
    let _ = soon("the end", visitor.read_to_end(&mut bytes)).await;
    house.until_metric("streams", |streams| streams == 0).await;
}
