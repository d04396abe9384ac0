/** What can be done by a key from anywhere on the desk. */
export type ShortcutName = 'answer' | 'reject' | 'hold' | 'mute' | 'keypad' | 'hang-up' | 'save' | 'available' | 'search' | 'note';

/**
 * Alt and a letter: free in browsers (Alt+D, E, F and Z are theirs), possible while writing,
 * and reached with one hand.
 */
export const SHORTCUTS: Readonly<Record<ShortcutName, string>> = {
  answer: 'A',
  reject: 'R',
  hold: 'H',
  mute: 'M',
  keypad: 'K',
  'hang-up': 'X',
  save: 'W',
  available: 'V',
  search: 'S',
  note: 'N',
};

/** The part of a keyboard event that decides. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/**
 * Which shortcut a key press means. The printed letter counts; where Alt or the script makes
 * another sign of the key (Arabic, macOS), its place on the keyboard does.
 */
export function shortcutOf({ key, code, altKey, ctrlKey, metaKey }: KeyPress): ShortcutName | undefined {
  // AltGr arrives as Ctrl+Alt on Windows and writes signs there.
  if (!altKey || ctrlKey || metaKey) return undefined;
  const letter = /^[a-z]$/i.test(key) ? key.toUpperCase() : /^Key[A-Z]$/.exec(code)?.[0].slice(3);
  const names = Object.keys(SHORTCUTS) as ShortcutName[];
  return letter === undefined ? undefined : names.find((name) => SHORTCUTS[name] === letter);
}

/** As it is written on buttons. */
export const shortcutLabel = (name: ShortcutName): string => `Alt+${SHORTCUTS[name]}`;
