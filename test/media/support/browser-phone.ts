import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { writeWav } from '../../../server/media/listen/wav.ts';
import { makeSine } from './signals.ts';

/** What the page heard of one frequency, by its own spectrum. */
export interface HeardInBrowser {
  /** The strongest frequency, in hertz. */
  readonly frequency: number;
  /** Its level in dB of the analyser. */
  readonly level: number;
}

/**
 * A page in headless Chromium with a known voice: makes offers and answers with its own WebRTC,
 * and measures what it hears. The page is served from loopback because microphones need a secure
 * context.
 */
export class BrowserPhone {
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #server: Server;
  readonly #directory: string;

  private constructor(parts: { browser: Browser; page: Page; server: Server; directory: string }) {
    this.#browser = parts.browser;
    this.#page = parts.page;
    this.#server = parts.server;
    this.#directory = parts.directory;
  }

  /** @param voiceHz - the tone that the browser says all the time. */
  static async start(voiceHz: number): Promise<BrowserPhone> {
    const directory = await mkdtemp(join(tmpdir(), 'allo-browser-'));
    const voice = join(directory, 'voice.wav');
    await writeWav(voice, makeSine(voiceHz, 10_000, { sampleRate: 48_000 }), 48_000);
    const script = await readFile(new URL('./browser-phone-page.js', import.meta.url), 'utf8');
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end(`<!doctype html><title>phone</title><script type="module">${script}</script>`);
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: [
        '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-audio-capture=${voice}`,
        '--autoplay-policy=no-user-gesture-required',
      ],
    });
    const page = await browser.newPage();
    // A cast because address() is a string only for pipes.
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return new BrowserPhone({ browser, page, server, directory });
  }

  /** Makes a connection, named because a page can hold several, with or without a microphone. */
  open(name: string, options: { microphone?: boolean } = {}): Promise<void> {
    return this.#call('open', name, options.microphone ?? true);
  }

  /** The page's offer, with all its candidates. */
  offer(name: string): Promise<string> { return this.#call('offer', name); }

  /** The page's answer to an offer, with all its candidates. */
  answer(name: string, sdp: string): Promise<string> { return this.#call('answer', name, sdp); }

  acceptAnswer(name: string, sdp: string): Promise<void> { return this.#call('acceptAnswer', name, sdp); }

  /** Changes the direction of the page's audio, for hold; a new offer must follow. */
  setDirection(name: string, direction: 'sendrecv' | 'sendonly' | 'inactive'): Promise<void> {
    return this.#call('setDirection', name, direction);
  }

  /** Makes the next offer restart ICE, as after a change of network. */
  restartIce(name: string): Promise<void> { return this.#call('restartIce', name); }

  connectionState(name: string): Promise<string> { return this.#call('connectionState', name); }

  /** Presses keys on the page's keypad (insertDTMF). */
  press(name: string, keys: string): Promise<void> { return this.#call('press', name, keys); }

  /** What the page hears just now. */
  heard(name: string): Promise<HeardInBrowser> { return this.#call('heard', name); }

  /** Ends one connection of the page. */
  hangUp(name: string): Promise<void> { return this.#call('hangUp', name); }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => { this.#server.close(() => resolve()); });
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Runs a function of browser-phone-page.js; the page's types are not ours, so it goes as text. */
  #call<T>(method: string, ...args: readonly unknown[]): Promise<T> {
    return this.#page.evaluate<T>(`phone.${method}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`);
  }
}
