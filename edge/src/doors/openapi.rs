//! The OpenAPI document, written from the routes themselves, and which doors are open to strangers after it.

use axum::http::Method;
use edge_kernel::http::Described;
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
    let mut paths = Map::new();
    for route in described {
        let item = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(route.method.as_str().to_ascii_lowercase(), operation(route));
        }
    }
    let own = json!({ "get": {
        "summary": "This document.", "security": [],
        "responses": { "200": { "description": "OpenAPI 3.1" } }
    } });
    paths.insert("/api/openapi.json".into(), own);
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
            "schemas": { "Problem": {
                "type": "object",
                "required": ["type", "title", "status", "detail", "code"],
                "properties": {
                    "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" },
                    "detail": { "type": "string", "description": "For the reader, in their language." },
                    "code": { "type": "string", "description": "For programs; stable." }
                }
            } }
        }
    })
    .to_string()
}

fn operation(route: &Described) -> Value {
    let names = route
        .path
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name);
    let parameters: Vec<Value> =
        names.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })).collect();
    let mut operation = json!({
        "summary": route.summary,
        "parameters": parameters,
        "responses": {
            "200": { "description": "Done, or found." },
            "default": {
                "description": "A problem (RFC 9457).",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
            }
        }
    });
    if route.open {
        operation["security"] = json!([]);
    }
    operation
}
