import type { Interaction } from '../../server/model/interaction.ts';
import type { Translate } from '../i18n/translate.ts';

/** One moment of a call. */
export interface Moment {
  readonly at: number;
  readonly text: string;
}

/** Everything that happened in a call, in order of time and said in words. */
export function tellCourse(interaction: Interaction, t: Translate, nameOf: (agentId: string) => string | undefined): readonly Moment[] {
  const moments: Moment[] = [];
  const add = (at: number | undefined, text: string): void => {
    if (at !== undefined) moments.push({ at, text });
  };
  const agentOf = (agentId: string | undefined, name: string | undefined): string => name ?? (agentId === undefined ? '' : (nameOf(agentId) ?? agentId));

  add(interaction.startedAt, t('detail.received'));
  add(interaction.answeredAt, t('detail.answered'));
  for (const stay of interaction.queueStays) {
    add(stay.enteredAt, t('detail.queued', { queue: stay.queueName ?? stay.queueId }));
    if (stay.exit !== undefined) add(stay.leftAt, t('detail.left-queue', { exit: t(`exit.${stay.exit}`) }));
  }
  for (const offer of interaction.offers) {
    const agent = agentOf(offer.agentId, offer.agentName);
    add(offer.offeredAt, t('detail.offered', { agent }));
    if (offer.outcome !== undefined) add(offer.endedAt, t('detail.offer-ended', { agent, outcome: t(`offer.${offer.outcome}`) }));
  }
  for (const bridge of bridgesOf(interaction)) {
    const name = bridge.agentId === interaction.agentId ? interaction.agentName : undefined;
    add(bridge.from, t('detail.talking', { agent: agentOf(bridge.agentId, name) }));
    add(bridge.to, t('detail.talk-ended'));
  }
  for (const hold of interaction.holds) {
    add(hold.from, t('detail.hold'));
    add(hold.to, t('detail.resumed'));
  }
  add(interaction.lastAliveAt, t('detail.last-alive'));
  add(interaction.endedAt, t('detail.ended'));
  add(interaction.wrapUpStartedAt, t('detail.wrap-up'));
  add(interaction.wrapUpEndedAt, t('detail.wrapped-up'));
  // Moments of one millisecond keep the order of the story above.
  return moments.map((moment, index) => ({ moment, index })).sort((a, b) => a.moment.at - b.moment.at || a.index - b.index).map(({ moment }) => moment);
}

type Bridge = Pick<NonNullable<Interaction['bridges']>[number], 'from' | 'to'> & { readonly agentId: string | undefined };

/** Every conversation of the call; imported history knows only its first and last moment. */
function bridgesOf({ bridges = [], agentId, bridgedAt, bridgeEndedAt }: Interaction): readonly Bridge[] {
  if (bridges.length > 0) return bridges;
  if (bridgedAt === undefined) return [];
  return [{ agentId, from: bridgedAt, ...(bridgeEndedAt === undefined ? {} : { to: bridgeEndedAt }) }];
}
