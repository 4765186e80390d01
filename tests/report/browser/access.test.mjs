// SPDX-License-Identifier: MIT
// For everybody: axe-core finds nothing in any panel, light or dark; the reader's own colours and less
// motion are respected; every panel can be reached by keys alone, and goes on paper.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import { closeBrowser, openReport, picture, scenario, settle } from './report.mjs';

const LESSON = scenario('loss/fast-retransmit.yaml');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
after(closeBrowser);

const tabsOf = (page) => page.locator('[role=tab]').evaluateAll((tabs) => tabs.map((tab) => tab.id.slice('tab-'.length)));

// What axe finds in a part of the page, as text; by all of its rules unless told which.
async function violations(page, { include, exclude = [], rules }) {
  return page.evaluate(async ([context, options]) => {
    const { violations: found } = await window.axe.run(context, options);
    return found.flatMap(({ id, help, nodes }) => nodes.map((node) =>
      `${context.include}: ${id}: ${help}: ${node.target} ${node.html.slice(0, 160)}`));
  }, [{ include, exclude }, { resultTypes: ['violations'], ...(rules ? { runOnly: rules } : {}) }]);
}

// Each part once: the frame of the page without its panels, and the panels that hold no others.
// Dark, the page is made of the same elements: only its colours can be wrong.
for (const { colorScheme, rules } of [{ colorScheme: 'light' }, { colorScheme: 'dark', rules: ['color-contrast'] }]) {
  test(`axe finds nothing in the ${colorScheme} page and each of its panels`, async () => {
    const report = await openReport(LESSON, { colorScheme, reducedMotion: 'reduce' });
    const { page } = report;
    await page.evaluate(AXE);
    const found = await violations(page, { include: ['html'], exclude: ['.panel-body'], rules });
    for (const id of await tabsOf(page)) {
      await page.locator(`#tab-${id}`).click();
      await settle(page);
      found.push(...await violations(page, { include: [`#panel-${id}`], exclude: [`#panel-${id} .panel-body`], rules }));
    }
    await page.keyboard.press('?');
    found.push(...await violations(page, { include: ['dialog.help'], rules }));
    assert.deepEqual([...new Set(found)], []);
    await report.close();
  });
}

test('every tab and every panel can be reached with Tab and arrow keys alone', async () => {
  const report = await openReport(LESSON, { reducedMotion: 'reduce' });
  const { page } = report;
  const wanted = new Set(await tabsOf(page));
  const tabs = new Set();
  const panels = new Set();
  const here = () => page.evaluate(() => ({
    tab: document.activeElement.matches('[role=tab]') ? document.activeElement.id.slice('tab-'.length) : '',
    panels: [...document.querySelectorAll('.panel-body:focus-within, .panel-body:focus')].map((panel) => panel.id.slice('panel-'.length)),
    last: document.activeElement === document.body,
  }));
  await page.locator('.clock').focus();
  await page.evaluate(() => document.activeElement.blur());
  for (let i = 0; i < 400 && panels.size < wanted.size; i++) {
    await page.keyboard.press('Tab');
    const now = await here();
    if (now.tab && !tabs.has(now.tab)) {
      // Along the tabs of this place, each of them once; Tab then goes into the panel it shows.
      const first = now.tab;
      tabs.add(first);
      await page.keyboard.press('ArrowRight');
      for (let tab = (await here()).tab; tab !== first; tab = (await here()).tab) {
        tabs.add(tab);
        await page.keyboard.press('Tab');
        for (const panel of (await here()).panels) panels.add(panel);
        await page.locator(`#tab-${tab}`).focus();
        await page.keyboard.press('ArrowRight');
      }
    }
    for (const panel of now.panels) panels.add(panel);
  }
  assert.deepEqual([...tabs].sort(), [...wanted].sort());
  // A panel that has nothing to operate is read, not entered.
  for (const id of wanted) {
    const entered = panels.has(id) || !(await page.locator(`#panel-${id}`).evaluate((panel) => panel.scrollHeight > panel.clientHeight + 1));
    assert.ok(entered, `the panel ${id} scrolls and cannot be reached`);
  }
  await report.close();
});

for (const colorScheme of ['light', 'dark']) test(`with forced colours, ${colorScheme}, the page uses the reader's, and shows by outlines what is chosen`, async () => {
  const report = await openReport(LESSON, { forcedColors: 'active', colorScheme, reducedMotion: 'reduce' });
  const { page } = report;
  await settle(page);
  const style = await page.locator('.ladder-row.is-chosen').evaluate((row) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(row);
    return `${outlineStyle} ${outlineWidth}`;
  });
  assert.equal(style, 'solid 2px');
  const root = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--ink').trim());
  assert.equal(root, 'CanvasText');
  await picture(page, `forced-colors-${colorScheme}`);
  await report.close();
});

test('on paper every panel is there, with its name and nothing to click', async () => {
  const report = await openReport(LESSON);
  const { page } = report;
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  await settle(page);
  const panels = await page.locator('.panel-body').evaluateAll((found) => found.map((panel) => ({
    id: panel.id, isSeen: panel.getBoundingClientRect().height > 20, title: getComputedStyle(panel, '::before').content,
  })));
  for (const { id, isSeen, title } of panels) assert.ok(isSeen && title.length > 2, `${id} ${title}`);
  assert.deepEqual(panels.map(({ id }) => id.slice('panel-'.length)).sort(), (await tabsOf(page)).sort());
  const box = async (selector) => page.locator(selector).boundingBox();
  const [boxes, hex, rows, story] = [await box('.boxes'), await box('.hex'), await box('.ladder-rows'), await box('.story')];
  assert.ok(hex.y >= boxes.y + boxes.height && story.y >= rows.y + rows.height, 'nothing lies on top of another');
  assert.equal(await page.locator('.ladder-row').count(), Number(await page.locator('.ladder').getAttribute('aria-rowcount')) - 1);
  assert.equal(await page.locator('.player .slider').isVisible(), false);
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  await page.emulateMedia({ media: 'screen' });
  assert.equal(await page.locator('#panel-summary').isVisible(), false);
  await report.close();
});

test('on a phone no table has to be pushed aside to be read', async () => {
  for (const name of ['transport/demultiplexing.yaml', 'loss/fast-retransmit.yaml']) {
    const report = await openReport(scenario(name), { viewport: { width: 390, height: 844 }, hash: '#t=200ms' });
    const { page } = report;
    const cut = await page.locator('.panel-topology svg').evaluate((picture) => [...picture.querySelectorAll('text')]
      .filter((text) => text.getBoundingClientRect().right > picture.getBoundingClientRect().right).map((text) => text.textContent));
    assert.deepEqual(cut, [], `${name}: words of the network beyond the edge`);
    for (const id of ['states', 'sockets', 'tables', 'summary']) {
      await page.locator(`#tab-${id}`).click();
      await settle(page);
      const hidden = await page.locator(`#panel-${id}`).evaluate((panel) => Math.max(...[panel, ...panel.querySelectorAll('*')]
        .filter((part) => ['auto', 'scroll'].includes(getComputedStyle(part).overflowX)).map((part) => part.scrollWidth - part.clientWidth)));
      assert.ok(hidden <= 1, `${name}: ${hidden} pixels of ${id} are beyond the edge`);
      assert.ok(await page.locator(`#panel-${id} td`).count() > 0, id);
    }
    await report.close();
  }
});
