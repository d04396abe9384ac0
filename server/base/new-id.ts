import { v7 } from 'uuid';

/** A new unique id that sorts by its time of birth (UUID version 7, RFC 9562 §5.7). */
export function newId(): string {
  return v7();
}
