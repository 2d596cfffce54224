// `npm run pictures [FOLDER]`: the pages of the corpus as PNG files, light, dark, on a phone and printed,
// for somebody to look at. They are not committed.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { BrowserInTest, CHROMIUM } from '../../test/support/browser.ts';
import { reportPages } from '../../test/support/evidence/report-pages.ts';

const WIDE = { width: 1_200, height: 900 };
const PHONE = { width: 375, height: 812 };

const LOOKS: Readonly<Record<string, BrowserContextOptions & { isPrinted?: true }>> = {
  light: { viewport: WIDE },
  dark: { viewport: WIDE, colorScheme: 'dark' },
  phone: { viewport: PHONE, isMobile: true, hasTouch: true },
  print: { viewport: { width: 794, height: 1_123 }, isPrinted: true },
};

const [named = 'pictures'] = process.argv.slice(2);
const folder = resolve(named);
if (CHROMIUM === null) throw new Error('no chromium on PATH; apt-get install chromium');
mkdirSync(folder, { recursive: true });
const browser = await BrowserInTest.start();
try {
  for (const [name, html] of Object.entries(reportPages())) {
    for (const [look, { isPrinted, ...options }] of Object.entries(LOOKS)) {
      const { page } = await browser.open(html, options, isPrinted ? 'print' : 'screen');
      const path = join(folder, `${name}-${look}.png`);
      await page.screenshot({ path, fullPage: true });
      process.stdout.write(`${path}\n`);
    }
  }
} finally {
  await browser.stop();
}
