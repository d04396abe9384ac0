import * as centre from './centre-entities.ts';
import * as customer from './customer-entities.ts';
import * as history from './history-entities.ts';
import * as recording from './recording-entities.ts';

/** Every table that the program knows. */
export const ALL_ENTITIES = [...Object.values(centre), ...Object.values(customer), ...Object.values(history), ...Object.values(recording)];
