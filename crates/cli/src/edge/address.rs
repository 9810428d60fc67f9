//! The address of an edge.

use std::net::IpAddr;

use ureq::http::Uri;

/// Names that lead to no public host.
const LOCAL: [&str; 6] = [
    ".localhost",
    ".local",
    ".internal",
    ".lan",
    ".test",
    ".home.arpa",
];

/// The URL without a slash at its end, or why it does not do.
///
/// A token is not sent where everybody on the way can read it: `http` is for this machine and for private networks.
pub(super) fn read(text: &str) -> Result<String, String> {
    let no = |why: &str| format!("`{}` is no address of an edge: {why}", shown(text));
    let uri: Uri = text
        .parse()
        .map_err(|_| no("expected one such as https://flags.example.com"))?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(no("expected one such as https://flags.example.com"));
    };
    if authority.as_str().contains('@') {
        return Err(no("no secret belongs into it"));
    }
    if uri.query().is_some() || text.contains('#') {
        return Err(no("it ends with its path"));
    }
    match scheme {
        "https" => {}
        "http" if is_private(authority.host()) => {}
        "http" => {
            return Err(no(
                "with http everybody on the way could read the token, say https",
            ));
        }
        _ => return Err(no("expected https")),
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn is_private(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        Ok(IpAddr::V6(address)) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
        Err(_) => !host.contains('.') || LOCAL.iter().any(|end| host.ends_with(end)),
    }
}

/// Without what may be a secret in it.
fn shown(text: &str) -> &str {
    text.rsplit_once('@').map_or(text, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[track_caller]
    fn check(text: &str, want: Result<&str, &str>) {
        match (read(text), want) {
            (Ok(url), Ok(want)) => assert_eq!(url, want),
            (Err(sentence), Err(want)) => {
                assert!(sentence.ends_with(want), "{sentence}");
                assert!(!sentence.contains("secret-1"), "{sentence}");
            }
            (found, _) => panic!("{text}: {found:?}"),
        }
    }

    #[test]
    fn an_address_is_https_or_private() {
        let same = |text| check(text, Ok(text));
        same("https://flags.example.com");
        same("https://www.example.com/flags");
        check(
            "https://flags.example.com/",
            Ok("https://flags.example.com"),
        );
        for private in [
            "http://127.0.0.1:8787",
            "http://localhost:8787",
            "http://[::1]:8787",
            "http://10.1.2.3",
            "http://192.168.0.4/flags",
            "http://[fd00::1]",
            "http://vexil",
            "http://vexil.flags.svc.cluster.local",
        ] {
            same(private);
        }
        let open = "with http everybody on the way could read the token, say https";
        check("http://flags.example.com", Err(open));
        check("http://8.8.8.8", Err(open));
        check("http://[2001:db8::1]", Err(open));
        let such = "expected one such as https://flags.example.com";
        check("flags.example.com", Err(such));
        check("", Err(such));
        check("ftp://flags.example.com", Err("expected https"));
        check(
            "https://a:secret-1@flags.example.com",
            Err("no secret belongs into it"),
        );
        check("https://flags.example.com/?a", Err("it ends with its path"));
    }
}
