// SPDX-License-Identifier: MIT
// Makes reports with the strata of this build and opens them in Debian's chromium, without a
// network. Every page that was opened is watched: one request, and not a word on the console.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

export const STRATA = process.env.STRATA ?? 'strata';
export const SCENARIOS = process.env.STRATA_SCENARIOS ?? 'scenarios';
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const OUTPUT_MOST = 256 * 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), 'strata-report-'));
process.on('exit', () => execFileSync('rm', ['-r', folder]));

export function strata(...args) {
  return execFileSync(STRATA, args, { encoding: 'utf8', maxBuffer: OUTPUT_MOST, stdio: ['ignore', 'pipe', 'pipe'] });
}
export const scenario = (name) => join(SCENARIOS, name);

// Writes a scenario of the test's own; gives its path.
export function writeScenario(name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

// A folder of the test's own.
export function scratch(name) {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}

const made = new Map();
// The page of two runs, as a file; made once.
export function comparisonOf(...options) {
  const key = `compare ${options.join(' ')}`;
  if (!made.has(key)) {
    const file = join(folder, `${made.size}.html`);
    strata('compare', ...options, '--report', file);
    made.set(key, file);
  }
  return made.get(key);
}
// The report of a scenario as a file; made once.
export function reportOf(path, ...options) {
  const key = [path, ...options].join(' ');
  if (!made.has(key)) {
    const file = join(folder, `${made.size}.html`);
    strata('report', path, '-o', file, ...options);
    made.set(key, file);
  }
  return made.get(key);
}

let browser;
export async function closeBrowser() {
  await browser?.close();
  browser = undefined;
}

// Opens the report of a scenario, or a page that was made; `check()` holds what must be true of every page. `options` are those of
// playwright's newContext().
export async function openReport(path, { hash = '', report = [], ...options } = {}) {
  browser ??= await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  const context = await browser.newContext({ offline: true, viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const words = [];
  const requests = [];
  page.on('console', (message) => words.push(message.text()));
  page.on('pageerror', (error) => words.push(String(error)));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(path.endsWith('.html') ? path : reportOf(path, ...report)).href + hash);
  if (options.javaScriptEnabled !== false) await page.locator('html[data-ready]').waitFor({ state: 'attached' });
  return {
    page,
    check() {
      assert.deepEqual(words, [], 'the console stays empty');
      assert.equal(requests.filter((url) => !url.startsWith('data:')).length, 1, `one request: ${requests}`);
    },
    async close() {
      this.check();
      await context.close();
    },
  };
}

// Lets the panels draw what was asked for.
export async function settle(page) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

// Waits until `isTrue` says so: of what a page does in its own time.
export async function until(isTrue, what) {
  const deadline = Date.now() + 20_000;
  while (!(await isTrue())) {
    assert.ok(Date.now() < deadline, `still not so: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

// Where pictures of failed tests and for people go; undefined: nowhere.
export async function picture(page, name) {
  const to = process.env.STRATA_PICTURES;
  if (!to) return;
  mkdirSync(to, { recursive: true });
  await page.screenshot({ path: join(to, `${name}.png`) });
}
