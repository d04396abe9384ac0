import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { writeWav } from '../../server/media/listen/wav.ts';
import { makeSine } from '../media/support/signals.ts';

const LISTEN = await readFile(new URL('./listen-in-page.js', import.meta.url), 'utf8');
const PLAIN_MICROPHONE = JSON.stringify({ echoCancellation: false, noiseSuppression: false, autoGainControl: false });

/** What a page hears: its strongest frequency and its level. */
export interface HeardInPage {
  /** Hertz, to a few hertz. */
  readonly frequency: number;
  /** Decibels of the browser's analyser; below −80 is silence. */
  readonly levelDb: number;
}

/** Headless Chromium whose microphone says a steady tone. */
export class TestBrowser {
  readonly #browser: Browser;
  readonly #directory: string;

  private constructor(browser: Browser, directory: string) {
    this.#browser = browser;
    this.#directory = directory;
  }

  static async start(voiceHz: number): Promise<TestBrowser> {
    const directory = await mkdtemp(join(tmpdir(), 'allo-chromium-'));
    const voice = join(directory, 'voice.wav');
    await writeWav(voice, makeSine(voiceHz, 10_000, { sampleRate: 48_000 }), 48_000);
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: [
        '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-audio-capture=${voice}`,
        '--autoplay-policy=no-user-gesture-required',
      ],
    });
    return new TestBrowser(browser, directory);
  }

  /** Opens a page of its own session. The microphone's filters are off: they take a tone for noise. */
  async open(url: string, language: 'fr' | 'ar' | 'en' = 'en'): Promise<TestPage> {
    const context = await this.#browser.newContext({ viewport: { width: 1366, height: 768 }, locale: language });
    await context.addInitScript({ content: `localStorage.setItem('allo.audio', '${PLAIN_MICROPHONE}')` });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(url);
    return new TestPage(page, errors);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** One page, by the names that its parts have for tests. */
export class TestPage {
  readonly page: Page;
  /** Exceptions that nobody caught in the page. */
  readonly errors: readonly string[];

  constructor(page: Page, errors: readonly string[]) {
    this.page = page;
    this.errors = errors;
  }

  get(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  async signIn(username: string, password: string): Promise<void> {
    await this.get('sign-in-username').fill(username);
    await this.get('sign-in-password').fill(password);
    await this.get('sign-in-submit').click();
  }

  /** Waits until a part says that it is in a state (`data-state`). */
  async inState(testId: string, state: string, timeoutMs = 10_000): Promise<void> {
    await this.page.locator(`[data-testid="${testId}"][data-state="${state}"]`).waitFor({ state: 'attached', timeout: timeoutMs });
  }

  /** Listens for a second to what the page plays to its user. */
  heard(): Promise<HeardInPage> {
    return this.page.evaluate<HeardInPage>(LISTEN);
  }
}
