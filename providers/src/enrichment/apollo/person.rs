//! A person and a business as Apollo describes them \[V\].

use serde::Deserialize;

use super::contact::{ApolloPhone, email_status, usable};
use crate::enrichment::lenient;
use crate::enrichment::{
    EmailKind, Evidence, FoundEmail, FoundName, FoundOrganisation, FoundPerson, FoundSocial, SocialNetwork,
};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Person {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    first_name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    last_name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) linkedin_url: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    twitter_url: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    github_url: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    facebook_url: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    title: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    email: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    email_status: Option<String>,
    /// With `reveal_personal_emails` \[R\].
    #[serde(deserialize_with = "lenient::list")]
    personal_emails: Vec<String>,
    /// Numbers Apollo has at hand \[K\]: those that were asked for come later.
    #[serde(deserialize_with = "lenient::list")]
    phone_numbers: Vec<ApolloPhone>,
    #[serde(deserialize_with = "lenient::text")]
    seniority: Option<String>,
    #[serde(deserialize_with = "lenient::list")]
    departments: Vec<String>,
    #[serde(deserialize_with = "lenient::maybe")]
    organization: Option<Organisation>,
    /// `none`, `low` … with the waterfall \[R\].
    #[serde(deserialize_with = "lenient::text")]
    pub(super) match_confidence: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Organisation {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    primary_domain: Option<String>,
    #[serde(alias = "organization_revenue", deserialize_with = "lenient::whole")]
    annual_revenue: Option<i64>,
    #[serde(deserialize_with = "lenient::whole")]
    estimated_num_employees: Option<i64>,
    #[serde(deserialize_with = "lenient::whole")]
    founded_year: Option<i64>,
    #[serde(deserialize_with = "lenient::text")]
    industry: Option<String>,
    #[serde(deserialize_with = "lenient::list")]
    keywords: Vec<String>,
    #[serde(deserialize_with = "lenient::list")]
    technology_names: Vec<String>,
    #[serde(deserialize_with = "lenient::whole")]
    total_funding: Option<i64>,
}

impl Person {
    /// The person in our shape, numbers excepted that are still to come.
    pub(super) fn to_found(&self, evidence: Vec<Evidence>) -> FoundPerson {
        let work = self.email.as_deref().and_then(usable).map(|email| FoundEmail {
            status: self.email_status.as_deref().and_then(email_status),
            kind: Some(EmailKind::Work),
            ..email
        });
        let own = self.personal_emails.iter().filter_map(|text| usable(text));
        let own = own.map(|email| FoundEmail { kind: Some(EmailKind::Personal), ..email });
        let mut emails: Vec<FoundEmail> = Vec::new();
        for email in work.into_iter().chain(own) {
            if !emails.iter().any(|known| known.email == email.email) {
                emails.push(email);
            }
        }
        let pages = [
            (SocialNetwork::Linkedin, &self.linkedin_url),
            (SocialNetwork::Twitter, &self.twitter_url),
            (SocialNetwork::Facebook, &self.facebook_url),
            (SocialNetwork::Github, &self.github_url),
        ];
        let page = |(network, url): (SocialNetwork, &Option<String>)| {
            url.clone().map(|url| FoundSocial { network, url })
        };
        FoundPerson {
            vendor_id: self.id.clone(),
            name: FoundName {
                given: self.first_name.clone(),
                middle: None,
                family: self.last_name.clone(),
                full: self.name.clone(),
            },
            evidence,
            phones: self.phone_numbers.iter().filter_map(ApolloPhone::to_found).collect(),
            emails,
            socials: pages.into_iter().filter_map(page).collect(),
            title: self.title.clone(),
            seniority: self.seniority.clone(),
            departments: self.departments.clone(),
            ..FoundPerson::default()
        }
    }

    /// The person's business.
    pub(super) fn organisation(&self) -> Option<FoundOrganisation> {
        let organisation = self.organization.as_ref()?;
        let found = FoundOrganisation {
            vendor_id: organisation.id.clone(),
            name: organisation.name.clone(),
            domain: organisation.primary_domain.clone(),
            revenue: organisation.annual_revenue,
            employees: organisation.estimated_num_employees.and_then(|count| u32::try_from(count).ok()),
            founded_year: organisation
                .founded_year
                .and_then(|year| u16::try_from(year).ok())
                .filter(|year| (1600..=2100).contains(year)),
            industry: organisation.industry.clone(),
            keywords: organisation.keywords.clone(),
            technologies: organisation.technology_names.clone(),
            total_funding: organisation.total_funding,
        };
        (found != FoundOrganisation::default()).then_some(found)
    }
}
