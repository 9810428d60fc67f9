//! IP addresses and networks as text.
//!
//! Sources: RFC 4291, section 2.2 (the forms of IPv6, and IPv4-mapped addresses); RFC 4632, section 3.1 (prefixes).

use core::cmp::Ordering;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::cursor::Cursor;

/// An IP address; IPv4 as its IPv4-mapped IPv6 address. Addresses of IPv4 come after all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(pub u128);

/// The addresses that begin as one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    /// The lowest of them.
    pub address: Address,
    /// In how many bits they agree, 0 to 128; for IPv4 96 more than is written.
    pub prefix: u8,
}

/// Why a text is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkError {
    /// It is neither an address nor an address, a slash and the length of a prefix.
    Syntax,
    /// The address has bits beyond the prefix; this network is probably meant.
    HostBits(Network),
}

/// What `::ffff:0:0/96` begins with.
const MAPPED: u128 = 0xffff << 32;
const MAPPED_PREFIX: u8 = 96;
/// How many groups of 16 bits an address of IPv6 has.
const GROUPS: usize = 8;
const NOWHERE: usize = usize::MAX;

impl Address {
    /// Reads the text forms of IPv4 and IPv6; no zone, no brackets.
    ///
    /// ```
    /// use vexil_core::network::Address;
    /// assert_eq!(Address::parse("::ffff:10.0.0.1"), Address::parse("10.0.0.1"));
    /// assert_eq!(Address::parse("10.0.0"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Address> {
        Address::read(text.as_bytes())
    }

    // Not the standard library's: its parsers take 2 kB of WebAssembly.
    pub(crate) fn read(text: &[u8]) -> Option<Address> {
        let mut groups = [0_u32; GROUPS];
        let mut cursor = Cursor::new(text);
        let mut count: usize = 0;
        // How many groups are before the `::`.
        let mut gap = NOWHERE;
        loop {
            let has_colon = cursor.skip(b':');
            if has_colon && gap == NOWHERE && cursor.skip(b':') {
                gap = count;
                if cursor.peek() == 0 {
                    break;
                }
            } else {
                // Between two groups, unless the `::` is.
                cursor.require(has_colon == (count > 0));
            }
            let start = cursor.at();
            let mut group = cursor.number(16, 1, 4) as u32;
            let is_v4 = cursor.peek() == b'.';
            if is_v4 {
                cursor.back_to(start);
                group = octets(&mut cursor);
                if count == 0 && gap == NOWHERE {
                    return cursor
                        .is_done()
                        .then_some(Address(MAPPED | u128::from(group)));
                }
                *groups.get_mut(count)? = group >> 16;
                count = count.saturating_add(1);
            }
            *groups.get_mut(count)? = group & 0xffff;
            count = count.saturating_add(1);
            if is_v4 || cursor.peek() == 0 {
                break;
            }
        }
        // A `::` stands for one group of zeros at least.
        let zeros = GROUPS.saturating_sub(count);
        if (zeros > 0) != (gap != NOWHERE) || !cursor.is_done() {
            return None;
        }
        let mut address: u128 = 0;
        for place in 0..GROUPS {
            let beyond = place.wrapping_sub(gap);
            let mut group = place;
            if place >= gap {
                group = place.wrapping_sub(zeros);
            }
            let mut group = groups.get(group).copied().unwrap_or_default();
            if beyond < zeros {
                group = 0;
            }
            address = address << 16 | u128::from(group);
        }
        Some(Address(address))
    }

    /// Whether it is an address of IPv4.
    #[must_use]
    pub fn is_v4(self) -> bool {
        self.0 >> 32 == MAPPED >> 32
    }

    /// The address as the standard library has it.
    #[must_use]
    pub fn to_ip(self) -> IpAddr {
        if self.is_v4() {
            IpAddr::V4(Ipv4Addr::from_bits(self.0 as u32))
        } else {
            IpAddr::V6(Ipv6Addr::from_bits(self.0))
        }
    }
}

/// Four decimal numbers up to 255, without leading zeros.
fn octets(cursor: &mut Cursor<'_>) -> u32 {
    let mut address = 0;
    for place in 0..4 {
        if place > 0 {
            cursor.expect(b'.');
        }
        let octet = cursor.plain(3) as u32;
        cursor.require(octet < 256);
        address = address << 8 | octet;
    }
    address
}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Address {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.is_v4(), self.0).cmp(&(other.is_v4(), other.0))
    }
}

impl Network {
    /// Reads `10.0.0.0/8`, `2001:db8::/32`, or an address, which is a network of its own.
    ///
    /// ```
    /// use vexil_core::network::{Address, Network, NetworkError};
    /// let network = Network::parse("10.0.0.0/8")?;
    /// assert!(Address::parse("10.1.2.3").is_some_and(|address| network.contains(address)));
    /// assert_eq!(Network::parse("10.0.0.1/8"), Err(NetworkError::HostBits(network)));
    /// # Ok::<(), NetworkError>(())
    /// ```
    ///
    /// # Errors
    /// See [`NetworkError`].
    pub fn parse(text: &str) -> Result<Network, NetworkError> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let is_v4 = !address.contains(':');
        let address = Address::parse(address).ok_or(NetworkError::Syntax)?;
        let prefix = match length {
            Some(length) => prefix(length, is_v4).ok_or(NetworkError::Syntax)?,
            None => 128,
        };
        let lowest = Network {
            address: Address(address.0 & mask(prefix)),
            prefix,
        };
        if lowest.address == address {
            Ok(lowest)
        } else {
            Err(NetworkError::HostBits(lowest))
        }
    }

    /// Whether `address` is one of its own: an IPv4 address is in no network of IPv6.
    #[must_use]
    pub fn contains(self, address: Address) -> bool {
        let is_same_family = address.is_v4() == self.address.is_v4();
        let differs_at = (address.0 ^ self.address.0).leading_zeros();
        is_same_family && differs_at >= u32::from(self.prefix)
    }

    /// How many bits of IPv4 it has, if it is a network of IPv4.
    #[must_use]
    pub fn v4_prefix(self) -> Option<u8> {
        let prefix = self.prefix.checked_sub(MAPPED_PREFIX);
        prefix.filter(|_| self.address.is_v4())
    }
}

fn prefix(text: &str, is_v4: bool) -> Option<u8> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let has_zeros = text.len() > 1 && text.starts_with('0');
    let number: u8 = text.parse().ok().filter(|_| is_digits && !has_zeros)?;
    if is_v4 {
        (number <= 32).then(|| number.saturating_add(MAPPED_PREFIX))
    } else {
        (number <= 128).then_some(number)
    }
}

fn mask(prefix: u8) -> u128 {
    u128::MAX
        .checked_shl(128_u32.saturating_sub(u32::from(prefix)))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use core::net::IpAddr;

    use super::{Address, Network, NetworkError};

    #[track_caller]
    fn check(network: &str, address: &str, want: bool) {
        let (network, address) = (Network::parse(network), Address::parse(address));
        assert_eq!(network.unwrap().contains(address.unwrap()), want);
    }

    #[test]
    fn an_address_is_in_the_networks_it_begins_as() {
        check("10.0.0.0/8", "10.255.0.1", true);
        check("10.0.0.0/8", "11.0.0.0", false);
        check("10.0.0.1", "10.0.0.1", true);
        check("10.0.0.1/32", "10.0.0.2", false);
        check("0.0.0.0/0", "255.255.255.255", true);
        check("2001:db8::/32", "2001:db8:ffff::1", true);
        check("2001:db8::/32", "2001:db9::", false);
        check("2001:db8::1/128", "2001:DB8:0:0::1", true);
    }

    #[test]
    fn a_mapped_address_is_one_of_ipv4_and_the_families_do_not_mix() {
        check("10.0.0.0/8", "::ffff:10.0.0.1", true);
        check("::ffff:10.0.0.0/104", "10.0.0.1", true);
        check("::/0", "10.0.0.1", false);
        check("::/0", "::1", true);
        check("::fffe:0:0/95", "10.0.0.1", false);
        check("0.0.0.0/0", "::1", false);
    }

    /// Texts of parts that addresses are made of, and of what is almost one, one after the other.
    #[test]
    fn addresses_are_those_of_the_standard_library() {
        const PARTS: [&str; 16] = [
            ":", ":", ":", "::", ".", "0", "1", "00", "ff", "FFFF", "12345", "255", "256",
            "10.0.0.1", "1:2:3", "g",
        ];
        let mut random: u64 = 1;
        let mut accepted = 0;
        for _ in 0..200_000 {
            let mut text = alloc::string::String::new();
            for _ in 0..=random % 15 {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                text.push_str(PARTS[(random >> 60) as usize]);
            }
            random ^= random >> 29;
            let want = text.parse::<IpAddr>().ok().map(|address| match address {
                IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
                IpAddr::V6(address) => address.to_bits(),
            });
            accepted += u32::from(want.is_some());
            assert_eq!(
                Address::parse(&text).map(|address| address.0),
                want,
                "{text}"
            );
        }
        assert!(accepted > 1_000, "{accepted}");
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "/8",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/08",
            "10.0.0.0/+8",
            "10.0.0/8",
            "010.0.0.0/8",
            "::/129",
            "::1%eth0",
            "[::1]",
            "10.0.0.0/8/8",
            "a.example",
        ] {
            assert_eq!(Network::parse(text), Err(NetworkError::Syntax), "{text}");
        }
    }
}
