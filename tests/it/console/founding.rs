//! The first hour of a school: founded at the console or by the one-time link, once and whole, and served by one server.

use crate::support::{Directory, init};
use e2e::api::Api;
use e2e::plan::{FOUNDER, FOUNDER_PASSWORD};
use e2e::process::{Process, console, printed};
use reqwest::Method;

#[tokio::test(flavor = "multi_thread")]
async fn a_school_is_founded_once_and_serves_one_server() {
    let directory = Directory::new();
    init(&directory.data, directory.root()).await;
    let password = directory.beside("password");
    let password = password.to_str().expect("a path in UTF-8");
    let arguments = [
        "init",
        "--school",
        "Noch eine",
        "--admin",
        "zweite",
        "--password-file",
        password,
    ];
    let again = console(&directory.data, arguments).await;
    assert!(
        !again.success && !again.err.contains("panicked"),
        "a school is founded once: {}",
        again.err
    );
    let server = Process::serve(&directory.data, &directory.log)
        .await
        .expect("it starts");
    let second = Process::serve(&directory.data, &directory.beside("second.log")).await;
    assert!(second.is_err(), "two servers write to one log");
    let log = std::fs::read_to_string(directory.beside("second.log")).expect("it has said why");
    assert!(
        !log.contains("panicked") && log.contains(&directory.data.display().to_string()),
        "{log}"
    );
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |name: &str| {
        std::fs::metadata(directory.data.join(name))
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(
        mode("console.sock"),
        0o600,
        "only the owner speaks at the console"
    );
    assert_eq!(mode(""), 0o700, "nobody else looks into the data directory");
    Api::new(server.address())
        .sign_in(FOUNDER, FOUNDER_PASSWORD)
        .await
        .ok();
    server.stop().await.expect("it stops");
    let weak = directory.beside("weak");
    std::fs::write(&weak, "123\n").expect("the directory is ours");
    let arguments = [
        "init",
        "--school",
        "S",
        "--admin",
        "amt",
        "--password-file",
        weak.to_str().expect("UTF-8"),
    ];
    let other = directory.beside("other");
    let refused = console(&other, arguments).await;
    assert!(
        !refused.success && !refused.err.contains("123"),
        "{}",
        refused.err
    );
    // A refused founding leaves nothing behind that stands in the way of the next one.
    init(&other, directory.root()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_prints_a_link_that_founds_the_school_once() {
    let directory = Directory::new();
    let log = [("SCHULHOF_LOG", "warn")];
    let server = Process::serve_with(&directory.data, &directory.log, &log).await;
    let server = server.expect("a level of logging is no setting");
    let visitor = Api::new(server.address());
    let login = visitor.get("/login").await;
    assert_eq!(login.status, 200, "the doors stand open meanwhile");
    let link = server.printed("/setup?token=").await;
    let link = link.expect("the link is printed");
    let path = link.split_once(&server.address().to_string());
    let path = path.expect("the link leads to this server").1.to_owned();
    assert_eq!(visitor.get("/setup?token=00").await.status, 404);
    let page = visitor.get(&path).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let token = path.split_once('=').expect("it has a token").1;
    let form = |token: &str, password: &str| {
        let fields = [
            ("token", token),
            ("school", "Schule am Test"),
            ("given", "Anke"),
            ("family", "Amtmann"),
            ("login", FOUNDER),
            ("password", password),
        ];
        Api::new(server.address())
            .request(Method::POST, "/setup")
            .form(&fields)
    };
    let guessed = visitor.send(form(&"0".repeat(40), FOUNDER_PASSWORD)).await;
    assert!(guessed.status >= 400, "{}", guessed.status);
    let weak = visitor.send(form(token, "123")).await;
    assert_eq!(weak.status, 422, "{}", weak.text());
    assert!(
        !weak.text().contains("123\""),
        "the page does not repeat the password"
    );
    let founded = visitor.send(form(token, FOUNDER_PASSWORD)).await;
    assert_eq!((founded.status, founded.header("location")), (303, "/app"));
    assert!(founded.header("set-cookie").starts_with("schulhof"));
    let again = visitor.send(form(token, "Birke-77-Fenster")).await;
    assert!(again.status >= 400, "the link works once");
    assert_eq!(visitor.get(&path).await.status, 404);
    visitor.sign_in(FOUNDER, FOUNDER_PASSWORD).await.ok();
    assert!(!server.log().contains(token), "the log holds the link");
    server.stop().await.expect("it stops");
    let server = Process::serve(&directory.data, &directory.log).await;
    let server = server.expect("it starts again");
    server.stop().await.expect("it stops");
    let said = printed(&directory.log);
    assert!(
        said.contains("http://") && !said.contains("/setup"),
        "a founded school prints no link: {said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_whose_log_is_gone_is_not_founded_anew() {
    let directory = Directory::new();
    init(&directory.data, directory.root()).await;
    let log = directory.data.join("log.db");
    std::fs::remove_file(&log).expect("the log is there");
    let keys = std::fs::read(directory.data.join("keys/keyring")).expect("the keys are there");
    let password = directory.beside("password");
    let password = password.to_str().expect("a path in UTF-8");
    for emptied in [false, true] {
        if emptied {
            std::fs::write(&log, "").expect("the directory is ours");
        }
        let started = Process::serve(&directory.data, &directory.log).await;
        assert!(
            started.is_err(),
            "the server founds a school over another one's keys"
        );
        let said = std::fs::read_to_string(&directory.log).expect("it has said why");
        assert!(
            said.contains("log.db is missing or empty") && said.contains("estore log.db"),
            "{said}"
        );
        assert!(!printed(&directory.log).contains("/setup"));
        let founding = [
            "init",
            "--school",
            "S",
            "--admin",
            "amt",
            "--password-file",
            password,
        ];
        for arguments in [
            &founding[..],
            &["audit", "verify"],
            &["audit", "replay", "--view", "people"],
            &["people", "undo", "00000000-0000-0000-0000-000000000001"],
        ] {
            let refused = console(&directory.data, arguments).await;
            assert!(
                !refused.success && refused.err.contains("is missing or empty"),
                "{arguments:?}: {}{}",
                refused.out,
                refused.err
            );
        }
        let now = std::fs::read(directory.data.join("keys/keyring")).expect("the keys are there");
        assert!(now == keys, "the keys were touched");
        let size = log.metadata().map(|found| found.len()).unwrap_or_default();
        assert_eq!(size, 0, "something was founded");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_that_was_killed_at_any_moment_goes_on() {
    let directory = Directory::new();
    for step in 0..8 {
        let starting = Process::spawn(&directory.data, &directory.log, &[]).expect("it is started");
        tokio::time::sleep(std::time::Duration::from_millis(4 * step)).await;
        starting.kill().await;
    }
    init(&directory.data, directory.root()).await;
}
