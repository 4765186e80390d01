// SPDX-License-Identifier: MIT
// Two runs on one page: what strata compare says, and the report of either at one instant.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import { closeBrowser, comparisonOf, openReport, picture, scenario, settle, strata } from './report.mjs';

const LESSON = scenario('loss/fast-retransmit.yaml');
const OTHER = ['--set-b', 'nodes.client.tcp.congestion-control=reno', '--set-b', 'links.access.delay=8ms'];
after(closeBrowser);

test('settings, figures and packets of both runs are those of strata compare --json', async () => {
  const report = await openReport(comparisonOf(LESSON, ...OTHER));
  const { page } = report;
  await settle(page);
  const wanted = JSON.parse(strata('compare', LESSON, ...OTHER, '--json'));
  const rows = (index) => page.locator('.compared-tables table').nth(index).locator('tbody tr')
    .evaluateAll((found) => found.map((row) => [...row.cells].map((cell) => cell.textContent)));
  assert.deepEqual(await rows(0), wanted.settings.map(({ path, a, b }) => [path, a ?? '–', b ?? '–']));
  const figures = await rows(1);
  assert.equal(figures.length, wanted.figures.length);
  wanted.figures.forEach(({ name, a, b }, row) => {
    if (/_(bps|bytes|ns|ppm|s)$/.test(name) || typeof a !== 'number' || typeof b !== 'number' || name.startsWith('bytes_')) return;
    assert.deepEqual(figures[row].slice(1, 3).map((text) => text.replace(/\u2009/g, '')), [String(a), String(b)], name);
  });
  assert.equal(Number(await page.locator('.compared-packets .vtable').getAttribute('aria-rowcount')) - 1, wanted.packets.length);
  assert.match(await page.locator('.first-difference').innerText(), /Up to [\d.]+ ms both are the same/);
  await picture(page, 'compare');
  await report.close();
});

test('the panels show either run, at the same instant', async () => {
  const report = await openReport(comparisonOf(LESSON, ...OTHER), { hash: '#t=40ms' });
  const { page } = report;
  assert.match(await page.locator('.network').textContent(), /5\u2009ms/);
  await page.locator('.run-buttons .chip').nth(1).click();
  await settle(page);
  assert.match(await page.locator('.network').textContent(), /8\u2009ms/);
  assert.match(await page.locator('.player .clock').inputValue(), /^40\.000/);
  assert.equal(await page.locator('.ladder').count(), 1);
  assert.ok(await page.locator('.ladder-row').count() > 3);
  // Keys move the run in sight, and the other one follows when it is shown.
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await settle(page);
  const time = await page.locator('.player .clock').inputValue();
  await page.locator('.run-buttons .chip').nth(0).click();
  await settle(page);
  assert.equal(await page.locator('.player .clock').inputValue(), time);
  await page.locator('.compared-packets .vrow').nth(2).click();
  await settle(page);
  assert.equal(await page.locator('.ladder-row.is-chosen').count(), 1);
  await report.close();
});

test('axe finds nothing on the page of two runs; with scripts off it is the text of strata compare', async () => {
  const report = await openReport(comparisonOf(LESSON, ...OTHER));
  await report.page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const found = await report.page.evaluate(async () => (await window.axe.run('.place-compare', { resultTypes: ['violations'] })).violations
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id} ${node.target} ${node.html.slice(0, 120)}`)));
  assert.deepEqual(found, []);
  await report.close();
  const plain = await openReport(comparisonOf(LESSON, ...OTHER), { javaScriptEnabled: false });
  assert.match(await plain.page.locator('noscript').innerText(), /figures[\s\S]*B − A/);
  await plain.close();
});

test('a page that cannot be written is told before anything runs', () => {
  assert.throws(() => strata('compare', LESSON, ...OTHER, '--report', '/no/such/folder/two.html'),
    (error) => error.status === 2 && error.stdout === '' && /\/no\/such\/folder\/two\.html/.test(error.stderr));
});
