import type { Deps } from '../bridge/ports.ts'
import type { LocalActor } from '../model/actor.ts'
import { asUserId } from '../model/ids.ts'

/** One of this server's people, by their Matrix id, handle or name; deleted ones too. */
export async function findOwn(name: string, deps: Deps): Promise<LocalActor | undefined> {
  const { store, identity } = deps
  if (/^@[^:@]+:/.test(name)) return store.findLocalActorByUser(asUserId(name))
  const [username = '', domain = identity.handleDomain] = name.replace(/^@/, '').split('@')
  if (domain.toLowerCase() !== identity.handleDomain) return undefined
  return store.findLocalActorByUsername(username)
}
