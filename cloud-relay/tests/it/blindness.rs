//! The relay is blind: nothing a visitor and a school say to one another is readable on any of its sockets, its disk or its metrics.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::tap::Tap;
use crate::support::visitor::{line, visit};
use crate::support::{House, soon};

const SECRET: &[u8] = b"Mia hat morgen Geburtstag; Passwort: rote-Gummistiefel-77";

fn contains(bytes: &[u8], secret: &[u8]) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_plaintext_passes_any_socket_of_the_relay() {
    // The edge is told the tap's address instead of the link listener's.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let tapped = listener.local_addr().expect("bound").to_string();
    let house = House::with(|config| config.public.link = Some(tapped)).await;
    let school_side = Tap::on(listener, house.addresses().link);
    let visitor_side = Tap::before(house.front()).await;
    let enrol_side = Tap::before(house.addresses().enrol).await;

    let token = house.token("kgs").await;
    let edge = crate::support::edge::Edge::enrol(enrol_side.address, &token)
        .await
        .expect("enrolled");
    let _school = edge.link(1).await.expect("a link").serve(2).await;
    let mut visitor = soon(
        "the visitor",
        visit(visitor_side.address, "kgs.relay.localhost"),
    )
    .await
    .expect("served");
    assert_eq!(line(&mut visitor).await, "this is kgs");
    for _ in 0..2_000 {
        visitor.write_all(SECRET).await.expect("sent");
    }
    visitor.flush().await.expect("sent");
    let mut echo = vec![0; 2_000 * SECRET.len()];
    soon("the echo", visitor.read_exact(&mut echo))
        .await
        .expect("the school heard it");
    assert!(contains(&echo, SECRET));

    let (outside, inside, enrolling) = (
        visitor_side.captured(),
        school_side.captured(),
        enrol_side.captured(),
    );
    assert!(
        outside.len() > echo.len() && inside.len() > echo.len(),
        "the taps saw the stream"
    );
    let own = visitor
        .get_ref()
        .0
        .local_addr()
        .expect("connected")
        .port()
        .to_be_bytes();
    for (place, bytes) in [
        ("visitor", &outside),
        ("school", &inside),
        ("enrolment", &enrolling),
    ] {
        for secret in [
            SECRET,
            &SECRET[..16],
            b"this is kgs",
            token.to_string().as_bytes(),
        ] {
            assert!(!contains(bytes, secret), "plaintext on the {place} side");
        }
    }
    // The visitor's address travels only sealed; what is in clear is their own ClientHello with the name.
    let header = [&[127, 0, 0, 1, 127, 0, 0, 1][..], &own].concat();
    assert!(!contains(&inside, &header) && !contains(&inside, b"\r\n\r\n\0\r\nQUIT\n"));
    assert!(!contains(house.relay.metrics().as_bytes(), b"127.0.0"));
    for file in std::fs::read_dir(&house.config.data).expect("there") {
        let bytes = std::fs::read(file.expect("readable").path()).expect("readable");
        assert!(!contains(&bytes, &SECRET[..16]) && !contains(&bytes, b"127.0.0.1:"));
    }
}
