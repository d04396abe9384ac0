import type { CheckedFlow } from '../../ivr-flows/flow-schema.ts';
import type { Clock, Milliseconds } from '../base/time.ts';
import { withDeadline } from '../base/deadline.ts';
import type { CallServices } from '../call/call-services.ts';
import { billOf } from '../crm/self-care-bills.ts';
import type { CustomerDirectory } from '../crm/ports.ts';
import { callerFacts, firstLanguage } from '../ivr/caller-facts.ts';
import type { Sayer, SelfCare, SpeechSynthesizer } from '../ivr/ports.ts';
import { runFlow } from '../ivr/run-flow.ts';
import { likeliest } from '../model/caller-match.ts';
import type { Language } from '../model/language.ts';

/** What flows run on. */
export interface FlowRunnerOptions {
  readonly flows: ReadonlyMap<string, CheckedFlow>;
  readonly speech: SpeechSynthesizer;
  readonly selfCare: SelfCare;
  readonly sayer: Sayer;
  readonly timeZone: string;
  readonly clock: Clock;
  /** Where a number leads whose flow is missing: still to a person. */
  readonly fallbackQueueKey: string;
}

/** What an unknown caller hears who does not choose a language. */
const DEFAULT_LANGUAGE: Language = 'fr';

/** Gives calls the flows of the centre. */
export function flowRunner(options: FlowRunnerOptions): CallServices['runIvr'] {
  const { flows, speech, selfCare, sayer, timeZone, clock, fallbackQueueKey } = options;
  return async ({ flowId, onEntered, ...request }, signal) => {
    const flow = flows.get(flowId);
    if (!flow) {
      const language = likeliest(request.match)?.language ?? DEFAULT_LANGUAGE;
      return { kind: 'failed', cause: `there is no flow ${flowId}`, language, path: [], fallbackQueueKey };
    }
    onEntered({ flowId: flow.id, version: flow.version, language: firstLanguage(callerFacts(request.match, flow), flow, DEFAULT_LANGUAGE) });
    return runFlow({ ...request, flow, speech, selfCare, sayer, timeZone, clock, defaultLanguage: DEFAULT_LANGUAGE }, signal);
  };
}

/** Self-care from the customer's file, under a deadline: a caller does not listen to silence. */
export function selfCareFrom(directory: CustomerDirectory, clock: Clock, deadlineMs: Milliseconds): SelfCare {
  return {
    bill: async (tenantId, customerId, parent) => {
      try {
        const file = await withDeadline(deadlineMs, (signal) => directory.loadFile(tenantId, customerId, signal), parent);
        return file ? billOf(file, clock()) : { kind: 'unavailable' };
      } catch {
        // A CRM fault or its deadline is a normal outcome here: the flow says so and offers a person.
        return { kind: 'unavailable' };
      }
    },
  };
}
