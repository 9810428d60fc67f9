//! Addresses and networks, by the standard library's reading of addresses.

use std::net::IpAddr;

/// Whether `network` contains `address`.
pub(super) fn contains(address: &str, network: &str) -> bool {
    let (base, length) = network.split_once('/').unwrap_or((network, ""));
    let (Ok(address), Ok(base)) = (address.parse(), base.parse()) else {
        return false;
    };
    let ((base, width), (address, other)) = (bits(base), bits(address));
    let written = if network.contains('.') && !network.contains(':') {
        32
    } else {
        128
    };
    // A mapped network is written with the length that it has in IPv6.
    let length = length.parse().unwrap_or(written) - (written - width);
    width == other && (length == 0 || (base ^ address) >> (width - length) == 0)
}

/// The bits of an address, and how many there are.
fn bits(address: IpAddr) -> (u128, u32) {
    match address.to_canonical() {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}
