//! A person as Apollo shows them.

use serde_json::{Value, json};

use super::matching::{Found, Wishes};
use crate::vendor::Vendor;
use crate::world::World;

/// The person, with what is known of the employer; phones are never in it.
pub(super) fn body(world: &World, found: &Found, wishes: &Wishes) -> Value {
    let person = &found.person;
    let mailboxes = world.mailboxes_known(Vendor::Apollo, person);
    let work = mailboxes.iter().find(|mailbox| mailbox.work);
    let email = work.or(mailboxes.first().filter(|_| wishes.personal_emails));
    let personal: Vec<&str> =
        mailboxes.iter().filter(|mailbox| !mailbox.work).map(|mailbox| mailbox.address.as_str()).collect();
    let employer = world.employer(&found.told);
    let organization_id =
        employer.as_ref().map(|employer| world.chance(&["organization", &employer.domain]).hex(24));
    let organization = employer.as_ref().map(|employer| {
        json!({
            "id": organization_id,
            "name": employer.name,
            "website_url": format!("http://www.{}", employer.domain),
            "linkedin_url": format!("http://www.linkedin.com/company/{}", employer.domain.replace('.', "-")),
            "founded_year": employer.founded,
            "primary_domain": employer.domain,
            "industry": employer.industry,
            "keywords": [employer.industry],
            "estimated_num_employees": employer.employees,
            "annual_revenue": employer.revenue,
            "annual_revenue_printed": format!("{}K", employer.revenue / 1_000),
            "total_funding": null,
            "technology_names": ["Gmail", "WordPress.org"],
        })
    });
    json!({
        "id": id(world, found),
        "first_name": person.first,
        "last_name": person.last,
        "name": person.full_name(),
        "linkedin_url": format!("http://www.linkedin.com/in/{}", person.linkedin),
        "title": person.title,
        "email_status": match email {
            Some(mailbox) if mailbox.verified => "verified",
            Some(_) => "guessed",
            None => "unavailable",
        },
        "photo_url": null,
        "twitter_url": null,
        "github_url": null,
        "facebook_url": null,
        "extrapolated_email_confidence": email.filter(|mailbox| !mailbox.verified).map(|_| 0.62),
        "headline": person.title,
        "email": email.map(|mailbox| mailbox.address.as_str()),
        "personal_emails": if wishes.personal_emails { personal } else { Vec::new() },
        "organization_id": organization_id,
        "employment_history": [{
            "_id": world.chance(&["employment", &person.key]).hex(24),
            "current": true,
            "title": person.title,
            "organization_id": organization_id,
            "organization_name": employer.as_ref().map(|employer| employer.name.as_str()),
            "start_date": "2019-03-01",
            "end_date": null,
        }],
        "state": person.property.address.state,
        "city": person.property.address.city,
        "country": "United States",
        "organization": organization,
        "is_likely_to_engage": false,
        "intent_strength": null,
        "show_intent": false,
        "revealed_for_current_team": true,
        "departments": [person.department],
        "subdepartments": [],
        "functions": [],
        "seniority": person.seniority,
    })
}

/// The id by which the webhook names the person again.
pub(super) fn id(world: &World, found: &Found) -> String {
    world.chance(&["apollo", &found.person.key]).hex(24)
}
