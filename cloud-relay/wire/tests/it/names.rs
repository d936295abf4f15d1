//! School ids and host names.

use proptest::prelude::*;
use relay_wire::school::SchoolIdError;
use relay_wire::{HostName, SchoolId, nats};

#[test]
fn a_school_id_has_its_small_alphabet() {
    for good in ["kgs", "kgs-2", "00", "a-very-long-name-of-thirty-two-c"] {
        assert_eq!(
            SchoolId::parse(good).map(|id| id.to_string()),
            Ok(good.to_owned())
        );
    }
    assert_eq!(SchoolId::parse("k"), Err(SchoolIdError::Length));
    assert_eq!(SchoolId::parse(&"k".repeat(33)), Err(SchoolIdError::Length));
    for bad in [
        "KGS", "k.g", "k*", "k>", "{{k}}", "k g", "kgß", "-kgs", "kgs-", "xn--kgs", "k\0s",
    ] {
        assert_eq!(
            SchoolId::parse(bad),
            Err(SchoolIdError::Character),
            "{bad:?}"
        );
    }
    assert_eq!(SchoolId::parse("nats"), Err(SchoolIdError::Reserved));
}

#[test]
fn a_host_name_is_normalised_once() {
    let name = HostName::parse("KGS.Relay.LOCALHOST.").map(|name| name.to_string());
    assert_eq!(name, Ok("kgs.relay.localhost".to_owned()));
    assert_eq!(
        HostName::from_authority("kgs.relay.localhost:8443"),
        HostName::parse("kgs.relay.localhost")
    );
    for bad in [
        "",
        ".",
        "..",
        "a..b",
        ".a",
        "a.b..",
        "127.0.0.1",
        "[::1]",
        "1",
        "a b",
        "bücher.de",
        "a\0b",
        "-a.b",
        "a-.b",
        "a/b",
        "a:1",
        &"a.".repeat(127).repeat(2),
    ] {
        assert!(
            HostName::parse(bad).is_err(),
            "{bad:?} must not pass as a host name"
        );
    }
    for bad in ["[::1]:80", "a:b", "a:123456", "a:1:2", "1.2.3.4:80"] {
        assert!(HostName::from_authority(bad).is_err(), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn no_school_id_widens_a_subject(text in "\\PC{0,40}") {
        if let Ok(school) = SchoolId::parse(&text) {
            for subject in [nats::presence(&school), nats::dial(&school), nats::inbox(&school)] {
                let widened = subject.contains(['*', '>', ' ', '{', '}']);
                prop_assert!(!widened);
            }
            prop_assert_eq!(nats::dial(&school).split('.').count(), 4);
        }
    }

    #[test]
    fn a_host_name_read_again_is_the_same(text in "[a-zA-Z0-9._-]{0,80}") {
        if let Ok(name) = HostName::parse(&text) {
            prop_assert_eq!(HostName::parse(name.as_str()), Ok(name));
        }
    }
}
