import { Alert, Drawer, Group, List, Skeleton, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AgentItem } from '../../server/wire/live-item.ts';
import type { Interaction, OfferRecord } from '../../server/model/interaction.ts';
import { describeCalling } from '../words/describe-calling.ts';
import { useDispositions, useExplanation, useInteraction } from '../api/queries.ts';
import { useText } from '../i18n/use-text.ts';
import { tellCourse } from '../words/interaction-course.ts';
import { tellReceipt } from '../words/receipt-words.ts';
import { sayThrown } from '../words/say-fault.ts';
import { chosenSteps, sayIvrInput, sayWord } from '../words/say-word.ts';

/** Which interaction to show, and whose names are known. */
export interface InteractionDrawerProps {
  readonly interactionId: string | undefined;
  readonly agents: readonly AgentItem[];
  readonly onClose: () => void;
}

/** Everything that was asked "what happened there?" of one call. */
export function InteractionDrawer({ interactionId, agents, onClose }: InteractionDrawerProps) {
  const { t } = useText();
  const interaction = useInteraction(interactionId);
  return (
    <Drawer opened={interactionId !== undefined} onClose={onClose} position="right" size="lg" title={<Text fw={600}>{t('detail.title')}</Text>} closeButtonProps={{ 'aria-label': t('app.close') }} data-testid="interaction-drawer">
      {interaction.isError && <Alert color="red">{sayThrown(interaction.error, t)}</Alert>}
      {interaction.isPending && <Stack><Skeleton h={40} /><Skeleton h={180} /><Skeleton h={80} /></Stack>}
      {interaction.data && <Details interaction={interaction.data} agents={agents} />}
    </Drawer>
  );
}

function Details({ interaction, agents }: { readonly interaction: Interaction; readonly agents: readonly AgentItem[] }) {
  const { t, f, language } = useText();
  const dispositions = useDispositions().data;
  const nameOf = (agentId: string): string | undefined => agents.find((agent) => agent.agentId === agentId)?.name;
  const course = tellCourse(interaction, t, nameOf);
  const steps = chosenSteps(interaction.ivrPath);
  const { termination } = interaction;
  const disposition = dispositions?.find((one) => one.code === interaction.disposition)?.label[language] ?? interaction.disposition;
  return (
    <Stack gap="lg">
      <div>
        <Text fw={700} size="lg"><bdi>{interaction.customerName ?? t('interaction.unknown')}</bdi></Text>
        <Text size="sm" c="dimmed"><span dir="ltr">{describeCalling(interaction.calling, t)}</span> → <span dir="ltr">{interaction.dialled}</span>{interaction.intent !== undefined && <> · {sayWord('intent', interaction.intent, t)}</>}</Text>
        <Text size="xs" c="dimmed">{t('detail.number', { number: interaction.trunkSequence, trunk: interaction.trunkId })}</Text>
      </div>
      <Part title={t('detail.times')}>
        <ol className="course">
          {course.map((moment, index) => (
            <li key={`${moment.at}-${index}`} className="course__row"><span className="clock course__time">{f.time(moment.at)}</span><span>{moment.text}</span></li>
          ))}
        </ol>
      </Part>
      <Part title={t('detail.path')}>
        {steps.length === 0 ? <Text size="sm" c="dimmed">{t('pop.no-path')}</Text> : (
          <ol className="course">
            {steps.map((step) => <li key={`${step.nodeId}-${step.at}`} className="course__row"><span className="clock course__time">{f.time(step.at)}</span><span><bdi>{sayWord('menu', step.nodeId, t)}</bdi>: {sayIvrInput(step.input, t)}</span></li>)}
          </ol>
        )}
      </Part>
      {interaction.offers.length > 0 && <Part title={t('detail.why')}><Reasons interaction={interaction} nameOf={nameOf} /></Part>}
      {(disposition !== undefined || interaction.note !== undefined) && (
        <Part title={t('detail.result')}>
          {disposition !== undefined && <Text size="sm" fw={600}>{disposition}</Text>}
          {interaction.note !== undefined && <Text size="sm" className="note"><bdi>{interaction.note}</bdi></Text>}
        </Part>
      )}
      {termination && (
        <Part title={t('detail.termination')}>
          <Line label={t('detail.ended-by')}>{t(`ended-by.${termination.result}`)}</Line>
          <Line label={t('detail.reason')}><code dir="ltr">{termination.reason}</code></Line>
          {termination.sipStatus !== undefined && <Line label={t('detail.sip')}>{termination.sipStatus}</Line>}
          {termination.q850 !== undefined && <Line label={t('detail.q850')}>{termination.q850}</Line>}
        </Part>
      )}
      <Part title={t('detail.sip-call')}><Text size="xs" c="dimmed" className="breaks" dir="ltr">{interaction.sipCallId}</Text></Part>
    </Stack>
  );
}

/** The centre's own explanation; while it is away, the receipt in this page's words. */
function Reasons({ interaction, nameOf }: { readonly interaction: Interaction; readonly nameOf: (agentId: string) => string | undefined }) {
  const { t, f, language } = useText();
  const explanation = useExplanation(interaction.interactionId, language).data;
  const sentencesOf = (offer: OfferRecord): readonly string[] =>
    explanation?.explanations.find((one) => one.offerId === offer.offerId)?.sentences ?? tellReceipt(offer.receipt, { t, f, nameOf });
  return (
    <Stack gap="xs" data-testid="interaction-why">
      {interaction.offers.map((offer) => (
        <div key={offer.offerId}>
          <Text size="sm" fw={600}><bdi>{offer.agentName ?? nameOf(offer.agentId) ?? offer.agentId}</bdi>{offer.outcome !== undefined && <Text span inherit c="dimmed" fw={400}> · {t(`offer.${offer.outcome}`)}</Text>}</Text>
          <List size="sm" spacing={2}>{sentencesOf(offer).map((sentence) => <List.Item key={sentence}>{sentence}</List.Item>)}</List>
        </div>
      ))}
    </Stack>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Text component="h3" size="xs" fw={700} c="dimmed" className="section-title" mb={4}>{title}</Text>
      {children}
    </section>
  );
}

function Line({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return <Group gap="xs" wrap="nowrap"><Text size="sm" c="dimmed" miw={130}>{label}</Text><Text size="sm">{children}</Text></Group>;
}
