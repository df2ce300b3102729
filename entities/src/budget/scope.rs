//! What a budget is about.

use domain::id::{CampaignId, EnrichmentId};

/// What a budget is about. A call is counted in several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everything the team ever spends.
    Team,
    /// One campaign, by its id.
    Campaign(String),
    /// One provider, by its word.
    Provider(String),
    /// One run of enrichment.
    Enrichment(EnrichmentId),
    /// Everything on one day of the team's calendar.
    Day,
    /// One provider on one day, by its word.
    ProviderDay(String),
}

impl Scope {
    /// What a message is counted in, and whatever else a vendor carries for a team, with or without a campaign.
    pub fn of_message(campaign: Option<CampaignId>, provider: Option<&str>) -> Vec<Self> {
        let mut scopes = vec![Self::Team, Self::Day];
        scopes.extend(campaign.map(|campaign| Self::Campaign(campaign.to_string())));
        if let Some(word) = provider {
            scopes.extend([Self::Provider(word.to_owned()), Self::ProviderDay(word.to_owned())]);
        }
        scopes
    }

    /// `budgets.scope` and `budgets.subject`.
    pub fn columns(&self) -> (&'static str, String) {
        match self {
            Self::Team => ("team", String::new()),
            Self::Campaign(id) => ("campaign", id.clone()),
            Self::Provider(word) => ("provider", word.clone()),
            Self::Enrichment(id) => ("enrichment", id.to_string()),
            Self::Day => ("day", String::new()),
            Self::ProviderDay(word) => ("day", word.clone()),
        }
    }

    /// The scope with these columns; `None` where there is none such.
    pub fn from_columns(scope: &str, subject: &str) -> Option<Self> {
        Some(match (scope, subject) {
            ("team", "") => Self::Team,
            ("campaign", id) => Self::Campaign(id.to_owned()),
            ("provider", word) => Self::Provider(word.to_owned()),
            ("enrichment", id) => Self::Enrichment(id.parse().ok()?),
            ("day", "") => Self::Day,
            ("day", word) => Self::ProviderDay(word.to_owned()),
            _ => return None,
        })
    }

    /// Whether it begins anew every day.
    pub const fn is_daily(&self) -> bool {
        matches!(self, Self::Day | Self::ProviderDay(_))
    }
}
