//! The question and the answer of enrolment, and who can forge neither.

use relay_wire::enrol::{Answer, Grant, Refusal, Request};
use relay_wire::{Hex, HostName, SchoolId, Token, public_key_der, public_key_from_der};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};

fn key_pair() -> Ed25519KeyPair {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("randomness");
    Ed25519KeyPair::from_pkcs8(document.as_ref()).expect("a fresh key")
}

fn question(token: &Token, exporter: &[u8; 32]) -> Request {
    let pair = key_pair();
    let key = Hex(pair.public_key().as_ref().try_into().expect("32 bytes"));
    Request::new(&token.hashes(), exporter, key, |bytes| {
        Hex(pair.sign(bytes).as_ref().try_into().expect("64 bytes"))
    })
}

fn grant() -> Grant {
    Grant {
        school: SchoolId::parse("kgs").expect("an id"),
        epoch: 1,
        names: vec![HostName::parse("kgs.relay.localhost").expect("a name")],
        links: vec!["127.0.0.1:8444".into()],
        port: 8443,
        authority: "-----BEGIN CERTIFICATE-----".into(),
        nats: None,
    }
}

#[test]
fn whoever_knows_the_token_is_believed_on_this_connection_only() {
    let token = Token::new([3; 16]);
    let request = question(&token, &[1; 32]);
    assert!(request.is_proven(&token.hashes().proof, &[1; 32]));
    assert!(
        !request.is_proven(&token.hashes().proof, &[2; 32]),
        "a proof must not travel to another connection"
    );
    assert!(!request.is_proven(&Token::new([4; 16]).hashes().proof, &[1; 32]));
}

#[test]
fn nobody_can_enrol_a_key_that_is_not_theirs() {
    let token = Token::new([3; 16]);
    let mut request = question(&token, &[1; 32]);
    request.signature = question(&token, &[1; 32]).signature;
    assert!(!request.is_proven(&token.hashes().proof, &[1; 32]));
}

#[test]
fn an_answer_counts_only_from_a_relay_that_knows_the_token() {
    let proof = Token::new([3; 16]).hashes().proof;
    let answer = Answer::accept(&grant(), &proof, &[1; 32]).expect("JSON");
    assert_eq!(answer.granted(&proof, &[1; 32]), Ok(grant()));
    assert_eq!(answer.granted(&proof, &[2; 32]), Err(Refusal::Malformed));
    assert_eq!(
        answer.granted(&Hex([0; 32]), &[1; 32]),
        Err(Refusal::Malformed)
    );
    assert_eq!(
        Answer::Refused {
            reason: Refusal::Used
        }
        .granted(&proof, &[1; 32]),
        Err(Refusal::Used)
    );
}

#[test]
fn a_public_key_keeps_its_bytes_in_der() {
    let der = public_key_der(&Hex([5; 32]));
    assert_eq!(public_key_from_der(&der), Some(Hex([5; 32])));
    assert_eq!(public_key_from_der(&der[1..]), None);
}
