import { Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { AgentItem, QueueItem } from '../../server/wire/live-item.ts';
import type { SessionView } from '../../server/wire/api.ts';
import { useText } from '../i18n/use-text.ts';
import { LiveProvider, useLiveView } from '../live/live-context.tsx';
import { DeskShell } from '../ui/desk-shell.tsx';
import { AgentTable } from './agent-table.tsx';
import { InteractionDrawer } from './interaction-drawer.tsx';
import { LedgerProofBadge } from './ledger-proof-badge.tsx';
import { QueueTable } from './queue-table.tsx';
import { RecentInteractions } from './recent-interactions.tsx';
import { WallFigures } from './wall-figures.tsx';

/** Who watches, and what happens when the session ends. */
export interface SupervisorPageProps {
  readonly session: SessionView;
  readonly onSignedOut: () => void;
}

/** The live view of queues and agents, and what happened in the calls. */
export function SupervisorPage({ session, onSignedOut }: SupervisorPageProps) {
  const { t } = useText();
  return (
    <LiveProvider topic="wallboard" onSignedOut={onSignedOut}>
      <DeskShell session={session} heading={<div className="wall-heading"><Text component="h1" fw={600}>{t('wall.title')}</Text><LedgerProofBadge /></div>}>
        <Wall />
      </DeskShell>
    </LiveProvider>
  );
}

function Wall() {
  const { items, status } = useLiveView();
  const [openId, setOpenId] = useState<string>();
  const all = [...items.values()];
  const queues = all.filter((item): item is QueueItem => item.kind === 'queue').sort((a, b) => a.name.localeCompare(b.name));
  const agents = all.filter((item): item is AgentItem => item.kind === 'agent').sort((a, b) => a.name.localeCompare(b.name));
  const isKnown = status === 'live' || items.size > 0;
  return (
    <div className={status === 'lost' ? 'wall wall--stale' : 'wall'}>
      <WallFigures queues={queues} />
      <div className="wall__columns">
        <Stack gap="md">
          <QueueTable queues={queues} isKnown={isKnown} />
          <RecentInteractions onOpen={setOpenId} />
        </Stack>
        <AgentTable agents={agents} isKnown={isKnown} />
      </div>
      <InteractionDrawer interactionId={openId} agents={agents} onClose={() => setOpenId(undefined)} />
    </div>
  );
}
