/** How the national part is grouped when it is written, by country code and length: in Algeria mobile numbers have nine digits, fixed ones eight. */
const GROUPS: readonly { readonly prefix: string; readonly sizes: readonly number[] }[] = [
  { prefix: '+213', sizes: [3, 2, 2, 2] },
  { prefix: '+213', sizes: [2, 2, 2, 2] },
  { prefix: '+216', sizes: [2, 3, 3] },
  { prefix: '+212', sizes: [3, 2, 2, 2] },
  { prefix: '+33', sizes: [1, 2, 2, 2, 2] },
];

/** A number as people read it aloud; numbers of a form that is not known stay as they are. */
export function formatPhoneNumber(number: string): string {
  if (!/^\+\d+$/.test(number)) return number;
  const country = GROUPS.find(({ prefix, sizes }) => number.startsWith(prefix) && number.length === prefix.length + sum(sizes));
  if (!country) return number;
  let from = country.prefix.length;
  const parts = country.sizes.map((size) => number.slice(from, (from += size)));
  return [country.prefix, ...parts].join(' ');
}

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
