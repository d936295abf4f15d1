//! Why: tables are private. A query that reads another module's table turns its columns into an interface that nobody
//! agreed to, and two modules that share a table can no longer be understood, moved or erased alone. So every table in a
//! module's SQL begins with the module's name, every migration touches one module's tables, and adapters, flows and the
//! root have no SQL at all.

use super::Complaint;
use super::house::House;
use super::literals::literals;
use anyhow::Result;

/// Words behind which SQL names a table.
const BEFORE_A_TABLE: [&str; 6] = ["FROM", "INTO", "JOIN", "UPDATE", "TABLE", "REFERENCES"];
/// Tables that belong to the database itself.
const THE_DATABASES_OWN: [&str; 7] = [
    "json_each",
    "json_tree",
    "sqlite_master",
    "sqlite_schema",
    "pragma_",
    "pg_",
    "excluded",
];
/// Places without tables of their own.
const WITHOUT_SQL: [&str; 4] = [
    "edge/protocols/",
    "edge/flows/",
    "edge/src/",
    "frontend-leptos/src/",
];

pub(super) fn check(house: &House) -> Result<Vec<Complaint>> {
    let mut complaints = Vec::new();
    for module in house.folders_in("edge/modules") {
        check_module(house, &module, &mut complaints);
    }
    check_migrations(house, &mut complaints);
    for place in WITHOUT_SQL {
        for file in house.rust_below(place) {
            for literal in literals(&file.text)
                .into_iter()
                .filter(|literal| !tables_in(&literal.text).is_empty())
            {
                complaints.push(Complaint {
                    place: format!("{}:{}", file.path, literal.line),
                    problem: "SQL outside the kernel and the modules".into(),
                    remedy: "move the query behind the door of the module that owns the table",
                });
            }
        }
    }
    Ok(complaints)
}

fn check_module(house: &House, module: &str, complaints: &mut Vec<Complaint>) {
    let folder = format!("edge/modules/{module}/src/");
    for file in house.rust_below(&folder) {
        for literal in literals(&file.text) {
            for table in foreign(&literal.text, module) {
                complaints.push(Complaint {
                    place: format!("{}:{}", file.path, literal.line),
                    problem: format!("module `{module}` names the table `{table}`"),
                    remedy: "a module's tables begin with its name; ask another module through needs.rs",
                });
            }
        }
    }
}

fn check_migrations(house: &House, complaints: &mut Vec<Complaint>) {
    for file in house
        .files
        .iter()
        .filter(|file| file.path.starts_with("migrations/") && file.path.ends_with(".sql"))
    {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let Some(module) = name
            .split('_')
            .nth(1)
            .map(|module| module.trim_end_matches(".sql"))
        else {
            complaints.push(Complaint {
                place: file.path.clone(),
                problem: "the name does not say whose migration it is".into(),
                remedy: "call it NNNN_<module>_<what>.sql",
            });
            continue;
        };
        for table in foreign(&without_comments(&file.text), module) {
            complaints.push(Complaint {
                place: file.path.clone(),
                problem: format!("a migration of `{module}` names the table `{table}`"),
                remedy: "one migration touches one module's tables; split it",
            });
        }
    }
}

fn without_comments(sql: &str) -> String {
    sql.lines()
        .map(|line| line.split("--").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The tables that a text names and that are not this module's.
fn foreign(text: &str, module: &str) -> Vec<String> {
    let own = |table: &str| {
        table
            .strip_prefix(module)
            .is_some_and(|rest| rest.starts_with('_'))
    };
    let mut tables = tables_in(text);
    tables.retain(|table| {
        !own(table)
            && !THE_DATABASES_OWN
                .iter()
                .any(|known| table.starts_with(known))
    });
    tables
}

/// Every table named in a text that is SQL; none in a text that is not.
fn tables_in(text: &str) -> Vec<String> {
    let spaced = text.replace('(', " ( ").replace([')', ',', ';', '"'], " ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let is_sql = words.first().is_some_and(|first| {
        matches!(
            *first,
            "SELECT"
                | "INSERT"
                | "UPDATE"
                | "DELETE"
                | "CREATE"
                | "ALTER"
                | "DROP"
                | "WITH"
                | "REPLACE"
        )
    }) && words.len() > 2;
    if !is_sql {
        return Vec::new();
    }
    // `WITH name AS (…)` and `, name AS (…)` make names of their own.
    let made_here: Vec<&str> = words
        .windows(3)
        .filter(|three| three[1] == "AS" && three[2] == "(")
        .map(|three| three[0])
        .collect();
    let pairs = words
        .windows(2)
        .enumerate()
        .filter(|(at, pair)| BEFORE_A_TABLE.contains(&pair[0]) && !is_upsert(&words, *at));
    let named = pairs.map(|(at, _)| {
        words[at + 1..]
            .iter()
            .find(|word| !matches!(**word, "IF" | "NOT" | "EXISTS" | "OR" | "ONLY"))
    });
    let named = named
        .flatten()
        .filter(|word| word.starts_with(|first: char| first.is_ascii_lowercase()));
    named
        .filter(|word| !made_here.contains(word))
        .map(|word| (*word).to_owned())
        .collect()
}

/// `ON CONFLICT … DO UPDATE SET` names no table, and neither does `FOR UPDATE`.
fn is_upsert(words: &[&str], at: usize) -> bool {
    words.get(at) == Some(&"UPDATE") && at > 0 && matches!(words.get(at - 1), Some(&"DO" | &"FOR"))
}

#[cfg(test)]
mod tests {
    use super::{foreign, tables_in};

    #[test]
    fn another_modules_table_is_noticed_in_a_join() {
        assert_eq!(
            foreign(
                "SELECT a FROM files_tree_view JOIN accounts_people ON x = y",
                "files"
            ),
            ["accounts_people"]
        );
    }

    #[test]
    fn names_made_by_the_query_itself_are_not_tables() {
        let query = "WITH RECURSIVE below AS (SELECT id FROM files_tree UNION ALL SELECT t.id FROM files_tree t JOIN below ON t.parent = below.id) SELECT id FROM below";
        assert!(foreign(query, "files").is_empty());
    }

    #[test]
    fn an_upsert_names_one_table() {
        let query = "INSERT INTO files_tree (id) VALUES (?) ON CONFLICT (id) DO UPDATE SET name = excluded.name";
        assert_eq!(tables_in(query), ["files_tree"]);
    }

    #[test]
    fn prose_is_not_sql() {
        assert!(tables_in("please choose a name FROM the list").is_empty());
    }
}
