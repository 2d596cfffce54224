// One Chromium for the tests of pages, which are opened from disk as their readers open them: every
// request and every complaint of a page is kept.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { findProgram } from './find-program.ts';

export interface Opened {
  readonly page: Page;
  /** What it asked for besides itself. */
  readonly requests: readonly string[];
  /** Errors and warnings in its console, and errors that nobody caught. */
  readonly complaints: readonly string[];
}

/** Null where this machine has none. */
export const CHROMIUM = findProgram('chromium');

export class BrowserInTest {
  readonly #browser: Browser;
  readonly #folder = mkdtempSync(join(tmpdir(), 'drill-browser-'));
  #pages = 0;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<BrowserInTest> {
    const { chromium } = await import('playwright-core');
    // Chromium's sandbox refuses root.
    const args = ['--no-sandbox', '--force-color-profile=srgb'];
    return new BrowserInTest(await chromium.launch({ executablePath: CHROMIUM!, args }));
  }

  /** Opens a page of its own context; `media` is set before the page is read. */
  async open(
    html: string,
    options: BrowserContextOptions = {},
    media: 'screen' | 'print' = 'screen',
  ): Promise<Opened> {
    const file = join(this.#folder, `page-${++this.#pages}.html`);
    writeFileSync(file, html);
    return await this.visit(`file://${file}`, options, media);
  }

  /**
   * The same of a page that is somewhere; what else it asks for of its own place counts as well.
   * One that is `isStill` is not asked for again by itself, however long somebody looks at it.
   */
  async visit(
    address: string,
    options: BrowserContextOptions & { readonly isStill?: boolean } = {},
    media: 'screen' | 'print' = 'screen',
  ): Promise<Opened> {
    const { isStill = false, ...own } = options;
    const context = await this.#browser.newContext(own);
    const page = await context.newPage();
    if (isStill) await page.addInitScript(SHORT_TIMERS);
    await page.emulateMedia({ media });
    const [requests, complaints]: [string[], string[]] = [[], []];
    page.on('request', (request) => {
      if (request.url() !== address) requests.push(request.url());
    });
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(address);
    return { page, requests, complaints };
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    rmSync(this.#folder, { recursive: true });
  }
}

/** A page reloads itself after whole seconds. */
const SHORT_TIMERS = `
  const later = window.setTimeout;
  window.setTimeout = (call, ms, ...its) => (ms >= 1000 ? 0 : later(call, ms, ...its));
`;

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

interface Finding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe finds serious in a page in one of its colours: `color-contrast: <a …>`. */
export async function graveFindings(page: Page, colorScheme: 'light' | 'dark'): Promise<string[]> {
  await page.evaluate(AXE);
  await page.emulateMedia({ colorScheme });
  // All but the colours is alike in both.
  const rules = colorScheme === 'light' ? '{}' : "{ runOnly: ['color-contrast'] }";
  const found = await page.evaluate<Finding[]>(
    `axe.run(${rules}).then((found) => found.violations)`,
  );
  const grave = found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return grave.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
}
