//! What files and contexts are made of: few values, so that they meet.

pub(super) const IDS: &[&str] = &[
    "1", "2", "7", "42", "99", "user-a", "user-é", "Ann", "b7", "12.0", "1234567", "x y",
];
pub(super) const PLANS: &[&str] = &[
    "pro", "free", "Pro", "PRO-2", "pro\"x", "", "12", "größe", "GRÖSSE",
];
pub(super) const APPS: &[&str] = &["web", "Web", "ios", "web-2", "10.0.0.1"];
pub(super) const NUMBERS: &[&str] = &["12", "12.0", "-1", "0", "1e2", "0.5", "42", " 7"];
pub(super) const AGES: &[&str] = &[
    "12", "12.0", "+12", "13", "-1", "-0", "0", "100", "1e2", "0.5", ".5", "abc", "", " 12", "inf",
    "NaN", "1_0",
];
pub(super) const VERSIONS: &[&str] = &[
    "1.2.3",
    "1.2.3-rc.1",
    "1.2.3-rc.2",
    "1.2.3+b",
    "2.0.0",
    "2.0.0-alpha",
    "10.0.0",
    "v1.2.3",
    "1.2",
    "01.2.3",
    "x",
];
/// Before the instants at which both sides ask, or after them.
pub(super) const DATES: &[&str] = &[
    "2022-01-29T13:00:00.000Z",
    "2022-01-29T13:00:00Z",
    "2022-01-29T14:00:00.000+01:00",
    "2022-01-29T13:00:00.001Z",
    "2021-12-31T23:59:59Z",
    "2040-01-01T00:00:00Z",
];
pub(super) const NETWORKS: &[&str] = &[
    "10.0.0.0/8",
    "10.0.0.1",
    "10.0.0.1/8",
    "192.168.0.0/255.255.0.0",
    "127.invalid",
    "2001:db8::/32",
    "::1",
    "0.0.0.0/0",
];
pub(super) const ADDRESSES: &[&str] = &[
    "10.0.0.1",
    "10.9.9.9",
    "192.168.0.3",
    "127.0.0.1",
    "2001:db8::7",
    "::1",
    "x",
    "",
];
pub(super) const PATTERNS: &[&str] = &[
    "^pro",
    "o$",
    "^[a-z]+-[0-9]$",
    "pro|free",
    "(",
    "^.$",
    "(?i)PRO",
    "^[[:alpha:]]+$",
    "a{2,3}",
    "(a)\\1",
    "\\d+",
    "ö",
];
pub(super) const PERCENTS: &[&str] = &["0", "1", "33", "50", "50", "75", "99", "100", "100", "100"];
pub(super) const ATTRIBUTES: &[&str] = &[
    "plan",
    "age",
    "version",
    "since",
    "ip",
    "userId",
    "sessionId",
    "environment",
    "remoteAddress",
    "missing",
];
