import { z } from 'zod';
import type { Interaction, InteractionSummary } from '../../server/model/interaction.ts';
import { asId, type CallId, type CustomerId } from '../../server/model/ids.ts';
import { TIERS } from '../../server/model/value.ts';
import { recordingEndSchema } from './recording.ts';
import { e164, instant, json, language, parseRow, wholeNumber, withoutNulls } from './columns.ts';

const channel = z.enum(['voice', 'sms', 'email', 'chat', 'visit', 'note']);
const direction = z.enum(['inbound', 'outbound']);
const terminationResult = z.enum(['caller', 'agent', 'system', 'refused', 'failed', 'interrupted']);
const id = z.string().min(1);
const at = z.int().min(0);
const ms = z.number().min(0);

// Loose all through: what is known is checked, and a property that a newer version wrote survives
// being read and written back by this one.
const summary = z.looseObject({
  customerId: id, displayName: z.string(), company: z.string().optional(), language: language.optional(), tier: z.enum(TIERS),
  valueScore: z.number(), churnLight: z.enum(['green', 'amber', 'red']), assignedManagerId: id.optional(),
  lastContactAt: at.optional(), hasOpenCase: z.boolean(), hasActiveContract: z.boolean(),
});
const candidate = z.looseObject({ customer: summary, reasons: z.array(z.string()) });
const match = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('none') }),
  z.looseObject({ kind: z.literal('one'), candidate }),
  z.looseObject({ kind: z.literal('several'), candidates: z.array(candidate) }),
  z.looseObject({ kind: z.literal('anonymous') }),
  z.looseObject({ kind: z.literal('unavailable'), cause: z.string() }),
]);
const calling = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('e164'), number: e164, source: z.enum(['asserted', 'from']) }),
  z.looseObject({ kind: z.literal('anonymous') }),
  z.looseObject({ kind: z.literal('unparsable'), raw: z.string() }),
]);
const headStart = z.looseObject({
  ms: z.number(), parts: z.array(z.looseObject({ reason: z.string(), ms: z.number() })), policyVersion: z.number(),
});
const receipt = z.looseObject({
  decidedAt: at, snapshotHash: z.string(), policyVersion: z.number(), callId: id, queueId: id, key: z.number(), headStart,
  waitedMs: z.number(), waiting: z.number(), position: z.number(), chosen: id, tieBreak: z.string(),
  candidates: z.array(z.looseObject({ agentId: id, idleMs: z.number() })),
  excluded: z.array(z.looseObject({ agentId: id, reason: z.string() })),
});

const interactionSchema = z.looseObject({
  interactionId: id, tenantId: id, channel, direction, startedAt: at, endedAt: at.optional(),
  customerId: id.optional(), customerName: z.string().optional(), callingNumber: z.string().optional(),
  queueName: z.string().optional(), agentName: z.string().optional(), intent: z.string().optional(),
  disposition: z.string().optional(), note: z.string().optional(), talkMs: ms.optional(), waitMs: ms.optional(),
  termination: z.looseObject({ result: terminationResult, reason: z.string(), sipStatus: z.int().optional(), q850: z.int().optional() }).optional(),
  trunkId: id, trunkSequence: z.int().min(0), sipCallId: z.string(), dialled: z.string(), calling,
  match: match.optional(), language: language.optional(), answeredAt: at.optional(),
  ivrPath: z.array(z.looseObject({ at, nodeId: z.string(), input: z.string().optional() })),
  queueStays: z.array(z.looseObject({
    queueId: id, queueName: z.string().optional(), enteredAt: at, key: z.number(), enqueuedAt: at.optional(), headStart: headStart.optional(),
    leftAt: at.optional(), exit: z.enum(['answered', 'abandoned', 'no-agent', 'system', 'interrupted']).optional(),
  })),
  offers: z.array(z.looseObject({
    offerId: id, agentId: id, agentName: z.string().optional(), offeredAt: at, endedAt: at.optional(),
    outcome: z.enum(['accepted', 'rejected', 'timeout', 'rescinded', 'failed']).optional(), receipt,
    popSentAt: at.optional(), popAcked: z.boolean().optional(),
  })),
  bridgedAt: at.optional(), bridgeEndedAt: at.optional(), agentId: id.optional(),
  holds: z.array(z.looseObject({ from: at, to: at.optional() })),
  wrapUpStartedAt: at.optional(), wrapUpEndedAt: at.optional(),
  bridges: z.array(z.looseObject({ agentId: id, from: at, to: at.optional(), endedBy: z.enum(['caller', 'agent', 'system']).optional() })).optional(),
  wrapUps: z.array(z.looseObject({
    agentId: id, startedAt: at, endedAt: at.optional(), how: z.enum(['completed', 'timed-out', 'signed-out', 'interrupted']).optional(),
    disposition: z.string().optional(), note: z.string().optional(),
  })).optional(),
  recordings: z.array(z.looseObject({
    recordingId: id, kind: z.enum(['conversation', 'message']), cause: z.looseObject({ kind: z.enum(['policy', 'person', 'flow']) }), startedAt: at,
    retainDays: z.int(), pauses: z.array(z.looseObject({ fromMs: ms, toMs: ms.optional() })), endedAt: at.optional(), end: recordingEndSchema.loose().optional(),
  })).optional(),
  lastAliveAt: at.optional(),
});

const recordRow = z.object({ callId: id, lastSeq: wholeNumber, lastAt: instant, record: json(interactionSchema) });

/** A stored interaction and the last event folded into it. @throws AppError `db.bad-row`. */
export function toRecord(row: { readonly callId: string; readonly record: unknown; readonly lastSeq: unknown; readonly lastAt: unknown }):
  { readonly interaction: Interaction; readonly lastSeq: number; readonly lastAt: ReturnType<typeof instant.parse> } {
  const { record, lastSeq, lastAt } = parseRow(recordRow, row, { table: 'interactions', id: row.callId });
  // A cast because the schema checks everything but the brands, which have no runtime form.
  return { interaction: record as unknown as Interaction, lastSeq, lastAt };
}

const summaryRow = z.object({
  interactionId: id.transform((value) => asId<CallId>(value)), channel, direction, startedAt: instant, endedAt: instant.nullable(),
  customerId: id.transform((value) => asId<CustomerId>(value)).nullable(), customerName: z.string().nullable(),
  callingNumber: z.string().nullable(), queueName: z.string().nullable(), agentName: z.string().nullable(),
  intent: z.string().nullable(), disposition: z.string().nullable(), note: z.string().nullable(),
  talkMs: wholeNumber.nullable(), waitMs: wholeNumber.nullable(),
  terminationResult: terminationResult.nullable(), terminationReason: z.string().nullable(),
  sipStatus: wholeNumber.nullable(), q850: wholeNumber.nullable(),
});

/** One line of a list. @throws AppError `db.bad-row`. */
export function toInteractionSummary(row: { readonly interactionId: string }): InteractionSummary {
  const { terminationResult: result, terminationReason: reason, sipStatus, q850, ...rest } =
    parseRow(summaryRow, row, { table: 'interactions', id: row.interactionId });
  const termination = result === null ? {} : { termination: { result, ...withoutNulls({ reason: reason ?? '', sipStatus, q850 }) } };
  return { ...withoutNulls(rest), ...termination };
}
