//! Machines that share a log bring its backup to one place, as they have one configuration: they take turns.

use super::scene::Elsewhere;
use edge::backup::Scope;
use edge::{House, Places};
use edge_kernel::Clock;
use edge_kernel::database::Server;
use events::audit::Looked;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::path::Path;
use uuid::Uuid;

/// How often each machine brings the backup.
const ROUNDS: u32 = 12;

async fn run(cluster: &str, sql: String) {
    let mut db = PgConnection::connect(cluster).await.expect("is there");
    let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut db).await;
    done.expect("is done");
}

async fn open(data: &Path, places: &Places) -> House {
    let opened = House::open_at(data, places, Clock::System, &|_, _, _| {}).await;
    opened.unwrap_or_else(|error| panic!("the house does not open: {error:?}"))
}

/// Has something recorded and brought, again and again; every second time everything is looked through.
async fn keep_bringing(house: &House, elsewhere: &Elsewhere) {
    for round in 0..ROUNDS {
        let looked = house
            .audit
            .record_at_console(Looked::AtEntry { position: 1 });
        looked.await.expect("is recorded");
        let scope = if round % 2 == 0 {
            Scope::All
        } else {
            Scope::Tail
        };
        elsewhere.push(house, scope).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn machines_that_bring_one_backup_take_nothing_away_from_each_other() {
    let Ok(cluster) = std::env::var("SCHULHOF_POSTGRES") else {
        eprintln!("SKIPPED: SCHULHOF_POSTGRES names no server; `cargo xtask test` starts one");
        return;
    };
    let name = format!("schulhof_{}", Uuid::new_v4().simple());
    let (base, _) = cluster.rsplit_once('/').expect("it names a database");
    for end in ["", "_keys"] {
        run(&cluster, format!("CREATE DATABASE {name}{end}")).await;
    }
    let server = |end: &str| -> Server { format!("{base}/{name}{end}").parse().expect("is one") };
    let server = server("").with_keys(server("_keys")).expect("are two");
    let places = Places::on(Some(server));
    let elsewhere = Elsewhere::new();
    let (here, there) = (elsewhere.beside("here"), elsewhere.beside("there"));
    let one = open(&here, &places).await;
    std::fs::create_dir_all(there.join("keys")).expect("ours");
    for file in ["master.key", "signing.key"] {
        let key = Path::new("keys").join(file);
        std::fs::copy(here.join(&key), there.join(&key)).expect("ours");
    }
    let other = open(&there, &places).await;
    tokio::join!(
        keep_bringing(&one, &elsewhere),
        keep_bringing(&other, &elsewhere),
    );
    let drilled = one.backup.drill(&one.kernel, &elsewhere.target()).await;
    drilled.expect("the backup is whole");
    other.close().await;
    one.close().await;
    for end in ["", "_keys"] {
        run(&cluster, format!("DROP DATABASE {name}{end} WITH (FORCE)")).await;
    }
}
