// SPDX-License-Identifier: MIT
// docs/report.md lists the fields of the filter language as the table in the code has them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { FIELDS } from '../../../tools/report/src/filter/fields';

const page = process.env.STRATA_REPORT_PAGE;

test('the page of the report documents every field, and no other', { skip: !page }, () => {
  const written = readFileSync(page as string, 'utf8').split('\n')
    .filter((line) => /^\| `[a-z]+[a-z0-9_.]*` \| (unsigned|boolean|seconds|ipv4|mac|text|protocol) \|/.test(line));
  assert.deepEqual(written, FIELDS.map((field) => `| \`${field.name}\` | ${field.type} | ${field.meaning} |`));
});
