// SPDX-License-Identifier: MIT
// A display filter made ready to run. `compile` either gives a test over the fields of a frame or
// says what is wrong and where; it never throws.
import { FieldValue } from './fields';
import { FilterError } from './lex';
import { Comparison, Expression, parse } from './parse';
import { Range } from './value';

// The values a frame has of a field; none when it does not have the field.
export type FieldsOf = (name: string) => readonly FieldValue[];

export interface Filter {
  readonly ok: true;
  readonly isBlank: boolean; // matches every frame
  readonly hint: string; // what the filter may not have been meant to say; mostly empty
  matches(fields: FieldsOf): boolean;
}

export interface Mistake {
  readonly ok: false;
  readonly message: string;
  readonly from: number; // characters [from, to) of the filter
  readonly to: number;
}

type Test = (fields: FieldsOf) => boolean;

function isWithin(value: FieldValue, range: Range): boolean {
  return value >= range.from && value <= range.to;
}

// == and the orders hold when any value agrees, != when there are values and none is equal.
function compare(values: readonly FieldValue[], comparison: Comparison, range: Range): boolean {
  switch (comparison) {
    case '==':
      return values.some((value) => isWithin(value, range));
    case '!=':
      return values.length > 0 && !values.some((value) => isWithin(value, range));
    case '>':
      return values.some((value) => value > range.to);
    case '>=':
      return values.some((value) => value >= range.from);
    case '<':
      return values.some((value) => value < range.from);
    case '<=':
      return values.some((value) => value <= range.to);
  }
}

function build(expression: Expression): Test {
  switch (expression.kind) {
    case 'or': {
      const [left, right] = [build(expression.left), build(expression.right)];
      return (fields) => left(fields) || right(fields);
    }
    case 'and': {
      const [left, right] = [build(expression.left), build(expression.right)];
      return (fields) => left(fields) && right(fields);
    }
    case 'not': {
      const operand = build(expression.operand);
      return (fields) => !operand(fields);
    }
    case 'present':
      return (fields) => fields(expression.field.name).length > 0;
    case 'compare':
      return (fields) =>
        compare(fields(expression.field.name), expression.comparison, expression.range);
    case 'contains':
      return (fields) =>
        fields(expression.field.name).some((value) => String(value).includes(expression.text));
    case 'matches':
      return (fields) =>
        fields(expression.field.name).some((value) => expression.pattern.test(String(value)));
    case 'in':
      return (fields) =>
        fields(expression.field.name).some((value) =>
          expression.ranges.some((range) => isWithin(value, range)));
  }
}

// A flag alone asks whether the field is there, and every segment has all flags: the classic trap.
function hintOf(expression: Expression | null): string {
  if (expression === null) return '';
  switch (expression.kind) {
    case 'or':
    case 'and':
      return hintOf(expression.left) || hintOf(expression.right);
    case 'not':
      return hintOf(expression.operand);
    case 'present': {
      const { name, type } = expression.field;
      if (type !== 'boolean') return '';
      return `${name} alone matches every packet that has the field; ${name} == 1 asks whether it is set`;
    }
    default:
      return '';
  }
}

export function compile(source: string): Filter | Mistake {
  try {
    const expression = parse(source);
    const test: Test = expression === null ? () => true : build(expression);
    return { ok: true, isBlank: expression === null, hint: hintOf(expression), matches: test };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return { ok: false, message: error.message, from: error.from, to: error.to };
  }
}
