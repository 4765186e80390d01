// SPDX-License-Identifier: MIT
// Why a packet is there and what became of it, in sentences that name other packets.
import { Model, NONE } from '../data';
import { clockText } from '../format';
import { parentageText, Reasons } from './why';

export type StoryPart = string | { readonly uid: number };

export function storyOf(model: Model, uid: number): StoryPart[] {
  const packet = model.packetOf(uid);
  if (packet === NONE) return [];
  const { packets } = model;
  const parts: StoryPart[] = [
    `#${uid} ${packets.label[packet]}: ${model.nodeName(packets.from[packet])} sends it at ${clockText(packets.sent[packet])} ms`,
  ];
  const original = packets.original[packet];
  if (packets.cause[packet] !== '') {
    parts.push(` again (${packets.cause[packet]})`);
    if (original !== 0) parts.push('; the octets went out first in ', { uid: original });
  } else if (packets.parentage[packet] !== '' && packets.parent[packet] !== 0) {
    parts.push(`, ${parentageText(packets.parentage[packet])} `, { uid: packets.parent[packet] });
  }
  if (packets.because[packet] !== 0) parts.push('; provoked by ', { uid: packets.because[packet] });
  parts.push('. ');
  if (packets.fate[packet] !== '') parts.push(`It ends early: ${packets.fate[packet]}. `);
  else if (packets.arrived[packet] !== NONE) {
    parts.push(`${model.nodeName(packets.to[packet])} has it at ${clockText(packets.arrived[packet])} ms. `);
  }
  const led = Reasons.for(model).provokedBy(uid);
  const again = led.filter((row) => packets.original[row] === uid && packets.cause[row] !== '').map((row) => packets.uid[row]);
  again.forEach((later, index) => parts.push(index === 0 ? 'Sent again as ' : ', ', { uid: later }));
  if (again.length > 0) parts.push('. ');
  const provoked = led.filter((row) => packets.because[row] === uid).map((row) => packets.uid[row]);
  provoked.slice(0, 6).forEach((later, index) => parts.push(index === 0 ? 'Its arrival provokes ' : ', ', { uid: later }));
  if (provoked.length > 6) parts.push(` and ${provoked.length - 6} more`);
  if (provoked.length > 0) parts.push('.');
  return parts;
}
