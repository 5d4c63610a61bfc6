//! From a question to what is done with it.

use std::net::Ipv4Addr;

use hickory_proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::rdata::{A, PTR};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};

use crate::names::{Known, Names};

#[derive(Debug)]
pub(crate) enum Answer {
    /// Send this back.
    Here(Vec<u8>),
    /// Ask upstream, with the question as it came.
    Elsewhere,
    /// Not a question at all: no answer, so that two servers never talk to each other for ever.
    Nothing,
}

pub(crate) fn answer(names: &Names, question: &[u8]) -> Answer {
    let Ok(message) = Message::from_vec(question) else {
        return Answer::Nothing;
    };
    if message.metadata.message_type != MessageType::Query {
        return Answer::Nothing;
    }
    if message.metadata.op_code != OpCode::Query {
        return reply(&message, ResponseCode::NotImp, Vec::new());
    }
    let [query] = message.queries.as_slice() else {
        return reply(&message, ResponseCode::FormErr, Vec::new());
    };
    if query.query_class() != DNSClass::IN {
        return Answer::Elsewhere;
    }
    let name = query.name();
    let kind = query.query_type();
    if let Some(address) = reversed(&name.to_ascii()) {
        return match names.name_of(address).map(Name::from_ascii) {
            Some(Ok(host)) if matches!(kind, RecordType::PTR | RecordType::ANY) => {
                let record = Record::from_rdata(name.clone(), 60, RData::PTR(PTR(absolute(host))));
                reply(&message, ResponseCode::NoError, vec![record])
            }
            Some(_) => reply(&message, ResponseCode::NoError, Vec::new()),
            // Nobody upstream knows who has a private address here.
            None if address.is_private() || address.is_link_local() => {
                reply(&message, ResponseCode::NXDomain, Vec::new())
            }
            None => Answer::Elsewhere,
        };
    }
    match names.find(&name.to_ascii()) {
        Known::Elsewhere => Answer::Elsewhere,
        Known::Absent => reply(&message, ResponseCode::NXDomain, Vec::new()),
        Known::Addresses(entry) => {
            let wanted = matches!(kind, RecordType::A | RecordType::ANY);
            let records = entry
                .ipv4
                .iter()
                .filter(|_| wanted)
                .map(|ip| Record::from_rdata(name.clone(), entry.ttl_seconds, RData::A(A(*ip))))
                .collect();
            reply(&message, ResponseCode::NoError, records)
        }
    }
}

/// The answer when no upstream gave one.
pub(crate) fn failed(question: &[u8]) -> Answer {
    match Message::from_vec(question) {
        Ok(message) => reply(&message, ResponseCode::ServFail, Vec::new()),
        Err(_) => Answer::Nothing,
    }
}

fn reply(question: &Message, code: ResponseCode, answers: Vec<Record>) -> Answer {
    let mut message = Message::response(question.metadata.id, question.metadata.op_code);
    message.metadata.recursion_desired = question.metadata.recursion_desired;
    message.metadata.recursion_available = true;
    message.metadata.authoritative = code != ResponseCode::ServFail;
    message.metadata.response_code = code;
    message.add_queries(question.queries.iter().cloned());
    message.add_answers(answers);
    match message.to_vec() {
        Ok(bytes) => Answer::Here(bytes),
        Err(_) => Answer::Nothing,
    }
}

fn absolute(mut name: Name) -> Name {
    name.set_fqdn(true);
    name
}

/// The address that "4.3.2.1.in-addr.arpa." asks for.
fn reversed(name: &str) -> Option<Ipv4Addr> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let mut octets = [0; 4];
    let mut parts = name.strip_suffix(".in-addr.arpa")?.split('.');
    for octet in octets.iter_mut().rev() {
        *octet = parts.next()?.parse().ok()?;
    }
    parts.next().is_none().then(|| octets.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_proto::op::Query;

    fn ask(name: &str, kind: RecordType) -> Vec<u8> {
        let mut message = Message::query();
        message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
        message.to_vec().unwrap()
    }

    /// Response code and answers as text; what is passed on is "elsewhere".
    fn check(name: &str, kind: RecordType) -> String {
        let mut names = Names::default();
        names.add_host("ip-10-0-0-1.ec2.internal", Ipv4Addr::new(10, 0, 0, 1), 60);
        names.add_zone("ec2.internal");
        match answer(&names, &ask(name, kind)) {
            Answer::Here(bytes) => {
                let message = Message::from_vec(&bytes).unwrap();
                let records: Vec<String> = message.answers.iter().map(|it| it.data.to_string()).collect();
                format!("{:?} {}", message.metadata.response_code, records.join(","))
            }
            Answer::Elsewhere => "elsewhere".to_owned(),
            Answer::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn questions() {
        use RecordType::{A, AAAA, PTR, TXT};
        for (name, kind, wanted) in [
            ("ip-10-0-0-1.ec2.internal.", A, "NoError 10.0.0.1"),
            ("IP-10-0-0-1.EC2.internal.", A, "NoError 10.0.0.1"),
            ("ip-10-0-0-1.ec2.internal.", AAAA, "NoError "),
            ("ip-10-0-0-1.ec2.internal.", TXT, "NoError "),
            ("ip-10-0-0-2.ec2.internal.", A, "NXDomain "),
            ("example.com.", A, "elsewhere"),
            ("1.0.0.10.in-addr.arpa.", PTR, "NoError ip-10-0-0-1.ec2.internal."),
            ("2.0.0.10.in-addr.arpa.", PTR, "NXDomain "),
            ("8.8.8.8.in-addr.arpa.", PTR, "elsewhere"),
        ] {
            assert_eq!(check(name, kind), wanted, "{name} {kind}");
        }
    }

    #[test]
    fn what_is_no_question_gets_no_answer() {
        let names = Names::default();
        assert!(matches!(answer(&names, b""), Answer::Nothing));
        assert!(matches!(answer(&names, &[0xff; 40]), Answer::Nothing));
        let response = Message::response(1, OpCode::Query).to_vec().unwrap();
        assert!(matches!(answer(&names, &response), Answer::Nothing));
        let none = Message::query().to_vec().unwrap();
        let Answer::Here(bytes) = answer(&names, &none) else { panic!("a refusal") };
        let code = Message::from_vec(&bytes).unwrap().metadata.response_code;
        assert_eq!(code, ResponseCode::FormErr);
    }
}
