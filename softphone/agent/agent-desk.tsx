import { Alert, Button, Center, Group, Paper, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconAddressBook, IconArrowBack } from '@tabler/icons-react';
import { useState } from 'react';
import type { SessionView } from '../../server/wire/api.ts';
import { LoadedFile, PopView } from '../file/pop-view.tsx';
import { useText } from '../i18n/use-text.ts';
import { LiveProvider, useLiveItem } from '../live/live-context.tsx';
import { DeskShell } from '../ui/desk-shell.tsx';
import { CustomerSearch } from './customer-search.tsx';
import { PhoneCard } from './phone-card.tsx';
import { RecentCalls } from './recent-calls.tsx';
import { StatusControl } from './status-control.tsx';
import { useAgentPhone } from './use-agent-phone.ts';
import { WrapUpCard } from './wrap-up-card.tsx';

/** Who sits at the desk, and what happens when the session ends. */
export interface AgentDeskProps {
  readonly session: SessionView;
  readonly onSignedOut: () => void;
}

/** The agent's one screen: phone, caller's file, wrap-up. */
export function AgentDesk({ session, onSignedOut }: AgentDeskProps) {
  return (
    <LiveProvider topic="desk" onSignedOut={onSignedOut}>
      <DeskContent session={session} />
    </LiveProvider>
  );
}

/** Which file the agent opened herself, and during which offer: the next pop takes the place of it. */
interface OpenedFile {
  readonly customerId: string;
  readonly offerId: string | undefined;
  /** Taken for the caller, rather than looked at beside the call. */
  readonly isCaller: boolean;
}

function DeskContent({ session }: Pick<AgentDeskProps, 'session'>) {
  const agentPhone = useAgentPhone(session.userId);
  const pop = useLiveItem('my-pop', 'pop')?.pop;
  const [opened, setOpened] = useState<OpenedFile>();
  const current = opened?.offerId === pop?.offerId ? opened : undefined;
  const { name } = agentPhone.view.state;
  const isWrappingUp = useLiveItem('my-wrap-up', 'wrap-up') !== undefined;
  const busyWith = name === 'ringing' || name === 'answering' || name === 'in-call' ? 'call' : isWrappingUp ? 'wrap-up' : undefined;

  const open = (customerId: string): void => {
    // Whoever is looked up while nobody is known is taken for the caller.
    const isUnknown = pop !== undefined && pop.match.kind !== 'one' && pop.match.kind !== 'several';
    setOpened({ customerId, offerId: pop?.offerId, isCaller: isUnknown });
  };
  const choose = (customerId: string): void => setOpened({ customerId, offerId: pop?.offerId, isCaller: true });

  return (
    <DeskShell session={session} busyWith={busyWith} hasShortcuts heading={<div className="desk-search"><CustomerSearch onOpen={open} /></div>}>
      <div className="desk">
        <aside className="desk__side">
          <Paper withBorder p="md"><StatusControl /></Paper>
          <PhoneCard agentPhone={agentPhone} chosenId={current?.isCaller ? current.customerId : undefined} />
        </aside>
        <section className="desk__file">
          {pop && !(current && !current.isCaller)
            ? <PopView pop={pop} readerId={session.userId} chosenId={current?.customerId} onChoose={choose} />
            : current
              ? <BrowsedFile customerId={current.customerId} onBack={pop ? () => setOpened(undefined) : undefined} />
              : <NoFileOpen />}
        </section>
        <aside className="desk__side">
          <WrapUpCard />
          <RecentCalls agentName={session.displayName} onOpen={open} />
        </aside>
      </div>
    </DeskShell>
  );
}

/** A file that the agent opened herself; `onBack` leads to the caller, when there is one. */
function BrowsedFile({ customerId, onBack }: { readonly customerId: string; readonly onBack: (() => void) | undefined }) {
  const { t } = useText();
  return (
    <Stack gap="sm">
      {onBack && (
        <Alert color="yellow" p="xs">
          <Group justify="space-between">{t('pop.browsing')}<Button size="xs" leftSection={<IconArrowBack size={14} className="mirrored" />} onClick={onBack}>{t('pop.back-to-call')}</Button></Group>
        </Alert>
      )}
      <LoadedFile customerId={customerId} />
    </Stack>
  );
}

function NoFileOpen() {
  const { t } = useText();
  return (
    <Center h="100%" mih={300}>
      <Stack align="center" gap="xs" maw={360}>
        <ThemeIcon size={56} radius="xl" variant="light" color="gray"><IconAddressBook size={30} /></ThemeIcon>
        <Text fw={600}>{t('pop.empty')}</Text>
        <Text size="sm" c="dimmed" ta="center">{t('pop.empty-hint')}</Text>
      </Stack>
    </Center>
  );
}
