import { Anchor, Badge, Group, Text } from '@mantine/core';
import { IconArrowDownLeft, IconArrowUpRight, IconMail, IconMessage, IconMessages, IconNote, IconPhone, IconWalk, type IconProps } from '@tabler/icons-react';
import { useState, type ComponentType } from 'react';
import type { InteractionSummary } from '../../server/model/interaction.ts';
import { useDispositions } from '../api/queries.ts';
import { useText } from '../i18n/use-text.ts';
import { joinParts } from '../words/join-parts.ts';
import { sayWord } from '../words/say-word.ts';
import { FileCard } from './file-card.tsx';

const ICONS: Readonly<Record<InteractionSummary['channel'], ComponentType<IconProps>>> = {
  voice: IconPhone, sms: IconMessage, email: IconMail, chat: IconMessages, visit: IconWalk, note: IconNote,
};

/** Every contact with the customer, newest first, over all channels. */
export function Timeline({ entries }: { readonly entries: readonly InteractionSummary[] }) {
  const { t } = useText();
  return (
    <FileCard title={t('file.timeline')}>
      {entries.length === 0
        ? <Text size="sm" c="dimmed">{t('file.timeline-none')}</Text>
        : <ol className="file-list">{entries.map((entry) => <TimelineEntry key={entry.interactionId} entry={entry} />)}</ol>}
    </FileCard>
  );
}

function TimelineEntry({ entry }: { readonly entry: InteractionSummary }) {
  const { t, f, language } = useText();
  const dispositions = useDispositions().data;
  const Icon = ICONS[entry.channel];
  const Direction = entry.direction === 'inbound' ? IconArrowDownLeft : IconArrowUpRight;
  const disposition = dispositions?.find((one) => one.code === entry.disposition)?.label[language] ?? entry.disposition;
  return (
    <li className="timeline-row" data-testid="timeline-row" data-call-id={entry.interactionId}>
      <span className="timeline-row__icon" aria-hidden="true"><Icon size={16} /></span>
      <div className="shrinks">
        <Group gap={6} justify="space-between" wrap="nowrap">
          <Text size="sm" fw={500} className="shrinks" lh={1.35}>
            {entry.intent === undefined ? t(`channel.${entry.channel}`) : sayWord('intent', entry.intent, t)}
            <Direction size={13} className="inline-icon mirrored" aria-label={t(`direction.${entry.direction}`)} />
          </Text>
          <Text size="xs" c="dimmed" className="keeps">{f.dateTime(entry.startedAt)}</Text>
        </Group>
        <Text size="xs" c="dimmed" lh={1.35}>
          {joinParts([
            entry.agentName,
            entry.queueName,
            entry.talkMs === undefined ? undefined : f.span(entry.talkMs),
            entry.termination?.result === 'interrupted' ? t('ended-by.interrupted') : undefined,
            entry.endedAt === undefined ? t('interaction.in-progress') : undefined,
            isUnanswered(entry) ? t(entry.waitMs === undefined ? 'exit.in-menu' : 'exit.abandoned') : undefined,
          ])}
        </Text>
        {disposition !== undefined && <Badge size="xs" variant="light" color="gray">{disposition}</Badge>}
        {entry.note !== undefined && entry.note !== '' && <TimelineNote note={entry.note} />}
      </div>
    </li>
  );
}

/** A call that its caller ended before an agent had it. */
const isUnanswered = (entry: InteractionSummary): boolean => entry.termination?.result === 'caller' && entry.talkMs === undefined;

/** Longer notes are cut to their beginning: the next contact must not be pages away. */
const LONG_NOTE = 280;

function TimelineNote({ note }: { readonly note: string }) {
  const { t } = useText();
  const [isWhole, setWhole] = useState(false);
  const isLong = note.length > LONG_NOTE || note.split('\n').length > 6;
  return (
    <>
      <Text size="sm" className="note" {...(isLong && !isWhole ? { lineClamp: 5 } : {})}><bdi>{note}</bdi></Text>
      {isLong && <Anchor component="button" type="button" size="xs" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>{t(isWhole ? 'file.note-less' : 'file.note-all')}</Anchor>}
    </>
  );
}
