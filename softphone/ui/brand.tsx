import { Group, Text } from '@mantine/core';

/** The mark of the application: a headset on a tile. */
export function Brand({ size = 28 }: { readonly size?: number }) {
  return (
    <Group gap={8} wrap="nowrap">
      <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="var(--mantine-color-teal-7)" />
        <path d="M9 18v-2a7 7 0 0 1 14 0v2" fill="none" stroke="#fff" strokeWidth="2.4" />
        <rect x="7.4" y="16.5" width="4.6" height="7" rx="2" fill="#fff" />
        <rect x="20" y="16.5" width="4.6" height="7" rx="2" fill="#fff" />
      </svg>
      <Text fw={700} size={size > 32 ? 'xl' : 'lg'} lh={1}>Allo</Text>
    </Group>
  );
}
