//! `refinery providers`: vendors' accounts, which are every team's and so the operator's to resume.

use entities::provider_account::{self, ProviderAccount};
use serde_json::json;

use super::operator;
use crate::cli::Providers;
use crate::exit::{Exit, UsageError};
use crate::speak;

/// Lists and resumes accounts.
pub(super) async fn run(command: Providers) -> anyhow::Result<Exit> {
    let db = operator::database().await?;
    let accounts = provider_account::list_all(&db).await?;
    match command {
        Providers::List { format } if format.json => {
            let accounts: Vec<_> = accounts.iter().map(as_json).collect();
            speak::result(json!(accounts));
        }
        Providers::List { .. } => accounts.iter().for_each(|account| speak::result(line(account))),
        Providers::Resume { provider, format } => {
            if !accounts.iter().any(|account| account.provider == provider) {
                let known: Vec<&str> = accounts.iter().map(|account| account.provider.as_str()).collect();
                let what = format!("nothing is known of {provider:?}; there are: {}", known.join(", "));
                return Err(UsageError(what).into());
            }
            let was_paused = provider_account::resume(&db, &provider).await?;
            match (format.json, was_paused) {
                (true, _) => speak::result(json!({"provider": provider, "was_paused": was_paused})),
                (false, true) => speak::result(format!(
                    "{provider} may be called again; if its account is still stopped, the next call pauses it again"
                )),
                (false, false) => speak::result(format!("{provider} was not paused")),
            }
        }
    }
    Ok(Exit::Success)
}

fn as_json(account: &ProviderAccount) -> serde_json::Value {
    json!({
        "provider": account.provider,
        "state": account.state.as_str(),
        "reason": account.reason,
        "since": account.since,
        "circuit": account.circuit.as_str(),
        "consecutive_failures": account.consecutive_failures,
    })
}

fn line(account: &ProviderAccount) -> String {
    let reason = account.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!(
        "{:16} {} since {}, circuit {}{reason}",
        account.provider,
        account.state.as_str(),
        account.since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        account.circuit.as_str(),
    )
}
