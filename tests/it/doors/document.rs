//! The OpenAPI document says what each door takes and gives, well enough to write a client from it.

use e2e::plan::Plan;
use e2e::school::School;
use serde_json::Value;
use std::collections::BTreeSet;

/// Doors that are asked to do what their path says, without a body.
const WITHOUT_BODY: [&str; 10] = [
    "/api/accounts/import/{id}/apply",
    "/api/accounts/import/{id}/undo",
    "/api/accounts/people/{id}/code",
    "/api/accounts/sessions/{id}/end",
    "/api/privacy/erasures/{batch}/agree",
    "/api/privacy/erasures/{batch}/withdraw",
    "/api/privacy/package",
    "/api/audit/inspections/{inspection}/agree",
    "/api/audit/inspections/{inspection}/refuse",
    "/api/audit/inspections/{inspection}/end",
];
/// Answers that are no JSON.
const OTHERWISE: [&str; 3] = [
    "application/octet-stream",
    "text/event-stream",
    "text/plain",
];

async fn document() -> Value {
    let school = School::open(&Plan::two_classes()).await;
    school.stranger().get("/api/openapi.json").await.ok()
}

fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("operations").iter();
        methods.map(move |(method, operation)| (method.clone(), path.clone(), operation))
    });
    operations.collect()
}

fn is_told(content: &Value) -> bool {
    let content = content.as_object().expect("content by media type");
    !content.is_empty()
        && content.iter().all(|(media_type, of)| {
            OTHERWISE.contains(&media_type.as_str()) || of["schema"].is_object()
        })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_door_says_what_it_takes_and_gives() {
    let document = document().await;
    let mut bodies = 0;
    for (method, path, operation) in operations(&document) {
        let responses = &operation["responses"];
        let told = responses["204"].is_object() || is_told(&responses["200"]["content"]);
        assert!(
            told,
            "{method} {path} does not say what it gives: see Routes::answers"
        );
        if method == "post" && !WITHOUT_BODY.contains(&path.as_str()) {
            assert!(
                is_told(&operation["requestBody"]["content"]),
                "{method} {path} does not say what it takes"
            );
            bodies += 1;
        }
    }
    assert!(bodies > 10, "{bodies} doors take bodies");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reference_of_the_document_leads_to_a_schema() {
    let document = document().await;
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    assert!(references.len() > 20, "{references:?}");
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(
            document.pointer(pointer).is_some(),
            "{reference} leads nowhere"
        );
    }
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                references.insert(reference.clone());
            }
            fields.values().for_each(|field| collect(field, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_bodies_and_rows_are_described_as_they_are() {
    let document = document().await;
    let paths = &document["paths"];
    let names = |operation: &Value, place: &str| -> BTreeSet<String> {
        let parameters = operation["parameters"].as_array().expect("parameters");
        parameters
            .iter()
            .filter(|parameter| parameter["in"] == place)
            .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned))
            .collect()
    };
    let members = &paths["/api/accounts/members"]["get"];
    for parameter in ["scope", "prefix", "after", "limit", "at_least"] {
        assert!(names(members, "query").contains(parameter), "{parameter}");
    }
    let command = &paths["/api/accounts/groups/{id}/command"]["post"];
    assert!(names(command, "header").contains("Idempotency-Key"));
    assert!(names(command, "path").contains("id"));
    let schemas = document["components"]["schemas"].to_string();
    for part in [
        "AddMember",
        "DescribePerson",
        "\"until\"",
        "confirm_leavers",
    ] {
        assert!(schemas.contains(part), "{part} is in no schema");
    }
    let upload = &paths["/api/files/spaces/{space}/upload"]["post"];
    assert!(upload["requestBody"]["content"]["application/octet-stream"].is_object());
}
