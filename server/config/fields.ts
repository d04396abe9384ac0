import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';

/** A TCP or UDP port; 0 takes any free one. */
export const port = z.coerce.number().int().min(0).max(65_535);

/** Milliseconds, at most an hour. */
export const ms = z.coerce.number().int().min(0).max(3_600_000);

/** An address of this machine, or a name of one. */
export const host = z.string().min(1).max(255);

/** A path, from the working directory on. */
export const path = z.string().min(1).transform((text) => resolve(text));

/** An address by number that others can reach: no wildcard. */
export const address = z.string().refine((text) => isIP(text) !== 0 && text !== '0.0.0.0' && text !== '::', 'must be a numeric address');

/** A name of the IANA time zone database. */
export const timeZone = z.string().refine(isTimeZone, 'is an IANA time zone');

/** The admin port of a drachtio-server. */
export const adminUrl = z.string().refine(isAdminUrl, 'must be tcp://[:secret@]host[:port]');

/** A service of ours over HTTP; its credentials have a variable of their own. */
export const serviceUrl = z.string().refine(isServiceUrl, 'must be http://… or https://…, without credentials');

/** Where a WebSocket is opened. */
export const webSocketUrl = z.string().refine((text) => ['ws:', 'wss:'].includes(urlOf(text)?.protocol ?? ''), 'must be ws://… or wss://…');

const NETWORK = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()]);

/** Networks, or single addresses: `10.0.0.0/8, 2001:db8::/32, 192.0.2.7`. */
export const networks = listOf((item) => (NETWORK.safeParse(item).success ? item : undefined), 'must be a network like 10.0.0.0/8, or an address');

/** Origins of pages: `https://desk.example.dz`. */
export const origins = listOf(readOrigin, 'must be an origin like https://desk.example.dz');

/**
 * Several values in one variable, with commas or white space between them.
 * @param read - gives nothing for what is no value.
 * @param form - what a value must be; it follows on the value that is none.
 */
export function listOf<T>(read: (item: string) => T | undefined, form: string): z.ZodType<readonly T[]> {
  return z.string().transform((text, context): readonly T[] => {
    const items = text.split(/[\s,]+/).filter((item) => item !== '');
    if (items.length === 0) context.addIssue({ code: 'custom', message: 'names nothing' });
    return items.flatMap((item) => {
      const value = read(item);
      if (value !== undefined) return [value];
      context.addIssue({ code: 'custom', message: `"${item}" ${form}` });
      return [];
    });
  });
}

function isServiceUrl(text: string): boolean {
  const url = urlOf(text.replaceAll('{language}', 'fr'));
  return url !== undefined && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === '';
}

/** Whether a text has the form of {@link adminUrl}. */
export function isAdminUrl(text: string): boolean {
  const url = urlOf(text);
  return url?.protocol === 'tcp:' && url.hostname !== '' && url.username === '' && ['', '/'].includes(url.pathname) && url.search === '' && url.hash === '';
}

function readOrigin(item: string): string | undefined {
  const url = urlOf(item);
  const isOrigin = (url?.protocol === 'https:' || url?.protocol === 'http:') && url.href === `${url.origin}/`;
  return isOrigin ? url.origin : undefined;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
