import { parseCSeq, parseVia, splitList, tagOf, type Via } from './header-values.ts';
import type { Headers, SipRequest, SipResponse } from './sip-message.ts';

/** The fields that transactions and dialogs are found by, read once per message. */
export interface Essentials {
  readonly via: Via;
  readonly callId: string;
  readonly from: string;
  readonly to: string;
  readonly fromTag: string;
  /** Undefined outside a dialog. */
  readonly toTag: string | undefined;
  readonly cseq: { readonly number: number; readonly method: string };
}

/** The essentials, or the reason phrase of the 400 that says what is wrong. */
export type EssentialsOutcome = { readonly kind: 'ok'; readonly essentials: Essentials } | { readonly kind: 'bad'; readonly reason: string };

/**
 * Reads and checks the mandatory headers.
 * @remarks RFC 3261 §8.1.1: To, From, CSeq, Call-ID, Max-Forwards and Via; a missing
 *   Max-Forwards is tolerated, as §16.3 (item 3) asks of proxies.
 */
export function readEssentials(message: SipRequest | SipResponse): EssentialsOutcome {
  const { headers } = message;
  const viaText = firstVia(headers);
  const via = viaText === undefined ? undefined : parseVia(viaText);
  if (via === undefined) return bad('Bad Via');
  const callId = headers.get('call-id');
  if (callId === undefined || callId === '' || /\s/.test(callId)) return bad('Bad Call-ID');
  const from = headers.get('from');
  const to = headers.get('to');
  if (!from) return bad('Bad From');
  if (!to) return bad('Bad To');
  const cseq = parseCSeq(headers.get('cseq') ?? '');
  if (cseq === undefined) return bad('Bad CSeq');
  if (message.kind === 'request' && cseq.method !== message.method) return bad('CSeq Method Mismatch');
  return { kind: 'ok', essentials: { via, callId, from, to, fromTag: tagOf(from) ?? '', toTag: tagOf(to), cseq } };
}

const bad = (reason: string): EssentialsOutcome => ({ kind: 'bad', reason });

/** @returns the topmost Via value, also when one line holds several. */
function firstVia(headers: Headers): string | undefined {
  const line = headers.get('via');
  return line?.includes(',') ? splitList(line)[0] : line;
}

/**
 * Writes into the topmost Via where a request really came from.
 * @remarks RFC 3261 §18.2.1 (`received`), RFC 3581 §4 (`rport`). A line that holds several
 *   values is split, so that later code sees one value per line at the top.
 */
export function stampTopVia(headers: Headers, via: Via, source: { address: string; port: number }): void {
  const at = headers.list.findIndex((header) => header.name.key === 'via');
  const line = headers.list[at];
  if (line === undefined) return;
  const values = splitList(line.value);
  const top = values[0] ?? '';
  const needsReceived = via.hasRport || via.host !== source.address.toLowerCase();
  if (needsReceived) {
    // What a sender claims to be the received address or port is never kept.
    const cleaned = top
      .replace(/;\s*received\s*(=[^;]*)?/gi, '')
      .replace(/;\s*rport\s*(=[^;]*)?/i, `;rport=${source.port}`);
    values[0] = `${cleaned};received=${source.address}`;
  }
  const name = line.name;
  headers.list.splice(at, 1, ...values.map((value) => ({ name, value })));
}
