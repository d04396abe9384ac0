/** How the national part is grouped when it is written, by country code. */
const GROUPS: readonly { readonly prefix: string; readonly sizes: readonly number[] }[] = [
  { prefix: '+213', sizes: [3, 2, 2, 2] },
  { prefix: '+216', sizes: [2, 3, 3] },
  { prefix: '+212', sizes: [3, 2, 2, 2] },
  { prefix: '+33', sizes: [1, 2, 2, 2, 2] },
];

/** A number as people read it aloud; numbers of a form that is not known stay as they are. */
export function formatPhoneNumber(number: string): string {
  const country = GROUPS.find(({ prefix }) => number.startsWith(prefix));
  if (!country) return number;
  let rest = number.slice(country.prefix.length);
  if (!/^\d+$/.test(rest)) return number;
  const parts = [country.prefix];
  for (const size of country.sizes) {
    if (rest === '') break;
    parts.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  if (rest !== '') parts.push(rest);
  return parts.join(' ');
}
