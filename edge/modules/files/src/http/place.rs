//! Where an upload goes and what it is called: `Content-Disposition` after RFC 6266 with the name after RFC 8187. Not a parameter of the
//! address, because a file's name is somebody's content and addresses end up in logs.

use axum::extract::FromRequestParts;
use axum::http::header::CONTENT_DISPOSITION;
use axum::http::request::Parts;
use edge_kernel::http::{Header, Problem, QueryOf, Shape, Takes, has_parameter, percent_decoded};
use events::ids::NodeId;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Deserialize;

/// Bytes of the header; every byte of the longest name takes three.
const LONGEST: usize = 4096;

/// The folder that the address names, if it names one, and the file's name. Personal.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) parent: Option<NodeId>,
}

#[derive(Deserialize, JsonSchema)]
struct Folder {
    parent: Option<NodeId>,
}

impl<S: Send + Sync> FromRequestParts<S> for Place {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let header = parts.headers.get(CONTENT_DISPOSITION);
        let name = header.and_then(|value| value.to_str().ok()).and_then(name);
        let name = name
            .filter(|_| !has_parameter(parts.uri.query(), "name"))
            .ok_or_else(|| {
                Problem::bad_request(
                    "Der Dateiname gehört nicht in die Adresse: bitte als Header „Content-Disposition: attachment; filename*=UTF-8''…“ senden.",
                    "The file's name does not belong in the address: send the header “Content-Disposition: attachment; filename*=UTF-8''…”.",
                )
            })?;
        let QueryOf(Folder { parent }) =
            QueryOf::<Folder>::from_request_parts(parts, state).await?;
        Ok(Self { name, parent })
    }
}

impl Takes for Place {
    fn takes(schemas: &mut SchemaGenerator, shape: &mut Shape) {
        QueryOf::<Folder>::takes(schemas, shape);
        shape.headers.push(Header {
            name: "Content-Disposition",
            description: "`attachment; filename*=UTF-8''…`: the file's name (RFC 6266, RFC 8187).",
            required: true,
        });
    }
}

/// The extended parameter `filename*`; the plain one cannot say in which letters it is written.
fn name(disposition: &str) -> Option<String> {
    if disposition.len() > LONGEST {
        return None;
    }
    let mut parameters = disposition.split(';').map(str::trim);
    let value = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("filename*")
            .then(|| value.trim())
    })?;
    let (charset, rest) = value.split_once('\'')?;
    let (_language, encoded) = rest.split_once('\'')?;
    charset
        .eq_ignore_ascii_case("utf-8")
        .then(|| percent_decoded(encoded))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extended_parameter_names_the_file() {
        for (header, expected) in [
            (
                "attachment; filename*=UTF-8''%C3%9Cbung%20%221%22.txt",
                Some("Übung \"1\".txt"),
            ),
            (
                "attachment; filename=\"x\"; FileName* = utf-8'de'a.txt",
                Some("a.txt"),
            ),
            ("attachment; filename=\"a.txt\"", None),
            ("attachment; filename*=ISO-8859-1''%DC.txt", None),
            ("attachment; filename*=UTF-8''%DC.txt", None),
            ("attachment; filename*=a.txt", None),
            ("attachment", None),
        ] {
            assert_eq!(name(header).as_deref(), expected, "{header}");
        }
        let long = format!("attachment; filename*=UTF-8''{}", "x".repeat(LONGEST));
        assert_eq!(name(&long), None);
    }
}
