import type { Flow } from '../transport/flow.ts';

/** The facts that go with a SIP message to an application. */
export interface MessageFacts {
  /** Who made the message. */
  readonly source: 'network' | 'application';
  /** The flow that it travelled on. */
  readonly flow: Flow;
  readonly transactionId: string;
  /** Empty outside a dialog. */
  readonly dialogId: string;
}

let counter = 0;

/** A frame id; unique within the process, which is all that its echo needs. */
const frameId = (): string => `e${(counter += 1).toString(36)}`;

/** `HH:MM:SS.mmm` in UTC. */
const clock = (): string => new Date().toISOString().slice(11, 23);

const origin = ({ source, flow }: MessageFacts, text: string): string =>
  `${source}|${text.length}|${flow.transport}|${flow.remoteAddress}|${flow.remotePort}|${clock()}`;

/**
 * The payload that brings a SIP message to an application.
 * @remarks Tokens as `drachtio-agent.js` reads them: id, verb, source, bytes, protocol, address,
 *   port, time, transaction id, dialog id, local address, local port.
 */
export function sipPayload(facts: MessageFacts, text: string): string {
  const { flow } = facts;
  return `${frameId()}|sip|${origin(facts, text)}|${facts.transactionId}|${facts.dialogId}`
    + `|${flow.localAddress}|${flow.localPort}\r\n${text}`;
}

/** The payload that tells an application that its request left, with the text as it was sent. */
export function requestSentPayload(replyTo: string, facts: MessageFacts, text: string): string {
  return `${frameId()}|response|${replyTo}|OK|${origin(facts, text)}|${facts.transactionId}|Msg sent:|\r\n${text}`;
}

/** The payload that tells an application that its response left, with the text as it was sent. */
export function responseSentPayload(replyTo: string, facts: MessageFacts, text: string): string {
  return `${frameId()}|response|${replyTo}|OK|${origin(facts, text)}|${facts.transactionId}|${facts.dialogId}||Msg sent:|\r\n${text}`;
}

/** The payload that brings an application one response to a request that it proxies; more will follow. */
export function proxiedPayload(replyTo: string, facts: MessageFacts, text: string): string {
  return `${frameId()}|response|${replyTo}|OK|${origin(facts, text)}|${facts.transactionId}|${facts.dialogId}|continue\r\n${text}`;
}

/** The payload of a call record: event, source, time, then role or reason. */
export function recordPayload(event: string, { source, rest }: { source: string; rest: readonly string[] }, text: string): string {
  return `${[frameId(), event, source, clock(), ...rest].join('|')}\r\n${text}`;
}

/** `OK`, with what the verb returns. */
export const okPayload = (replyTo: string, ...values: readonly string[]): string =>
  [frameId(), 'response', replyTo, 'OK', ...values].join('|');

/** `NOK` with a reason. The reason becomes one token of one line. */
export const nokPayload = (replyTo: string, reason: string): string =>
  `${frameId()}|response|${replyTo}|NOK|${reason.replace(/[|\r\n]/g, ' ')}`;
