import { z } from 'zod';
import { badRequest } from './http-error.ts';

/**
 * Parses a body, a query or a path parameter into its type.
 * @throws HttpError 400 with what does not fit, in words.
 */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badRequest(z.prettifyError(parsed.error));
}

/** An id in a path or a query. */
export const idSchema = z.string().regex(/^[\w.:-]{1,64}$/, 'an id has 1 to 64 letters, digits or . : _ -');
