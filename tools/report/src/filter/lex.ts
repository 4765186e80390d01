// SPDX-License-Identifier: MIT
// Words of a display filter and where they stand, and the error every stage reports.

// What is wrong, in a sentence for the person who typed it, and where: characters [from, to).
export class FilterError extends Error {
  constructor(message: string, readonly from: number, readonly to: number) {
    super(message);
    this.name = 'FilterError';
  }
}

export type TokenKind = 'word' | 'text' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string; // of `text`: the characters meant, escapes resolved
  readonly from: number;
  readonly to: number;
}

const SYMBOLS = ['&&', '||', '==', '!=', '>=', '<=', '..', '(', ')', '{', '}', ',', '!', '>', '<', '~'];
// Field names, numbers, addresses with or without a prefix length, bare words.
const WORD = /[A-Za-z0-9_:/-](?:[A-Za-z0-9_:/-]|\.(?!\.))*/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0' };

function readText(source: string, from: number): Token {
  let text = '';
  let at = from + 1;
  while (at < source.length && source[at] !== '"') {
    if (source[at] === '\\' && at + 1 < source.length) {
      at++;
      const hex = /^x([0-9a-fA-F]{2})/.exec(source.slice(at, at + 3));
      if (hex) {
        text += String.fromCharCode(parseInt(hex[1], 16));
        at += 3;
        continue;
      }
      text += ESCAPES[source[at]] ?? source[at];
    } else {
      text += source[at];
    }
    at++;
  }
  if (at >= source.length) {
    throw new FilterError('the text that begins here has no closing quotation mark', from, at);
  }
  return { kind: 'text', text, from, to: at + 1 };
}

// Throws FilterError.
export function lex(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    if (/\s/.test(source[at])) {
      at++;
      continue;
    }
    if (source[at] === '"') {
      const token = readText(source, at);
      tokens.push(token);
      at = token.to;
      continue;
    }
    const symbol = SYMBOLS.find((s) => source.startsWith(s, at));
    if (symbol) {
      tokens.push({ kind: 'symbol', text: symbol, from: at, to: at + symbol.length });
      at += symbol.length;
      continue;
    }
    WORD.lastIndex = at;
    const word = WORD.exec(source);
    if (word) {
      tokens.push({ kind: 'word', text: word[0], from: at, to: at + word[0].length });
      at += word[0].length;
      continue;
    }
    throw new FilterError(explainCharacter(source, at), at, at + 1);
  }
  tokens.push({ kind: 'end', text: '', from: source.length, to: source.length });
  return tokens;
}

function explainCharacter(source: string, at: number): string {
  const character = source[at];
  if (character === '=') return 'write == to compare';
  if (character === '&') return 'write && or "and"';
  if (character === '|') return 'write || or "or"';
  if (character === "'") return 'write text in double quotation marks';
  return `"${character}" means nothing in a filter`;
}
