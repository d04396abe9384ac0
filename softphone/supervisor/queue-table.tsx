import { Paper, Skeleton, Stack, Table, Text } from '@mantine/core';
import { memo } from 'react';
import type { QueueItem } from '../../server/wire/live-item.ts';
import { useText } from '../i18n/use-text.ts';
import { Elapsed } from '../ui/elapsed.tsx';
import { sayFormula } from '../words/say-formula.ts';

/** Every queue: who waits and since when, and how the day goes. */
export function QueueTable({ queues, isKnown }: { readonly queues: readonly QueueItem[]; readonly isKnown: boolean }) {
  const { t } = useText();
  return (
    <Paper component="section" withBorder p="md" aria-label={t('wall.queues')}>
      <Text component="h2" fw={600} size="sm" mb="xs">{t('wall.queues')}</Text>
      {!isKnown ? <Stack gap={6}><Skeleton h={28} /><Skeleton h={28} /><Skeleton h={28} /></Stack>
        : queues.length === 0 ? <Text size="sm" c="dimmed">{t('wall.no-queues')}</Text> : (
          <Table.ScrollContainer minWidth={620}>
            <Table verticalSpacing={6} className="wall-table">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('wall.queue')}</Table.Th>
                  <Table.Th ta="end">{t('wall.waiting')}</Table.Th>
                  <Table.Th ta="end">{t('wall.longest')}</Table.Th>
                  <Table.Th ta="end">{t('wall.ringing')}</Table.Th>
                  <Table.Th ta="end">{t('wall.available')}</Table.Th>
                  <Table.Th ta="end">{t('wall.entered')}</Table.Th>
                  <Table.Th ta="end">{t('wall.answered')}</Table.Th>
                  <Table.Th ta="end">{t('wall.abandoned')}</Table.Th>
                  <Table.Th>{t('wall.service-level')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>{queues.map((queue) => <QueueRow key={queue.key} queue={queue} />)}</Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
    </Paper>
  );
}

/** Drawn anew only when its own queue changed: items keep their identity between frames. */
const QueueRow = memo(function QueueRow({ queue }: { readonly queue: QueueItem }) {
  const { t, f } = useText();
  const level = queue.serviceLevel;
  const isBelow = level !== undefined && level < queue.serviceLevelTarget;
  return (
    <Table.Tr data-testid={`queue-row-${queue.key}`} data-waiting={queue.waiting}>
      <Table.Th scope="row" fw={600}><bdi>{queue.name}</bdi></Table.Th>
      <Table.Td ta="end" fw={queue.waiting > 0 ? 700 : 400} {...(queue.waiting > 0 ? { c: 'orange' } : {})}>{f.number(queue.waiting)}</Table.Td>
      <Table.Td ta="end">{queue.oldestEnqueuedAt === undefined ? '–' : <Elapsed since={queue.oldestEnqueuedAt} />}</Table.Td>
      <Table.Td ta="end">{f.number(queue.offered)}</Table.Td>
      <Table.Td ta="end">{f.number(queue.agentsAvailable)}</Table.Td>
      <Table.Td ta="end">{f.number(queue.enteredToday)}</Table.Td>
      <Table.Td ta="end">{f.number(queue.answeredToday)}</Table.Td>
      <Table.Td ta="end">{f.number(queue.abandonedToday)}</Table.Td>
      <Table.Td>
        <Text size="sm" fw={600} {...(isBelow ? { c: 'red' } : level === undefined ? { c: 'dimmed' } : { c: 'teal' })}>
          {level === undefined ? '–' : f.percent(level)} <Text span size="xs" c="dimmed" fw={400}>({t('wall.target', { target: f.percent(queue.serviceLevelTarget) })})</Text>
        </Text>
        <Text size="xs" c="dimmed" lh={1.25} className="formula"><bdi>{sayFormula(queue.serviceLevelFormula, t, f)}</bdi></Text>
      </Table.Td>
    </Table.Tr>
  );
});
