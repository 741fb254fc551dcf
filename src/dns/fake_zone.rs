//! A DNS server on loopback that knows one small zone, for tests.
//!
//! `name TYPE value`, a record a line: TXT, MX (`10 host`), A, AAAA, PTR; SERVFAIL
//! makes a name that is broken. Whatever is not there does not exist.

use std::net::{SocketAddr, UdpSocket};
use std::thread;

use hickory_resolver::proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, MX, PTR, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};

/// Serves `zone` as long as the test runs; asked over UDP.
pub fn serve(zone: &str) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let address = socket.local_addr().expect("an address");
    let zone = zone.to_owned();
    thread::spawn(move || {
        let mut packet = [0; 4096];
        while let Ok((length, client)) = socket.recv_from(&mut packet) {
            let Ok(question) = Message::from_vec(&packet[..length]) else { continue };
            let answer = answer(&zone, &question).to_vec().expect("an answer");
            let _ = socket.send_to(&answer, client);
        }
    });
    address
}

fn answer(zone: &str, question: &Message) -> Message {
    let mut answer = Message::new(question.metadata.id, MessageType::Response, OpCode::Query);
    answer.metadata.recursion_available = true;
    answer.metadata.recursion_desired = true;
    let Some(query) = question.queries.first() else { return answer };
    answer.add_query(query.clone());
    let wanted = query.name().to_ascii().to_ascii_lowercase();
    let mut known = false;
    for line in zone.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut words = line.splitn(3, ' ');
        let (name, kind) = (words.next().expect("a name"), words.next().expect("a type"));
        let value = words.next().unwrap_or_default();
        if format!("{}.", name.to_ascii_lowercase()) != wanted {
            continue;
        }
        known = true;
        if kind == "SERVFAIL" {
            answer.metadata.response_code = ResponseCode::ServFail;
            return answer;
        }
        let kind: RecordType = kind.parse().expect("a type of record");
        if kind == query.query_type() {
            answer.add_answer(Record::from_rdata(query.name().clone(), 300, data(kind, value)));
        }
    }
    if !known {
        answer.metadata.response_code = ResponseCode::NXDomain;
    }
    answer
}

fn data(kind: RecordType, value: &str) -> RData {
    let name = |text: &str| Name::from_ascii(text).expect("a name");
    match kind {
        RecordType::TXT => {
            let strings = value.as_bytes().chunks(255);
            let strings = strings.map(|it| String::from_utf8_lossy(it).into_owned()).collect();
            RData::TXT(TXT::new(strings))
        }
        RecordType::MX => {
            let (preference, host) = value.split_once(' ').expect("a preference and a host");
            RData::MX(MX::new(preference.parse().expect("a number"), name(host)))
        }
        RecordType::A => RData::A(A(value.parse().expect("an address"))),
        RecordType::AAAA => RData::AAAA(AAAA(value.parse().expect("an address"))),
        RecordType::PTR => RData::PTR(PTR(name(value))),
        other => panic!("{other} is not served"),
    }
}
