/**
 * Ends a `switch` over a union: a new variant does not compile until it is handled.
 * @throws Error when a value from outside the type reaches it at run time.
 */
export function assertNever(value: never): never {
  throw new Error(`unhandled variant: ${JSON.stringify(value)}`);
}
