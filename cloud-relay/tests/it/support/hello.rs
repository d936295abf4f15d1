//! Hand-made ClientHellos, good and bad.

/// A `server_name` extension with these names.
pub(crate) fn server_name(names: &[&[u8]]) -> (u16, Vec<u8>) {
    let mut list = Vec::new();
    for name in names {
        list.push(0);
        list.extend(long(name));
    }
    (0, long(&list))
}

/// A ClientHello handshake message with these extensions.
pub(crate) fn message(extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut all = Vec::new();
    for (kind, content) in extensions {
        all.extend(kind.to_be_bytes());
        all.extend(long(content));
    }
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.push(0);
    body.extend(long(&[0x13, 0x01]));
    body.extend([1, 0]);
    body.extend(long(&all));
    let length = u32::try_from(body.len()).expect("short").to_be_bytes();
    [&[1], &length[1..], &body].concat()
}

/// The message in records of at most `size` bytes.
pub(crate) fn records(message: &[u8], size: usize) -> Vec<u8> {
    message
        .chunks(size)
        .flat_map(|piece| [vec![22, 3, 1], long(piece)].concat())
        .collect()
}

/// A good hello for this name in one record.
pub(crate) fn good(name: &str) -> Vec<u8> {
    records(&message(&[server_name(&[name.as_bytes()])]), 16_000)
}

fn long(bytes: &[u8]) -> Vec<u8> {
    [
        &u16::try_from(bytes.len()).expect("short").to_be_bytes(),
        bytes,
    ]
    .concat()
}
