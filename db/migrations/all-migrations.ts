import { Centre1767225600001 } from './0001-centre.ts';
import { Customers1767225600002 } from './0002-customers.ts';
import { History1767225600003 } from './0003-history.ts';
import { TrunkPeer1767225600004 } from './0004-trunk-peer.ts';
import { TrunkMedia1767225600005 } from './0005-trunk-media.ts';
import { Recordings1767225600006 } from './0006-recordings.ts';

/** Every migration, oldest first; run at start, each in its own transaction where the database can. */
export const ALL_MIGRATIONS = [
  Centre1767225600001, Customers1767225600002, History1767225600003, TrunkPeer1767225600004, TrunkMedia1767225600005,
  Recordings1767225600006,
];
