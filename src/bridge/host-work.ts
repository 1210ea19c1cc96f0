import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import { checkList, type CheckList } from './blocklists.ts'
import { tellBarred, type Barred } from './domain-blocks.ts'
import { greetServers, type Greet } from './greet.ts'
import { serverOf } from './servers.ts'
import { dropDeliveries, tellUntried, type Unavailable } from './unavailable.ts'
import type { Undelivered } from './undelivered-job.ts'

/** Upkeep that is about a host of the fediverse. */
export type HostWork =
  /** What runs there is to be known before much is sent there. */
  | { readonly type: 'server'; readonly host: string }
  | Unavailable
  | Undelivered
  | Greet
  | Barred
  | CheckList

const types: ReadonlySet<string> = new Set<HostWork['type']>([
  'server',
  'unavailable',
  'undelivered',
  'greet',
  'barred',
  'check-list',
])

export const isHostWork = (upkeep: { readonly type: string }): upkeep is HostWork =>
  types.has(upkeep.type)

/** Safe to run again. */
export async function doHostWork(work: HostWork, deps: Deps): Promise<readonly Change[]> {
  switch (work.type) {
    case 'server':
      await serverOf(work.host, deps)
      return []
    case 'unavailable':
      return dropDeliveries(work, deps)
    case 'undelivered':
      return tellUntried(work, deps)
    case 'greet':
      return greetServers(work, deps)
    case 'check-list':
      return checkList(work, deps)
    case 'barred':
      return tellBarred(work, deps)
    default:
      return work satisfies never
  }
}
