import { z } from 'zod';
import { AppError } from '../../server/base/app-error.ts';
import { epochMs } from '../../server/base/time.ts';
import { LANGUAGES } from '../../server/model/language.ts';
import { isE164 } from '../../server/model/phone-number.ts';

/** A whole number; MySQL gives `bigint` as a string. */
export const wholeNumber = z.union([z.int(), z.string().regex(/^-?\d{1,16}$/).transform(Number)]).pipe(z.int());

/** An instant in milliseconds. */
export const instant = wholeNumber.transform(epochMs);

/** A truth value; raw queries give 0 and 1. */
export const flag = z.union([z.boolean(), wholeNumber.transform((value) => value !== 0)]);

export const language = z.enum(LANGUAGES);

export const e164 = z.string().refine(isE164);

/** JSON in a text column, held to a schema. */
export const json = <T extends z.ZodType>(schema: T) => z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.issues.push({ code: 'custom', message: 'is not JSON', input: text });
    return z.NEVER;
  }
}).pipe(schema);

/** The columns that may be NULL become properties that may be absent. */
type WithoutNulls<T> =
  & { readonly [K in keyof T as null extends T[K] ? never : undefined extends T[K] ? never : K]: T[K] }
  & { readonly [K in keyof T as null extends T[K] ? K : undefined extends T[K] ? K : never]?: Exclude<T[K], null | undefined> };

/** Leaves out what is NULL or absent: a model type has optional properties instead. */
export function withoutNulls<T extends object>(row: T): WithoutNulls<T> {
  const present = Object.entries(row).filter(([, value]) => value !== null && value !== undefined);
  // A cast because `Object.entries` forgets the types; the filter does exactly what the type says.
  return Object.fromEntries(present) as WithoutNulls<T>;
}

/**
 * Holds a row to its schema, for whoever reads it.
 * @param where - table and key, for the message; no other data of the row is shown.
 * @throws AppError `db.bad-row` that names the columns.
 */
export function parseRow<T extends z.ZodType>(schema: T, row: unknown, where: { readonly table: string; readonly id: string }): z.output<T> {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  const columns = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))].slice(0, 10);
  throw new AppError({
    code: 'db.bad-row', category: 'bug',
    message: `row ${where.id} of ${where.table} cannot be understood: ${columns.join(', ')}`,
    details: { ...where, columns },
  });
}
