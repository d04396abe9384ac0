import { z } from 'zod';
import { BREAK_REASONS } from '../model/agent-machine.ts';
import { DIGITS } from '../model/digit.ts';
import type { LiveItem } from './live-item.ts';

/** What a page can follow: `desk` is the agent's own, `wallboard` is for supervisors. */
export const TOPICS = ['desk', 'wallboard'] as const;
export type Topic = (typeof TOPICS)[number];

/** The largest frame that the server accepts, in characters: a wrap-up note of 10,000 fits, escaped. */
export const MAX_CLIENT_FRAME_LENGTH = 64 * 1024;

/** The largest frame that the browser accepts, in characters: the wallboard of 5,000 agents is 1.2 million. */
export const MAX_SERVER_FRAME_LENGTH = 4 * 1024 * 1024;

const id = z.string().min(1).max(64);
const CHOSEN_BREAKS = BREAK_REASONS.filter((reason) => reason !== 'rona' && reason !== 'fault' && reason !== 'signed-in');

/** Requests carry `ref`, which the answer repeats. */
const request = { ref: z.number().int().nonnegative() };

/** A frame from the browser to the server, checked here and nowhere else. */
export const clientFrameSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('follow'), topic: z.enum(TOPICS) }),
  /** A gap was seen: send the snapshot again. */
  z.strictObject({ type: z.literal('resync'), topic: z.enum(TOPICS) }),
  z.strictObject({ type: z.literal('ping'), ref: z.number().int().nonnegative() }),
  z.strictObject({ type: z.literal('pop-shown'), offerId: id }),
  z.strictObject({ type: z.literal('go-available'), ...request }),
  z.strictObject({ type: z.literal('go-on-break'), ...request, reason: z.enum(CHOSEN_BREAKS) }),
  z.strictObject({ type: z.literal('hold'), ...request, callId: id, on: z.boolean() }),
  z.strictObject({ type: z.literal('send-digit'), ...request, callId: id, digit: z.enum(DIGITS) }),
  z.strictObject({
    type: z.literal('complete-wrap-up'), ...request, callId: id,
    disposition: z.string().min(1).max(64), note: z.string().max(10_000),
  }),
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

const liveItemShape = z.looseObject({ kind: z.string(), key: z.string() });
// The server builds items from its own types; the browser checks the envelope and trusts its server for the rest.
const liveItem = liveItemShape as unknown as z.ZodType<LiveItem>;

/** A frame from the server to the browser. */
export const serverFrameSchema = z.discriminatedUnion('type', [
  /** The whole topic; deltas count on from `seq`. */
  z.object({ type: z.literal('snapshot'), topic: z.enum(TOPICS), seq: z.number(), items: z.array(liveItem) }),
  /** `seq` is the one before plus 1, or something was lost: ask `resync`. */
  z.object({ type: z.literal('delta'), topic: z.enum(TOPICS), seq: z.number(), put: z.array(liveItem), drop: z.array(z.string()) }),
  z.object({ type: z.literal('done'), ref: z.number() }),
  z.object({ type: z.literal('refused'), ref: z.number().optional(), code: z.string(), message: z.string() }),
  z.object({ type: z.literal('pong'), ref: z.number(), at: z.number() }),
  /** The session is over (signed out elsewhere, expired): sign in again. */
  z.object({ type: z.literal('signed-out'), reason: z.string() }),
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;

/** What {@link parseFrame} makes of a text. */
export type ParsedFrame<F> = { readonly kind: 'frame'; readonly frame: F } | { readonly kind: 'invalid'; readonly message: string };

function parseFrame<F>(schema: z.ZodType<F>, text: string, maxLength: number): ParsedFrame<F> {
  if (text.length > maxLength) return { kind: 'invalid', message: `a frame has at most ${maxLength} characters` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'invalid', message: 'a frame is JSON' };
  }
  const parsed = schema.safeParse(value);
  return parsed.success
    ? { kind: 'frame', frame: parsed.data }
    : { kind: 'invalid', message: z.prettifyError(parsed.error) };
}

/** Parses what a browser sent. Never throws. */
export const parseClientFrame = (text: string): ParsedFrame<ClientFrame> => parseFrame(clientFrameSchema, text, MAX_CLIENT_FRAME_LENGTH);

/** Parses what the server sent. Never throws. */
export const parseServerFrame = (text: string): ParsedFrame<ServerFrame> => parseFrame(serverFrameSchema, text, MAX_SERVER_FRAME_LENGTH);
