//! What makes two requests the same.

use domain::cell::clean;
use sha2::{Digest, Sha256};

use super::{PostalAddress, ProviderId};

/// The version of this form. A new one makes every cached answer a stranger: it is paid for again.
const FORM: &[u8] = b"enrichment request 1";

/// Collects what would be sent about a subject, in one form whatever its case and spacing, and hashes it. Every part has
/// its label and length, so that no two requests run together into one.
#[derive(Debug)]
pub(super) struct Canonical(Sha256);

impl Canonical {
    /// A request to a vendor.
    pub(super) fn new(provider: ProviderId) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(FORM);
        Self(hasher).text("provider", Some(provider.as_str()))
    }

    /// A text, upper-case and with single spaces. A blank one is an absent one.
    pub(super) fn text(mut self, label: &str, text: Option<&str>) -> Self {
        self.part(label.as_bytes());
        let text = text.map(|text| clean(text).to_uppercase()).unwrap_or_default();
        self.part(text.as_bytes());
        self
    }

    /// Something that is asked for or not.
    pub(super) fn flag(self, label: &str, flag: bool) -> Self {
        self.text(label, flag.then_some("1"))
    }

    /// An address.
    pub(super) fn address(self, label: &str, address: &PostalAddress) -> Self {
        self.text(label, Some("address"))
            .text("street", address.street.as_deref())
            .text("unit", address.unit.as_deref())
            .text("city", address.city.as_deref())
            .text("state", address.state.as_deref())
            .text("zip5", address.zip5.as_deref())
    }

    /// The hash.
    pub(super) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    fn part(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(parts: &[(&str, Option<&str>)]) -> [u8; 32] {
        let new = Canonical::new(ProviderId::Melissa);
        parts.iter().fold(new, |canonical, (label, text)| canonical.text(label, *text)).finish()
    }

    #[test]
    fn case_and_spacing_make_no_difference() {
        let one = hash(&[("name", Some("  Ann   LEE ")), ("city", None)]);
        assert_eq!(one, hash(&[("name", Some("ann lee")), ("city", Some(" "))]));
        assert_ne!(one, hash(&[("name", Some("annlee")), ("city", None)]));
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(hash(&[("a", Some("bc"))]), hash(&[("ab", Some("c"))]));
        assert_ne!(hash(&[("a", Some("b")), ("c", None)]), hash(&[("a", None), ("c", Some("b"))]));
        let other = Canonical::new(ProviderId::Apollo).finish();
        assert_ne!(hash(&[]), other);
    }

    /// A change here pays for everything again: think twice.
    #[test]
    fn the_form_is_that_of_every_release() {
        let hash = Canonical::new(ProviderId::BatchData)
            .flag("mobile", true)
            .text("family", Some("Lee"))
            .address(
                "property",
                &PostalAddress { street: Some("1 Main St".into()), ..PostalAddress::default() },
            )
            .finish();
        assert_eq!(hex::encode(hash), "b6de9e105d6ae98a19ce512cb49e6214ff84e1534a7716d3016d56dec6fdda5f");
    }
}
