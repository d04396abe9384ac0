import { Paper, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { QueueItem } from '../../server/wire/live-item.ts';
import { useText } from '../i18n/use-text.ts';
import { Elapsed } from '../ui/elapsed.tsx';
import { sumQueues } from './wall-sums.ts';

/** The centre in six figures, readable from afar. */
export function WallFigures({ queues }: { readonly queues: readonly QueueItem[] }) {
  const { t, f } = useText();
  const sums = sumQueues(queues);
  return (
    <div className="wall-figures" data-testid="wall-figures">
      <Figure label={t('wall.waiting')} isWarning={sums.waiting > 0}>{f.number(sums.waiting)}</Figure>
      <Figure label={t('wall.longest')} isWarning={sums.oldestEnqueuedAt !== undefined}>{sums.oldestEnqueuedAt === undefined ? '–' : <Elapsed since={sums.oldestEnqueuedAt} />}</Figure>
      <Figure label={t('wall.ringing')}>{f.number(sums.offered)}</Figure>
      <Figure label={t('wall.entered')}>{f.number(sums.enteredToday)}</Figure>
      <Figure label={t('wall.answered')}>{f.number(sums.answeredToday)}</Figure>
      <Figure label={t('wall.abandoned')}>{f.number(sums.abandonedToday)}</Figure>
    </div>
  );
}

function Figure({ label, isWarning = false, children }: { readonly label: string; readonly isWarning?: boolean; readonly children: ReactNode }) {
  return (
    <Paper withBorder px="md" py="xs">
      <Text size="xs" c="dimmed" truncate>{label}</Text>
      <Text fz={28} fw={700} lh={1.2} {...(isWarning ? { c: 'orange' } : {})}>{children}</Text>
    </Paper>
  );
}
