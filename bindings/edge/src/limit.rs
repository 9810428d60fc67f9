//! How much one caller may ask: token buckets, by key and by client address.
//!
//! They are this isolate's own. On a single server that is the whole worker; on Cloudflare there are many isolates in
//! each data centre, so a caller spread over them gets as much from each: the buckets keep one caller from taking an
//! isolate for itself, and are no quota. `wrangler.toml` says how to add one.
//!
//! The client's address is what `CF-Connecting-IP` says. Cloudflare sets it whatever a client sent; before a single
//! server a proxy has to. `X-Forwarded-For`, which anybody can write, is never read, and without an address only keys
//! are counted. That of the machine itself is none: where the proxy says nothing the runtime names the proxy, and whoever
//! guesses keys would have them refused to everybody.

mod bucket;

use std::cell::RefCell;
use std::net::IpAddr;

use vexil_audit::Hash;
use worker::{Env, Headers, Result};

use crate::auth::{self, Refusal};
use bucket::{Buckets, Rate};

/// What one address may ask: an office of ten thousand may begin at once.
const ADDRESS: Limit = Limit {
    binding: "VEXIL_ADDRESS_LIMIT",
    rate: Rate {
        per_s: 200.0,
        at_once: 20_000.0,
    },
};
/// What may be asked with one key; a browser's is that of a whole site.
const KEY: Limit = Limit {
    binding: "VEXIL_KEY_LIMIT",
    rate: Rate {
        per_s: 5_000.0,
        at_once: 50_000.0,
    },
};
/// What may be refused to one address for its key or its signed context.
const REFUSED: Limit = Limit {
    binding: "VEXIL_REFUSED_LIMIT",
    rate: Rate {
        per_s: 1.0,
        at_once: 200.0,
    },
};

/// A rate, unless the deployment has another.
struct Limit {
    binding: &'static str,
    rate: Rate,
}

/// Where a request comes from: a network as small as one customer has. `None` where nobody said it: then only keys are
/// counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client(Option<Vec<u8>>);

/// What callers have been asking.
#[derive(Default)]
struct Asked {
    addresses: Buckets,
    keys: Buckets,
    refused: Buckets,
}

thread_local! {
    static ASKED: RefCell<Asked> = RefCell::default();
}

type Admission = core::result::Result<(), Refusal>;

impl Client {
    pub(crate) fn of(headers: &Headers) -> Result<Client> {
        let address = headers.get("cf-connecting-ip")?;
        Ok(Client(address.and_then(|address| network(&address))))
    }

    /// A name of the network, the same for all that come from it, which does not tell its address.
    pub(crate) fn network(&self) -> Option<String> {
        let network = self.0.as_ref()?;
        Some(Hash::of(network).to_string())
    }

    /// Counts a request at `now`, in ms since 1970.
    pub(crate) fn ask(&self, env: &Env, now: i64) -> Result<Admission> {
        let (Some(address), Some(rate)) = (&self.0, ADDRESS.rate(env)?) else {
            return Ok(Ok(()));
        };
        Ok(ASKED
            .with_borrow_mut(|asked| asked.addresses.take(address, rate, now))
            .map_err(too_many))
    }

    /// Counts a request that shows `key`.
    ///
    /// Where too much was refused, nothing more is told of any key that is a secret, be it right or wrong. A page, whose
    /// key is public, goes on.
    pub(crate) fn show(&self, env: &Env, key: &str, now: i64) -> Result<Admission> {
        if let (Some(address), Some(rate)) = (&self.0, REFUSED.rate(env)?)
            && !auth::is_public(env, key)?
        {
            let left = ASKED.with_borrow_mut(|asked| asked.refused.look(address, rate, now));
            if let Err(after_s) = left {
                return Ok(Err(too_many(after_s)));
            }
        }
        let Some(rate) = KEY.rate(env)? else {
            return Ok(Ok(()));
        };
        // Its hash: no key lies about in memory, and all are of one length.
        let hash = Hash::of(key.as_bytes());
        Ok(ASKED
            .with_borrow_mut(|asked| asked.keys.take(&hash.0, rate, now))
            .map_err(too_many))
    }

    /// Counts what was refused.
    pub(crate) fn was_refused(&self, env: &Env, now: i64) -> Result<()> {
        if let (Some(address), Some(rate)) = (&self.0, REFUSED.rate(env)?) {
            // Where nothing is left, nothing is counted.
            let _: core::result::Result<(), u32> =
                ASKED.with_borrow_mut(|asked| asked.refused.take(address, rate, now));
        }
        Ok(())
    }
}

impl Limit {
    /// `None` where the deployment has none.
    fn rate(&self, env: &Env) -> Result<Option<Rate>> {
        let Ok(text) = env.var(self.binding).map(|text| text.to_string()) else {
            return Ok(Some(self.rate));
        };
        match text.trim() {
            "off" => Ok(None),
            text => Rate::parse(text).map(Some).ok_or_else(|| {
                let name = self.binding;
                format!("{name} is `{text}`, expected requests a second and at once as in `200/20000`, or `off`").into()
            }),
        }
    }
}

fn too_many(after_s: u32) -> Refusal {
    Refusal::TooMany { after_s }
}

/// An address, or of IPv6 the first half, which is what one customer has at least; `None` for this machine.
fn network(address: &str) -> Option<Vec<u8>> {
    match address.trim().parse::<IpAddr>().map(|it| it.to_canonical()) {
        Ok(address) if address.is_loopback() => None,
        Ok(IpAddr::V4(address)) => Some(address.octets().to_vec()),
        Ok(IpAddr::V6(address)) => Some(address.octets().into_iter().take(8).collect()),
        // A proxy may say what it likes; so much of it is told apart.
        Err(_) => Some(address.bytes().take(64).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn those_of_one_network_are_one_client() {
        for (left, right, want) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
            ("192.0.2.1", " 192.0.2.1 ", true),
            ("proxy", "proxy", true),
            ("proxy", "other", false),
        ] {
            assert_eq!(network(left) == network(right), want, "{left} {right}");
        }
        assert_eq!(network(&"x".repeat(10_000)).unwrap().len(), 64);
    }

    #[test]
    fn the_machine_itself_is_nobody() {
        for address in ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(network(address), None, "{address}");
        }
    }
}
