import { Button, Tooltip, type ButtonProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { shortcutLabel, type ShortcutName } from './shortcut.ts';

/** What a {@link HintButton} is made of. */
export interface HintButtonProps extends ButtonProps {
  readonly shortcut: ShortcutName;
  readonly onClick: () => void;
  readonly children: ReactNode;
  readonly 'data-testid'?: string;
  readonly 'aria-pressed'?: boolean;
  readonly 'aria-expanded'?: boolean;
}

/** A button whose key is shown when one points at it, and told to screen readers. */
export function HintButton({ shortcut, children, ...button }: HintButtonProps) {
  return (
    <Tooltip label={shortcutLabel(shortcut)} openDelay={500} position="bottom">
      <Button {...button} aria-keyshortcuts={shortcutLabel(shortcut)}>{children}</Button>
    </Tooltip>
  );
}
