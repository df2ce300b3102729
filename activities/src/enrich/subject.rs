//! A lead as a vendor is asked about it.

use domain::id::TypedId;
use entities::enrichment::subject::LeadSubject;
use entities::provider_call::CallSubject;
use providers::enrichment::{Subject, SubjectKey};
use uuid::Uuid;

/// The person, or the lead where nobody is named: what the ledger and answers know it by.
pub(super) fn key_of(lead: &LeadSubject) -> Uuid {
    lead.persona.map_or(lead.lead.uuid(), TypedId::uuid)
}

/// Whom the ledger of calls knows it as.
pub(super) fn call_subject_of(lead: &LeadSubject) -> CallSubject {
    match lead.persona {
        Some(persona) => CallSubject::Persona(persona),
        None => CallSubject::Lead(lead.lead),
    }
}

/// Everything that is known of the lead, for a vendor to take what it needs.
pub(super) fn subject_of(lead: &LeadSubject) -> Subject {
    Subject {
        key: SubjectKey(key_of(lead)),
        given_name: lead.given_name.clone(),
        family_name: lead.family_name.clone(),
        company: lead.company.clone(),
        domain: lead.website.clone(),
        title: lead.title.clone(),
        street: lead.street.clone(),
        unit: lead.unit.clone(),
        city: lead.city.clone(),
        state: lead.state.clone(),
        zip5: lead.zip5.clone(),
        mailing: None,
        // What does not parse was never stored by us; a vendor could do nothing with it either.
        emails: lead.emails.iter().filter_map(|email| email.address.parse().ok()).collect(),
        phones: lead.phones.iter().filter_map(|phone| phone.number.parse().ok()).collect(),
        linkedin_url: lead.linkedin.clone(),
        apn: lead.apn.clone(),
        county: lead.county.clone(),
    }
}
