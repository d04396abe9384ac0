import { Combobox, Group, Kbd, Loader, Text, TextInput, useCombobox } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useDebouncedValue } from '@mantine/hooks';
import { useRef, useState } from 'react';
import { useCustomerSearch } from '../api/queries.ts';
import { TierBadge } from '../file/tier-badge.tsx';
import { useText } from '../i18n/use-text.ts';
import { shortcutLabel } from '../ui/shortcut.ts';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import { sayThrown } from '../words/say-fault.ts';

const TYPING_MS = 200;

/** Finds a customer by name, number or contract, and opens the file. */
export function CustomerSearch({ onOpen }: { readonly onOpen: (customerId: string) => void }) {
  const { t } = useText();
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text, TYPING_MS);
  const search = useCustomerSearch(asked);
  useShortcuts({ search: () => input.current?.focus() });

  const open = (customerId: string): void => {
    combobox.closeDropdown();
    setText('');
    onOpen(customerId);
  };

  return (
    <Combobox store={combobox} onOptionSubmit={open} shadow="md">
      <Combobox.Target>
        <TextInput
          ref={input} size="sm" value={text} placeholder={t('search.placeholder')} aria-label={t('search.label')} data-testid="customer-search" maxLength={100}
          leftSection={search.isFetching ? <Loader size={14} /> : <IconSearch size={16} />}
          rightSection={<Kbd size="xs">{shortcutLabel('search')}</Kbd>} rightSectionWidth={54} rightSectionPointerEvents="none"
          onChange={(event) => { setText(event.currentTarget.value); combobox.openDropdown(); }}
          onFocus={() => combobox.openDropdown()} onBlur={() => combobox.closeDropdown()}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={text.trim() === ''}>
        <Combobox.Options mah={320} className="scrolls">
          {text.trim().length < 2 ? <Combobox.Empty>{t('search.hint')}</Combobox.Empty>
            : search.isError ? <Combobox.Empty c="red">{sayThrown(search.error, t)}</Combobox.Empty>
              : search.data?.length === 0 ? <Combobox.Empty>{t('search.none')}</Combobox.Empty>
                : search.data?.map((customer) => (
                  <Combobox.Option key={customer.customerId} value={customer.customerId} data-testid="customer-option">
                    <Group justify="space-between" wrap="nowrap" gap="xs">
                      <div className="shrinks">
                        <Text size="sm" truncate>{customer.displayName}</Text>
                        {customer.company && <Text size="xs" c="dimmed" truncate>{customer.company}</Text>}
                      </div>
                      <TierBadge tier={customer.tier} />
                    </Group>
                  </Combobox.Option>
                ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
