import { examineRequest, type Refusal } from './examine-request.ts';
import { nameOfParam, param, parseCSeq, parseNameAddr, parseVia, splitList, splitParams, type NameAddr, type Via } from './header-values.ts';
import type { Headers, SipRequest, SipResponse } from './sip-message.ts';
import { trimLws } from './white-space.ts';

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

/** The essentials, or what a request without them is refused with. */
export type EssentialsOutcome = { readonly kind: 'ok'; readonly essentials: Essentials } | ({ readonly kind: 'bad' } & Refusal);

/** Longest From or To, and all Contacts of a message together; the long values of RFC 4475 §3.1.1.7 fit. */
const MAX_ADDRESS_CHARS = 2_048;
const MAX_CONTACTS_CHARS = 4_096;

/** A bar separates the facts that go with a message to an application: no id may hold one (RFC 3261 §25.1 allows none). */
const NOT_IN_IDS = /[\s|]/;

/**
 * Reads and checks the mandatory headers, and the Contacts.
 * @remarks RFC 3261 §8.1.1: To, From, CSeq, Call-ID, Max-Forwards and Via; a missing
 *   Max-Forwards is tolerated, as §16.3 (item 3) asks of proxies. Addresses are refused here when
 *   they are no addresses, because drachtio-srf takes them apart by patterns that need minutes for
 *   a bracket that never closes.
 */
export function readEssentials(message: SipRequest | SipResponse): EssentialsOutcome {
  const { headers } = message;
  const viaText = firstVia(headers);
  const via = viaText === undefined ? undefined : parseVia(viaText);
  if (via === undefined) return bad('Bad Via');
  const callId = headers.get('call-id');
  if (callId === undefined || callId === '' || NOT_IN_IDS.test(callId)) return bad('Bad Call-ID');
  const from = headers.get('from') ?? '';
  const to = headers.get('to') ?? '';
  const fromAddress = addressIn(from);
  const fromTag = fromAddress === undefined ? undefined : tagIn(fromAddress) ?? '';
  if (fromTag === undefined || NOT_IN_IDS.test(fromTag)) return bad('Bad From');
  const toAddress = addressIn(to);
  if (toAddress === undefined) return bad('Bad To');
  if (!areContacts(headers.all('contact'))) return bad('Bad Contact');
  const cseq = parseCSeq(headers.get('cseq') ?? '');
  if (cseq === undefined) return bad('Bad CSeq');
  if (message.kind === 'request') {
    if (cseq.method !== message.method) return bad('CSeq Method Mismatch');
    const refusal = examineRequest(message);
    if (refusal !== undefined) return { kind: 'bad', ...refusal };
  }
  return { kind: 'ok', essentials: { via, callId, from, to, fromTag, toTag: tagIn(toAddress), cseq } };
}

const bad = (reason: string): EssentialsOutcome => ({ kind: 'bad', status: 400, reason });

const addressIn = (value: string): NameAddr | undefined => (value.length <= MAX_ADDRESS_CHARS ? parseNameAddr(value) : undefined);

const tagIn = ({ params }: NameAddr): string | undefined => (params === '' ? undefined : param(params, 'tag') || undefined);

const isContact = (value: string): boolean => value === '*' || addressIn(value) !== undefined;

function areContacts(lines: readonly string[]): boolean {
  const chars = lines.reduce((sum, line) => sum + line.length, 0);
  return chars <= MAX_CONTACTS_CHARS && lines.every((line) => splitList(line).every(isContact));
}

/** @returns the topmost Via value, also when one line holds several; undefined when one of them is empty. */
function firstVia(headers: Headers): string | undefined {
  const line = headers.get('via');
  if (line === undefined || !line.includes(',')) return line;
  const values = splitList(line);
  return values.includes('') ? undefined : values[0];
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
    const semicolon = top.indexOf(';');
    const sentBy = semicolon < 0 ? top : trimLws(top.slice(0, semicolon));
    const params = semicolon < 0 ? [] : splitParams(top.slice(semicolon));
    const kept = params
      .filter((part) => nameOfParam(part) !== 'received')
      .map((part) => (nameOfParam(part) === 'rport' ? `;rport=${source.port}` : part));
    values[0] = `${sentBy}${kept.join('')};received=${source.address}`;
  }
  const name = line.name;
  headers.list.splice(at, 1, ...values.map((value) => ({ name, value })));
}
