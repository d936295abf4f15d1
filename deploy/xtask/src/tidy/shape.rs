//! Why: whoever has seen one module must find their way in all. Every module therefore has the same files (or folders
//! of the same name, once a file has grown too long), one door and at most one test binary. `store.rs` may be absent
//! only where the module has no table: no migration bears its name.

use super::Complaint;
use super::house::House;
use anyhow::Result;

const PARTS: [&str; 10] = [
    "lib", "decide", "policy", "ask", "queries", "store", "views", "needs", "http", "error",
];

pub(super) fn check(house: &House) -> Result<Vec<Complaint>> {
    let mut complaints = Vec::new();
    for module in house.folders_in("edge/modules") {
        let folder = format!("edge/modules/{module}");
        for part in PARTS.iter().filter(|part| !has_part(house, &folder, part)) {
            if *part == "store" && !has_tables(house, &module) {
                continue;
            }
            complaints.push(Complaint { place: format!("{folder}/src"), problem: format!("`{part}.rs` is missing"), remedy: "give the module its full shape; a file may be short, but it is always there" });
        }
        let tests = format!("{folder}/tests/");
        let binaries = house
            .rust_below(&tests)
            .filter(|file| file.path.matches('/').count() == 4 || file.path.ends_with("/main.rs"));
        if let Some(second) = binaries.skip(1).last() {
            complaints.push(Complaint {
                place: second.path.clone(),
                problem: "a second test binary".into(),
                remedy: "make it a module of tests/it/main.rs: every binary costs a link",
            });
        }
    }
    Ok(complaints)
}

fn has_part(house: &House, folder: &str, part: &str) -> bool {
    let file = format!("{folder}/src/{part}.rs");
    let inside = format!("{folder}/src/{part}/");
    house
        .files
        .iter()
        .any(|found| found.path == file || found.path.starts_with(&inside))
}

fn has_tables(house: &House, module: &str) -> bool {
    let mark = format!("_{module}_");
    house
        .files
        .iter()
        .any(|file| file.path.starts_with("migrations/") && file.path.contains(&mark))
}
