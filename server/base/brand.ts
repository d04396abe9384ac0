declare const brand: unique symbol;

/**
 * A primitive that only its own parser may make: `Brand<string, 'CallId'>` is a string
 * that no other string can stand in for.
 */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
