//! What Melissa is asked.

use axum::http::Method;
use serde::Deserialize;

use crate::front::Visit;
use crate::world::Identity;

/// A call, by either method.
pub(super) struct Call {
    pub(super) reference: String,
    pub(super) columns: String,
    /// Whether what is missing is appended.
    pub(super) append: bool,
    /// Whether it is appended even where something was given.
    pub(super) append_always: bool,
    pub(super) questions: Vec<Question>,
}

/// A record of a call.
pub(super) struct Question {
    pub(super) id: String,
    pub(super) identity: Identity,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Body {
    transmission_reference: String,
    actions: String,
    options: String,
    columns: String,
    records: Vec<Record>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Record {
    #[serde(rename = "RecordID")]
    record_id: String,
    full_name: String,
    first_name: String,
    last_name: String,
    company_name: String,
    address_line1: String,
    city: String,
    state: String,
    postal_code: String,
    email_address: String,
    phone_number: String,
}

impl Call {
    /// Reads a call, or says with a code why not.
    pub(super) fn read(visit: &Visit) -> Result<Self, &'static str> {
        let body = if visit.method == Method::GET {
            let own = |name: &str| visit.param(name).to_owned();
            let record = Record {
                record_id: "1".to_owned(),
                full_name: own("full"),
                first_name: own("first"),
                last_name: own("last"),
                company_name: own("comp"),
                address_line1: own("a1"),
                city: own("city"),
                state: own("state"),
                postal_code: own("postal"),
                email_address: own("email"),
                phone_number: own("phone"),
            };
            Body {
                transmission_reference: own("t"),
                actions: own("act"),
                options: own("opt"),
                columns: own("cols"),
                records: vec![record],
            }
        } else {
            visit.json::<Body>().map_err(|_| "GE07")?
        };
        let has = |list: &str, word: &str| list.split(',').any(|part| part.trim().eq_ignore_ascii_case(word));
        let options = body.options.to_ascii_lowercase();
        Ok(Self {
            reference: body.transmission_reference,
            append: has(&body.actions, "Append"),
            append_always: options.split([';', ',']).any(|option| option.trim() == "append:always"),
            columns: body.columns,
            questions: body.records.into_iter().map(Record::question).collect(),
        })
    }

    /// Whether a column was asked for, alone or with its group.
    pub(super) fn wants(&self, column: &str, group: &str) -> bool {
        self.columns
            .split([',', ';'])
            .map(str::trim)
            .any(|asked| asked.eq_ignore_ascii_case(column) || asked.eq_ignore_ascii_case(group))
    }
}

impl Record {
    fn question(self) -> Question {
        let mut identity = Identity {
            first: self.first_name,
            last: self.last_name,
            street: self.address_line1,
            city: self.city,
            state: self.state,
            zip: self.postal_code,
            email: self.email_address,
            phone: self.phone_number,
            company: self.company_name,
            ..Identity::default()
        };
        if identity.first.is_empty() && identity.last.is_empty() {
            identity.set_full_name(&self.full_name);
        }
        Question { id: self.record_id, identity }
    }
}
