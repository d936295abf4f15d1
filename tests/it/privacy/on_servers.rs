//! The same for a school whose log and keys are in databases and whose files are in an object store: after an erasure the planted words
//! are nowhere, a backup from before gives nothing back, and what others said and have reads on.

use super::planted::check_certificate;
use super::scene::{PLANTED, exported, forget, found_in, planted_as, replayed, rows, verifies};
use age::x25519::Identity;
use e2e::process::console;
use edge::backup::{Scope, Target, pack, restore_to, unpack};
use edge::config::{Blobs, Database};
use edge::objects::S3;
use edge::{Config, House, Places};
use edge_kernel::Clock;
use edge_kernel::ledger::verify_log;
use events::privacy::Depth;
use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A cluster, and an object store with a bucket of this test's own.
struct Servers {
    cluster: String,
    name: String,
    s3: S3,
}

impl Servers {
    async fn here() -> Option<Self> {
        let (Ok(cluster), Ok(objects)) = (
            std::env::var("SCHULHOF_POSTGRES"),
            std::env::var("SCHULHOF_S3"),
        ) else {
            eprintln!(
                "SKIPPED: SCHULHOF_POSTGRES and SCHULHOF_S3 name no servers; `cargo xtask test` starts them"
            );
            return None;
        };
        let name = format!("schulhof_{}", uuid::Uuid::new_v4().simple());
        let bucket = name.replace('_', "-");
        let address = objects.trim_start_matches("http://").to_owned();
        let mut line = TcpStream::connect(&address).await.expect("it listens");
        let ask = format!(
            "PUT /{bucket} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        line.write_all(ask.as_bytes()).await.expect("is sent");
        let mut answer = String::new();
        line.read_to_string(&mut answer).await.expect("answers");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let s3 = S3 {
            endpoint: Some(objects),
            region: Some("us-east-1".into()),
            access_key_id: Some("school".into()),
            secret_access_key: Some("secret".into()),
        };
        Some(Self { cluster, name, s3 })
    }

    fn store(&self, prefix: &str) -> Arc<dyn ObjectStore> {
        self.s3.open(&self.place(prefix)).expect("is a place")
    }

    fn place(&self, prefix: &str) -> String {
        format!("s3://{}/{prefix}", self.name.replace('_', "-"))
    }

    async fn run(&self, sql: &str) {
        let mut db = PgConnection::connect(&self.cluster)
            .await
            .expect("is there");
        let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut db).await;
        done.expect("is done");
    }

    /// Databases for a log and for keys, and a place for files.
    async fn config(&self, what: &str) -> Config {
        let (base, _) = self.cluster.rsplit_once('/').expect("it names a database");
        let name = format!("{}_{what}", self.name);
        for database in [name.clone(), format!("{name}_keys")] {
            self.run(&format!("CREATE DATABASE {database}")).await;
        }
        Config {
            database: Database {
                url: Some(format!("{base}/{name}")),
                keyring_url: Some(format!("{base}/{name}_keys")),
            },
            blobs: Blobs {
                url: Some(self.place(&format!("{what}/files"))),
            },
            s3: self.s3.clone(),
            ..Config::default()
        }
    }

    /// The same as an operator writes it.
    fn toml(&self, config: &Config) -> String {
        let S3 {
            endpoint,
            region,
            access_key_id,
            secret_access_key,
        } = &self.s3;
        format!(
            "[database]\nurl = {:?}\nkeyring_url = {:?}\n[blobs]\nurl = {:?}\n[s3]\nendpoint = {:?}\nregion = {:?}\naccess_key_id = {:?}\nsecret_access_key = {:?}\n",
            config.database.url.as_deref().unwrap_or_default(),
            config.database.keyring_url.as_deref().unwrap_or_default(),
            config.blobs.url.as_deref().unwrap_or_default(),
            endpoint.as_deref().unwrap_or_default(),
            region.as_deref().unwrap_or_default(),
            access_key_id.as_deref().unwrap_or_default(),
            secret_access_key.as_deref().unwrap_or_default(),
        )
    }

    async fn drop_databases(&self, whats: &[&str]) {
        for what in whats {
            for end in ["", "_keys"] {
                let name = format!("{}_{what}{end}", self.name);
                self.run(&format!("DROP DATABASE {name} WITH (FORCE)"))
                    .await;
            }
        }
    }

    /// Where the cluster's files are.
    async fn files(&self) -> String {
        let mut db = PgConnection::connect(&self.cluster)
            .await
            .expect("is there");
        let place = sqlx::query_scalar("SHOW data_directory");
        place.fetch_one(&mut db).await.expect("says it")
    }
}

/// Objects, and the planted words that any of them holds.
async fn objects(store: &Arc<dyn ObjectStore>) -> (usize, Vec<String>) {
    let listed: Vec<_> = store.list(None).try_collect().await.expect("lists");
    let mut found = Vec::new();
    for object in &listed {
        let got = store.get(&object.location).await.expect("is there");
        let bytes = got.bytes().await.expect("reads").to_ascii_lowercase();
        for word in PLANTED.map(str::to_ascii_lowercase) {
            let holds = |window: &[u8]| window == word.as_bytes();
            if bytes.windows(word.len()).any(holds) {
                found.push(format!("{word} in {}", object.location));
            }
        }
    }
    (listed.len(), found)
}

async fn open(data: &Path, places: &Places) -> House {
    let opened = House::open_at(data, places, Clock::System, &|_, _, _| {}).await;
    opened.unwrap_or_else(|error| panic!("the house does not open: {error:?}"))
}

async fn push(house: &House, target: &Target, scope: Scope) {
    let pushed = house
        .backup
        .push(&house.kernel, target, scope, &|_, _, _| {})
        .await;
    pushed.unwrap_or_else(|error| panic!("the backup is not brought: {error:?}"));
}

/// What tilda said and has is there, and nothing of what was planted.
async fn reads_on(house: &House) {
    assert_eq!(replayed(house).await, Vec::<String>::new());
    let messages = rows(house, "messages").await.to_string();
    assert!(messages.contains("Danke, sehr schoen"), "{messages}");
    let named = house.files.named_blobs().await.expect("reads");
    let mut there = 0;
    for blob in named {
        there += usize::from(
            house
                .kernel
                .blobs
                .length(blob)
                .await
                .expect("asks")
                .is_some(),
        );
    }
    assert_eq!(there, 1, "the file that tilda has");
    verifies(house).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_person_is_found_on_no_server_and_a_backup_from_before_gives_nothing_back() {
    let Some(servers) = Servers::here().await else {
        return;
    };
    servers.run("ALTER SYSTEM SET wal_recycle = off").await;
    servers.run("SELECT pg_reload_conf()").await;
    let config = servers.config("school").await;
    let places = config.places().expect("are places");
    let toml = servers.toml(&config);
    let mut school = planted_as(config).await;
    std::fs::write(school.data().join("schulhof.toml"), toml).expect("ours");
    let (paul, second) = (school.person("paul").person, school.person("zweite").person);
    school.stop().await;
    let house = open(school.data(), &places).await;
    assert!(replayed(&house).await.len() >= PLANTED.len() - 1);
    assert!(!school.data().join("log.db").exists() && !school.data().join("keys/keyring").exists());
    let (files, _) = objects(&servers.store("school/files")).await;

    // One backup of yesterday that nobody touches any more, and one that goes on.
    let yesterday = Target::in_store(servers.store("yesterday"));
    let continuous = house.backup.target(&servers.place("backup"));
    let continuous = continuous.expect("is a place");
    push(&house, &yesterday, Scope::All).await;
    push(&house, &continuous, Scope::All).await;
    push(&house, &continuous, Scope::All).await;
    let batch = forget(&house, paul, second, Depth::Ciphertext).await;
    push(&house, &continuous, Scope::Tail).await;

    assert_eq!(found_in(school.data()), Vec::<String>::new());
    let cluster = servers.files().await;
    if std::fs::read_dir(&cluster).is_ok() {
        assert_eq!(found_in(Path::new(&cluster)), Vec::<String>::new());
    } else {
        eprintln!("SKIPPED: the files of the cluster cannot be read from here");
    }
    let (left, found) = objects(&servers.store("")).await;
    assert!(left > 0 && found.is_empty(), "{found:?}");
    let (now, _) = objects(&servers.store("school/files")).await;
    assert_eq!(now, files - 2, "two files of theirs are gone");
    reads_on(&house).await;
    check_certificate(&house, batch).await;

    // Yesterday's backup with today's keys: on other servers, and in files.
    let identity = Identity::generate();
    let recipient = identity.to_public().to_string();
    let sealed = pack(house.kernel.ledger.keyring(), &recipient).expect("seals");
    let secret = age::secrecy::ExposeSecret::expose_secret(&identity.to_string()).to_owned();
    let keys = unpack(&sealed.1, &secret).expect("opens");
    let key = house.kernel.ledger.verifier_key();
    house.close().await;
    let beside = tempfile::tempdir().expect("a directory of our own");
    let out = beside.path().join("export");
    let independent = exported(school.data(), &out, Some(key)).await;
    assert!(independent.ok, "{:?}", independent.problems);
    assert_eq!(found_in(&out), Vec::<String>::new());
    let report = verify_log(school.data(), places.server.as_ref(), &|_, _| {}).await;
    assert_eq!(report.expect("verifies").problems, []);
    let restored = servers.config("restored").await;
    let file = |name: &str| beside.path().join(name).to_string_lossy().into_owned();
    std::fs::write(file("other.toml"), servers.toml(&restored)).expect("ours");
    std::fs::write(file("keys.age"), &sealed.1).expect("ours");
    std::fs::write(file("identity"), format!("{secret}\n")).expect("ours");
    let (from, on_servers) = (servers.place("yesterday"), beside.path().join("on-servers"));
    let arguments = [
        "restore",
        "--from",
        &from,
        "--keys",
        &file("keys.age"),
        "--identity",
        &file("identity"),
        "--config",
        &file("other.toml"),
    ];
    // The place of the backup is reached in the way that the same configuration says.
    console(&on_servers, arguments).await.ok();
    let in_files = beside.path().join("in-files");
    let nowhere = Places::default();
    let told = restore_to(&yesterday, &keys, &in_files, &nowhere, &|_, _, _| {}).await;
    let told = told.unwrap_or_else(|error| panic!("is not restored: {error:?}"));
    assert_eq!(told.files, 1, "the one that somebody can open");
    let elsewhere = restored.places().expect("are places");
    for (data, places) in [(on_servers, elsewhere), (in_files, nowhere)] {
        assert_eq!(data.join("keys/keyring").exists(), places.server.is_none());
        assert_eq!(data.join("schulhof.toml").exists(), places.server.is_some());
        let house = open(&data, &places).await;
        reads_on(&house).await;
        house.close().await;
        assert_eq!(found_in(&data), Vec::<String>::new());
    }
    let (_, found) = objects(&servers.store("")).await;
    assert_eq!(found, Vec::<String>::new());

    // And the school opens again, and whoever stays reads what they had.
    school.start().await;
    let space = school.space("5a");
    let listed = school
        .api("tilda")
        .rows("files/files", &format!("scope=space:{space}&prefix=top/"))
        .await;
    let own = listed
        .iter()
        .find(|found| found["row"]["name"] == "Arbeitsblatt.txt")
        .expect("is listed");
    let node = own["row"]["node"].as_str().expect("an id");
    let content = school
        .api("tilda")
        .get(&format!("/api/files/spaces/{space}/nodes/{node}/content"))
        .await;
    assert_eq!(content.body, b"Aufgabe 1");
    school.stop().await;
    servers.drop_databases(&["school", "restored"]).await;
}
