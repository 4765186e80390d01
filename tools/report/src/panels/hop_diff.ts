// SPDX-License-Identifier: MIT
// What a device changed of a packet: the fields of the frame that came in against those of the frame
// that went out. Layers are paired by protocol and order, fields by name and order.
import { Field, Layer } from '../data';

export interface FieldChange {
  readonly protocol: string;
  readonly name: string;
  readonly before: string; // '' : the field was not there
  readonly after: string; // '' : the field is gone
  readonly field: Field | undefined; // in the frame that went out
}

function byKey<T>(items: readonly T[], key: (item: T) => string): Map<string, T> {
  const seen = new Map<string, number>();
  const found = new Map<string, T>();
  for (const item of items) {
    const name = key(item);
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    found.set(count === 0 ? name : `${name} ${count + 1}`, item);
  }
  return found;
}

export function changesBetween(before: readonly Layer[], after: readonly Layer[]): FieldChange[] {
  const changes: FieldChange[] = [];
  const olds = byKey(before, (layer) => layer.protocol);
  const news = byKey(after, (layer) => layer.protocol);
  for (const key of new Set([...olds.keys(), ...news.keys()])) {
    const [old, now] = [olds.get(key), news.get(key)];
    if (!old || !now) {
      const layer = (old ?? now) as Layer;
      const size = `${layer.header} B`;
      changes.push({ protocol: layer.protocol, name: now ? 'header added' : 'header removed',
        before: old ? size : '', after: now ? size : '', field: now?.fields[0] });
      continue;
    }
    const oldFields = byKey(old.fields, (field) => field.name);
    const newFields = byKey(now.fields, (field) => field.name);
    for (const name of new Set([...oldFields.keys(), ...newFields.keys()])) {
      const [a, b] = [oldFields.get(name), newFields.get(name)];
      if (a?.value === b?.value) continue;
      changes.push({ protocol: now.protocol, name, before: a?.value ?? '', after: b?.value ?? '', field: b });
    }
  }
  return changes;
}
