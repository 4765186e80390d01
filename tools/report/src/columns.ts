// SPDX-License-Identifier: MIT
// Tables as columns: how they are written, and how they are read.
//
//     number   as it is
//     delta    the difference from the row above (of the first row: from 0)
//     text     index into the strings of the document

export type ColumnKind = 'number' | 'delta' | 'text';
export type Schema = Readonly<Record<string, ColumnKind>>;

export type Columns<S extends Schema> = {
  readonly [Name in keyof S]: S[Name] extends 'text' ? readonly string[] : readonly number[];
} & { readonly count: number };

export type WireTable = Readonly<Record<string, readonly number[]>>;

function running(differences: readonly number[]): number[] {
  let sum = 0;
  return differences.map((difference) => (sum += difference));
}

// A column is made of what is written when it is first read: most of a long run's are never asked
// for. Throws when the columns are not those of the schema, or not equally long.
export function readTable<S extends Schema>(
  schema: S, table: WireTable, strings: readonly string[],
): Columns<S> {
  const columns: Record<string, unknown> = {};
  let count: number | undefined;
  for (const [name, kind] of Object.entries(schema)) {
    const column = table[name];
    if (column === undefined || (count ?? column.length) !== column.length) {
      throw new Error(`the column ${name} is missing or too short`);
    }
    count = column.length;
    let made: readonly unknown[] | undefined = kind === 'number' ? column : undefined;
    Object.defineProperty(columns, name, {
      enumerable: true,
      get: () => (made ??= kind === 'delta' ? running(column) : column.map((index) => strings[index])),
    });
  }
  columns.count = count ?? 0;
  return columns as Columns<S>;
}

// How many of the ascending numbers are not greater than `value`; the row before is the last one
// not after it.
export function countUpTo(ascending: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
