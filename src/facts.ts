import type { Clock } from './model/clock.ts'
import type { Config } from './config/config.ts'
import type { SqliteStore } from './store/store.ts'
import { keepFacts, type NodeInfoFacts } from './activitypub/nodeinfo.ts'
import { namedAdminsIn } from './config/permission.ts'
import { version } from './version.ts'

/** Whether accounts of homeservers that nobody named may become accounts here. */
const isOpenToAll = ({ permissions }: Config): boolean => (permissions['*'] ?? 'none') !== 'none'

/** What NodeInfo tells: only numbers that were counted. */
export function countFacts(
  config: Config,
  store: Pick<SqliteStore, 'stats' | 'findLocalActorByUser'>,
  clock: Clock,
): () => Promise<NodeInfoFacts> {
  const count = async (): Promise<NodeInfoFacts> => {
    const { localActors, localPosts, localComments, ...active } = await store.stats(clock.now())
    const admins = await Promise.all(namedAdminsIn(config).map(store.findLocalActorByUser))
    const staff = admins.flatMap((one) =>
      one === undefined || one.deletedAt !== undefined ? [] : [one.id],
    )
    return {
      ...(staff.length === 0 ? {} : { staff }),
      name: 'Footbridge',
      description: 'A bridge between Matrix and the fediverse.',
      version,
      isOpen: isOpenToAll(config),
      users: localActors,
      posts: localPosts,
      comments: localComments,
      ...active,
    }
  }
  return keepFacts(count, clock)
}

/** Those of the homeserver: the one in use, and the one before it while that is good. */
export const hsTokensIn = ({ appservice }: Config): readonly string[] => [
  appservice.hsToken,
  ...(appservice.previous === undefined ? [] : [appservice.previous.hsToken]),
]
