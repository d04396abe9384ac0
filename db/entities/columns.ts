import type { EntitySchemaColumnOptions } from 'typeorm';

/** Longest id, key or code of ours. */
export const ID_LENGTH = 64;

/** A short text that may be part of a key. */
export const varchar = (name: string, length: number = ID_LENGTH): EntitySchemaColumnOptions => ({ name, type: 'varchar', length });

/** A text of any length; JSON is kept in one, for SQLite has no JSON type and MariaDB's is an alias of this. */
export const text = (name: string): EntitySchemaColumnOptions => ({ name, type: 'text' });

/** An instant or a length of time in milliseconds, or a position. Drivers may give it as a string. */
export const bigint = (name: string): EntitySchemaColumnOptions => ({ name, type: 'bigint' });

export const integer = (name: string): EntitySchemaColumnOptions => ({ name, type: 'int' });

export const boolean = (name: string): EntitySchemaColumnOptions => ({ name, type: 'boolean' });

/** The same column, part of the primary key. */
export const key = (column: EntitySchemaColumnOptions): EntitySchemaColumnOptions => ({ ...column, primary: true });

/** The same column, which may be absent. */
export const optional = (column: EntitySchemaColumnOptions): EntitySchemaColumnOptions => ({ ...column, nullable: true });
