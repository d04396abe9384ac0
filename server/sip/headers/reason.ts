import type { Termination } from '../../model/termination.ts';
import { splitOutsideQuotes, unquote } from './split.ts';

/** What a Reason header says. */
export interface ReasonFacts {
  readonly sipStatus?: number;
  readonly q850?: number;
  readonly text?: string;
}

const MAX_REASONS = 8;
const MAX_PARAMS = 8;
const MAX_TEXT_CHARS = 128;

/**
 * Reads a Reason header, all its rows.
 * @remarks RFC 3326 §2: protocol `SIP` with a status as cause, or `Q.850` with a cause of ITU-T Q.850.
 * @returns the first cause of each protocol; nothing for one that is absent or malformed. Never throws.
 */
export function parseReason(value: string | undefined): ReasonFacts {
  const facts: { sipStatus?: number; q850?: number; text?: string } = {};
  for (const row of splitOutsideQuotes(value ?? '', ',', MAX_REASONS)) {
    const [protocol = '', ...params] = splitOutsideQuotes(row, ';', MAX_PARAMS);
    const cause = causeOf(params);
    const text = textOf(params);
    if (/^sip$/i.test(protocol) && isWithin(cause, 100, 699)) facts.sipStatus ??= cause;
    else if (/^q\.850$/i.test(protocol) && isWithin(cause, 0, 127)) facts.q850 ??= cause;
    if (text !== undefined) facts.text ??= text;
  }
  return facts;
}

const isWithin = (cause: number | undefined, least: number, most: number): cause is number =>
  cause !== undefined && cause >= least && cause <= most;

function causeOf(params: readonly string[]): number | undefined {
  for (const param of params) {
    const cause = /^cause\s*=\s*(\d{1,3})$/i.exec(param);
    if (cause) return Number(cause[1]);
  }
  return undefined;
}

function textOf(params: readonly string[]): string | undefined {
  for (const param of params) {
    const text = /^text\s*=(.*)$/is.exec(param);
    if (text) return unquote(text[1] ?? '').slice(0, MAX_TEXT_CHARS);
  }
  return undefined;
}

/**
 * Writes the Reason header of a BYE, a CANCEL or a refusal.
 * @remarks RFC 3326 §2; a status of the SIP protocol and a cause of Q.850 may stand side by side.
 * @returns nothing when the termination names no cause.
 */
export function formatReason(termination: Pick<Termination, 'reason' | 'sipStatus' | 'q850'>): string | undefined {
  const said = quotable(termination.reason);
  const text = said === '' ? '' : `;text="${said}"`;
  const rows: string[] = [];
  if (termination.q850 !== undefined) rows.push(`Q.850;cause=${termination.q850}${text}`);
  if (termination.sipStatus !== undefined) rows.push(`SIP;cause=${termination.sipStatus}${text}`);
  return rows.length > 0 ? rows.join(', ') : undefined;
}

/** Text that cannot leave its quotes: no line ends, no quote, no backslash, ASCII only. */
function quotable(text: string): string {
  return text.normalize('NFC').replace(/[^\x20-\x7e]|["\\]/g, ' ').slice(0, MAX_TEXT_CHARS).trim();
}
