//! Which vendors are configured, and with what.

use std::sync::Arc;

use super::apollo::{self, Apollo};
use super::batchdata::{self, BatchData};
use super::contract_only::ContractOnly;
use super::melissa::{self, Melissa};
use super::realestateapi::{self, RealEstateApi};
use super::remote::Remote;
use super::twilio_lookup::{self, TwilioLookup};
use super::{EnrichmentProvider, NoCertificates, ProviderId};
use crate::Secret;
use crate::settings::Settings;
use crate::transport::Transport;

/// Where a vendor is and the key to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorAccess {
    /// Scheme, host and port, without a path.
    pub base_url: String,
    /// The key, licence or token.
    pub key: Secret,
}

/// Where Twilio is and the login to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwilioAccess {
    /// Scheme, host and port, without a path.
    pub base_url: String,
    /// The account's SID (`AC…`).
    pub account_sid: String,
    /// Its token.
    pub auth_token: Secret,
}

/// The configured vendors: one without a key is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnrichmentSettings {
    /// Melissa Personator.
    pub melissa: Option<VendorAccess>,
    /// BatchData.
    pub batchdata: Option<VendorAccess>,
    /// RealEstateAPI.
    pub realestateapi: Option<VendorAccess>,
    /// Apollo.
    pub apollo: Option<VendorAccess>,
    /// Twilio Lookup.
    pub twilio_lookup: Option<TwilioAccess>,
}

impl EnrichmentSettings {
    /// Reads, for each vendor, its key (or the file of it, `…_FILE`) and where it is:
    /// `REFINERY_MELISSA_LICENSE` and `_URL`, `REFINERY_BATCHDATA_KEY`, `REFINERY_REALESTATEAPI_KEY`,
    /// `REFINERY_APOLLO_KEY`, `REFINERY_TWILIO_AUTH_TOKEN` with `REFINERY_TWILIO_ACCOUNT_SID` and
    /// `REFINERY_TWILIO_LOOKUP_URL`.
    pub fn read<L: Fn(&str) -> Option<String>>(settings: &mut Settings<L>) -> Self {
        let key = settings.optional_secret("REFINERY_MELISSA_LICENSE");
        let melissa = access(settings, key, "REFINERY_MELISSA_URL", melissa::BASE_URL);
        let key = settings.optional_secret("REFINERY_BATCHDATA_KEY");
        let batchdata = access(settings, key, "REFINERY_BATCHDATA_URL", batchdata::BASE_URL);
        let key = settings.optional_secret("REFINERY_REALESTATEAPI_KEY");
        let realestateapi = access(settings, key, "REFINERY_REALESTATEAPI_URL", realestateapi::BASE_URL);
        let key = settings.optional_secret("REFINERY_APOLLO_KEY");
        let apollo = access(settings, key, "REFINERY_APOLLO_URL", apollo::BASE_URL);
        let token = settings.optional_secret("REFINERY_TWILIO_AUTH_TOKEN");
        let twilio = access(settings, token, "REFINERY_TWILIO_LOOKUP_URL", twilio_lookup::BASE_URL);
        let account_sid = settings.get("REFINERY_TWILIO_ACCOUNT_SID");
        let twilio_lookup = match (twilio, account_sid) {
            (Some(VendorAccess { base_url, key }), Some(account_sid)) => {
                Some(TwilioAccess { base_url, account_sid, auth_token: key })
            }
            (Some(_), None) => {
                settings.fault(
                    "REFINERY_TWILIO_ACCOUNT_SID",
                    "is not set; the token needs the account's SID (AC…)",
                );
                None
            }
            (None, _) => None,
        };
        Self { melissa, batchdata, realestateapi, apollo, twilio_lookup }
    }

    fn needs_https(&self) -> bool {
        let vendors = [&self.melissa, &self.batchdata, &self.realestateapi, &self.apollo];
        let urls = vendors.into_iter().flatten().map(|vendor| &vendor.base_url);
        urls.chain(self.twilio_lookup.as_ref().map(|twilio| &twilio.base_url))
            .any(|url| url.starts_with("https://"))
    }
}

fn access<L: Fn(&str) -> Option<String>>(
    settings: &mut Settings<L>,
    key: Option<Secret>,
    url_name: &str,
    default: &str,
) -> Option<VendorAccess> {
    let base_url = settings.base_url(url_name, default)?;
    Some(VendorAccess { base_url, key: key? })
}

/// The vendors that can be asked.
#[derive(Debug, Clone)]
pub struct EnrichmentProviders {
    providers: Vec<Arc<dyn EnrichmentProvider>>,
}

impl EnrichmentProviders {
    /// The configured vendors with connections of their own, and those that need a contract, which say so.
    ///
    /// # Errors
    /// [`NoCertificates`] where a vendor is called over HTTPS and this machine trusts nobody.
    pub fn connect(settings: EnrichmentSettings) -> Result<Self, NoCertificates> {
        let transport = Arc::new(Transport::new(settings.needs_https())?);
        let mut providers: Vec<Arc<dyn EnrichmentProvider>> = Vec::new();
        if let Some(VendorAccess { base_url, key }) = settings.melissa {
            providers.push(Arc::new(Remote::new(Melissa::new(base_url, key), transport.clone())));
        }
        if let Some(VendorAccess { base_url, key }) = settings.batchdata {
            providers.push(Arc::new(Remote::new(BatchData::new(base_url, key), transport.clone())));
        }
        if let Some(VendorAccess { base_url, key }) = settings.realestateapi {
            providers.push(Arc::new(Remote::new(RealEstateApi::new(base_url, key), transport.clone())));
        }
        if let Some(VendorAccess { base_url, key }) = settings.apollo {
            providers.push(Arc::new(Remote::new(Apollo::new(base_url, key), transport.clone())));
        }
        if let Some(TwilioAccess { base_url, account_sid, auth_token }) = settings.twilio_lookup {
            let lookup = TwilioLookup::new(base_url, account_sid, auth_token);
            providers.push(Arc::new(Remote::new(lookup, transport)));
        }
        providers.push(Arc::new(ContractOnly(ProviderId::Tlo)));
        providers.push(Arc::new(ContractOnly(ProviderId::Idiodata)));
        Ok(Self { providers })
    }

    /// A vendor; `None` where it is not configured.
    pub fn get(&self, id: ProviderId) -> Option<&Arc<dyn EnrichmentProvider>> {
        self.providers.iter().find(|provider| provider.id() == id)
    }

    /// All of them, those that need a contract last.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn EnrichmentProvider>> {
        self.providers.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &'static [(&str, &str)]) -> (EnrichmentSettings, Vec<String>) {
        let lookup =
            |name: &str| pairs.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        let mut settings = Settings::new(lookup);
        let read = EnrichmentSettings::read(&mut settings);
        (read, settings.finish().err().map(|error| error.faults).unwrap_or_default())
    }

    #[test]
    fn a_vendor_without_a_key_is_not_configured() {
        let (settings, faults) = read(&[("REFINERY_APOLLO_URL", "http://127.0.0.1:9/")]);
        assert_eq!((settings, faults), (EnrichmentSettings::default(), Vec::new()));
    }

    #[test]
    fn a_key_alone_is_enough_and_an_address_can_be_another() {
        let (settings, faults) = read(&[
            ("REFINERY_MELISSA_LICENSE", "l"),
            ("REFINERY_APOLLO_KEY", "k"),
            ("REFINERY_APOLLO_URL", "http://127.0.0.1:9/"),
        ]);
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(settings.melissa.as_ref().map(|vendor| vendor.base_url.as_str()), Some(melissa::BASE_URL));
        assert_eq!(
            settings.apollo.as_ref().map(|vendor| vendor.base_url.as_str()),
            Some("http://127.0.0.1:9")
        );
        assert!(settings.needs_https());
        assert!(!format!("{settings:?}").contains("\"k\""));
    }

    #[test]
    fn what_cannot_be_is_said() {
        let (_, faults) = read(&[
            ("REFINERY_TWILIO_AUTH_TOKEN", "t"),
            ("REFINERY_BATCHDATA_KEY", "k"),
            ("REFINERY_BATCHDATA_URL", "https://user:pass@x.com"),
        ]);
        let [batchdata, twilio] = faults.as_slice() else { panic!("{faults:?}") };
        assert!(
            batchdata.starts_with("REFINERY_BATCHDATA_URL: ") && !batchdata.contains("pass"),
            "{batchdata}"
        );
        assert!(twilio.starts_with("REFINERY_TWILIO_ACCOUNT_SID: "), "{twilio}");
    }

    #[tokio::test]
    async fn those_that_need_a_contract_are_always_there() {
        let (settings, _) =
            read(&[("REFINERY_APOLLO_KEY", "k"), ("REFINERY_APOLLO_URL", "http://127.0.0.1:9")]);
        let providers = EnrichmentProviders::connect(settings).expect("no certificates are needed");
        let ids: Vec<_> = providers.iter().map(|provider| provider.id().as_str()).collect();
        assert_eq!(ids, ["apollo", "tlo", "idiodata"]);
        assert!(providers.get(ProviderId::Melissa).is_none());
    }
}
