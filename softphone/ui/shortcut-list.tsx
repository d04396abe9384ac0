import { Kbd, Modal, Table } from '@mantine/core';
import { useText } from '../i18n/use-text.ts';
import { SHORTCUTS, shortcutLabel, type ShortcutName } from './shortcut.ts';

/** Every shortcut of the desk and what it does. */
export function ShortcutList({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const { t } = useText();
  const names = Object.keys(SHORTCUTS) as ShortcutName[];
  return (
    <Modal opened={isOpen} onClose={onClose} title={t('app.shortcuts')} closeButtonProps={{ 'aria-label': t('app.close') }} centered>
      <Table>
        <Table.Tbody>
          {names.map((name) => (
            <Table.Tr key={name}>
              <Table.Td>{t(`keys.${name}`)}</Table.Td>
              <Table.Td ta="end" dir="ltr"><Kbd>{shortcutLabel(name)}</Kbd></Table.Td>
            </Table.Tr>
          ))}
          <Table.Tr><Table.Td>{t('keys.help')}</Table.Td><Table.Td ta="end"><Kbd>?</Kbd></Table.Td></Table.Tr>
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
