//! What Melissa is sent \[R\].

use serde::Serialize;

use crate::Secret;
use crate::enrichment::subject::part;
use crate::enrichment::{Subject, Wanted};

/// A call about up to 100 records.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Call<'a> {
    #[serde(rename = "CustomerID")]
    customer_id: &'a str,
    actions: &'static str,
    options: &'static str,
    columns: &'static str,
    records: Vec<Record<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Record<'a> {
    /// From 1, by which the reply names it.
    #[serde(rename = "RecordID")]
    record_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_name: Option<&'a str>,
    address_line1: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address_line2: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    postal_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
}

/// Whether contacts are to be completed, and not only the address to be checked.
pub(super) const fn appends(wanted: Wanted) -> bool {
    wanted.mobile || wanted.email || wanted.demographics
}

/// The id by which a reply names a record.
pub(super) fn record_id(at: usize) -> String {
    (at + 1).to_string()
}

impl<'a> Call<'a> {
    pub(super) fn about(subjects: &[&'a Subject], wanted: Wanted, license: &'a Secret) -> Self {
        Self {
            customer_id: license.expose(),
            actions: if appends(wanted) { "Check,Append" } else { "Check" },
            options: "Append:Blank;AdvancedAddressCorrection:on",
            // The group of demographics is [K].
            columns: if wanted.demographics {
                "GrpAddressDetails,GrpDemographicBasic"
            } else {
                "GrpAddressDetails"
            },
            records: subjects.iter().enumerate().map(|(at, subject)| Record::about(at, subject)).collect(),
        }
    }
}

impl<'a> Record<'a> {
    fn about(at: usize, subject: &'a Subject) -> Self {
        Self {
            record_id: record_id(at),
            first_name: part(&subject.given_name),
            last_name: part(&subject.family_name),
            company_name: part(&subject.company),
            address_line1: part(&subject.street).unwrap_or_default(),
            address_line2: part(&subject.unit),
            city: part(&subject.city),
            state: part(&subject.state),
            postal_code: part(&subject.zip5),
            email_address: subject.emails.first().map(|email| email.expose()),
            phone_number: subject.phones.first().map(|phone| phone.national()),
        }
    }
}
