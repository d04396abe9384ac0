import { ActionIcon, Badge, Group, Menu, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconChevronDown, IconKeyboard, IconLogout, IconWifiOff } from '@tabler/icons-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { SessionView } from '../../server/wire/api.ts';
import { requestJson } from '../api/request-json.ts';
import { useText } from '../i18n/use-text.ts';
import { useLiveView } from '../live/live-context.tsx';
import { sayThrown } from '../words/say-fault.ts';
import { Brand } from './brand.tsx';
import { LanguageSwitch } from './language-switch.tsx';
import { ShortcutList } from './shortcut-list.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

/** What stands around every desk. */
export interface DeskShellProps {
  readonly session: SessionView;
  /** What signing out would cut off. */
  readonly busyWith?: 'call' | 'wrap-up' | undefined;
  readonly hasShortcuts?: boolean;
  /** Beside the brand: what this desk is, or its figures. */
  readonly heading?: ReactNode;
  readonly children: ReactNode;
}

/** Header, connection banner and content of a desk; fills the window. */
export function DeskShell({ session, busyWith, hasShortcuts = false, heading, children }: DeskShellProps) {
  const { t } = useText();
  const { status } = useLiveView();
  return (
    <div className="desk-shell">
      <a className="skip-link" href="#content">{t('app.skip')}</a>
      <header className="desk-shell__header">
        <Brand />
        <div className="desk-shell__heading">{heading}</div>
        <Group gap="xs" wrap="nowrap">
          <Badge variant="dot" color={status === 'live' ? 'teal' : status === 'lost' ? 'red' : 'yellow'} data-testid="live-status" data-state={status} className="desk-shell__live">
            {t(status === 'live' ? 'app.connection-live' : status === 'lost' ? 'app.connection-short-lost' : 'app.connection-connecting')}
          </Badge>
          {hasShortcuts && <ShortcutHelp />}
          <LanguageSwitch isShort />
          <ThemeSwitch />
          <UserMenu session={session} busyWith={busyWith} />
        </Group>
      </header>
      {status === 'lost' && (
        <div className="desk-shell__banner" role="alert" data-testid="connection-lost"><IconWifiOff size={16} aria-hidden />{t('app.connection-lost')}</div>
      )}
      <main id="content" className="desk-shell__content">{children}</main>
    </div>
  );
}

function UserMenu({ session, busyWith }: Pick<DeskShellProps, 'session' | 'busyWith'>) {
  const { t } = useText();
  const signOut = (): void => {
    requestJson('/api/session', { method: 'DELETE' }).then(
      () => window.location.assign('/'),
      (cause: unknown) => notifications.show({ color: 'red', message: sayThrown(cause, t) }),
    );
  };
  return (
    <Menu position="bottom-end" withArrow>
      <Menu.Target>
        <UnstyledButton className="desk-shell__user" data-testid="user-menu">
          <Text size="sm" fw={600} lh={1.1} truncate>{session.displayName}</Text>
          <Text size="xs" c="dimmed" lh={1.2}>{t(`role.${session.role}`)}</Text>
          <IconChevronDown size={14} aria-hidden className="desk-shell__chevron" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {busyWith !== undefined && <Menu.Label>{t(`app.sign-out-in-${busyWith}`)}</Menu.Label>}
        <Menu.Item leftSection={<IconLogout size={16} />} disabled={busyWith !== undefined} onClick={signOut} data-testid="sign-out">{t('app.sign-out')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** The list of shortcuts, by its button or by `?`. */
function ShortcutHelp() {
  const { t } = useText();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const isWriting = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
      // `؟` is what the key writes on Arabic keyboards.
      if (!isWriting && (event.key === '?' || event.key === '؟')) setOpen((was) => !was);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <>
      <Tooltip label={`${t('app.shortcuts')} (?)`}>
        <ActionIcon variant="subtle" color="gray" aria-label={t('app.shortcuts')} onClick={() => setOpen(true)}><IconKeyboard size={18} /></ActionIcon>
      </Tooltip>
      <ShortcutList isOpen={isOpen} onClose={() => setOpen(false)} />
    </>
  );
}
