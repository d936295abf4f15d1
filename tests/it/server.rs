//! A school whose log lies on a PostgreSQL server, as an operator runs it: named in schulhof.toml, founded, served, verified; and
//! unready, not broken, while the server is away.

use crate::support::{Directory, init};
use e2e::api::Api;
use e2e::plan::{FOUNDER, FOUNDER_PASSWORD};
use e2e::process::{Process, console};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

async fn run(cluster: &str, sql: &str) {
    let mut db = PgConnection::connect(cluster)
        .await
        .expect("the cluster is there");
    for statement in sql.split(';') {
        let done = sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut db)
            .await;
        done.expect("is done");
    }
}

async fn becomes(api: &Api, status: u16) {
    let until = Instant::now() + PATIENCE;
    while api.get("/readyz").await.status != status {
        assert!(Instant::now() < until, "/readyz does not become {status}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_on_a_database_server_is_founded_served_and_verified() {
    let Ok(cluster) = std::env::var("SCHULHOF_POSTGRES") else {
        eprintln!(
            "SKIPPED: SCHULHOF_POSTGRES names no PostgreSQL cluster; `cargo xtask test` starts one"
        );
        return;
    };
    let name = format!("schulhof_{}", uuid::Uuid::new_v4().simple());
    run(&cluster, &format!("CREATE DATABASE {name}")).await;
    let (base, _) = cluster.rsplit_once('/').expect("it names a database");
    let directory = Directory::new();
    std::fs::create_dir(&directory.data).expect("ours");
    let toml = format!("[database]\nurl = \"{base}/{name}\"\n");
    std::fs::write(directory.data.join("schulhof.toml"), toml).expect("ours");
    init(&directory.data, directory.root()).await;
    assert!(
        !directory.data.join("log.db").exists(),
        "the log is on the server"
    );
    let server = Process::serve(&directory.data, &directory.log)
        .await
        .expect("it starts");
    let api = Api::new(server.address());
    api.sign_in(FOUNDER, FOUNDER_PASSWORD).await.ok();
    let verified = console(&directory.data, ["audit", "verify"]).await;
    assert!(
        verified.success && verified.out.contains("events verified"),
        "{}",
        verified.err
    );

    run(
        &cluster,
        &format!(
            "ALTER DATABASE {name} ALLOW_CONNECTIONS false;
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ),
    )
    .await;
    becomes(&api, 503).await;
    run(
        &cluster,
        &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"),
    )
    .await;
    becomes(&api, 200).await;
    Api::new(server.address())
        .sign_in(FOUNDER, FOUNDER_PASSWORD)
        .await
        .ok();
    server.stop().await.expect("it stops");
    let verified = console(&directory.data, ["audit", "verify"]).await;
    assert!(verified.success, "{}", verified.err);
    run(&cluster, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
}
