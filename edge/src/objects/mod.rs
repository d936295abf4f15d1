//! Object stores by their address: `s3://bucket/prefix` in whatever speaks S3. Who may use one comes from the configuration, or from the
//! usual AWS_* variables.

mod client;

use anyhow::{Context, Result, bail, ensure};
use client::Connector;
use object_store::ObjectStore;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How a store that speaks S3 is reached. What is not set here is taken from AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID and
/// AWS_SECRET_ACCESS_KEY.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct S3 {
    /// `https://objects.example.org`; Amazon's own when nothing is said.
    pub endpoint: Option<String>,
    /// Where Amazon's bucket is; others seldom ask.
    pub region: Option<String>,
    /// Who we are there.
    pub access_key_id: Option<String>,
    /// And by what we prove it.
    pub secret_access_key: Option<String>,
}

impl std::fmt::Debug for S3 {
    /// Without what opens the store.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

impl S3 {
    /// Whether an address names a store of this kind.
    #[must_use]
    pub fn is_named_by(address: &str) -> bool {
        address.starts_with("s3://")
    }

    /// Opens the place that an address such as `s3://bucket/prefix` names. Nothing is asked of the store yet.
    ///
    /// # Errors
    /// When the address is none, or nothing says who we are there.
    pub fn open(&self, address: &str) -> Result<Arc<dyn ObjectStore>> {
        let rest = address
            .strip_prefix("s3://")
            .context("an object store is named as s3://bucket/prefix")?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        ensure!(
            !bucket.is_empty() && bucket.bytes().all(is_plain),
            "an object store is named as s3://bucket/prefix"
        );
        let prefix = Path::parse(prefix.trim_end_matches('/'))
            .context("the prefix of an object store is a path such as schools/linden")?;
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_http_connector(Connector);
        if let Some(endpoint) = &self.endpoint {
            ensure!(
                endpoint.starts_with("https://") || endpoint.starts_with("http://"),
                "the endpoint of an object store begins with https://, or with http:// in a network of its own"
            );
            builder = builder.with_endpoint(endpoint.trim_end_matches('/'));
        }
        if let Some(region) = &self.region {
            builder = builder.with_region(region);
        }
        if let (Some(id), Some(secret)) = (&self.access_key_id, &self.secret_access_key) {
            builder = builder
                .with_access_key_id(id)
                .with_secret_access_key(secret);
        } else if self.access_key_id.is_some() || self.secret_access_key.is_some() {
            bail!("set both access_key_id and secret_access_key of the object store, or neither");
        }
        let says = |key| builder.get_config_value(&key).is_some();
        // Without one, the machine would be asked whether it is one of Amazon's, and nothing would answer for minutes.
        ensure!(
            says(AmazonS3ConfigKey::AccessKeyId) && says(AmazonS3ConfigKey::SecretAccessKey),
            "nothing says who we are at the object store: set s3.access_key_id and s3.secret_access_key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        );
        let store = builder
            .with_allow_http(true)
            .build()
            .context("preparing the way to the object store")?;
        Ok(match prefix.as_ref().is_empty() {
            true => Arc::new(store),
            false => Arc::new(PrefixStore::new(store, prefix)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> S3 {
        S3 {
            endpoint: Some("http://127.0.0.1:1".into()),
            access_key_id: Some("school".into()),
            secret_access_key: Some("Quittenmus".into()),
            ..S3::default()
        }
    }

    #[test]
    fn a_place_is_a_bucket_and_a_prefix_and_nonsense_is_refused() {
        for address in ["s3://school", "s3://school/", "s3://school/linden/2026"] {
            set().open(address).expect("is opened");
        }
        for address in [
            "s3://",
            "s3:///prefix",
            "s3://sch ool/x",
            "s3://school/a//b",
            "/srv/backup",
        ] {
            assert!(set().open(address).is_err(), "{address}");
        }
    }

    #[test]
    fn what_opens_the_store_is_never_shown_and_half_of_it_is_refused() {
        assert!(!format!("{:?}", set()).contains("Quittenmus"));
        let half = S3 {
            secret_access_key: None,
            ..set()
        };
        let refused = half.open("s3://school").expect_err("is refused");
        assert!(refused.to_string().contains("access_key_id"), "{refused}");
        let ftp = S3 {
            endpoint: Some("objects.example.org".into()),
            ..set()
        };
        assert!(ftp.open("s3://school").is_err());
    }
}
