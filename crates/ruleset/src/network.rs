//! Networks of addresses, as rulesets write them.

use std::fmt;
use std::net::Ipv6Addr;

use vexil_core::network;

/// An IPv4 or IPv6 network, or one address: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.1`.
///
/// ```
/// use vexil_ruleset::Network;
/// let network = Network::parse("::ffff:10.0.0.0/104").map(|network| network.to_string());
/// assert_eq!(network.as_deref(), Ok("10.0.0.0/8"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(network::Network);

/// Why a text is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkError {
    /// It is no address, or its prefix is longer than the address.
    Syntax,
    /// The address has bits beyond the prefix; without them it is this network.
    HostBits(Network),
}

impl Network {
    /// Reads a network. An IPv4-mapped IPv6 address is the IPv4 address.
    ///
    /// # Errors
    /// Where `text` is none, or has bits beyond its prefix.
    pub fn parse(text: &str) -> Result<Network, NetworkError> {
        match network::Network::parse(text) {
            Ok(network) => Ok(Network(network)),
            Err(network::NetworkError::Syntax) => Err(NetworkError::Syntax),
            Err(network::NetworkError::HostBits(meant)) => {
                Err(NetworkError::HostBits(Network(meant)))
            }
        }
    }

    pub(crate) fn new(network: network::Network) -> Network {
        Network(network)
    }

    pub(crate) fn get(self) -> network::Network {
        self.0
    }
}

impl fmt::Display for Network {
    /// The address, with the length of its prefix where that is not all of it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let network = self.0;
        let (prefix, all) = if let Some(prefix) = network.v4_prefix() {
            write!(formatter, "{}", network.address.to_ip())?;
            (prefix, 32)
        } else {
            // Also one that begins as mapped addresses do, but holds others besides.
            write!(formatter, "{}", Ipv6Addr::from_bits(network.address.0))?;
            (network.prefix, 128)
        };
        if prefix < all {
            write!(formatter, "/{prefix}")?;
        }
        Ok(())
    }
}

impl fmt::Display for NetworkError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NetworkError::Syntax => formatter.write_str(
                "expected an IPv4 or IPv6 address, or one with the length of a prefix, such as `10.0.0.0/8`",
            ),
            NetworkError::HostBits(meant) => {
                write!(formatter, "expected no bits beyond the prefix (did you mean `{meant}`?)")
            }
        }
    }
}

impl std::error::Error for NetworkError {}

#[cfg(test)]
mod tests {
    use super::{Network, NetworkError};

    #[track_caller]
    fn check(text: &str, want: &str) {
        let network = Network::parse(text).unwrap();
        assert_eq!(network.to_string(), want);
        assert_eq!(Network::parse(want), Ok(network));
    }

    #[test]
    fn networks_are_written_in_their_shortest_form() {
        check("10.0.0.0/8", "10.0.0.0/8");
        check("0.0.0.0/0", "0.0.0.0/0");
        check("192.0.2.1/32", "192.0.2.1");
        check("192.0.2.1", "192.0.2.1");
        check("2001:DB8:0:0:0:0:0:0/32", "2001:db8::/32");
        check("::/0", "::/0");
        check("::1/128", "::1");
        check("::ffff:192.0.2.0/120", "192.0.2.0/24");
        check("::ffff:0:0/96", "0.0.0.0/0");
    }

    #[test]
    fn bits_beyond_the_prefix_are_named_with_the_network_meant() {
        for (text, want) in [
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("2001:db8::1/32", "2001:db8::/32"),
            ("::ffff:10.1.2.3/104", "10.0.0.0/8"),
        ] {
            match Network::parse(text) {
                Err(NetworkError::HostBits(meant)) => assert_eq!(meant.to_string(), want),
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
