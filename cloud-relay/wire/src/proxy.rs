//! The PROXY protocol, version 2 (HAProxy's specification, section 2.2), as far as the relay uses it: one TCP visitor with
//! the TLVs AUTHORITY, CRC32C and UNIQUE_ID. Reading is strict; whatever is doubled, torn or too long is refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::crc32c::crc32c;
use crate::{HostName, Visitor};

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
const VERSION_AND_PROXY: u8 = 0x21;
const TCP_OVER_IPV4: u8 = 0x11;
const TCP_OVER_IPV6: u8 = 0x21;
const AUTHORITY: u8 = 0x02;
const CRC32C: u8 = 0x03;
const UNIQUE_ID: u8 = 0x05;

/// Longest header that [`encode`] writes: fixed part, IPv6 addresses, a name of 253 bytes, checksum, id.
pub(crate) const LONGEST: usize = 16 + 36 + (3 + 253) + (3 + 4) + (3 + 16);

/// The header for one visitor.
pub(crate) fn encode(visitor: &Visitor) -> Vec<u8> {
    let mut body = Vec::with_capacity(LONGEST);
    let family = addresses(visitor.address, visitor.listener, &mut body);
    value(&mut body, AUTHORITY, visitor.authority.as_str().as_bytes());
    value(&mut body, UNIQUE_ID, &visitor.id);
    let checksum_at = 16 + body.len() + 3;
    value(&mut body, CRC32C, &[0; 4]);

    let mut header = SIGNATURE.to_vec();
    header.extend_from_slice(&[VERSION_AND_PROXY, family]);
    header.extend_from_slice(&u16::try_from(body.len()).unwrap_or(u16::MAX).to_be_bytes());
    header.extend_from_slice(&body);
    let checksum = crc32c(&header).to_be_bytes();
    if let Some(place) = header.get_mut(checksum_at..checksum_at + 4) {
        place.copy_from_slice(&checksum);
    }
    header
}

/// The visitor that a header names; nothing when anything about it is unclear.
pub(crate) fn decode(header: &[u8]) -> Option<Visitor> {
    let rest = header.strip_prefix(SIGNATURE)?;
    let ([version, family], rest) = rest.split_first_chunk::<2>()?;
    let (length, body) = rest.split_first_chunk::<2>()?;
    if *version != VERSION_AND_PROXY || usize::from(u16::from_be_bytes(*length)) != body.len() {
        return None;
    }
    let (address, listener, mut rest) = match *family {
        TCP_OVER_IPV4 => endpoints::<4, 12>(body)?,
        TCP_OVER_IPV6 => endpoints::<16, 36>(body)?,
        _ => return None,
    };
    let (mut authority, mut id, mut checksum) = (None, None, None);
    while let Some((kind, content, tail)) = split_value(rest) {
        let doubled = match kind {
            AUTHORITY => authority
                .replace(HostName::parse(std::str::from_utf8(content).ok()?).ok()?)
                .is_some(),
            UNIQUE_ID => id.replace(<[u8; 16]>::try_from(content).ok()?).is_some(),
            CRC32C => checksum
                .replace((header.len() - tail.len() - 4, content))
                .is_some(),
            _ => false,
        };
        if doubled {
            return None;
        }
        rest = tail;
    }
    let (at, expected) = checksum?;
    let right = rest.is_empty() && expected == checksum_without(header, at)?;
    Some(Visitor {
        address,
        listener,
        authority: authority?,
        id: id?,
    })
    .filter(|_| right)
}

fn addresses(from: SocketAddr, to: SocketAddr, body: &mut Vec<u8>) -> u8 {
    let family = match (from.ip().to_canonical(), to.ip().to_canonical()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            body.extend_from_slice(&from.octets());
            body.extend_from_slice(&to.octets());
            TCP_OVER_IPV4
        }
        (from, to) => {
            body.extend_from_slice(&wide(from).octets());
            body.extend_from_slice(&wide(to).octets());
            TCP_OVER_IPV6
        }
    };
    body.extend_from_slice(&from.port().to_be_bytes());
    body.extend_from_slice(&to.port().to_be_bytes());
    family
}

fn wide(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

fn endpoints<const N: usize, const ALL: usize>(
    body: &[u8],
) -> Option<(SocketAddr, SocketAddr, &[u8])> {
    let (block, rest) = body.split_first_chunk::<ALL>()?;
    let (from, block) = block.split_first_chunk::<N>()?;
    let (to, block) = block.split_first_chunk::<N>()?;
    let (from_port, block) = block.split_first_chunk::<2>()?;
    let to_port = block.first_chunk::<2>()?;
    let from = SocketAddr::new(address(from)?, u16::from_be_bytes(*from_port));
    Some((
        from,
        SocketAddr::new(address(to)?, u16::from_be_bytes(*to_port)),
        rest,
    ))
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    match octets.len() {
        4 => Some(Ipv4Addr::from(<[u8; 4]>::try_from(octets).ok()?).into()),
        _ => Some(IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(octets).ok()?)).to_canonical()),
    }
}

fn value(body: &mut Vec<u8>, kind: u8, content: &[u8]) {
    body.push(kind);
    body.extend_from_slice(
        &u16::try_from(content.len())
            .unwrap_or(u16::MAX)
            .to_be_bytes(),
    );
    body.extend_from_slice(content);
}

fn split_value(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (kind, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (content, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some((*kind, content, rest))
}

/// The checksum is taken over the whole header with its own field zeroed.
fn checksum_without(header: &[u8], at: usize) -> Option<[u8; 4]> {
    let mut zeroed = header.to_vec();
    zeroed.get_mut(at..at.checked_add(4)?)?.fill(0);
    Some(crc32c(&zeroed).to_be_bytes())
}
