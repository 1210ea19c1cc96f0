import { asUserId, type UserId } from '../../../src/model/ids.ts'
import { findActor } from '../../e2e/support/fediverse.ts'
import type { Account } from '../../fakes/fediverse.ts'
import type { FakeUser } from '../../fakes/homeserver.ts'
import type { World } from './world.ts'

export type Registered = {
  readonly alice: FakeUser
  /** How the fediverse mentions her. */
  readonly me: { readonly id: string; readonly name: string }
}

/** A Matrix user who is somebody on the fediverse. */
export async function register(world: World, localpart = 'alice'): Promise<Registered> {
  const alice = world.hs.addUser(`@${localpart}:hs.test`)
  const chat = alice.createDm(world.bot)
  await world.settle()
  alice.say(chat, 'register')
  await world.settle()
  const name = `@${localpart}@${new URL(world.publicUrl).host}`
  return { alice, me: { id: await findActor(world.publicUrl, name), name } }
}

/** The Matrix user that stands for an account. */
export const ghostOf = ({ username, host }: Account): UserId =>
  asUserId(`@_ap_${username}_${host.replace(':', '=3a')}:hs.test`)
