import { Badge, createTheme, type MantineColorsTuple } from '@mantine/core';

/** The house colour, from light to dark: a calm teal. */
const TEAL: MantineColorsTuple = [
  '#e9f7f8', '#d3edef', '#a3dade', '#6fc5cb', '#45b3bb', '#2ba8b1', '#17909b', '#0c7782', '#086570', '#02525c',
];

/** Fonts of the machine: nothing is loaded from elsewhere. */
const FONTS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", "Helvetica Neue", Arial, sans-serif';

/** How every page looks. */
export const theme = createTheme({
  colors: { teal: TEAL },
  primaryColor: 'teal',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  fontFamily: FONTS,
  headings: { fontFamily: FONTS, fontWeight: '600' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: { Badge: Badge.extend({ defaultProps: { tt: 'none' } }) },
});
