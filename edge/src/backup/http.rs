//! What the head of the school, the administrators and data protection see of the backups.

use super::{Backup, Status};
use crate::house::House;
use axum::Json;
use axum::extract::State;
use edge_kernel::http::{Asker, Problem, Routes};
use events::access::NOW;
use events::accounts::Role;

#[derive(Clone)]
struct Doors {
    backup: Backup,
    kernel: edge_kernel::Kernel,
}

/// The routes.
pub(crate) fn routes(house: &House) -> Routes {
    let doors = Doors {
        backup: house.backup.clone(),
        kernel: house.kernel.clone(),
    };
    Routes::default()
        .get(
            "/api/audit/backup",
            "How far the backup goes, and when it was last tried. For the head, administrators and data protection.",
            status,
        )
        .with_state(doors)
}

async fn status(State(doors): State<Doors>, Asker(asker): Asker) -> Result<Json<Status>, Problem> {
    let access = doors.kernel.ledger.access();
    let is_admitted =
        access.is_open(asker.person, NOW) && access.roles(asker.person).into_iter().any(may_see);
    drop(access);
    if !is_admitted {
        return Err(Problem::not_allowed());
    }
    Ok(Json(doors.backup.status()))
}

/// Whether a role answers for the school's data not being lost, or watches over that.
fn may_see(role: Role) -> bool {
    match role {
        Role::Head | Role::Administrator | Role::DataProtection => true,
        Role::Pupil | Role::Teacher | Role::Staff | Role::Auditor => false,
    }
}
