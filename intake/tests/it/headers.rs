//! Headers: where they are and what they mean.

use domain::FailureCode;
use intake::{Delimiter, Field, MappedBy, ReadError, ReadOptions, inspect, parse_rows};

use crate::accounts::{read, texts};

fn shape_of(bytes: &[u8]) -> Result<intake::FileShape, ReadError> {
    inspect(bytes, bytes.len() as u64, &ReadOptions::default())
}

#[test]
fn a_profile_says_what_columns_mean_and_what_must_be_there() {
    let bytes = b"firma;tel\nAcme;1\n";
    let mut options = ReadOptions {
        delimiter: Some(Delimiter::Semicolon),
        mapping: Some([("Firma".to_owned(), Field::CompanyName), ("gone".to_owned(), Field::Email)].into()),
        ..ReadOptions::default()
    };
    let shape = inspect(bytes, bytes.len() as u64, &options).expect("a list");
    assert_eq!((shape.mapping[0].field, shape.mapping[0].how), (Some(Field::CompanyName), MappedBy::Profile));
    assert_eq!(shape.mapping[1].field, Some(Field::Phone), "what the profile leaves out is mapped by alias");
    assert_eq!(shape.warnings[0].code, "profile_column_absent");
    options.required_fields = vec![Field::Email];
    let error = inspect(bytes, bytes.len() as u64, &options).expect_err("e-mail is required");
    assert_eq!(error.code(), FailureCode::UploadMissingColumns);
    assert!(error.expected().contains("email"));
    let json = serde_json::to_string(&options).expect("serializes");
    assert_eq!(serde_json::from_str::<ReadOptions>(&json).expect("reads back"), options);
}

#[test]
fn headers_are_made_unique_and_named() {
    let (shape, account) = read(b"Company,Phone,Phone,,note\nA,1,2,x,y\n").expect("a list");
    assert_eq!(shape.headers, ["Company", "Phone", "Phone_2", "column_4", "note"]);
    let rows = account.rows.iter().map(|row| intake::RawRow { row: 1, line: 2, byte: 0, text: &row.3 });
    let parsed = parse_rows(&shape, rows).expect("parses");
    let row = parsed.iter().next().expect("a row").expect("good");
    assert_eq!((row.get(Field::Phone), row.get(Field::Phone2)), ("1", "2"));
    let extras = serde_json::to_string(&row.extras_json()).expect("json");
    assert_eq!(extras, r#"{"column_4":"x","note":"y"}"#);
    assert_eq!((row.listing().company, row.listing().phone_2), ("A", "2"));
}

#[test]
fn what_stands_above_the_header_is_passed_over() {
    let (shape, account) =
        read(b"Monthly report\nMade 2020-01-01\n\nCompany,Phone,City\nA,1,X\n").expect("a list");
    assert_eq!((shape.header_line, shape.data_line), (4, 5));
    assert_eq!(shape.warnings[0].code, "preamble_skipped");
    assert_eq!(texts(&account), ["A,1,X"]);
    let (shape, _) = read(b"sep=;\nCompany;Phone, main\nA;1\n").expect("a list");
    assert_eq!(shape.delimiter, Delimiter::Semicolon);
}

#[test]
fn every_published_layout_is_mapped_whole() {
    let layouts: [(&str, &[Field]); 3] = [
        (
            "Company Name,Contact Name,Email Address,Street Address,City,State,Zip Code,County,Area Code,Phone Number,\
             Website URL,Number of Employees,Annual Revenue,SIC Code,SIC Description",
            &[
                Field::CompanyName,
                Field::ContactName,
                Field::Email,
                Field::Address,
                Field::City,
                Field::State,
                Field::Zip,
                Field::County,
                Field::AreaCode,
                Field::Phone,
                Field::Website,
                Field::Employees,
                Field::Revenue,
                Field::SicCode,
                Field::SicDescription,
            ],
        ),
        (
            "Company Name,Address,City,State,Zip,County,Phone,Contact First,Contact Last,Title,Direct Phone,Email,\
             Website,Employee Range,Annual Sales,SIC Code,Industry",
            &[
                Field::CompanyName,
                Field::Address,
                Field::City,
                Field::State,
                Field::Zip,
                Field::County,
                Field::Phone,
                Field::FirstName,
                Field::LastName,
                Field::Title,
                Field::Phone2,
                Field::Email,
                Field::Website,
                Field::Employees,
                Field::Revenue,
                Field::SicCode,
                Field::SicDescription,
            ],
        ),
        (
            "Email,First Name,Last Name,Address,City,State,Zip,IP Address,Opt-in Date,Opt-in Source",
            &[
                Field::Email,
                Field::FirstName,
                Field::LastName,
                Field::Address,
                Field::City,
                Field::State,
                Field::Zip,
                Field::IpAddress,
                Field::OptInDate,
                Field::OptInSource,
            ],
        ),
    ];
    for (header, fields) in layouts {
        let bytes = format!("{header}\nA\n");
        let shape = shape_of(bytes.as_bytes()).expect("a list");
        let found: Vec<_> = shape.mapping.iter().map(|column| column.field).collect();
        assert_eq!(found, fields.iter().copied().map(Some).collect::<Vec<_>>(), "{header}");
    }
    let infogroup = "COMPANY,ADDRESS LINE 1,CITY,STATE,ZIPCODE,ZIP4,COUNTY CODE,AREA CODE,IDCODE,LOCATION EMPLOYEE SIZE \
        CODE,LOCATION SALES VOLUME CODE,PRIMARY SIC CODE,SIC6_DESCRIPTIONS,PRIMARY NAICS CODE,NAICS8 DESCRIPTIONS,\
        SIC CODE,SIC6_DESCRIPTIONS (SIC),EMPLOYEE SIZE (5) - LOCATION,SALES VOLUME (9) - LOCATION,YEAR ESTABLISHED,ABI\n\
        A,B,C,TX,1,2,3,4,2,A,B,171105,Plumbing,238220,x,171105,y,5,9,1990,123456789\n";
    let shape = shape_of(infogroup.as_bytes()).expect("a list");
    for (column, field) in [
        (0, Some(Field::CompanyName)),
        (5, Some(Field::Zip4)),
        (6, None),
        (8, None),
        (9, Some(Field::EmployeesCode)),
        (10, Some(Field::RevenueCode)),
        (11, Some(Field::SicCode)),
        (12, Some(Field::SicDescription)),
        (13, Some(Field::NaicsCode)),
        (15, None),
        (17, Some(Field::Employees)),
        (18, Some(Field::Revenue)),
        (20, Some(Field::VendorRecordId)),
    ] {
        assert_eq!(shape.mapping[column].field, field, "{}", shape.headers[column]);
    }
}
