//! One message: a head of fixed form, and its payload.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | length of the head without the payload's length: 116 |
//! | 32 | type, padded with spaces |
//! | 4 | version: 1 |
//! | 8 | when it was made, in milliseconds |
//! | 8 | number in its stream |
//! | 8 | flags |
//! | 16 | id: the second half of a UUID before the first |
//! | 32 | SHA-256 of the payload |
//! | 4 | what the payload is |
//! | 4 | length of the payload |

use bytes::{BufMut, Bytes, BytesMut};
use sha2::{Digest, Sha256};

/// From the client to the process.
pub const INPUT: &str = "input_stream_data";
/// From the process to the client.
pub const OUTPUT: &str = "output_stream_data";
pub const ACKNOWLEDGE: &str = "acknowledge";
pub const CHANNEL_CLOSED: &str = "channel_closed";

/// The first message of its stream.
pub const FLAG_FIRST: u64 = 1;
/// The last of its stream: what it is for would have no more.
pub const FLAG_LAST: u64 = 2;

const HEAD: usize = 116;
const TYPE: usize = 32;
const VERSION: u32 = 1;
/// The largest payload that is taken in.
pub const MAX_PAYLOAD: usize = 64 * 1024;

/// What a payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadType {
    None,
    Output,
    Error,
    Size,
    Parameter,
    HandshakeRequest,
    HandshakeResponse,
    HandshakeComplete,
    EncryptionChallengeRequest,
    EncryptionChallengeResponse,
    Flag,
    StandardError,
    ExitCode,
    Other(u32),
}

impl PayloadType {
    const ALL: [PayloadType; 13] = [
        PayloadType::None,
        PayloadType::Output,
        PayloadType::Error,
        PayloadType::Size,
        PayloadType::Parameter,
        PayloadType::HandshakeRequest,
        PayloadType::HandshakeResponse,
        PayloadType::HandshakeComplete,
        PayloadType::EncryptionChallengeRequest,
        PayloadType::EncryptionChallengeResponse,
        PayloadType::Flag,
        PayloadType::StandardError,
        PayloadType::ExitCode,
    ];

    fn number(self) -> u32 {
        match self {
            PayloadType::Other(number) => number,
            known => (0u32..).zip(Self::ALL).find(|(_, one)| *one == known).map_or(0, |(number, _)| number),
        }
    }

    fn of(number: u32) -> PayloadType {
        let known = usize::try_from(number).ok().and_then(|at| Self::ALL.get(at));
        known.copied().unwrap_or(PayloadType::Other(number))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub kind: String,
    /// Milliseconds since the Unix epoch.
    pub created_ms: u64,
    pub sequence: i64,
    pub flags: u64,
    /// A UUID's bytes in their usual order.
    pub id: [u8; 16],
    pub payload_type: PayloadType,
    pub payload: Bytes,
}

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("a message is shorter than its head")]
    Short,
    #[error("a message's head has another length than it says")]
    Head,
    #[error("a message's type is no text")]
    Type,
    #[error("a message's payload has another length than it says")]
    Length,
    #[error("a message's payload is larger than {MAX_PAYLOAD} bytes")]
    Large,
    #[error("a message's payload is not what its digest says")]
    Digest,
}

impl Message {
    /// The bytes of the message.
    pub fn encode(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(HEAD + 4 + self.payload.len());
        out.put_u32(HEAD as u32);
        let kind = self.kind.as_bytes();
        let kind = &kind[..kind.len().min(TYPE)];
        out.put_slice(kind);
        out.put_bytes(b' ', TYPE - kind.len());
        out.put_u32(VERSION);
        out.put_u64(self.created_ms);
        out.put_i64(self.sequence);
        out.put_u64(self.flags);
        out.put_slice(&self.id[8..]);
        out.put_slice(&self.id[..8]);
        out.put_slice(&Sha256::digest(&self.payload));
        out.put_u32(self.payload_type.number());
        // The payloads that we make are small.
        out.put_u32(self.payload.len() as u32);
        out.put_slice(&self.payload);
        out.freeze()
    }

    /// Reads a message.
    pub fn decode(bytes: &Bytes) -> Result<Message, Malformed> {
        let mut at = 0;
        let head_length = u32::from_be_bytes(take(bytes, &mut at)?);
        let kind: [u8; TYPE] = take(bytes, &mut at)?;
        let _version: [u8; 4] = take(bytes, &mut at)?;
        let created_ms = u64::from_be_bytes(take(bytes, &mut at)?);
        let sequence = i64::from_be_bytes(take(bytes, &mut at)?);
        let flags = u64::from_be_bytes(take(bytes, &mut at)?);
        let (second, first): ([u8; 8], [u8; 8]) = (take(bytes, &mut at)?, take(bytes, &mut at)?);
        let digest: [u8; 32] = take(bytes, &mut at)?;
        let payload_type = PayloadType::of(u32::from_be_bytes(take(bytes, &mut at)?));
        if head_length as usize != at {
            return Err(Malformed::Head);
        }
        let length = u32::from_be_bytes(take(bytes, &mut at)?) as usize;
        let payload = bytes.slice(at..);
        if payload.len() > MAX_PAYLOAD {
            return Err(Malformed::Large);
        }
        if payload.len() != length {
            return Err(Malformed::Length);
        }
        if length > 0 && Sha256::digest(&payload)[..] != digest {
            return Err(Malformed::Digest);
        }
        let kind = std::str::from_utf8(&kind).map_err(|_| Malformed::Type)?;
        let mut id = [0; 16];
        id[..8].copy_from_slice(&first);
        id[8..].copy_from_slice(&second);
        Ok(Message {
            kind: kind.trim_matches(['\0', ' ']).to_owned(),
            created_ms,
            sequence,
            flags,
            id,
            payload_type,
            payload,
        })
    }

    /// The id as text.
    pub fn uuid(&self) -> String {
        let hex: String = self.id.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

fn take<const N: usize>(bytes: &[u8], at: &mut usize) -> Result<[u8; N], Malformed> {
    let field = bytes.get(*at..*at + N).ok_or(Malformed::Short)?;
    *at += N;
    field.try_into().map_err(|_| Malformed::Short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        Message {
            kind: INPUT.to_owned(),
            created_ms: 1_600_000_000_123,
            sequence: 7,
            flags: FLAG_LAST,
            id: *b"0123456789abcdef",
            payload_type: PayloadType::Size,
            payload: Bytes::from_static(br#"{"cols":80,"rows":24}"#),
        }
    }

    #[test]
    fn each_field_has_its_place() {
        let bytes = message().encode();
        assert_eq!(bytes[..4], 116u32.to_be_bytes());
        assert_eq!(&bytes[4..36], b"input_stream_data               ");
        assert_eq!(bytes[36..40], 1u32.to_be_bytes());
        assert_eq!(bytes[40..48], 1_600_000_000_123u64.to_be_bytes());
        assert_eq!(bytes[48..56], 7i64.to_be_bytes());
        assert_eq!(bytes[56..64], 2u64.to_be_bytes());
        assert_eq!(&bytes[64..80], b"89abcdef01234567");
        assert_eq!(bytes[112..116], 3u32.to_be_bytes());
        assert_eq!(bytes[116..120], 21u32.to_be_bytes());
        assert_eq!(Message::decode(&bytes), Ok(message()));
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let whole = message().encode();
        for length in 0..whole.len() {
            assert!(Message::decode(&whole.slice(..length)).is_err(), "{length}");
        }
        let damaged = |at: usize| {
            let mut bytes = whole.to_vec();
            bytes[at] ^= 1;
            Message::decode(&bytes.into())
        };
        assert_eq!(damaged(3), Err(Malformed::Head));
        assert_eq!(damaged(90), Err(Malformed::Digest));
        assert_eq!(damaged(119), Err(Malformed::Length));
        assert_eq!(damaged(130), Err(Malformed::Digest));
        let large = Message { payload: vec![0; MAX_PAYLOAD + 1].into(), ..message() };
        assert_eq!(Message::decode(&large.encode()), Err(Malformed::Large));
    }

    #[test]
    fn every_payload_type_has_its_number() {
        for number in 0..20 {
            assert_eq!(PayloadType::of(number).number(), number);
        }
        assert_eq!(PayloadType::ExitCode.number(), 12);
    }
}
