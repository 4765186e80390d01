// SPDX-License-Identifier: MIT
// Display filter to syntax tree. The language is a subset of Wireshark 4.0's, with its meaning:
//
//     filter   := all ( ("or" | "||") all )*
//     all      := one ( ("and" | "&&") one )*
//     one      := ("not" | "!") one | "(" filter ")" | field [ test ]
//     test     := ("==" | "!=" | ">" | "<" | ">=" | "<=" | eq ne gt lt ge le) value
//               | "contains" value | ("matches" | "~") value
//               | "in" "{" item ("," item)* "}"          item := value | value ".." value
//
// A field alone asks whether the frame has it. Of a field that occurs twice (tcp.port), == is true
// when any value agrees and != when none does.
import { FieldInfo, findField, suggestField } from './fields';
import { FilterError, lex, Token } from './lex';
import { parseValue, Range } from './value';

export type Comparison = '==' | '!=' | '>' | '<' | '>=' | '<=';

export type Expression =
  | { readonly kind: 'or' | 'and'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'present'; readonly field: FieldInfo }
  | {
      readonly kind: 'compare';
      readonly field: FieldInfo;
      readonly comparison: Comparison;
      readonly range: Range;
    }
  | { readonly kind: 'contains'; readonly field: FieldInfo; readonly text: string }
  | { readonly kind: 'matches'; readonly field: FieldInfo; readonly pattern: RegExp }
  | { readonly kind: 'in'; readonly field: FieldInfo; readonly ranges: readonly Range[] };

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '==': '==', eq: '==', '!=': '!=', ne: '!=', '>': '>', gt: '>', '<': '<', lt: '<',
  '>=': '>=', ge: '>=', '<=': '<=', le: '<=',
};
const ORDERED: ReadonlySet<string> = new Set(['unsigned', 'seconds', 'ipv4', 'text', 'mac']);
// More nesting than a person writes; keeps a pasted text from exhausting the stack.
const DEPTH_MAX = 100;

class Parser {
  private at = 0;
  private depth = 0;
  constructor(private readonly tokens: readonly Token[]) {}

  parse(): Expression {
    const expression = this.parseOr();
    const rest = this.peek();
    if (rest.kind !== 'end') {
      const message =
        rest.text === ')'
          ? 'this ) closes nothing'
          : `expected "and", "or" or the end, not "${rest.text}"`;
      throw new FilterError(message, rest.from, rest.to);
    }
    return expression;
  }

  private peek(): Token {
    return this.tokens[this.at];
  }
  private take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.at++;
    return token;
  }
  private accept(...words: readonly string[]): boolean {
    const token = this.peek();
    if (token.kind === 'text' || token.kind === 'end' || !words.includes(token.text)) return false;
    this.at++;
    return true;
  }

  private parseOr(): Expression {
    let left = this.parseAnd();
    while (this.accept('or', '||')) left = { kind: 'or', left, right: this.parseAnd() };
    return left;
  }
  private parseAnd(): Expression {
    let left = this.parseOne();
    while (this.accept('and', '&&')) left = { kind: 'and', left, right: this.parseOne() };
    return left;
  }
  private parseOne(): Expression {
    const first = this.peek();
    if (++this.depth > DEPTH_MAX) {
      throw new FilterError('too many brackets inside each other', first.from, first.to);
    }
    try {
      if (this.accept('not', '!')) return { kind: 'not', operand: this.parseOne() };
      if (this.accept('(')) {
        const inner = this.parseOr();
        const close = this.peek();
        if (!this.accept(')')) {
          throw new FilterError('the ( has no closing )', first.from, close.from);
        }
        return inner;
      }
      return this.parseTest();
    } finally {
      this.depth--;
    }
  }

  private parseTest(): Expression {
    const field = this.parseField();
    const operator = this.peek();
    const isOperator = operator.kind === 'word' || operator.kind === 'symbol';
    const comparison = isOperator ? COMPARISONS[operator.text] : undefined;
    if (comparison) {
      this.take();
      return this.parseComparison(field, comparison, operator);
    }
    if (this.accept('contains')) {
      this.requireText(field, operator);
      return { kind: 'contains', field, text: this.takeValue(field).text };
    }
    if (this.accept('matches', '~')) {
      this.requireText(field, operator);
      return { kind: 'matches', field, pattern: this.parsePattern(field) };
    }
    if (this.accept('in')) return { kind: 'in', field, ranges: this.parseSet(field) };
    return { kind: 'present', field };
  }

  private parseField(): FieldInfo {
    const token = this.take();
    if (token.kind === 'end') {
      throw new FilterError('a field is missing at the end, such as ip.src', token.from, token.to);
    }
    if (token.kind !== 'word') {
      throw new FilterError(`expected a field such as ip.src, not "${token.text}"`, token.from, token.to);
    }
    const field = findField(token.text);
    if (field) return field;
    const nearest = suggestField(token.text);
    const help = nearest ? `; did you mean ${nearest}?` : '';
    throw new FilterError(`there is no field "${token.text}"${help}`, token.from, token.to);
  }

  private parseComparison(field: FieldInfo, comparison: Comparison, operator: Token): Expression {
    if (field.type === 'protocol') {
      throw new FilterError(
        `${field.name} has no value to compare; write ${field.name} alone`, operator.from, operator.to);
    }
    if (comparison !== '==' && comparison !== '!=' && !ORDERED.has(field.type)) {
      throw new FilterError(
        `${field.name} is true or false; compare it with == or !=`, operator.from, operator.to);
    }
    return { kind: 'compare', field, comparison, range: parseValue(field, this.takeValue(field)) };
  }

  private parsePattern(field: FieldInfo): RegExp {
    const token = this.takeValue(field);
    try {
      return new RegExp(token.text, 'i'); // Wireshark's "matches" ignores case
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new FilterError(`not a regular expression: ${why}`, token.from, token.to);
    }
  }

  private parseSet(field: FieldInfo): Range[] {
    const open = this.take();
    if (open.text !== '{' || open.kind !== 'symbol') {
      throw new FilterError('"in" wants a set, such as {80, 443, 8000..8080}', open.from, open.to);
    }
    if (field.type === 'protocol') {
      throw new FilterError(`${field.name} has no value to compare`, open.from, open.to);
    }
    const ranges: Range[] = [];
    do {
      const first = this.takeValue(field);
      const low = parseValue(field, first);
      if (this.accept('..')) {
        const last = this.takeValue(field);
        const high = parseValue(field, last);
        if (low.from > high.to) {
          throw new FilterError('the range ends before it begins', first.from, last.to);
        }
        ranges.push({ from: low.from, to: high.to });
      } else {
        ranges.push(low);
      }
    } while (this.accept(','));
    const close = this.peek();
    if (!this.accept('}')) {
      throw new FilterError('the set lacks a , or its closing }', open.from, close.to);
    }
    return ranges;
  }

  private requireText(field: FieldInfo, operator: Token): void {
    if (field.type === 'text') return;
    throw new FilterError(
      `"${operator.text}" searches text, and ${field.name} is none`, operator.from, operator.to);
  }

  private takeValue(field: FieldInfo): Token {
    const token = this.peek();
    if (token.kind === 'word' || token.kind === 'text') return this.take();
    throw new FilterError(`a value to compare ${field.name} with is missing`, token.from, token.to);
  }
}

// The tree of a filter, or null for a blank one (every frame). Throws FilterError.
export function parse(source: string): Expression | null {
  const tokens = lex(source);
  return tokens.length === 1 ? null : new Parser(tokens).parse();
}

