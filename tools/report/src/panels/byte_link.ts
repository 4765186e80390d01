// SPDX-License-Identifier: MIT
// Which bytes belong to which field: the link between the boxes and the bytes of a packet, in both
// directions. Pure: the boxes and the byte view ask it, and tests do.

// Where a field is in the frame, in bits from its start.
export interface Placed {
  readonly bit: number;
  readonly width: number; // bits
}

export interface ByteRange {
  readonly from: number;
  readonly to: number; // one behind the last byte
}

// The bytes that hold at least one bit of the field.
export function bytesOf(field: Placed): ByteRange {
  if (field.width <= 0) return { from: field.bit >> 3, to: field.bit >> 3 };
  return { from: Math.floor(field.bit / 8), to: Math.ceil((field.bit + field.width) / 8) };
}

// Indices of the fields that have a bit in the byte.
export function fieldsAt(fields: readonly Placed[], byte: number): number[] {
  const found: number[] = [];
  fields.forEach((field, i) => {
    const { from, to } = bytesOf(field);
    if (byte >= from && byte < to) found.push(i);
  });
  return found;
}

// The bits of a field that does not fill its bytes, the others as dots: "..01 0..." . Empty when the
// field is whole bytes or longer than a person reads bits.
export function bitPattern(field: Placed, octets: ArrayLike<number>): string {
  const { from, to } = bytesOf(field);
  const isWhole = field.bit % 8 === 0 && field.width % 8 === 0;
  if (isWhole || to - from > 4 || to > octets.length) return '';
  let text = '';
  for (let bit = from * 8; bit < to * 8; bit++) {
    if (bit > from * 8 && bit % 4 === 0) text += ' ';
    const inside = bit >= field.bit && bit < field.bit + field.width;
    text += inside ? String((octets[bit >> 3] >> (7 - (bit % 8))) & 1) : '·';
  }
  return text;
}

// What the changed bytes of two frames of one length are; of different lengths, none.
export function changedBytes(before: ArrayLike<number>, after: ArrayLike<number>): number[] {
  if (before.length !== after.length) return [];
  const changed: number[] = [];
  for (let i = 0; i < before.length; i++) if (before[i] !== after[i]) changed.push(i);
  return changed;
}
