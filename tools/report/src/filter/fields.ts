// SPDX-License-Identifier: MIT
// The fields a filter may name: Wireshark's names and meanings where Wireshark has them, and
// `strata.*` for what only the simulator knows. This table is the documentation of the language:
// the parser, the help of the filter box and docs/report.md read it.

// How a value of the field is written and compared. Values are kept as
//   unsigned, boolean (0 or 1), seconds: number     ipv4: number, the 32 bits of the address
//   mac: "02:00:00:00:00:0a"                          text: string
//   protocol: the field is there or it is not; it has no value to compare
export type FieldType = 'unsigned' | 'boolean' | 'seconds' | 'ipv4' | 'mac' | 'text' | 'protocol';

export type FieldValue = number | string;

export interface FieldInfo {
  readonly name: string;
  readonly type: FieldType;
  readonly meaning: string;
}

const row = (name: string, type: FieldType, meaning: string): FieldInfo => ({ name, type, meaning });

export const FIELDS: readonly FieldInfo[] = [
  row('frame.number', 'unsigned', 'row of the frame in this report, from 1'),
  row('frame.len', 'unsigned', 'octets of the frame, FCS included'),
  row('frame.time_epoch', 'seconds', 'virtual time of the first bit, in seconds'),
  row('frame.time_relative', 'seconds', 'seconds since the first frame'),
  row('frame.interface_name', 'text', 'interface it left: "client:eth0"'),

  row('eth', 'protocol', 'Ethernet II'),
  row('eth.dst', 'mac', 'destination address'),
  row('eth.src', 'mac', 'source address'),
  row('eth.addr', 'mac', 'either address'),
  row('eth.type', 'unsigned', 'EtherType'),
  row('vlan', 'protocol', '802.1Q tag'),
  row('vlan.id', 'unsigned', 'VLAN identifier'),

  row('arp', 'protocol', 'address resolution'),
  row('arp.opcode', 'unsigned', '1 request, 2 reply'),
  row('arp.src.hw_mac', 'mac', 'sender hardware address'),
  row('arp.src.proto_ipv4', 'ipv4', 'sender protocol address'),
  row('arp.dst.hw_mac', 'mac', 'target hardware address'),
  row('arp.dst.proto_ipv4', 'ipv4', 'target protocol address'),

  row('ip', 'protocol', 'IPv4'),
  row('ip.src', 'ipv4', 'source address'),
  row('ip.dst', 'ipv4', 'destination address'),
  row('ip.addr', 'ipv4', 'either address'),
  row('ip.len', 'unsigned', 'total length'),
  row('ip.id', 'unsigned', 'identification'),
  row('ip.ttl', 'unsigned', 'time to live'),
  row('ip.proto', 'unsigned', '1 ICMP, 6 TCP, 17 UDP'),
  row('ip.flags.df', 'boolean', "don't fragment"),
  row('ip.flags.mf', 'boolean', 'more fragments'),
  row('ip.frag_offset', 'unsigned', 'fragment offset in octets'),
  row('ip.dsfield.dscp', 'unsigned', 'differentiated services code point'),
  row('ip.dsfield.ecn', 'unsigned', '3: congestion experienced'),

  row('icmp', 'protocol', 'ICMP'),
  row('icmp.type', 'unsigned', '8 echo request, 0 reply, 3 unreachable, 11 time exceeded'),
  row('icmp.code', 'unsigned', 'code'),
  row('icmp.seq', 'unsigned', 'sequence number of an echo'),

  row('udp', 'protocol', 'UDP'),
  row('udp.srcport', 'unsigned', 'source port'),
  row('udp.dstport', 'unsigned', 'destination port'),
  row('udp.port', 'unsigned', 'either port'),
  row('udp.length', 'unsigned', 'header and payload'),

  row('tcp', 'protocol', 'TCP'),
  row('tcp.srcport', 'unsigned', 'source port'),
  row('tcp.dstport', 'unsigned', 'destination port'),
  row('tcp.port', 'unsigned', 'either port'),
  row('tcp.seq', 'unsigned', 'sequence number, relative to the initial one'),
  row('tcp.ack', 'unsigned', 'acknowledgement number, relative'),
  row('tcp.seq_raw', 'unsigned', 'sequence number as in the header'),
  row('tcp.ack_raw', 'unsigned', 'acknowledgement number as in the header'),
  row('tcp.len', 'unsigned', 'octets of payload'),
  row('tcp.hdr_len', 'unsigned', 'octets of the header'),
  row('tcp.window_size_value', 'unsigned', 'window as in the header, not scaled'),
  row('tcp.flags', 'unsigned', 'all flags as a number'),
  row('tcp.flags.syn', 'boolean', 'SYN'),
  row('tcp.flags.ack', 'boolean', 'ACK'),
  row('tcp.flags.fin', 'boolean', 'FIN'),
  row('tcp.flags.reset', 'boolean', 'RST'),
  row('tcp.flags.push', 'boolean', 'PSH'),
  row('tcp.flags.urg', 'boolean', 'URG'),
  row('tcp.flags.ece', 'boolean', 'ECN echo'),
  row('tcp.flags.cwr', 'boolean', 'congestion window reduced'),
  row('tcp.payload', 'text', 'the octets carried, as text'),

  row('strata.uid', 'unsigned', 'packet number (#41)'),
  row('strata.parent', 'unsigned', 'packet it was made from: copy, fragment, quoted'),
  row('strata.flow', 'unsigned', 'conversation'),
  row('strata.node', 'text', 'device that sent it on this link'),
  row('strata.link', 'text', 'link it crossed'),
  row('strata.event', 'text', '"tx", "retx" or "drop"'),
  row('strata.drop', 'text', 'why it died: "loss", "queue-full", "ttl-exceeded", ...'),
  row('strata.retx', 'text', 'why it was sent again: "timeout", "fast retransmit", ...'),
  row('strata.corrupt', 'unsigned', 'bits the medium flipped'),
  row('strata.state', 'text', 'TCP state of the sender when it left'),
  row('strata.cwnd', 'unsigned', 'congestion window of the sender, octets'),
  row('strata.ssthresh', 'unsigned', 'slow start threshold of the sender, octets'),
  row('strata.flight', 'unsigned', 'octets in flight at the sender'),
];

const BY_NAME: ReadonlyMap<string, FieldInfo> = new Map(FIELDS.map((f) => [f.name, f]));

export function findField(name: string): FieldInfo | undefined {
  return BY_NAME.get(name);
}

// Number of insertions, deletions, substitutions and swaps of neighbours between two words.
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min(last[j] + 1, current[j - 1] + 1, substitution);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        current[j] = Math.min(current[j], beforeLast[j - 2] + 1);
      }
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length];
}

// The field most like a misspelt name, if one is near enough to be meant.
export function suggestField(name: string): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 4)) + 1;
  for (const field of FIELDS) {
    const distance = editDistance(name.toLowerCase(), field.name);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = field.name;
    }
  }
  return best;
}

// Fields that begin with what was typed, for completion; at most `limit`.
export function completeField(prefix: string, limit: number): readonly FieldInfo[] {
  const begun = FIELDS.filter((f) => f.name.startsWith(prefix.toLowerCase()));
  return begun.slice(0, limit);
}
