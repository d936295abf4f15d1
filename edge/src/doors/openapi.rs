//! The OpenAPI document, written from the routes themselves, and which doors are open to strangers after it.

use axum::http::Method;
use edge_kernel::http::{Content, Described, Gift, Shape};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The doors that strangers may try, as the document marks them.
pub(crate) struct OpenDoors(Vec<(Method, &'static str)>);

impl OpenDoors {
    pub(crate) fn of(described: &[Described]) -> Self {
        let open = described.iter().filter(|route| route.open);
        let mut doors: Vec<_> = open
            .map(|route| (route.method.clone(), route.path))
            .collect();
        doors.push((Method::GET, "/api/openapi.json"));
        Self(doors)
    }

    /// Open doors have no parameters in their paths, so comparing is enough.
    pub(crate) fn contains(&self, method: &Method, path: &str) -> bool {
        self.0
            .iter()
            .any(|(open, at)| open == method && *at == path)
    }
}

/// The document as JSON (OpenAPI 3.1).
pub(crate) fn document(described: &[Described]) -> String {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut schemas = settings.into_generator();
    let mut paths = Map::new();
    for route in described {
        let item = paths
            .entry(without_mark(route.path))
            .or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            let method = route.method.as_str().to_ascii_lowercase();
            item.insert(method, operation(route, &mut schemas));
        }
    }
    let own = json!({ "get": {
        "summary": "This document.", "security": [],
        "responses": { "200": {
            "description": "OpenAPI 3.1",
            "content": { "application/json": { "schema": { "type": "object" } } }
        } }
    } });
    paths.insert("/api/openapi.json".into(), own);
    let mut definitions = schemas.take_definitions(true);
    definitions.insert("Problem".into(), problem());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Schulhof",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The school's machine. Sign in with POST /api/session; the cookie then opens the rest. Commands \
                answer the position they led to; queries take at_least=POSITION to read what was written."
        },
        "paths": paths,
        "security": [{ "session": [] }],
        "components": {
            "securitySchemes": { "session": { "type": "apiKey", "in": "cookie", "name": "schulhof" } },
            "schemas": definitions
        }
    })
    .to_string()
}

/// A path as OpenAPI writes it: a parameter that spans several elements has no mark there.
fn without_mark(path: &str) -> String {
    path.replace("{*", "{")
}

fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" },
            "detail": { "type": "string", "description": "For the reader, in their language." },
            "code": { "type": "string", "description": "For programs; stable." }
        }
    })
}

fn operation(route: &Described, schemas: &mut SchemaGenerator) -> Value {
    let mut shape = Shape::default();
    (route.takes)(schemas, &mut shape);
    let mut operation = json!({
        "summary": route.summary,
        "parameters": parameters(route, &shape),
        "responses": {
            "default": {
                "description": "A problem (RFC 9457).",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
            }
        }
    });
    match (route.gives)(schemas) {
        Gift::Content(content) => {
            let given = json!({ "description": "Done, or found.", "content": written(&content) });
            operation["responses"]["200"] = given;
        }
        Gift::Nothing => operation["responses"]["204"] = json!({ "description": "Done." }),
        Gift::Untold => operation["responses"]["200"] = json!({ "description": "Done." }),
    }
    if let Some(body) = &shape.body {
        operation["requestBody"] = json!({ "required": true, "content": written(body) });
    }
    if route.open {
        operation["security"] = json!([]);
    }
    operation
}

fn written(content: &Content) -> Value {
    let kind = content
        .schema
        .as_ref()
        .map_or_else(|| json!({}), |schema| json!({ "schema": schema }));
    json!({ content.media_type: kind })
}

fn parameters(route: &Described, shape: &Shape) -> Vec<Value> {
    let names = route
        .path
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.trim_start_matches('*'));
    let mut parameters: Vec<Value> =
        names.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })).collect();
    if let Some(query) = &shape.query {
        parameters.extend(of_query(query.as_value()));
    }
    parameters.extend(shape.headers.iter().map(|header| {
        json!({
            "name": header.name, "in": "header", "required": header.required,
            "description": header.description, "schema": { "type": "string" }
        })
    }));
    parameters
}

fn of_query(query: &Value) -> Vec<Value> {
    let required = |name: &str| {
        let names = query["required"].as_array();
        names.is_some_and(|names| names.iter().any(|needed| needed == name))
    };
    let properties = query["properties"].as_object().into_iter().flatten();
    properties
        .map(|(name, schema)| json!({ "name": name, "in": "query", "required": required(name), "schema": schema }))
        .collect()
}
