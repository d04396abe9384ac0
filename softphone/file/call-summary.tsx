import { Group, Paper, Stack, Text } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { Fragment, type ReactNode } from 'react';
import type { ScreenPop } from '../../server/model/screen-pop.ts';
import { useText } from '../i18n/use-text.ts';
import { tellReceipt } from '../words/receipt-words.ts';
import { chosenSteps, sayIvrInput, sayWord } from '../words/say-word.ts';

/** What this call is about, how it came here, and why to this agent. */
export function CallSummary({ pop, readerId }: { readonly pop: ScreenPop; readonly readerId: string }) {
  const { t, f } = useText();
  const sentences = tellReceipt(pop.receipt, { t, f, nameOf: () => undefined, readerId });
  const steps = chosenSteps(pop.ivrPath);
  return (
    <Paper component="section" p="sm" className="call-summary" aria-label={t('pop.call')}>
      <Stack gap={8}>
        <Group gap="xl" style={{ rowGap: 4 }}>
          <Figure label={t('pop.intent')}><strong data-testid="pop-intent">{pop.intent === undefined ? t('intent.unknown') : sayWord('intent', pop.intent, t)}</strong></Figure>
          <Figure label={t('pop.queue')}><bdi>{pop.queueName}</bdi></Figure>
          <Figure label={t('pop.waited')}>{f.span(pop.waitedMs)}</Figure>
          <Figure label={t('pop.spoken')}>{t(`language.${pop.language}`)}</Figure>
        </Group>
        <Figure label={t('pop.path')}>
          {steps.length === 0 ? t('pop.no-path') : steps.map((step, index) => (
            <Fragment key={`${step.nodeId}-${step.at}`}>
              {index > 0 && <IconChevronRight size={12} className="inline-icon mirrored" aria-hidden />}
              <bdi>{sayWord('menu', step.nodeId, t)}</bdi> <Text span inherit c="dimmed">({sayIvrInput(step.input, t)})</Text>
            </Fragment>
          ))}
        </Figure>
        <Figure label={t('pop.why')}><span data-testid="pop-why">{sentences.join(' ')}</span></Figure>
      </Stack>
    </Paper>
  );
}

function Figure({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="shrinks">
      <Text size="xs" c="dimmed" lh={1.3}>{label}</Text>
      <Text size="sm" component="div" lh={1.4}>{children}</Text>
    </div>
  );
}
