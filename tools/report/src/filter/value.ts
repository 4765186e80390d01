// SPDX-License-Identifier: MIT
// Values as people write them in a filter. One value is a range of one; an address with a prefix
// length is a range of addresses.
import { FieldInfo, FieldValue } from './fields';
import { FilterError, Token } from './lex';

// From and to, both included.
export interface Range {
  readonly from: FieldValue;
  readonly to: FieldValue;
}

const only = (value: FieldValue): Range => ({ from: value, to: value });

// The 32 bits of "10.0.0.1"; undefined when it is no address.
export function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let address = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    address = address * 256 + Number(part);
  }
  return address;
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}

function parseSubnet(text: string): Range | undefined {
  const [address, length, ...rest] = text.split('/');
  const bits = parseIpv4(address);
  if (bits === undefined || rest.length > 0) return undefined;
  if (length === undefined) return only(bits);
  if (!/^\d{1,2}$/.test(length) || Number(length) > 32) return undefined;
  const size = 2 ** (32 - Number(length));
  const from = Math.floor(bits / size) * size;
  return { from, to: from + size - 1 };
}

function parseUnsigned(text: string): number | undefined {
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) return parseInt(text.slice(2), 16);
  if (/^0[bB][01]+$/.test(text)) return parseInt(text.slice(2), 2);
  if (/^0[0-7]+$/.test(text)) return parseInt(text, 8);
  if (/^\d+$/.test(text)) return Number(text);
  return undefined;
}

function parseBoolean(text: string): number | undefined {
  const word = text.toLowerCase();
  if (word === 'true' || word === '1') return 1;
  if (word === 'false' || word === '0') return 0;
  return undefined;
}

function parseMac(text: string): string | undefined {
  const plain = text.toLowerCase().replace(/-/g, ':');
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(plain) ? plain : undefined;
}

// What a value of the type looks like, for error messages.
const EXAMPLES = {
  unsigned: 'a number such as 80 or 0x50',
  boolean: 'true or false',
  seconds: 'a number of seconds such as 0.25',
  ipv4: 'an IPv4 address such as 10.0.0.1 or 10.0.0.0/24',
  mac: 'a MAC address such as 02:00:00:00:00:0a',
} as const;

// Throws FilterError when the word is no value of the field's type.
export function parseValue(field: FieldInfo, token: Token): Range {
  const { text } = token;
  let range: Range | undefined;
  switch (field.type) {
    case 'text':
    case 'protocol':
      return only(text);
    case 'ipv4':
      range = parseSubnet(text);
      break;
    case 'mac': {
      const mac = parseMac(text);
      if (mac !== undefined) range = only(mac);
      break;
    }
    case 'seconds':
      if (/^\d+(\.\d*)?$/.test(text)) range = only(Number(text));
      break;
    case 'unsigned': {
      const value = parseUnsigned(text);
      if (value !== undefined) range = only(value);
      break;
    }
    case 'boolean': {
      const value = parseBoolean(text);
      if (value !== undefined) range = only(value);
      break;
    }
  }
  if (range) return range;
  throw new FilterError(
    `${field.name} is ${EXAMPLES[field.type]}, not "${text}"`, token.from, token.to);
}
