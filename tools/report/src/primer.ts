// SPDX-License-Identifier: MIT
// For somebody who has never seen a packet: what the page shows, and what the labels of this run mean.
import { Model } from './data';
import { h } from './dom';

const READING = [
  'Computers talk in packets: some data of a program, and before it headers that say where it goes and what it is. '
  + 'The octets (bytes) of a packet cross each link inside a frame.',
  'The network shows the devices and the frames on their wires at one instant. Play lets time run, the buttons beside it step from '
  + 'event to event, the slider goes anywhere. Every panel shows that same instant.',
  'In the ladder each arrow is a packet, from the device that sent it to the one that got it; time runs down. Every packet '
  + 'has a number, such as #8. Click one: beside it are its headers and octets, and under Why what made its sender send it.',
];

// What a label begins or goes on with, how it is written, what it means.
const LABELS: readonly (readonly [RegExp, string, string])[] = [
  [/^ARP/, 'ARP', 'Who has this IP address? The answer is the MAC address that frames to it need.'],
  [/SYN/, 'SYN', 'Asks for a TCP connection; the other end answers SYN·ACK, and the first one ACK.'],
  [/DATA/, 'DATA 1:1461', 'Octets 1 to 1460 of what a program sends, counted from 1.'],
  [/ACK \d/, 'ACK 1461', 'Everything before octet 1461 has arrived.'],
  [/\bdup \d/, 'dup 1', 'The same ACK again: something arrived, but not the octets it waits for.'],
  [/RETX/, 'RETX', 'Octets that were sent before, sent again.'],
  [/FIN/, 'FIN', 'This end has nothing more to send.'],
  [/RST/, 'RST', 'There is no such connection, or not any more.'],
  [/^UDP/, 'UDP', 'A message of a program, sent without a connection.'],
  [/ICMP/, 'ICMP', 'A message of the network itself: the echo of a ping, or that something cannot be delivered.'],
];

export function primerOf(model: Model): HTMLElement {
  const labels = model.packets.label;
  const used = LABELS.filter(([pattern]) => labels.some((label) => pattern.test(label)))
    .map(([, label, meaning]): readonly [string, string] => [label, meaning]);
  if (model.packets.reason.some((reason) => reason !== '')) {
    used.push(['✗', 'Here a packet ended before its time; the words beside it say why.']);
  }
  return h('details', { class: 'primer' },
    h('summary', {}, 'New to packets? How to read this page'),
    ...READING.map((text) => h('p', {}, text)),
    h('dl', {}, ...used.flatMap(([label, meaning]) => [h('dt', {}, label), h('dd', {}, meaning)])));
}
