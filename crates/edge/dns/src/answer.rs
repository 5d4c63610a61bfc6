//! From a question to what is done with it.

use std::net::Ipv4Addr;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, PTR, SOA, SRV};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};

use crate::names::{Entry, InZone, Known, Names};
use crate::zone::{RecordSet, Records, drawn};

/// How long a chain of aliases is followed.
const ALIASES: usize = 8;

#[derive(Debug)]
pub(crate) enum Answer {
    /// Send this back.
    Here(Vec<u8>),
    /// Ask upstream, with the question as it came.
    Elsewhere,
    /// Ask upstream with this question, and lay these records before its answers.
    Follow { question: Vec<u8>, before: Vec<Record> },
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
        Known::Addresses(entry) => reply(&message, ResponseCode::NoError, addresses(entry, name, kind)),
        Known::InZone(found) => in_zone(names, &message, name, kind, found),
    }
}

fn addresses(entry: &Entry, name: &Name, kind: RecordType) -> Vec<Record> {
    let wanted = matches!(kind, RecordType::A | RecordType::ANY);
    let all = entry.ipv4.iter().filter(|_| wanted);
    all.map(|ip| Record::from_rdata(name.clone(), entry.ttl_seconds, RData::A(A(*ip)))).collect()
}

/// What a zone says, and whatever its aliases lead to.
fn in_zone(names: &Names, message: &Message, name: &Name, kind: RecordType, first: InZone<'_>) -> Answer {
    let number = message.metadata.id;
    let mut answers = Vec::new();
    let (mut found, mut name) = (first, name.clone());
    for _ in 0..ALIASES {
        let Some(sets) = found.sets else {
            // The name that was asked for is there if it led here.
            let code = if answers.is_empty() { ResponseCode::NXDomain } else { ResponseCode::NoError };
            return reply_of_zone(message, code, answers, found);
        };
        let alias = sets.iter().find(|set| matches!(set.records, Records::Cname(_)));
        let Some(alias) = alias.filter(|_| !matches!(kind, RecordType::CNAME | RecordType::ANY)) else {
            let before = answers.len();
            if kind == RecordType::SOA && found.name == plain_of(&name) {
                answers.extend(soa(found));
            }
            answers.extend(sets.iter().flat_map(|set| records(set, &name, kind, number)));
            return match answers.len() == before {
                true => reply_of_zone(message, ResponseCode::NoError, answers, found),
                false => reply(message, ResponseCode::NoError, answers),
            };
        };
        let led = records(alias, &name, RecordType::CNAME, number);
        let Some(RData::CNAME(CNAME(target))) = led.first().map(|record| record.data.clone()) else {
            return reply_of_zone(message, ResponseCode::NoError, answers, found);
        };
        answers.extend(led);
        name = target;
        match names.find(&name.to_ascii()) {
            Known::InZone(next) => found = next,
            Known::Addresses(entry) => {
                answers.extend(addresses(entry, &name, kind));
                return reply(message, ResponseCode::NoError, answers);
            }
            Known::Elsewhere => {
                let mut question = Message::new(number, MessageType::Query, OpCode::Query);
                question.metadata.recursion_desired = true;
                question.add_query(Query::query(name, kind));
                return match question.to_vec() {
                    Ok(question) => Answer::Follow { question, before: answers },
                    Err(_) => reply(message, ResponseCode::ServFail, Vec::new()),
                };
            }
        }
    }
    reply(message, ResponseCode::ServFail, Vec::new())
}

/// The name as the table has it.
fn plain_of(name: &Name) -> String {
    crate::names::plain(&name.to_ascii())
}

/// Those records of a set that an answer has, if they are of the type.
fn records(set: &RecordSet, name: &Name, kind: RecordType, number: u16) -> Vec<Record> {
    let fits = |own: RecordType| kind == own || kind == RecordType::ANY;
    let named = |name: &String| Name::from_ascii(name).ok().map(absolute);
    let data: Vec<RData> = match &set.records {
        Records::A(all) if fits(RecordType::A) => all.iter().map(|ip| RData::A(A(*ip))).collect(),
        Records::Aaaa(all) if fits(RecordType::AAAA) => all.iter().map(|ip| RData::AAAA(AAAA(*ip))).collect(),
        Records::Cname(all) if fits(RecordType::CNAME) => {
            all.iter().filter_map(|name| Some(RData::CNAME(CNAME(named(name)?)))).collect()
        }
        Records::Srv(all) if fits(RecordType::SRV) => all
            .iter()
            .filter_map(|(port, host)| Some(RData::SRV(SRV::new(1, 1, *port, named(host)?))))
            .collect(),
        _ => return Vec::new(),
    };
    let chosen = drawn(data.len(), set.one, number).into_iter();
    chosen.map(|at| Record::from_rdata(name.clone(), set.ttl_seconds, data[at].clone())).collect()
}

/// Who answers for a zone, and for how long it may be remembered that something is not in it.
fn soa(found: InZone<'_>) -> Option<Record> {
    let name = absolute(Name::from_ascii(found.name).ok()?);
    let of = |label: &str| Name::from_ascii(format!("{label}.{}", found.name)).ok().map(absolute);
    let ttl = found.zone.negative_ttl_seconds;
    let data = SOA::new(of("ns")?, of("hostmaster")?, 1, 7200, 900, 1_209_600, ttl);
    Some(Record::from_rdata(name, ttl, RData::SOA(data)))
}

/// A reply without what was asked for, with who says so.
fn reply_of_zone(message: &Message, code: ResponseCode, answers: Vec<Record>, found: InZone<'_>) -> Answer {
    let mut response = response(message, code, answers);
    response.add_authorities(soa(found));
    sent(&response)
}

/// An upstream's answer with records before it, as the answer to the question of which they are a part.
pub(crate) fn joined(question: &[u8], before: Vec<Record>, upstream: &[u8]) -> Answer {
    let (Ok(question), Ok(upstream)) = (Message::from_vec(question), Message::from_vec(upstream)) else {
        return failed(question);
    };
    let code = match upstream.metadata.response_code {
        ResponseCode::NXDomain => ResponseCode::NoError,
        code => code,
    };
    let mut response = response(&question, code, before);
    response.add_answers(upstream.answers);
    response.metadata.truncation = upstream.metadata.truncation;
    sent(&response)
}

/// An answer of ours as UDP takes it: what the client has no room for it asks for by TCP.
pub(crate) fn for_udp(question: &[u8], answer: Vec<u8>) -> Vec<u8> {
    const LEAST: usize = 512;
    if answer.len() <= LEAST {
        return answer;
    }
    let asked = Message::from_vec(question).ok().and_then(|message| message.edns);
    let room = asked.map_or(LEAST, |edns| usize::from(edns.max_payload()).max(LEAST));
    if answer.len() <= room {
        return answer;
    }
    let cut = Message::from_vec(&answer).ok().and_then(|message| message.truncate().to_vec().ok());
    cut.unwrap_or(answer)
}

/// The answer when no upstream gave one.
pub(crate) fn failed(question: &[u8]) -> Answer {
    match Message::from_vec(question) {
        Ok(message) => reply(&message, ResponseCode::ServFail, Vec::new()),
        Err(_) => Answer::Nothing,
    }
}

fn reply(question: &Message, code: ResponseCode, answers: Vec<Record>) -> Answer {
    sent(&response(question, code, answers))
}

fn response(question: &Message, code: ResponseCode, answers: Vec<Record>) -> Message {
    let mut message = Message::response(question.metadata.id, question.metadata.op_code);
    message.metadata.recursion_desired = question.metadata.recursion_desired;
    message.metadata.recursion_available = true;
    message.metadata.authoritative = code != ResponseCode::ServFail;
    message.metadata.response_code = code;
    message.add_queries(question.queries.iter().cloned());
    message.add_answers(answers);
    message
}

fn sent(message: &Message) -> Answer {
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
    use crate::zone::Zone;

    fn ask(name: &str, kind: RecordType) -> Vec<u8> {
        let mut message = Message::query();
        message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
        message.to_vec().unwrap()
    }

    fn example() -> Zone {
        let mut zone = Zone::new(15);
        let mut add = |name: &str, records| {
            zone.add(name, RecordSet { ttl_seconds: 10, one: false, records });
        };
        add("web.example.local", Records::A(vec![Ipv4Addr::new(10, 0, 0, 7)]));
        add("v6.example.local", Records::Aaaa(vec!["fd00::7".parse().unwrap()]));
        add("api.example.local", Records::Srv(vec![(8080, "i-1.api.example.local".into())]));
        add("i-1.api.example.local", Records::A(vec![Ipv4Addr::new(10, 0, 0, 8)]));
        add("near.example.local", Records::Cname(vec!["web.example.local".into()]));
        add("far.example.local", Records::Cname(vec!["example.com".into()]));
        add("round.example.local", Records::Cname(vec!["round.example.local".into()]));
        let many = (1..=200).map(|last| (80, format!("{last}.many.example.local"))).collect();
        add("many.example.local", Records::Srv(many));
        zone
    }

    /// Response code, answers and who says that there are none as text; what is passed on is "elsewhere".
    fn check(name: &str, kind: RecordType) -> String {
        let mut names = Names::default();
        names.add_host("ip-10-0-0-1.ec2.internal", Ipv4Addr::new(10, 0, 0, 1), 60);
        names.add_zone("ec2.internal", Zone::default());
        names.add_zone("example.local", example());
        match answer(&names, &ask(name, kind)) {
            Answer::Here(bytes) => {
                let message = Message::from_vec(&bytes).unwrap();
                let records: Vec<String> = message.answers.iter().map(|it| it.data.to_string()).collect();
                let negative = message.authorities.iter().map(|it| format!("; {} {}", it.name, it.ttl));
                let negative: String = negative.collect();
                format!("{:?} {}{negative}", message.metadata.response_code, records.join(","))
            }
            Answer::Elsewhere => "elsewhere".to_owned(),
            Answer::Follow { question, before } => {
                let asked = Message::from_vec(&question).unwrap().queries[0].to_string();
                format!("{} of them, then {asked}", before.len())
            }
            Answer::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn questions() {
        use RecordType::{A, AAAA, CNAME, PTR, SOA, SRV, TXT};
        for (name, kind, wanted) in [
            ("ip-10-0-0-1.ec2.internal.", A, "NoError 10.0.0.1"),
            ("IP-10-0-0-1.EC2.internal.", A, "NoError 10.0.0.1"),
            ("ip-10-0-0-1.ec2.internal.", AAAA, "NoError "),
            ("ip-10-0-0-1.ec2.internal.", TXT, "NoError "),
            ("ip-10-0-0-2.ec2.internal.", A, "NXDomain ; ec2.internal. 0"),
            ("Web.Example.LOCAL.", A, "NoError 10.0.0.7"),
            ("web.example.local.", AAAA, "NoError ; example.local. 15"),
            ("v6.example.local.", AAAA, "NoError fd00::7"),
            ("api.example.local.", A, "NoError ; example.local. 15"),
            ("api.example.local.", SRV, "NoError 1 1 8080 i-1.api.example.local."),
            ("i-1.api.example.local.", A, "NoError 10.0.0.8"),
            ("other.example.local.", A, "NXDomain ; example.local. 15"),
            ("example.local.", A, "NoError ; example.local. 15"),
            ("near.example.local.", CNAME, "NoError web.example.local."),
            ("near.example.local.", A, "NoError web.example.local.,10.0.0.7"),
            ("far.example.local.", A, "1 of them, then example.com. IN A"),
            ("round.example.local.", A, "ServFail "),
            (
                "example.local.",
                SOA,
                "NoError ns.example.local. hostmaster.example.local. 1 7200 900 1209600 15",
            ),
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

    #[test]
    fn what_udp_has_no_room_for_is_cut() {
        let mut names = Names::default();
        names.add_zone("example.local", example());
        let question = ask("many.example.local.", RecordType::SRV);
        let Answer::Here(bytes) = answer(&names, &question) else { panic!("an answer") };
        assert_eq!(Message::from_vec(&bytes).unwrap().answers.len(), 8);
        let few = for_udp(&question, bytes.clone());
        assert_eq!(few, bytes, "there is room for it");
        let long = [bytes, vec![0; 600]].concat();
        let cut = Message::from_vec(&for_udp(&question, long)).unwrap();
        assert!(cut.metadata.truncation && cut.answers.is_empty());
    }
}
