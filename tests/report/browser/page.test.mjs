// SPDX-License-Identifier: MIT
// What holds for the page as a whole, whatever it shows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { closeBrowser, comparisonOf, openReport, picture, reportOf, scenario, settle, writeScenario } from './report.mjs';

const LESSON = scenario('loss/fast-retransmit.yaml');
after(closeBrowser);

test('opens from a file without a network, with one request and an empty console', async () => {
  const report = await openReport(LESSON);
  await settle(report.page);
  assert.equal(await report.page.title(), 'One lost segment, repaired by fast retransmit');
  assert.match(await report.page.locator('.about').innerText(), /repeat its ACK/);
  await report.close();
});

for (const [name, label] of [
  ['loss/fast-retransmit.yaml', /^DATA 1:1461/], ['transport/udp-query.yaml', /^UDP \d+ > 5300/], ['link/arp-first.yaml', /^ARP who has/],
]) {
  test(`${name} opens on a packet that is worth it, and everything on the page is about it`, async () => {
    const report = await openReport(scenario(name));
    const { page } = report;
    await settle(page);
    const chosen = page.locator('.ladder-row.is-chosen');
    assert.match(await chosen.locator('.ladder-text').innerText(), label);
    const uid = `#${await chosen.getAttribute('data-uid')} `;
    assert.ok((await page.locator('.inspector-title').innerText()).replace(/\s+/g, ' ').startsWith(uid));
    assert.ok((await page.locator('.player .sentence').innerText()).includes(` ${uid}`), 'the sentence');
    assert.ok((await page.locator('.under-way').innerText()).includes(uid), 'it is on a wire');
    assert.ok(await page.locator('.boxes .box-title').count() >= 2);
    await report.close();
  });
}

test('tells who has never seen a packet what the labels of this run mean, and no others', async () => {
  const terms = async (name) => {
    const report = await openReport(scenario(name));
    await report.page.locator('.primer summary').click();
    const found = await report.page.locator('.primer dt').allInnerTexts();
    await report.close();
    return found;
  };
  assert.deepEqual(await terms('loss/fast-retransmit.yaml'),
    ['ARP', 'SYN', 'DATA 1:1461', 'ACK 1461', 'dup 1', 'RETX', 'FIN', '✗']);
  assert.deepEqual(await terms('basics/ping.yaml'), ['ARP', 'ICMP']);
});

test('a report that is cut says on top how much it holds', async () => {
  const report = await openReport(LESSON, { report: ['--report-frames', '20'] });
  const notice = await report.page.locator('.notice').innerText();
  assert.match(notice, /^This report shows the first 20 of \d+ frames, up to [\d.]+\sms\. /);
  // What it holds is not set against what the whole run came to.
  await report.page.locator('#tab-summary').click();
  const cells = await report.page.locator('.summary tbody tr').first().locator('td').allTextContents();
  assert.deepEqual(cells.slice(-2), ['–', '–'], 'octets on the wire, efficiency');
  assert.match(await report.page.locator('.summary').innerText(), /Drops of the whole run: 1 × dropped by the scenario/);
  await report.close();
});

test('its policy forbids everything but its own script and styles', async () => {
  const html = readFileSync(reportOf(LESSON), 'utf8');
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)[1];
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  assert.equal(html.match(/<script>/g).length, 1);
});

test('hostile names of a scenario stay text', async () => {
  const evil = '</title></script><img src=x onerror=document.title=1><script>document.title=2</script>';
  const quoted = JSON.stringify(evil);
  const path = writeScenario('<img src=x onerror=document.title=3>.yaml', [
    `title: ${quoted}`, `about: ${JSON.stringify(`${evil} @document@ ]]> <!-- `)}`, 'seed: 1',
    'nodes:', '  a: { address: 10.0.0.1/24 }', '  b: { address: 10.0.0.2/24 }',
    'links:', '  l: { ends: [a, b], rate: 10 Mbit/s, delay: 1 ms }',
    'processes:', '  - { on: a, run: ping, to: b, count: 1 }', '',
  ].join('\n'));
  const report = await openReport(path);
  await settle(report.page);
  assert.equal(await report.page.title(), evil);
  assert.equal(await report.page.locator('h1').innerText(), evil);
  assert.equal(await report.page.locator('img').count(), 0);
  assert.equal(await report.page.locator('script:not([type])').count(), 1);
  assert.match(await report.page.locator('.origin').innerText(), /<img src=x onerror=document\.title=3>\.yaml/);
  await report.close();
  const two = await openReport(comparisonOf(path, '--set-b', 'links.l.delay=2ms'));
  await settle(two.page);
  assert.equal(await two.page.title(), `${evil}: two runs`);
  assert.equal(await two.page.locator('img').count(), 0);
  await two.close();
});

test('with scripts off the run is there as text', async () => {
  const report = await openReport(LESSON, { javaScriptEnabled: false });
  const text = await report.page.locator('noscript').innerText();
  assert.match(text, /SYN seq 0/);
  assert.match(text, /RETX 2921:4381/);
  assert.match(await report.page.locator('.verdicts').innerText(), /tcp\.retransmissions == 1/);
  await picture(report.page, 'scripts-off');
  await report.close();
});

test('can be walked through with the keyboard alone', async () => {
  const report = await openReport(LESSON);
  const { page } = report;
  const counter = page.locator('.player .counter');
  await page.keyboard.press('Home');
  await settle(page);
  assert.match(await page.locator('.player .clock').inputValue(), /^0\.000/);
  const number = async () => Number(/event (\d+)/.exec(await counter.innerText())[1]);
  const first = await number();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await settle(page);
  assert.equal(await number(), first + 2);
  assert.notEqual(await page.locator('[aria-live]').first().innerText(), '');
  await page.keyboard.press('End');
  await settle(page);
  const [, at, all] = /event (\d+) \/ (\d+)/.exec(await counter.innerText());
  assert.equal(at, all);
  await page.keyboard.press('g');
  await page.keyboard.type('40.5');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await settle(page);
  assert.match(await page.locator('.player .clock').inputValue(), /^40\.500/);
  await page.keyboard.press('?');
  assert.ok(await page.locator('dialog.help').isVisible());
  await page.keyboard.press('Escape');
  assert.ok(!(await page.locator('dialog.help').isVisible()));
  // Into the ladder, and along its rows.
  for (let i = 0; i < 80 && !(await page.evaluate(() => document.activeElement.matches('.ladder'))); i++) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await settle(page);
  assert.equal(await page.locator('.ladder-row[aria-selected=true]').count(), 1);
  assert.match(new URL(page.url()).hash, /^#|^$/);
  await report.close();
});

test('the address says what is shown, and shows what it says', async () => {
  const report = await openReport(LESSON, { hash: '#t=35.5ms&uid=9&link=uplink' });
  const { page } = report;
  await settle(page);
  assert.match(await page.locator('.player .clock').inputValue(), /^35\.500/);
  assert.equal(await page.locator('.ladder-row.is-chosen').getAttribute('data-uid'), '9');
  await page.keyboard.press('End');
  await page.waitForTimeout(400);
  assert.match(new URL(page.url()).hash, /uid=/);
  await report.close();
});

test('follows the wish for less motion: playing goes from event to event', async () => {
  const report = await openReport(LESSON, { reducedMotion: 'reduce' });
  const { page } = report;
  await page.keyboard.press('Home');
  await page.evaluate(() => {
    window.frames_asked = 0;
    const ask = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (callback) => { window.frames_asked++; return ask(callback); };
  });
  await page.keyboard.press(' ');
  await page.waitForTimeout(1500);
  await page.keyboard.press(' ');
  const asked = await page.evaluate(() => window.frames_asked);
  // Smooth motion asks for ninety.
  assert.ok(asked <= 30, `${asked} animation frames in 1.5 s`);
  assert.doesNotMatch(await page.locator('.player .counter').innerText(), /^event 0 /);
  await report.close();
});

test('plays, and pauses', async () => {
  const report = await openReport(LESSON);
  const { page } = report;
  await page.keyboard.press('Home');
  await page.locator('.player .play').click();
  await page.waitForTimeout(600);
  await page.locator('.player .play').click();
  await page.waitForTimeout(200); // what is drawn follows with the next frame
  const time = await page.locator('.player .clock').inputValue();
  assert.notEqual(time, '0.000\u2009000\u2009ms');
  await page.waitForTimeout(200);
  assert.equal(await page.locator('.player .clock').inputValue(), time);
  await report.close();
});
