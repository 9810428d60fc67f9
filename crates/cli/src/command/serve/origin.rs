//! Whose pages may ask: else any page that a developer looks at could read the flags.

use std::net::IpAddr;

/// The pages that may ask, and under which names of this machine.
#[derive(Debug)]
pub(super) struct Origins {
    given: Vec<String>,
    /// Only this machine reaches the server, so every other name for it is a trick of a page (DNS rebinding).
    is_local: bool,
}

impl Origins {
    /// For a server that listens at `host`.
    pub(super) fn new(host: &str, given: &[String]) -> Origins {
        Origins {
            given: given.to_vec(),
            is_local: is_this_machine(host),
        }
    }

    /// Whether a page of `origin`, as its browser names it, may read what is answered.
    pub(super) fn allows(&self, origin: &str) -> bool {
        let is_given = |given: &String| given == "*" || given.trim_end_matches('/') == origin;
        let host = origin.split_once("://").map(|(_, host)| without_port(host));
        host.is_some_and(is_this_machine) || self.given.iter().any(is_given)
    }

    /// Whether a request to `host`, as its header says, was meant for this server.
    pub(super) fn is_meant(&self, host: Option<&str>) -> bool {
        !self.is_local || host.is_none_or(|host| is_this_machine(without_port(host)))
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = address.parse::<IpAddr>() {
        return address.is_loopback();
    }
    let host = host.to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::Origins;

    #[track_caller]
    fn check(given: &[&str], origin: &str, want: bool) {
        let given: Vec<String> = given.iter().map(|&it| it.to_owned()).collect();
        let origins = Origins::new("127.0.0.1", &given);
        assert_eq!(origins.allows(origin), want, "{origin}");
    }

    #[test]
    fn pages_of_this_machine_and_those_that_are_named_may_ask() {
        check(&[], "http://localhost:5173", true);
        check(&[], "http://shop.localhost", true);
        check(&[], "http://127.0.0.1:80", true);
        check(&[], "http://[::1]:3000", true);
        check(&[], "https://shop.example", false);
        check(&[], "http://localhost.shop.example", false);
        check(&[], "null", false);
        check(&["https://shop.example"], "https://shop.example", true);
        check(&["https://shop.example/"], "https://shop.example", true);
        check(&["https://shop.example"], "https://evil.example", false);
        check(&["*"], "https://shop.example", true);
    }

    #[test]
    fn a_server_of_this_machine_alone_has_no_other_name() {
        let local = Origins::new("localhost", &[]);
        for (host, want) in [
            (None, true),
            (Some("localhost:8787"), true),
            (Some("127.0.0.1:8787"), true),
            (Some("[::1]:8787"), true),
            (Some("evil.example:8787"), false),
        ] {
            assert_eq!(local.is_meant(host), want, "{host:?}");
        }
        assert!(Origins::new("0.0.0.0", &[]).is_meant(Some("flags:8787")));
    }
}
