//! The words people, streets and companies are named by.

pub(crate) const WOMEN: [&str; 24] = [
    "Mary",
    "Linda",
    "Susan",
    "Karen",
    "Nancy",
    "Lisa",
    "Betty",
    "Sandra",
    "Ashley",
    "Donna",
    "Carol",
    "Michelle",
    "Laura",
    "Rebecca",
    "Sharon",
    "Cynthia",
    "Amy",
    "Angela",
    "Anna",
    "Brenda",
    "Pamela",
    "Nicole",
    "Katherine",
    "Ruth",
];

pub(crate) const MEN: [&str; 24] = [
    "James", "Robert", "John", "Michael", "David", "William", "Richard", "Joseph", "Thomas", "Charles",
    "Daniel", "Matthew", "Anthony", "Mark", "Steven", "Paul", "Andrew", "Kenneth", "Kevin", "Brian",
    "George", "Edward", "Ronald", "Peter",
];

pub(crate) const FAMILIES: [&str; 40] = [
    "Smith",
    "Johnson",
    "Williams",
    "Brown",
    "Jones",
    "Garcia",
    "Miller",
    "Davis",
    "Rodriguez",
    "Martinez",
    "Wilson",
    "Anderson",
    "Taylor",
    "Moore",
    "Jackson",
    "Martin",
    "Lee",
    "Thompson",
    "White",
    "Harris",
    "Clark",
    "Lewis",
    "Robinson",
    "Walker",
    "Young",
    "Allen",
    "King",
    "Wright",
    "Scott",
    "Torres",
    "Nguyen",
    "Hill",
    "Flores",
    "Green",
    "Adams",
    "Nelson",
    "Baker",
    "Hall",
    "Rivera",
    "Campbell",
];

pub(crate) const STREETS: [&str; 20] = [
    "Oak St",
    "Maple Ave",
    "Cedar Ln",
    "Pine St",
    "Elm St",
    "Washington Ave",
    "Lake Dr",
    "Hill Rd",
    "Walnut St",
    "Park Ave",
    "Sunset Blvd",
    "Ridge Rd",
    "Church St",
    "Highland Ave",
    "Mill Rd",
    "River Rd",
    "Spring St",
    "Center St",
    "Prospect Ave",
    "Meadow Ln",
];

/// City, state, first three digits of the ZIP code, county.
pub(crate) const PLACES: [(&str, &str, &str, &str); 12] = [
    ("Brooklyn", "NY", "112", "Kings"),
    ("Buffalo", "NY", "142", "Erie"),
    ("Houston", "TX", "770", "Harris"),
    ("Austin", "TX", "787", "Travis"),
    ("Phoenix", "AZ", "850", "Maricopa"),
    ("Denver", "CO", "802", "Denver"),
    ("Atlanta", "GA", "303", "Fulton"),
    ("Tampa", "FL", "336", "Hillsborough"),
    ("Chicago", "IL", "606", "Cook"),
    ("Columbus", "OH", "432", "Franklin"),
    ("Seattle", "WA", "981", "King"),
    ("Fresno", "CA", "937", "Fresno"),
];

/// Hosts of private mail. The ending is reserved (RFC 2606), so nothing that is sent arrives anywhere.
pub(crate) const MAIL_HOSTS: [&str; 5] =
    ["bluepost.example", "homemail.example", "inboxly.example", "mailhaven.example", "postline.example"];

/// Title, seniority, department.
pub(crate) const POSTS: [(&str, &str, &str); 10] = [
    ("Owner", "owner", "c_suite"),
    ("Founder & CEO", "founder", "c_suite"),
    ("Chief Executive Officer", "c_suite", "c_suite"),
    ("President", "c_suite", "c_suite"),
    ("Vice President of Operations", "vp", "master_operations"),
    ("Director of Marketing", "director", "master_marketing"),
    ("Office Manager", "manager", "master_operations"),
    ("Project Manager", "manager", "master_engineering_technical"),
    ("Account Executive", "senior", "master_sales"),
    ("Technician", "entry", "master_engineering_technical"),
];

pub(crate) const CARRIERS: [&str; 6] = [
    "Northstar Wireless",
    "Blue Ridge Mobile",
    "Prairie Cellular",
    "Atlantic Mobility",
    "Summit Wireless",
    "Cascade PCS",
];

pub(crate) const WIRED_CARRIERS: [&str; 4] =
    ["Heartland Telephone", "Lakeshore Communications", "Valley Bell", "Pioneer Telephone"];

pub(crate) const VOIP_CARRIERS: [&str; 3] = ["Packetvoice/1 - SVR", "Cloudline/7 - SVR", "Voxnet - SVR"];
