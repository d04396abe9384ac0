import type { Request } from 'express';

/** Where a request comes from: the peer's address, or what a trusted proxy says of it. */
export const clientAddress = (request: Request): string => request.ip ?? 'unknown';
