import fc from 'fast-check';

/** What people try to leave a header with: line ends of all kinds, characters whose low byte is one, quotes, escapes, lone surrogates. */
const SNIPPETS = [
  '\r\nX-Evil: 1', '\r\n\r\nevil', '\n', '\r', '\0', '\t', '\u010a', '\u010d', '\u2028', '\u0085', '\ud800', '"', '\\', ';tag=evil', ',', '<', '>', '|', '#', '%0d%0aX-Evil: 1', 'é', 'a', '1', ' ',
];

/** Any text, with a liking for what breaks headers. */
export const hostileText = (): fc.Arbitrary<string> => fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }), fc.array(fc.constantFrom(...SNIPPETS), { maxLength: 8 }).map((parts) => parts.join('')),
);
