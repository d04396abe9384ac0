import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';
import { useText } from '../i18n/use-text.ts';

/** Light or dark; the choice stays in this browser. */
export function ThemeSwitch() {
  const { t } = useText();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const Icon = scheme === 'dark' ? IconSun : IconMoon;
  return (
    <Tooltip label={t('app.theme')}>
      <ActionIcon variant="subtle" color="gray" aria-label={t('app.theme')} onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}>
        <Icon size={18} />
      </ActionIcon>
    </Tooltip>
  );
}
